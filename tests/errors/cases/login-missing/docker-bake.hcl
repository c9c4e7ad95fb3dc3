target "app" {
  tags = ["<private>/app:1"]
}
