"""OCI platforms, parsed, normalised and matched as containerd's `platforms` package does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Platform:
    """`os/architecture[/variant]`, normalised; `str()` writes it so."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = f"{self.os}({self.os_version})" if self.os_version else self.os
        return "/".join(part for part in (name, self.architecture, self.variant) if part)
