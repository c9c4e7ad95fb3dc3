target "app" {
  tags = ["me/app:1"]
  tags = ["me/app:2"]
}
