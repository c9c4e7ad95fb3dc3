"""Which servers stand for a registry's name, and how they are spoken to.

Takes the name of a registry and the settings of a builder's buildkitd.toml, gives `Host`s in the order they
are tried in. The rules are buildx's (util/resolver and store/storeutil, 0.36.1): plain HTTP for loopback
names, mirrors first and only to read, an insecure registry first by HTTP if it says so, then by HTTPS
without checking its certificate.
"""

from __future__ import annotations

import ipaddress
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from bake.errors import BuilderError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCKER_HUB, DOCKER_HUB_HOST = "docker.io", "registry-1.docker.io"
CONFIGURATION = "buildkitd.toml"
CONFIGURATION_FOLDER = "/etc/buildkit/"


@record
class KeyPair:
    """A client's certificate, both in PEM."""

    key: bytes = field(repr=False)
    certificate: bytes


@record
class Host:
    """One server. `authorities` are PEM certificates that are trusted besides the system's."""

    name: str
    scheme: str = "https"
    verify: bool = True
    authorities: tuple[bytes, ...] = ()
    key_pairs: tuple[KeyPair, ...] = ()
    is_mirror: bool = False

    @property
    def base(self) -> str:
        return f"{self.scheme}://{self.name}"


@record
class RegistrySettings:
    """What a builder says of a registry; None where it says nothing."""

    mirrors: tuple[str, ...] = ()
    plain_http: bool | None = None
    insecure: bool | None = None
    authorities: tuple[bytes, ...] = ()
    key_pairs: tuple[KeyPair, ...] = ()


INSECURE = RegistrySettings(plain_http=True, insecure=True)
"""What the exporter attribute `registry.insecure` means."""


def hosts(domain: str, settings: Mapping[str, RegistrySettings]) -> tuple[Host, ...]:
    """The servers of the registry `domain`."""
    own = DOCKER_HUB_HOST if domain == DOCKER_HUB else domain
    if domain not in settings:
        return (Host(own, "http" if is_loopback(own) else "https"),)
    mirrors = settings[domain].mirrors
    found = [host for name in mirrors for host in _variants(name, settings.get(name), mirror=True)]
    return (*found, *_variants(own, settings[domain]))


def _variants(name: str, settings: RegistrySettings | None, *, mirror: bool = False) -> list[Host]:
    settings = settings or RegistrySettings()
    host = Host(name, authorities=settings.authorities, key_pairs=settings.key_pairs, is_mirror=mirror)
    plain = is_loopback(name) if settings.plain_http is None else settings.plain_http
    found = [replace(host, scheme="http")] if plain else []
    if settings.insecure:
        found.append(replace(host, verify=False))
    return found or [host]


def is_loopback(host: str) -> bool:
    """Whether `host`, with or without a port, is this machine."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def settings_of(files: Mapping[str, bytes]) -> dict[str, RegistrySettings]:
    """What a node's files say of registries. Raises BuilderError for a configuration that cannot be read."""
    import tomllib

    try:
        found = tomllib.loads(files.get(CONFIGURATION, b"").decode())
        registries = found.get("registry", {})
        return {name: _settings(fields, files) for name, fields in registries.items()}
    except (ValueError, AttributeError, TypeError) as exc:
        raise BuilderError(
            "The builder's configuration cannot be read", detail=f"`{CONFIGURATION}`: {exc}"
        ) from exc


def _settings(fields: Mapping[str, Any], files: Mapping[str, bytes]) -> RegistrySettings:
    """The paths of certificates are those inside the builder; their copies are among the files."""
    pairs = [
        (_file(one.get("key"), files), _file(one.get("cert"), files)) for one in fields.get("keypair", ())
    ]
    authorities = [_file(path, files) for path in fields.get("ca", ())]
    return RegistrySettings(
        tuple(map(str, fields.get("mirrors", ()))),
        fields.get("http"),
        fields.get("insecure"),
        tuple(found for found in authorities if found),
        tuple(KeyPair(key, certificate) for key, certificate in pairs if key and certificate),
    )


def _file(path: object, files: Mapping[str, bytes]) -> bytes | None:
    return files.get(str(path).removeprefix(CONFIGURATION_FOLDER))
