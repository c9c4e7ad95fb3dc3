"""Short forms of ports, volumes and devices: facts of compose-go 2.13 and go-connections."""

from __future__ import annotations

import re

import pytest

from bake.model.compose.specs import check_device, check_port, device_target, volume_target


@pytest.mark.parametrize(
    ("spec", "target"),
    [
        ("/data", "/data"),
        ("a:", "a:"),
        ("ab:/c", "/c"),
        ("ab:/c:ro,z", "/c"),
        ("./é:/b:odd", "/b"),
        ("C:/a:/b", "/b"),
        ("/b:C:/a", "C:/a"),
        ("${X:-a:b}:/c", "/c"),
    ],
)
def test_a_volume_goes_to_its_target(spec: str, target: str) -> None:
    assert volume_target(spec) == target


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("", "invalid empty volume spec"),
        (":/data", "invalid spec: :/data: empty section between colons"),
        ("/data:", "invalid spec: /data:: empty section between colons"),
        ("ab::c", "invalid spec: ab::c: empty section between colons"),
        ("ab:/c:ro:z", "invalid spec: ab:/c:ro:z: too many colons"),
        ("${X:/b", "${X:/b is missing a mount target"),
    ],
)
def test_what_is_no_volume(spec: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        volume_target(spec)


@pytest.mark.parametrize(
    "spec",
    [
        "80",
        ":80",
        "::80",
        "8080:80/UDP",
        "80:80/",
        "127.0.0.1::80",
        "[::1]:80:80",
        "::1:80:80",
        "80-82:90-92",
        "90-92:80",
        "+80",
    ],
)
def test_ports(spec: str) -> None:
    check_port(spec)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (":", "no port specified: :<empty>"),
        ("80:/udp", "no port specified: 80:/udp<empty>"),
        ("80/odd", "invalid proto: odd"),
        ("host:80:80", "invalid IP address: host"),
        ("[fe80::1%eth0]:80:80", "invalid IP address: fe80::1%eth0"),
        ("a:80", "invalid hostPort: a"),
        ("80:a", "invalid containerPort: a"),
        ("65536", "invalid containerPort: 65536"),
        ("٨٠", "invalid containerPort: ٨٠"),
        ("82-80", "invalid containerPort: 82-80"),
        ("1-3:1-2", "invalid ranges specified for container and host Ports: 1-2 and 1-3"),
        ("0", "0 is missing a target port"),
    ],
)
def test_what_is_no_port(spec: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check_port(spec)


def test_devices() -> None:
    assert [device_target(spec) for spec in ("/a", "/a:/b", "/a:/b:r")] == ["/a", "/b", "/b"]
    check_device("/a:/b:r")
    with pytest.raises(ValueError, match="confusing device mapping, please use long syntax: a:b:c:d"):
        check_device("a:b:c:d")
