# pybake's checks, built by pybake:
#
#   pybake             lint, and test on every Python
#   pybake test        the tests that need no engine; those that do run with `make test`
#   pybake package     the wheel, into dist/
#   pybake image       pybake as an image

variable "PYTHONS" {
  description = "The Python versions to test on"
  type        = list(string)
  default     = ["3.11", "3.12", "3.13", "3.14"]
}

group "default" {
  targets = ["lint", "test"]
}

target "_check" {
  dockerfile = "tools/Dockerfile"
  output     = ["type=cacheonly"]
}

target "lint" {
  inherits    = ["_check"]
  description = "ruff and mypy"
  target      = "lint"
}

target "test" {
  inherits    = ["_check"]
  description = "All tests that need no engine"
  name        = "test-${replace(python, ".", "-")}"
  matrix = {
    python = PYTHONS
  }
  target = "test"
  args = {
    PYTHON = python
  }
}

target "conformance" {
  inherits    = ["_check"]
  description = "pybake's reading beside the reference's, on the corpus"
  target      = "conformance"
}

target "package" {
  inherits    = ["_check"]
  description = "The wheel"
  target      = "package"
  output      = ["type=local,dest=dist"]
}

target "image" {
  inherits    = ["_check"]
  description = "pybake as an image"
  target      = "image"
  output      = []
  tags        = ["pybake:latest"]
}
