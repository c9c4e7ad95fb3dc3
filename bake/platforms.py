"""OCI platforms, parsed, normalised and matched as containerd's `platforms` package (v1) does.

Takes specifiers such as `linux/arm64`, `armhf`, `windows(10.0.17763)`, gives `Platform`s; raises
ValueError with a message for a person. Its rule: every `Platform` it gives is normalised, so equal
platforms are equal values.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# fmt: off
KNOWN_SYSTEMS = frozenset({
    "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl",
    "netbsd", "openbsd", "plan9", "solaris", "windows", "zos",
})
KNOWN_ARCHITECTURES = frozenset({
    "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64",
    "mips64le", "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x",
    "sparc", "sparc64", "wasm",
})
# fmt: on
_ALIASES = {
    "i386": ("386", ""),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
    "x86_64": ("amd64", None),
    "x86-64": ("amd64", None),
    "aarch64": ("arm64", None),
}
"""Other names of architectures, with the variant each one fixes (None leaves it to the specifier)."""
_VARIANTS = {
    ("amd64", "v1"): "",
    ("arm64", "8"): "",
    ("arm64", "v8"): "",
    ("arm64", "v8.0"): "",
    ("arm64", "9"): "v9",
    ("arm64", "9.0"): "v9",
    ("arm64", "v9.0"): "v9",
    ("arm", ""): "v7",
    ("arm", "5"): "v5",
    ("arm", "6"): "v6",
    ("arm", "7"): "v7",
    ("arm", "8"): "v8",
}
_MACHINES = {
    "i486": "386",
    "i586": "386",
    "i686": "386",
    "armv5l": "arm/v5",
    "armv5tel": "arm/v5",
    "armv6l": "arm/v6",
    "armv7l": "arm/v7",
    "armv7": "arm/v7",
    "armv8l": "arm/v8",
    "loongarch64": "loong64",
}
"""What `uname -m` says where it is not an architecture's name or alias."""

_STABLE = (20348, 26100)
"""The builds of Windows Server 2022 and 2025, long-term releases whose containers later hosts run too."""

_COMPONENT = re.compile(r"[A-Za-z0-9_.-]+")
_SYSTEM = re.compile(r"([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?")


@record
class Platform:
    """`os/architecture[/variant]`, normalised; `str()` writes it so."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()

    def __str__(self) -> str:
        options = _quote(self.os_version) + "".join(f"+{_quote(one)}" for one in self.os_features)
        name = f"{self.os}({options})" if options else self.os
        return "/".join(part for part in (name, self.architecture, self.variant) if part)

    @property
    def short(self) -> str:
        """The platform without its OS version and features, as buildx lists them and BuildKit keys refs."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


LINUX_AMD64 = Platform("linux", "amd64")


def parse(specifier: str, local: Platform = LINUX_AMD64) -> Platform:
    """The platform that `specifier` names; what it leaves out, and `local`, come from the `local` platform.

    Raises ValueError.
    """
    if specifier.lower() == "local":
        return normalize(local)
    if "*" in specifier:
        raise ValueError(f"`{specifier}`: wildcards are not supported")
    system, *others = specifier.split("/")
    found = _SYSTEM.fullmatch(system)
    if found is None:
        raise ValueError(f"`{system}` is not an operating system of a platform (in `{specifier}`)")
    for part in others:
        if not _COMPONENT.fullmatch(part):
            raise ValueError(f"`{part}` is not a component of a platform (in `{specifier}`)")
    if len(others) > 2:
        raise ValueError(f"`{specifier}`: a platform is os[/architecture[/variant]]")
    name, version, features = found.groups(default="")
    os_version, os_features = _unquote(version), tuple(_unquote(one) for one in features.split("+")[1:])
    if others:
        return normalize(Platform(name, *_pair(others), os_version=os_version, os_features=os_features))
    return _from_one_word(specifier, Platform(name, "", "", os_version, os_features), local)


def _pair(parts: Sequence[str]) -> tuple[str, str]:
    return parts[0], parts[1] if len(parts) > 1 else ""


def _from_one_word(specifier: str, platform: Platform, local: Platform) -> Platform:
    """`linux` is this machine's architecture on linux, `arm64` is this machine's system on arm64."""
    if _system(platform.os) in KNOWN_SYSTEMS:
        return normalize(replace(platform, architecture=local.architecture, variant=local.variant))
    architecture, variant = _architecture(platform.os, "")
    if architecture in KNOWN_ARCHITECTURES:
        return normalize(replace(platform, os=local.os, architecture=architecture, variant=variant))
    raise ValueError(f"`{specifier}`: unknown operating system or architecture")


def parse_list(specifiers: Iterable[str], local: Platform = LINUX_AMD64) -> tuple[Platform, ...]:
    """All platforms of `specifiers`, each of which may be a comma list. Raises ValueError."""
    return tuple(parse(one, local) for specifier in specifiers for one in specifier.split(","))


def normalize(platform: Platform) -> Platform:
    """`platform` with containerd's canonical names: `linux/aarch64/v8` is `linux/arm64`."""
    architecture, variant = _architecture(platform.architecture, platform.variant)
    return Platform(
        _system(platform.os),
        architecture,
        variant,
        platform.os_version,
        tuple(sorted(set(platform.os_features))),
    )


def local_platform(system: str, machine: str) -> Platform:
    """The platform of a machine whose `uname` says `system` (`Linux`) and `machine` (`x86_64`)."""
    known = _MACHINES.get(machine.lower(), machine)
    architecture, _, variant = known.partition("/")
    return normalize(Platform(system, architecture, variant))


