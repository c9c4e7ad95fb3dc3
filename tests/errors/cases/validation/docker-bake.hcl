variable "TAG" {
  default = "latest"
  validation {
    condition     = TAG != "latest"
    error_message = "A release needs a TAG of its own."
  }
}

target "app" {
  tags = ["me/app:${TAG}"]
}
