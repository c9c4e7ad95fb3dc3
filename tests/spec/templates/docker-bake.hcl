variable "NAMES" {
  default = ["one", "two"]
}

target "default" {
  args = {
    LOOP    = "%{ for i, name in NAMES }${i}=${name};%{ endfor }"
    CHOICE  = "%{ if length(NAMES) > 1 ~}  many  %{~ else ~}  few  %{~ endif }"
    LITERAL = "$${HOME} and %%{ if }"
    UNICODE = "\u00e9 é 🐳"
    SPLAT   = join(",", [{ n = 1 }, { n = 2 }][*].n)
  }
  dockerfile-inline = "FROM scratch\nENV X=$${X}\n"
}
