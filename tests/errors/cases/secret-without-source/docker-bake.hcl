target "app" {
  secret = [{ id = "TOKEN", env = "TOKEN" }]
}
