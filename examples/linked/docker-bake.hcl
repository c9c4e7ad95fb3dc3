# Two linked targets on two platforms: `app` is built FROM what `base` gives, without a registry between
# them. `base` is pushed as one image index; `app` is written to a folder, a tree for each platform.

variable "REGISTRY" {
  description = "Where base is pushed to"
  default     = "127.0.0.1:5000"
}

group "default" {
  targets = ["base", "app"]
}

target "_platforms" {
  platforms = ["linux/amd64", "linux/arm64"]
}

target "base" {
  inherits = ["_platforms"]
  context  = "base"
  contexts = {
    rootfs = "rootfs"
  }
  tags   = ["${REGISTRY}/linked/base:latest"]
  output = ["type=registry"]
}

target "app" {
  inherits = ["_platforms"]
  context  = "app"
  contexts = {
    base = "target:base"
  }
  output = ["type=local,dest=out"]
}
