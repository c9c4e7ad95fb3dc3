variable "TAG" {
  default = "v1"
}

target "app" {
  tags = ["me/app:${uper(TAG)}"]
}
