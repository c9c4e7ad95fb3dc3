variable "VERSIONS" {
  default = ["1.2", "2.0"]
}

target "default" {
  name = "app-${replace(item.version, ".", "-")}-${variant}"
  matrix = {
    item    = [for version in VERSIONS : { version = version, major = split(".", version)[0] }]
    variant = ["slim", "full"]
  }
  args   = { VERSION = item.version }
  tags   = ["app:${item.version}-${variant}", "app:${item.major}-${variant}"]
  target = variant
}
