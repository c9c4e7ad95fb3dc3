"""What is asked of BuildKit: one `Solve`, as data. Planning makes them, the client carries them out.

Nothing here knows targets, files of bake or sockets. Names are BuildKit's.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, NewType

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.platforms import Platform

SolveKey = NewType("SolveKey", str)
"""Names one Solve of a plan: target, node and platforms, as `plan.graph` writes them."""

IMAGE_DIGEST = "containerimage.digest"
IMAGE_CONFIG_DIGEST = "containerimage.config.digest"
IMAGE_DESCRIPTOR = "containerimage.descriptor"
"""What a response says of an image; a descriptor is JSON in base64."""
EMPTY: Mapping[str, str] = MappingProxyType({})


def _empty() -> Mapping[str, str]:
    """Python 3.11 takes a mapping proxy for a mutable default."""
    return EMPTY


@record
class LocalTree:
    """A folder of the client that BuildKit may ask for by its local name.

    `path` is absolute. Trees with equal paths may be served by one shared session.
    """

    path: str


@record
class InlineTree:
    """A folder made of bytes: an inline Dockerfile, or one read from standard input."""

    files: Mapping[str, bytes]


class Destination(Enum):
    """Where the client puts what an exporter sends back."""

    NONE = "none"
    """Nothing comes back: images stay in the engine or go to a registry."""
    DIRECTORY = "directory"
    FILE = "file"
    STDOUT = "stdout"
    OCI_LAYOUT = "oci-layout"
    """`tar=false`: blobs into a content store, the index written after the solve."""
    LOAD = "load"
    """An image archive, piped into an engine's `docker load`."""


@record
class Export:
    """One exporter: BuildKit's `type` and `attrs`, and where its stream lands here.

    `path` is absolute for DIRECTORY, FILE and OCI_LAYOUT. `context` names the docker context that
    LOAD goes to, None for the node's own engine. `clean` empties a DIRECTORY of what was not sent.
    `whole` is the output that this becomes together with the parts of other nodes, which wait as layouts.
    """

    type: str
    attrs: Mapping[str, str] = field(default_factory=_empty)
    destination: Destination = Destination.NONE
    path: str | None = None
    context: str | None = None
    clean: bool = False
    whole: Export | None = None


_SECRET_WORDS = ("token", "secret", "password", "access_key", "account_key")


def holds_secret(attribute: str) -> bool:
    """Whether this attribute of a cache is one that nobody is shown: gha, s3 and azblob have such."""
    return any(word in attribute for word in _SECRET_WORDS)


@record
class CacheEntry:
    """One cache import or export, `type` and `attrs` as BuildKit takes them; secrets in no repr."""

    type: str
    attrs: Mapping[str, str] = field(default_factory=_empty)

    def shown(self) -> dict[str, str]:
        """The attributes, as they may be shown."""
        return {key: "…" if holds_secret(key) else value for key, value in self.attrs.items()}

    def __repr__(self) -> str:
        return f"CacheEntry({self.type!r}, {self.shown()!r})"


@record
class Secret:
    """A secret by reference only: exactly one of `path` (absolute) and `env` is set. Values are read
    when BuildKit asks, and kept nowhere."""

    id: str
    path: str | None = None
    env: str | None = None


@record
class SSHAgent:
    """A forwarded agent: one agent socket or private key files; none means $SSH_AUTH_SOCK."""

    id: str
    paths: tuple[str, ...] = ()


@record
class Link:
    """A named context that is another Solve's result. The client fills in
    `context:NAME[::PLATFORM]` = `input:INPUT[::PLATFORM]` once that result exists.

    `input` is `NODE-TARGET`, the node by number, as buildx names it: provenance tells of it. Without one
    it is the context's name.
    """

    context: str
    solve: SolveKey
    input: str = field(default="", compare=False)


@record
class Solve:
    """One build on one node. `key`, `target` and `node` are a plan's words; a build alone needs none of them.

    `attrs` are the frontend's, complete but for links. `locals` maps local names (`context`,
    `dockerfile`, …) to trees; `oci_layouts` maps store names to folders. `platforms` is what this
    Solve builds, empty for the node's own. `linked` says that another Solve takes this one's result,
    so it must run through the gateway. `call` is the frontend's request id ("" to build).
    `internal` keeps it out of the build history. `shared_key` names the daemon's reusable copy of the
    build context.
    """

    key: SolveKey = SolveKey("")
    target: str = ""
    node: str = ""
    platforms: tuple[Platform, ...] = ()
    frontend: str = "dockerfile.v0"
    attrs: Mapping[str, str] = field(default_factory=_empty)
    locals: Mapping[str, LocalTree | InlineTree] = field(default_factory=dict)
    oci_layouts: Mapping[str, str] = field(default_factory=_empty)
    exports: tuple[Export, ...] = ()
    cache_imports: tuple[CacheEntry, ...] = ()
    cache_exports: tuple[CacheEntry, ...] = ()
    secrets: tuple[Secret, ...] = ()
    ssh: tuple[SSHAgent, ...] = ()
    entitlements: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    linked: bool = False
    call: str = ""
    source_policy: str = ""
    internal: bool = False
    shared_key: str = ""


@record
class SolveResult:
    """What one Solve gave.

    `response` is BuildKit's exporter response, untouched (`containerimage.digest`, …).
    `metadata` is the frontend's result metadata of a call (`result.json`, `result.txt`, …).
    `ref` is the build's id in the engine's history. Times are seconds since the epoch.
    """

    key: SolveKey
    ref: str
    response: Mapping[str, str] = field(default_factory=_empty)
    metadata: Mapping[str, bytes] = field(default_factory=dict)
    started: float = 0.0
    completed: float = 0.0
