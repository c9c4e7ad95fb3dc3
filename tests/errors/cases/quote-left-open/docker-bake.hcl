target "app" {
  context = "src
}
