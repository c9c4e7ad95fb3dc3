target "base" {
  args = { VERSION = "3" }
  tags = ["base:${target.base.args.VERSION}"]
}

target "default" {
  args = { FROM = target.base.tags[0], CONTEXT = target.default.name }
  contexts = { for name in ["x", "y"] : name => "./${name}" }
  labels = merge({ a = "1" }, { b = try(target.base.labels.none, "fallback") })
}
