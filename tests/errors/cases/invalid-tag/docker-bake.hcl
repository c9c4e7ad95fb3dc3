target "app" {
  tags = ["Me/App:1.0"]
}
