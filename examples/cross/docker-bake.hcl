variable "REGISTRY" {
  default = "registry.example.com"
}

target "_common" {
  platforms = ["linux/amd64", "linux/arm64", "linux/riscv64"]
}

target "default" {
  inherits = ["_common"]
  output   = ["type=local,dest=out"]
}

target "image" {
  inherits = ["_common"]
  tags     = ["${REGISTRY}/hello:latest"]
}
