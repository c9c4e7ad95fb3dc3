target "app" {
  output = ["type=local,dest=small/out"]
}
