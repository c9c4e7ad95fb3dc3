variable "TAG" {
  default = "latest"
}

variable "REPLICAS" {
  type    = number
  default = 2
}

variable "PLATFORMS" {
  type    = list(string)
  default = ["linux/amd64"]
}

variable "DEBUG" {
  type    = bool
  default = false
}

full = "example.com/app:${TAG}"

target "default" {
  tags      = [full, "app:${TAG}-${REPLICAS * 2}"]
  platforms = PLATFORMS
  args = {
    MODE = DEBUG ? "debug" : "release"
    NONE = null
  }
}
