target "app" {
  cache-to = ["type=s3,region=eu-west-1,bucket=cache"]
}
