target "app" {
  secret = ["id=token,src=token.txt"]
}
