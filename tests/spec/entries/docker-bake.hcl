target "default" {
  output     = ["type=local,dest=out", { type = "image", name = "x", push = true }]
  cache-from = ["example.com/cache", { type = "gha", scope = "a" }]
  cache-to   = [{ type = "registry", ref = "example.com/cache", mode = "max" }]
  attest     = ["type=provenance,mode=max", { type = "sbom" }]
  ulimits    = ["nofile=1024:2048"]
  shm-size   = "128m"
  extra-hosts = { here = "127.0.0.1" }
  entitlements = ["network.host"]
  contexts = { base = "docker-image://alpine:3", other = "target:other" }
}

target "other" {
  network = "none"
}
