target "app" {
  dockerfile = "Dockerfile.app"
}
