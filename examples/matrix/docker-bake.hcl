variable "VERSIONS" {
  type    = list(string)
  default = ["1.28", "1.29"]
}

group "default" {
  targets = ["app"]
}

target "app" {
  name = "app-${replace(version, ".", "-")}-${variant}"
  matrix = {
    version = VERSIONS
    variant = ["prod", "debug"]
  }
  target    = variant
  platforms = ["linux/amd64", "linux/arm64"]
  args = {
    VERSION = version
  }
  tags = ["example/app:${version}${variant == "debug" ? "-debug" : ""}"]
}
