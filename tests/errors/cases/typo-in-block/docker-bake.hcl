targt "app" {
}

target "app" {
}
