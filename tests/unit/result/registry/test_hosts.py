"""Which servers stand for a registry, as buildx tells them."""

from __future__ import annotations

import pytest

from bake.errors import BuilderError
from bake.result.registry.hosts import (
    INSECURE,
    Host,
    KeyPair,
    RegistrySettings,
    hosts,
    is_loopback,
    settings_of,
)
from bake.result.registry.transport import _is_excepted, _proxy_for

TOML = b"""
[registry."docker.io"]
  mirrors = ["mirror.example", "127.0.0.1:5001"]
[registry."private.example"]
  insecure = true
  http = true
  ca = ["/etc/buildkit/certs/private.example/ca.pem", "/etc/buildkit/certs/none.pem"]
  [[registry."private.example".keypair]]
    key = "/etc/buildkit/certs/key.pem"
    cert = "/etc/buildkit/certs/cert.pem"
"""
FILES = {
    "buildkitd.toml": TOML,
    "certs/private.example/ca.pem": b"CA",
    "certs/key.pem": b"KEY",
    "certs/cert.pem": b"CERT",
}


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("docker.io", Host("registry-1.docker.io")),
        ("quay.io", Host("quay.io")),
        ("localhost:5000", Host("localhost:5000", "http")),
        ("127.3.2.1:80", Host("127.3.2.1:80", "http")),
        ("[::1]:80", Host("[::1]:80", "http")),
    ],
)
def test_without_settings(domain: str, expected: Host) -> None:
    assert hosts(domain, {}) == (expected,)


def test_mirrors_come_first_and_are_read_only() -> None:
    found = hosts("docker.io", settings_of(FILES))
    assert [(one.base, one.is_mirror) for one in found] == [
        ("https://mirror.example", True),
        ("http://127.0.0.1:5001", True),
        ("https://registry-1.docker.io", False),
    ]


def test_an_insecure_registry_is_tried_by_http_then_without_a_check() -> None:
    found = hosts("private.example", settings_of(FILES))
    assert [(one.scheme, one.verify) for one in found] == [("http", True), ("https", False)]
    assert {one.authorities for one in found} == {(b"CA",)}
    assert {one.key_pairs for one in found} == {(KeyPair(b"KEY", b"CERT"),)}
    assert [one.scheme for one in hosts("x.example", {"x.example": INSECURE})] == ["http", "https"]


def test_a_registry_may_refuse_plain_http_on_loopback() -> None:
    settings = {"localhost:5000": RegistrySettings(plain_http=False)}
    assert hosts("localhost:5000", settings) == (Host("localhost:5000"),)


def test_no_configuration_and_a_broken_one() -> None:
    assert settings_of({}) == {}
    with pytest.raises(BuilderError, match="configuration cannot be read"):
        settings_of({"buildkitd.toml": b"[[["})


@pytest.mark.parametrize(
    ("host", "expected"), [("localhost", True), ("127.0.0.1", True), ("example.org", False)]
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://quay.io/v2/", "http://proxy:3128"),
        ("http://quay.io/v2/", ""),
        ("https://in.example.org/v2/", ""),
        ("https://127.0.0.1:5000/v2/", ""),
    ],
)
def test_proxies(url: str, expected: str) -> None:
    assert _proxy_for(url, {"https": "proxy:3128", "no": ".example.org,other"}) == expected
    assert _is_excepted("any.where", "*")
