target "app" {
  tags = [replace("me/app", "app")]
}
