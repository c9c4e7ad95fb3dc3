target "app" {
  tags = ["me/app"
  context = "."
}
