target "base" {
  args = { A = "base", B = "base" }
  labels = { kept = "yes" }
  tags = ["base"]
  no-cache-filter = ["one"]
}

target "mixin" {
  args = { B = "mixin", C = "mixin" }
  no-cache-filter = ["two"]
}

target "default" {
  inherits = ["base", "mixin"]
  args = { C = "own" }
  tags = []
}
