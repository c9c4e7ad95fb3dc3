variable "CACHE" {
  description = "Where the cache is kept"
  default     = ""
  validation {
    condition     = contains(["", "registry", "gha", "local"], CACHE)
    error_message = "CACHE is one of registry, gha, local, or empty."
  }
}

variable "REGISTRY" {
  default = "registry.example.com"
}

target "default" {
  tags       = ["${REGISTRY}/app:latest"]
  cache-from = imports("app")
  cache-to   = exports("app")
}

function "imports" {
  params = [name]
  result = {
    ""       = []
    registry = ["type=registry,ref=${REGISTRY}/cache:${name}"]
    gha      = ["type=gha,scope=${name}"]
    local    = ["type=local,src=.cache/${name}"]
  }[CACHE]
}

function "exports" {
  params = [name]
  result = {
    ""       = []
    registry = ["type=registry,ref=${REGISTRY}/cache:${name},mode=max"]
    gha      = ["type=gha,scope=${name},mode=max"]
    local    = ["type=local,dest=.cache/${name},mode=max"]
  }[CACHE]
}
