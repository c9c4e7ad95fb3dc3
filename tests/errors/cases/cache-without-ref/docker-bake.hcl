target "app" {
  cache-from = ["type=registry"]
  cache-to   = ["type=registry,mode=max"]
}
