"""Sizes, limits, hosts and calls as people write them, in the form BuildKit takes.

Rules are docker's: go-units v0.5 for sizes and ulimits, buildx 0.36.1 for the rest. ValueError says
what is wrong.
"""

from __future__ import annotations

import ipaddress
import re

from bake.quantities import ULIMITS, parse_size

CALLS = ("build", "check", "lint", "outline", "targets", "subrequests.describe")
HOST_GATEWAY = "host-gateway"


def size(text: str) -> int:
    """`64m`, `1.5 GiB` in bytes: units are powers of 1024, case does not matter."""
    try:
        return parse_size(text)
    except ValueError as exc:
        raise ValueError(f"`{text}` is not a size (a number and b, k, m, g, t or p)") from exc


def swap(text: str) -> int:
    """A size of swap, -1 for unlimited."""
    return -1 if text == "-1" else size(text)


def ulimit(text: str) -> str:
    """`nofile=1024:4096`, or one number for both limits, as `TYPE=SOFT:HARD`."""
    kind, separator, limits = text.partition("=")
    if not separator or kind not in ULIMITS:
        raise ValueError(f"`{text}` is not TYPE=SOFT[:HARD] with a TYPE of {', '.join(sorted(ULIMITS))}")
    numbers = limits.split(":")
    if len(numbers) > 2 or not all(re.fullmatch(r"[+-]?\d+", number) for number in numbers):
        raise ValueError(f"`{text}`: limits are one or two whole numbers")
    soft, hard = int(numbers[0]), int(numbers[-1])
    if hard != -1 and (soft == -1 or soft > hard):
        raise ValueError(f"`{text}`: the soft limit is above the hard limit")
    return f"{kind}={soft}:{hard}"


def host_entries(name: str, addresses: str, gateway: str) -> list[str]:
    """`NAME=IP` for each address; `host-gateway` stands for the address `gateway`, "" if unknown."""
    if not name or not addresses:
        raise ValueError(f"`{name}={addresses}` is not a host and an address")
    if addresses == HOST_GATEWAY:
        if not gateway:
            raise ValueError("`host-gateway`: this builder does not tell its gateway's address")
        return [f"{name}={gateway}"]
    return [f"{name}={_address(one)}" for one in addresses.split(",")]


def _address(text: str) -> str:
    bare = text[1:-1] if len(text) > 2 and text[0] == "[" and text[-1] == "]" else text
    try:
        ipaddress.ip_address(bare)
    except ValueError as exc:
        raise ValueError(f"`{text}` is not an IP address") from exc
    return bare


def call(text: str | None) -> str:
    """The frontend's request id for a `call`: "" to build, `frontend.lint` for `check`."""
    name = (text or "build").split(",")[0]
    if name not in CALLS:
        raise ValueError(f"`{name}` is not one of {', '.join(CALLS)}")
    return "" if name == "build" else f"frontend.{'lint' if name == 'check' else name}"
