target "app" {
  tags = ["127.0.0.1:1/app:1"]
}
