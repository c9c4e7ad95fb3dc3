target "app" {
  dockerflie = "Dockerfile.app"
}
