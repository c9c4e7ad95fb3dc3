target "_base" {
}

target "app" {
  inherits = ["_bsae"]
}
