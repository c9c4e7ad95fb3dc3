target "app" {
  context: "."
}
