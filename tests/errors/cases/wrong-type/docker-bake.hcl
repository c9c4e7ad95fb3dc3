target "app" {
  tags = "me/app"
}
