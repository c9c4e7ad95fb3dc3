from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from bake.builder.daemon_config import load
from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = b"""\
debug = true
[worker.oci]
  gcpolicy = [{all = true, keepBytes = 5}]
  [worker.oci.labels]
    "a b" = "it's \\"so\\""
[registry."hub.example:5000"]
  ca = ["/certs/ca.pem"]
  mirrors = ["a", "b"]
  [[registry."hub.example:5000".keypair]]
    key = "/certs/key.pem"
    cert = "/certs/cert.pem"
"""


def reader(**files: bytes) -> Callable[[str], bytes]:
    known = {f"/{name.replace('__', '/').replace('_', '.')}": data for name, data in files.items()}

    def read(path: str) -> bytes:
        if path not in known:
            raise FileNotFoundError(2, "No such file or directory", path)
        return known[path]

    return read


def test_certificates_come_along_and_are_named_where_they_will_be() -> None:
    read = reader(c_toml=CONFIG, certs__ca_pem=b"CA", certs__key_pem=b"KEY", certs__cert_pem=b"CERT")
    files = load("/c.toml", read)
    folder = "certs/hub.example_5000"
    assert {name: data for name, data in files.items() if name != "buildkitd.toml"} == {
        f"{folder}/ca.pem": b"CA",
        f"{folder}/key.pem": b"KEY",
        f"{folder}/cert.pem": b"CERT",
    }
    written = tomllib.loads(files["buildkitd.toml"].decode())
    original = tomllib.loads(CONFIG.decode())
    registry = original["registry"]["hub.example:5000"]
    registry["ca"] = [f"/etc/buildkit/{folder}/ca.pem"]
    registry["keypair"] = [
        {"key": f"/etc/buildkit/{folder}/key.pem", "cert": f"/etc/buildkit/{folder}/cert.pem"}
    ]
    assert written == original


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"a = ", "failed to parse buildkit configuration file: /c.toml"),
        (b"\xff", "failed to parse"),
        (b"registry = 1", "`registry` is no table"),
        (b"[registry]\na = 1", r"`registry\.a` is no table"),
        (b'[registry.a]\nca = "x"', "`ca` is a list of paths"),
        (b"[registry.a]\nkeypair = [1]", "`keypair` one of tables"),
        (b'[registry.a]\nca = ["/gone.pem"]', "failed to read certificate file: /gone.pem"),
    ],
)
def test_what_cannot_be_taken_along(text: bytes, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        load("/c.toml", reader(c_toml=text))


def test_a_configuration_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="buildkit configuration file not found: /gone"):
        load("/gone", reader())
