"""Debian's packages → a private folder of programs. Nothing is installed on the machine.

apt keeps its state in a folder of ours and reads a source list of ours, which names the machine's own
mirror with another suite beside its own; proxies, certificates and credentials come from the machine's
apt configuration as always. The finished folder appears by one rename under a lock, so two clones may
ask at once and a killed download goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.engine import machine
from tools.engine.locks import locked
from tools.engine.machine import ToolError

NEWER = "forky"
"""The first suite whose Docker Engine has the containerd image store."""
OWN = ""
"""The machine's own suite: forky's runc wants a newer C library than Debian 12 has."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

EMULATED = ("aarch64", "arm", "riscv64", "s390x", "x86_64")
"""The architectures whose emulator is kept, in QEMU's words."""

ROOTFS = ("amd64", "arm64")


@dataclass(frozen=True)
class Package:
    """One Debian package and the members wanted of it: tar pattern → folder, all flattened into it."""

    name: str
    suite: str
    wanted: dict[str, str]
    architecture: str = ""

    @property
    def label(self) -> str:
        """`name` or `name:architecture`, as apt takes it."""
        return f"{self.name}:{self.architecture}" if self.architecture else self.name


PACKAGES = (
    Package("docker.io", NEWER, {"./usr/sbin/dockerd": "bin"}),
    Package("containerd", NEWER, {"./usr/bin/containerd*": "bin"}),
    Package("docker-buildx", NEWER, {"./usr/libexec/docker/cli-plugins/docker-buildx": "bin"}),
    Package("docker-cli", NEWER, {"./usr/bin/docker": "bin"}),
    Package("docker-registry", NEWER, {"./usr/bin/docker-registry": "bin"}),
    Package(
        "qemu-user",
        NEWER,
        {f"./usr/bin/qemu-{name}": "bin" for name in EMULATED}
        | {f"./usr/share/qemu/binfmt.d/qemu-{name}.conf": "binfmt" for name in EMULATED},
    ),
    Package("runc", OWN, {"./usr/sbin/runc": "bin"}),
    Package("libseccomp2", OWN, {"./usr/lib/*/libseccomp.so.*": "lib"}),
    Package("openssh-server", OWN, {"./usr/sbin/sshd": "bin"}),
    Package("libwrap0", OWN, {"*lib/*/libwrap.so.*": "lib"}),
    Package("tini", OWN, {"./usr/bin/tini-static": "bin"}),
    Package("zsh", OWN, {"*bin/zsh": "bin"}),
    Package("libcap2", OWN, {"*lib/*/libcap.so.*": "lib"}),
    Package("fish", OWN, {"./usr/bin/fish": "bin"}),
    Package("libpcre2-32-0", OWN, {"./usr/lib/*/libpcre2-32.so.*": "lib"}),
    *(Package("busybox-static", OWN, {"*bin/busybox": f"rootfs/{name}/bin"}, name) for name in ROOTFS),
)


@dataclass(frozen=True)
class Tools:
    """The finished folder: `bin/`, `lib/`, `binfmt/`, `rootfs/<architecture>/`, `versions.json`."""

    folder: Path

    def program(self, name: str) -> str:
        """The absolute path of a program, such as `dockerd` or the reference `docker-buildx`."""
        return str(self.folder / "bin" / name)

    @property
    def rootfs(self) -> Path:
        """A busybox root file system per architecture: `amd64/`, `arm64/`; fit for a build context."""
        return self.folder / "rootfs"

    @cached_property
    def versions(self) -> dict[str, str]:
        """What was taken: package → version."""
        return dict(json.loads((self.folder / "versions.json").read_text()))


def obtain() -> Tools:
    """The tools of this machine, downloaded on first use. Raises ToolError."""
    machine.require()
    cache = machine.cache()
    recipe = repr((PACKAGES, machine.codename(), machine.architecture()))
    folder = cache / hashlib.sha256(recipe.encode()).hexdigest()[:12]
    if not folder.exists():
        with locked(cache / "lock"):
            if not folder.exists():
                _assemble(folder.with_suffix(".work")).rename(folder)
                shutil.rmtree(folder.with_suffix(".work"))
    return Tools(folder)


