target "app" {
  tags   = ["app:latest"]
  output = ["type=registry"]
}