def dedupe(platforms: Iterable[Platform]) -> tuple[Platform, ...]:
    """`platforms` normalised, each once (versions and features do not make a difference), in order."""
    found: dict[str, Platform] = {}
    for platform in map(normalize, platforms):
        found.setdefault(platform.short, platform)
    return tuple(found.values())


def to_json(platform: Platform) -> dict[str, object]:
    """The OCI image specification's platform object."""
    fields: dict[str, object] = {"architecture": platform.architecture, "os": platform.os}
    optional = {
        "os.version": platform.os_version,
        "os.features": list(platform.os_features),
        "variant": platform.variant,
    }
    return fields | {key: value for key, value in optional.items() if value}


def from_json(fields: Mapping[str, object]) -> Platform:
    """The platform of an OCI platform object; unknown keys are left out."""
    features = fields.get("os.features") or ()
    return Platform(
        str(fields.get("os") or ""),
        str(fields.get("architecture") or ""),
        str(fields.get("variant") or ""),
        str(fields.get("os.version") or ""),
        tuple(str(one) for one in features) if isinstance(features, (list, tuple)) else (),
    )


def matches(wanted: Platform, offered: Platform) -> bool:
    """Whether `offered` is exactly what `wanted` names (containerd's NewMatcher)."""
    wanted, offered = normalize(wanted), normalize(offered)
    same = (wanted.os, wanted.architecture, wanted.variant) == (
        offered.os,
        offered.architecture,
        offered.variant,
    )
    if not same:
        return False
    features = set(offered.os_features) - set(wanted.os_features)
    if wanted.os == "windows":  # win32k never decided
        return features <= {"win32k"} and _windows_runs(wanted.os_version, offered.os_version)
    return not features


def _windows_runs(host: str, image: str) -> bool:
    """Whether a Windows of version `host` runs images of version `image`; an unknown one is no obstacle.

    From Server 2022 on a host runs everything since the long-term release before it.
    """
    hosted = _windows_version(host)
    if not any(hosted) or not image:
        return True
    found = _windows_version(image)
    oldest = max((build for build in _STABLE if build < hosted[2]), default=min(hosted[2], _STABLE[0]))
    return found[:2] == hosted[:2] and oldest <= found[2] <= hosted[2]


def _windows_version(text: str) -> tuple[int, int, int]:
    """Major, minor and build; zeros for a text that does not begin with them."""
    found = re.match(r"([0-9]+)\.([0-9]+)\.([0-9]+)(?:\.|$)", text)
    major, minor, build = map(int, found.groups()) if found else (0, 0, 0)
    return (major, minor, build) if max(major, minor) < 2**8 and build < 2**16 else (0, 0, 0)


def compatible(platform: Platform) -> tuple[Platform, ...]:
    """Everything a machine of `platform` can run, best first (containerd's Only)."""
    platform = normalize(platform)
    expand = _VECTORS.get(platform.architecture)
    return expand(platform) if expand else (platform,)


def _amd64_vector(platform: Platform) -> tuple[Platform, ...]:
    older = [replace(platform, variant=f"v{n}" if n > 1 else "") for n in _below(platform.variant, 1)]
    return (platform, *older, replace(platform, architecture="386", variant=""))


def _arm_vector(platform: Platform) -> tuple[Platform, ...]:
    return (platform, *(replace(platform, variant=f"v{n}") for n in _below(platform.variant, 5)))


def _arm64_vector(platform: Platform) -> tuple[Platform, ...]:
    """v9.n contains v8.(n+5); all of them run 32-bit arm/v8 and older."""
    version = re.fullmatch(r"v([89])(?:\.([0-9]))?", platform.variant or "v8")
    major, minor = (int(version[1]), int(version[2] or 0)) if version else (0, 0)
    if not version or (major, minor) > (9, 7):
        return ()
    steps = [(major, minor)] if major == 8 else [(9, minor), (8, min(minor + 5, 9))]
    names = [f"v{m}.{n}" if n else f"v{m}" for m, top in steps for n in range(top, -1, -1)]
    vector = [normalize(replace(platform, variant=name)) for name in names]
    return (*vector, *_arm_vector(replace(platform, architecture="arm", variant="v8")))


def _below(variant: str, lowest: int) -> range:
    """The versions under `variant`, down to `lowest`; none for a variant that is no version."""
    number = variant.removeprefix("v")
    return range(int(number) - 1, lowest - 1, -1) if number.isdecimal() else range(0)


_VECTORS: dict[str, Callable[[Platform], tuple[Platform, ...]]] = {
    "amd64": _amd64_vector,
    "arm": _arm_vector,
    "arm64": _arm64_vector,
}


def best(wanted: Platform, offered: Sequence[Platform]) -> int | None:
    """The index in `offered` that serves `wanted` best, None if none does."""
    for candidate in compatible(wanted):
        for index, one in enumerate(offered):
            if matches(candidate, one):
                return index
    return None


def _system(name: str) -> str:
    lowered = name.lower()
    return "darwin" if lowered == "macos" else lowered


def _architecture(name: str, variant: str) -> tuple[str, str]:
    name, variant = name.lower(), variant.lower()
    name, fixed = _ALIASES.get(name, (name, None))
    if fixed is not None:
        variant = fixed
    return name, _VARIANTS.get((name, variant), variant)


def _unquote(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise ValueError(f"`{text}`: a % is not followed by two hexadecimal digits")
    return unquote(text)


def _quote(text: str) -> str:
    if _COMPONENT.fullmatch(text) or not text:
        return text
    from urllib.parse import quote

    return quote(text, safe="").replace("~", "%7E")
