target "app" {
  context = "./ap"
}
