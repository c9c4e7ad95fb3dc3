target "app" {
  platforms = ["linux/loong64"]
}
