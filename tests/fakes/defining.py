"""Definitions from a few lines of HCL, through the real stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.api.definition import Reading, load
from bake.host import Host
from bake.source import Source

if TYPE_CHECKING:
    from bake.model.target import Definition


def defined(*texts: str, host: Host | None = None, reading: Reading | None = None) -> Definition:
    """What `texts` define: the first is docker-bake.hcl, further ones 1.hcl, 2.hcl, …"""
    names = ["docker-bake.hcl", *(f"{number}.hcl" for number in range(1, len(texts)))]
    sources = [Source(name, text, "hcl", "/") for name, text in zip(names, texts, strict=True)]
    return load(sources, host or Host(), reading)
