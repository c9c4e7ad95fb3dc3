target "app" {
  platforms = ["linux/amd46", "linux"]
}
