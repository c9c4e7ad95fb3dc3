"""The short forms of a service's ports, volumes and devices: what compose refuses of them.

Bake builds nothing of these, but the files that compose cannot read are refused whole: a variable that is
not set makes `${DATA}:/data` such a text. Rules and messages are those of compose-go 2.13 (format/volume.go,
transform/device.go) and go-connections (nat). All raise ValueError.
"""

from __future__ import annotations

import re
from typing import Final

_PORT: Final = re.compile(r"[+-]?[0-9]+\Z")
_LARGEST_PORT: Final = 65535
_PROTOCOLS: Final = ("tcp", "udp", "sctp")
_DEVICE_PARTS: Final = 3


def volume_target(spec: str) -> str:
    """Where `[SOURCE:]TARGET[:OPTIONS]` is mounted."""
    if not spec:
        raise ValueError("invalid empty volume spec")
    if len(spec.encode()) < 3:
        return spec
    parts = _volume_parts(spec)
    if "" in parts[:-1] or parts[-1:] == [""]:
        raise ValueError(f"invalid spec: {spec}: empty section between colons")
    if len(parts) > 3:
        raise ValueError(f"invalid spec: {spec}: too many colons")
    if not parts:
        raise ValueError(f"{spec} is missing a mount target")
    return parts[:2][-1]


def _volume_parts(spec: str) -> list[str]:
    """The parts between colons, which those of `${…}` and of `C:` are not; a `${` without an end swallows
    the last part."""
    parts: list[str] = []
    part, depth = "", 0
    for index, character in enumerate(spec):
        if character == ":" and not depth and not (len(part) == 1 and part.isalpha()):
            parts.append(part)
            part = ""
            continue
        if spec.startswith("${", index):
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        part += character
    return parts if depth else [*parts, part]


def check_port(spec: str) -> None:
    """`[[IP:]PUBLISHED:]TARGET[/PROTOCOL]`, with ranges of ports."""
    start, _, container = spec.rpartition(":")
    address, _, published = start.rpartition(":")
    target, _, protocol = container.partition("/")
    if not target:
        raise ValueError(f"no port specified: {spec}<empty>")
    protocol = protocol.lower() or "tcp"
    if protocol not in _PROTOCOLS:
        raise ValueError(f"invalid proto: {protocol}")
    if address:
        _check_address(address)
    ports = _range(target, "containerPort")
    if 0 in ports:
        raise ValueError(f"{spec} is missing a target port")
    if published and len(_range(published, "hostPort")) != len(ports) > 1:
        raise ValueError(f"invalid ranges specified for container and host Ports: {target} and {published}")


def _check_address(text: str) -> None:
    import ipaddress

    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        raise ValueError(f"invalid IP address: {bare}") from None
    if "%" in bare:
        raise ValueError(f"invalid IP address: {bare}")


def _range(text: str, name: str) -> range:
    """The ports of `FIRST[-LAST]`."""
    first, dash, last = text.partition("-")
    ends = (first, last) if dash else (first, first)
    if not all(_PORT.match(end) and 0 <= int(end) <= _LARGEST_PORT for end in ends):
        raise ValueError(f"invalid {name}: {text}")
    if int(ends[1]) < int(ends[0]):
        raise ValueError(f"invalid {name}: {text}")
    return range(int(ends[0]), int(ends[1]) + 1)


def device_target(spec: str) -> str:
    """The device that `SOURCE[:TARGET[:PERMISSIONS]]` is in the container."""
    parts = spec.split(":")
    return parts[1] if len(parts) > 1 else parts[0]


def check_device(spec: str) -> None:
    if spec.count(":") >= _DEVICE_PARTS:
        raise ValueError(f"confusing device mapping, please use long syntax: {spec}")
