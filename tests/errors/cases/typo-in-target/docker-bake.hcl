target "app" {
}

target "api" {
}
