target "app" {
  secret = ["src=token.txt"]
}
