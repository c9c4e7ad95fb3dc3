variable "REGISTRY" {
  default = "registry.example.com"
}

target "default" {
  platforms = ["linux/amd64", "linux/arm64"]
  tags      = ["${REGISTRY}/native:latest"]
}
