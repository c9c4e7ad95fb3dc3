"""Programs of other architectures on this machine: what binfmt_misc has registered, and what it lacks.

The kernel hands a program that is none of its own to an interpreter (QEMU) that somebody registered under
/proc/sys/fs/binfmt_misc (Documentation/admin-guide/binfmt-misc.rst). Containers have the interpreter only
if it was registered with the flag F, which Linux knows since 4.8. Only the machine's own can be read; what
a node elsewhere has shows in the platforms that its BuildKit lists.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Literal

from bake.node import Gap
from bake.platforms import Platform
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.builder.site import Site
    from bake.node import BuilderState, Node, NodeState

FOLDER = "/proc/sys/fs/binfmt_misc"
COMMON = (Platform("linux", "amd64"), Platform("linux", "arm64"))
"""The platforms that most images are built for."""
NEEDED_KERNEL = (4, 8)
"""Since when there is the flag F."""
_ELF = bytes.fromhex("7f454c46")
_MACHINES = {
    (0x03, "little"): "386",
    (0x08, "big"): "mips",
    (0x08, "little"): "mipsle",
    (0x15, "little"): "ppc64le",
    (0x16, "big"): "s390x",
    (0x28, "little"): "arm",
    (0x3E, "little"): "amd64",
    (0xB7, "little"): "arm64",
    (0xF3, "little"): "riscv64",
    (0x102, "little"): "loong64",
}
"""ELF's e_machine and byte order → Go's name of the architecture."""


@record
class Handler:
    """One registration."""

    name: str
    architecture: str
    interpreter: str
    flags: str
    enabled: bool


@record
class Machine:
    """What decides over emulation: `kernel` as (4, 8); binfmt_misc is `mounted`, and `enabled` as a whole."""

    kernel: tuple[int, int]
    mounted: bool
    enabled: bool
    handlers: tuple[Handler, ...]


@record
class Lack:
    """Why an architecture is not emulated, and the command that changes that."""

    reason: str
    mend: str


def this_machine(folder: str = FOLDER) -> Machine:
    """The machine that pybake runs on."""
    version = os.uname().release.split(".")
    kernel = (int(version[0]), int("".join(filter(str.isdigit, version[1][:3])) or 0))
    mounted = os.path.exists(os.path.join(folder, "register"))
    names = sorted(set(os.listdir(folder)) - {"register", "status"}) if mounted else []
    found = (handler(name, _read(os.path.join(folder, name))) for name in names)
    enabled = _read(os.path.join(folder, "status")).startswith("enabled")
    return Machine(kernel, mounted, enabled, tuple(one for one in found if one))


def handler(name: str, text: str) -> Handler | None:
    """A registration as the kernel shows it; None for one of something else than an architecture."""
    first, _, rest = text.partition("\n")
    values = dict(line.replace("flags:", "flags").split(" ", 1) for line in rest.splitlines() if " " in line)
    architecture = _architecture(bytes.fromhex(values.get("magic", "")))
    if not architecture:
        return None
    flags = values.get("flags", "").strip()
    return Handler(name, architecture, values.get("interpreter", ""), flags, first == "enabled")


def _architecture(magic: bytes) -> str:
    """Whose programs begin so: bytes 5 and 18 of an ELF header say it."""
    if not magic.startswith(_ELF) or len(magic) < 20:
        return ""
    order: Literal["big", "little"] = "big" if magic[5] == 2 else "little"
    return _MACHINES.get((int.from_bytes(magic[18:20], order), order), "")


def is_here(site: Site, driver: str, node: Node) -> bool:
    """Whether a node runs on this machine, for all that its address says."""
    if not sys.platform.startswith("linux"):
        return False
    endpoint = node.endpoint
    if driver in ("docker", "docker-container") and "://" not in endpoint:
        endpoint = site.endpoint(endpoint).host
    return driver == "local" or endpoint.startswith("unix://")


def gaps(site: Site, state: BuilderState) -> Iterator[Gap]:
    """The common platforms that no node of a builder has, once for each node that answered."""
    nodes = [node for node in state.nodes if node.workers]
    listed = {node.node.name: _listed(node) for node in nodes}
    everywhere = {platform for found in listed.values() for platform in found}
    if not any(platform.os == "linux" for platform in everywhere):
        return
    for platform in COMMON:
        if not any((one.os, one.architecture) == (platform.os, platform.architecture) for one in everywhere):
            yield from (_gap(site, state.builder.driver, node.node, platform) for node in nodes)


def _listed(state: NodeState) -> list[Platform]:
    return [*state.node.platforms, *(one for worker in state.workers for one in worker.platforms)]


def _gap(site: Site, driver: str, node: Node, platform: Platform) -> Gap:
    found = lack(this_machine(), platform) if is_here(site, driver, node) else None
    if found:
        return Gap(node.name, platform, found.reason, found.mend)
    return Gap(node.name, platform, "its BuildKit lists no emulator", f"there: {_install(platform)}")


def _install(platform: Platform) -> str:
    return f"docker run --privileged --rm tonistiigi/binfmt --install {platform.architecture}"


def lack(machine: Machine, platform: Platform) -> Lack | None:
    """What keeps `machine` from running programs of `platform` in containers, None for nothing."""
    wanted = platform.architecture
    install = _install(platform)
    if machine.kernel < NEEDED_KERNEL:
        version = ".".join(map(str, machine.kernel))
        return Lack(f"its kernel, {version}, is older than 4.8", "build on a newer one, or on a native node")
    if not machine.mounted:
        return Lack(f"{FOLDER} is not mounted", f"mount -t binfmt_misc binfmt_misc {FOLDER}; {install}")
    if not machine.enabled:
        return Lack("binfmt_misc is switched off", f"echo 1 > {FOLDER}/status")
    known = [one for one in machine.handlers if one.architecture == wanted]
    if not known:
        return Lack(f"no emulator of {wanted} is registered with binfmt_misc", install)
    if any(one.enabled and "F" in one.flags for one in known):
        return None
    first = known[0]
    if not first.enabled:
        return Lack(f"the emulator {first.name} is switched off", f"echo 1 > {FOLDER}/{first.name}")
    return Lack(
        f"the emulator {first.name} is registered without the flag F: containers lack {first.interpreter}",
        f"echo -1 > {FOLDER}/{first.name}; {install}",
    )


def _read(path: str) -> str:
    try:
        with open(path, encoding="latin-1") as file:
            return file.read()
    except OSError:
        return ""
