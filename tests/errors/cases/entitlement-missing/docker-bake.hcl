target "app" {
  entitlements = ["network.host"]
}
