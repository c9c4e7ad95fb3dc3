target "app" {
  tags = ["<http>/app:1"]
}
