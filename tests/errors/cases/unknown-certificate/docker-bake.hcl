target "app" {
  tags = ["<tls>/app:1"]
}