def _assemble(work: Path) -> Path:
    """Download and unpack into `work`, which may hold an earlier try; gives the finished tree."""
    print("Taking the engine from Debian's packages (about 160 MB, once) …", file=sys.stderr, flush=True)
    debs = work / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    _download(work, debs)
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda package: _unpack(_only(debs, package), package, tree), PACKAGES))
    for rootfs in (tree / "rootfs").iterdir():
        _furnish(rootfs, tree / "rootfs" / machine.architecture())
    versions = {package.label: _version(_only(debs, package)) for package in PACKAGES}
    (tree / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
    return tree


def _download(work: Path, debs: Path) -> None:
    options = _apt_options(work)
    suites = {package.label: package.suite or machine.codename() for package in PACKAGES}
    _run("apt-get", "-qq", *options, "update")
    wanted = [f"{label}/{suite}" for label, suite in suites.items()]
    _run("apt-get", "-q", *options, "download", *wanted, cwd=debs)


def _apt_options(work: Path) -> list[str]:
    """apt's state and sources in `work`; everything else stays the machine's own configuration."""
    for name in ("lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True, exist_ok=True)
    (work / "status").touch()
    signed = f"signed-by={KEYRING} " if KEYRING.exists() else ""
    mirror, native = _mirror(), machine.architecture()
    (work / "sources.list").write_text(
        f"deb [{signed}target=Packages arch={','.join(ROOTFS)}] {mirror} {machine.codename()} main\n"
        f"deb [{signed}target=Packages arch={native}] {mirror} {NEWER} main\n"
    )
    settings = {
        "Dir::Etc::SourceList": work / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State::Lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Retries": 3,
    }
    architectures = [f"-oAPT::Architectures::={name}" for name in ROOTFS]
    return [f"-o{key}={value}" for key, value in settings.items()] + architectures


def _mirror() -> str:
    """The address from which the machine itself takes Debian's main component."""
    wanted = f"{machine.codename()} main "
    listed = _run(
        "apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"
    ).splitlines()
    addresses = [line.removeprefix(wanted) for line in listed if line.startswith(wanted)]
    addresses.sort(key=lambda address: not address.rstrip("/").endswith("debian"))
    if not addresses:
        raise ToolError(
            f"apt's sources name no `{wanted.strip()}`; add Debian's mirror to /etc/apt/sources.list."
        )
    return addresses[0]


def _only(debs: Path, package: Package) -> Path:
    """The file that apt downloaded for `package`, the newest if an earlier try left another."""
    architecture = package.architecture or machine.architecture()
    found = list(debs.glob(f"{package.name}_*_{architecture}.deb"))
    if not found:
        raise ToolError(f"apt-get downloaded no `{package.label}`.")
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def _unpack(deb: Path, package: Package, tree: Path) -> None:
    """Unpack once, then pick; naming every pattern by itself shows which one a newer package lacks."""
    archive = deb.with_suffix(".tar")
    with archive.open("wb") as file:
        subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], stdout=file, check=True)
    for pattern, folder in package.wanted.items():
        (tree / folder).mkdir(parents=True, exist_ok=True)
        _run(
            *("tar", "-x", "-f", str(archive), "-C", str(tree / folder)),
            *("--wildcards", "--transform=s,.*/,,", pattern),
        )
    archive.unlink()


def _furnish(rootfs: Path, native: Path) -> None:
    """Make a root file system of one busybox: a link for each applet, the folders that programs expect."""
    for applet in _run(str(native / "bin/busybox"), "--list").split():
        link = rootfs / "bin" / applet
        if not link.exists():
            link.symlink_to("busybox")
    for name in ("etc", "root", "tmp", "usr", "var"):
        (rootfs / name).mkdir()
    (rootfs / "tmp").chmod(0o1777)
    (rootfs / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
    )
    (rootfs / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")


def _version(deb: Path) -> str:
    return _run("dpkg-deb", "--field", str(deb), "Version").strip()


def _run(*command: str, cwd: Path | None = None) -> str:
    """What `command` prints. It dies with us: a later try must not meet it in the folder."""
    mortal = ["setpriv", "--pdeathsig", "KILL", *command]
    done = subprocess.run(mortal, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        text = (done.stderr or done.stdout).strip()
        raise ToolError(f"`{command[0]} {command[-1]}` failed with {done.returncode}: {text}")
    return done.stdout
