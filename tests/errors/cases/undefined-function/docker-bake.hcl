variable "TAG" {
  default = "v1"
}

target "app" {
  tags = ["me/app:${touper(TAG)}"]
}
