target "app" {
  dockerfile "Dockerfile.app"
  tags = ["me/app"]
}
