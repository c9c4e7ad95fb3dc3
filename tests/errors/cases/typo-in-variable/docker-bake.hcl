variable "VERSION" {
  default = "1.0"
}

target "app" {
  tags = ["me/app:${VERSOIN}"]
}
