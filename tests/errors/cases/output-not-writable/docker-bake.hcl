target "app" {
  output = ["type=local,dest=theirs/out"]
}
