target "app" {
  matrix = {
    go = ["1.24", "1.25"]
  }
}
