target "app" {
  tags = ["me/app:1" "me/app:2"]
}
