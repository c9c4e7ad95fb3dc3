target "app" {
  target = "relase"
}
