function "tag" {
  params          = [name]
  variadic_params = parts
  result          = lower("example.com/${name}:${join("-", parts)}")
}

function "twice" {
  params = [n]
  result = n * 2
}

target "default" {
  tags = [tag("App", "1", "RC"), tag("App")]
  args = {
    N    = twice(21)
    LIST = jsonencode(sort(["b", "a"]))
  }
}
