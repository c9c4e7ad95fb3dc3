group "default" {
  targets = ["app", "dosc"]
}

target "app" {
}

target "docs" {
}
