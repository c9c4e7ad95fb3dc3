"""A network bridge, made and removed with the kernel's own calls: a bare machine has no `ip`."""

from __future__ import annotations

import fcntl
import socket
import struct
from pathlib import Path

# <linux/sockios.h> and <net/if.h>
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK = 0x8914, 0x8916, 0x891C
SIOCBRADDBR, SIOCBRDELBR = 0x89A0, 0x89A1
IFF_UP, IFF_RUNNING = 0x1, 0x40


def exists(name: str) -> bool:
    """Whether the machine has a network interface of this name."""
    return Path("/sys/class/net", name).exists()


def create(name: str, address: str) -> None:
    """Make the bridge `name` with `address`/24 and set it up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCBRADDBR, name.encode() + b"\0")
        for request, value in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, "255.255.255.0")):
            wanted = struct.pack("16sHH4s8x", name.encode(), socket.AF_INET, 0, socket.inet_aton(value))
            fcntl.ioctl(control, request, wanted)
        _set_flags(control, name, IFF_UP | IFF_RUNNING)


def remove(name: str) -> None:
    """Remove the bridge; none of this name is fine."""
    if exists(name):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            _set_flags(control, name, 0)
            fcntl.ioctl(control, SIOCBRDELBR, name.encode() + b"\0")


def _set_flags(control: socket.socket, name: str, flags: int) -> None:
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", name.encode(), flags))
