target "default" {
  context   = "app"
  args      = { A = "1", B = "2" }
  tags      = ["a"]
  platforms = ["linux/amd64"]
  output    = ["type=image"]
}
