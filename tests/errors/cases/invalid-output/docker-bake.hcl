target "app" {
  output = ["type=loacl,dest=out"]
}
