group "default" {
  targets     = ["images", "docs"]
  description = "Everything"
}

group "images" {
  targets = ["app", "web"]
}

target "app" {}

target "web" {}

target "docs" {
  description = "The manual"
}
