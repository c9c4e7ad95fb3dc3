group "default" {
  targets = ["images", "site"]
}

group "images" {
  targets = ["api", "web"]
}

target "base" {
  context = "base"
  output  = ["type=cacheonly"]
}

target "api" {
  context  = "api"
  contexts = { base = "target:base" }
  tags     = ["example/api:latest"]
}

target "web" {
  context = "web"
  contexts = {
    base = "target:base"
    api  = "target:api"
  }
  tags = ["example/web:latest"]
}

target "site" {
  dockerfile = "site.Dockerfile"
  contexts = {
    api = "target:api"
    web = "target:web"
  }
  output = ["type=local,dest=out"]
}
