target "app" {
  context = ".."
}
