"""What one Solve may ask of this machine, as the methods of a session; and what is left to do after it.

Takes a `Solve` and the `Means` of the machine, gives `Attachments`: gRPC methods for files, outputs,
secrets, agents, credentials and content stores. Its rule: nothing is served that the Solve does not name.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import field, replace
from typing import TYPE_CHECKING

from bake.errors import ExportError, reason
from bake.goscalars import GO_TRUE
from bake.progress import Note
from bake.record import record
from bake.solve import IMAGE_CONFIG_DIGEST, IMAGE_DESCRIPTOR, CacheEntry, Destination

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from bake.buildkit.aws import KeyChain
    from bake.buildkit.content import Store
    from bake.buildkit.credentials import CredentialSource
    from bake.buildkit.services.sinks import Sink, TreeSink
    from bake.buildkit.ssh_agent import Agents
    from bake.buildkit.stream import Methods
    from bake.buildkit.token_seeds import TokenSeeds
    from bake.engine.landing import HeldBytes, HeldTree
    from bake.errors import BakeError
    from bake.solve import Export, InlineTree, LocalTree, Solve, SolveResult


def _no_images(context: str | None) -> Sink:
    raise ExportError("No engine to load images into", detail=f"docker context `{context or 'default'}`")


@record
class Means:
    """What of the machine builds may be given.

    `environment` is where secrets and agents are looked up, `credentials` knows registries, `stdout`
    takes the one output that goes there, `load` gives the sink of a docker context's image store.
    `uploads` are archives by id, for contexts that are an upload's URL. `seeds` prove us to BuildKit (None:
    it is to fetch registries' tokens by itself), `keys` are those for AWS.
    `started` is told of each build that has started, with its id in the history, by any thread.
    """

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    credentials: CredentialSource | None = None
    stdout: BinaryIO | None = None
    load: Callable[[str | None], Sink] = _no_images
    uploads: Mapping[str, BinaryIO] = field(default_factory=dict)
    started: Callable[[Solve, str], None] = lambda _solve, _ref: None
    seeds: TokenSeeds | None = None
    keys: KeyChain | None = None


class Attachments:
    """What `solve` is served by a session of its own; `solve` here has its caches resolved: local
    ones to digests, those of services with credentials of this machine. It is sent and kept nowhere.

    Opening it may raise UsageError for agents that cannot be used.
    """

    def __init__(self, solve: Solve, means: Means) -> None:
        self.notes: list[Note] = []
        self._agents: Agents | None = None
        self._stores: dict[str, Store] = {}
        self._outputs: list[HeldBytes | HeldTree] = []
        self.fault: BakeError | None = None
        """Why an output could not be written here, which BuildKit knows from hearsay at best."""
        self.solve = self._with_caches(solve, means)
        self.methods: dict[str, Callable[..., None]] = {}
        self._serve_content()
        self._serve_outputs(means)
        self._serve_secrets(means)
        self._serve_uploads(means)
        # a session of its own also has to say who we are
        if self.methods:
            self.methods |= credentials(means)

    def close(self) -> None:
        """End what was started for this Solve; outputs that have not landed never will."""
        for output in self._outputs:
            output.drop()
        for store in self._stores.values():
            store.sweep()
        if self._agents:
            self._agents.close()

    def finish(self, result: SolveResult) -> SolveResult:
        """Put the outputs in their places, and give the result as callers are to see it.

        Raises ExportError.
        """
        with self._landed():
            for export in self.solve.exports:
                if export.destination is Destination.OCI_LAYOUT:
                    self._index_export(export, result.response)
            for entry in self.solve.cache_exports:
                if entry.type == "local":
                    self._index_cache(entry, result.response)
        for store in self._stores.values():
            store.keep()
        return _with_preferred_digest(self.solve, result)

    def _landed(self) -> AbstractContextManager[None]:
        if not self._outputs:
            return nullcontext()
        from bake.engine.landing import landed

        return landed(self._outputs)

    def _with_caches(self, solve: Solve, means: Means) -> Solve:
        imports = [self._with_credentials(entry, means) for entry in solve.cache_imports]
        exports = [self._with_credentials(entry, means) for entry in solve.cache_exports]
        found = [self._local_cache(one) if one and one.type == "local" else one for one in imports]
        for entry in exports:
            if entry and entry.type == "local":
                self._open(f"local:{entry.attrs['dest']}", entry.attrs["dest"])
        return replace(
            solve, cache_imports=tuple(filter(None, found)), cache_exports=tuple(filter(None, exports))
        )

    def _with_credentials(self, entry: CacheEntry, means: Means) -> CacheEntry | None:
        """The entry as it can be used; None, and a note, if it cannot."""
        from bake.engine import cache_credentials

        found, notes = cache_credentials.complete(entry, means.environment, means.keys)
        self.notes += [note for note in notes if note not in self.notes]
        return found

    def _local_cache(self, entry: CacheEntry) -> CacheEntry | None:
        """The entry with the digest that its tag stands for; None, and a note, if there is no such cache."""
        from bake.buildkit import layout
        from bake.buildkit.content import ContentError

        folder, tag = entry.attrs["src"], entry.attrs.get("tag", "latest")
        digest = entry.attrs.get("digest", "")
        try:
            if not digest:
                found = layout.find(folder, tag)
                digest = found.digest if found else ""
            present = bool(digest) and self._open(f"local:{folder}", folder).has(digest)
        except (ContentError, OSError) as exc:
            self.notes.append(Note(f"local cache {folder} is not used: {reason(exc)}", warning=True))
            return None
        if not present:
            what = f"the manifest {digest}" if digest else f"the tag {tag}"
            self.notes.append(Note(f"local cache {folder} is not used: {what} is not in it", warning=True))
            return None
        return CacheEntry("local", {**entry.attrs, "digest": digest})

    def _open(self, name: str, folder: str) -> Store:
        from bake.buildkit.content import Store

        return self._stores.setdefault(name, Store(folder))

    def _serve_content(self) -> None:
        for name, folder in self.solve.oci_layouts.items():
            self._open(f"oci:{name}", folder)
        for export in self.solve.exports:
            if export.destination is Destination.OCI_LAYOUT:
                self._open("export", export.path or "")
        if self._stores:
            from bake.buildkit.services import content

            self.methods |= content.methods(self._stores)

    def _serve_outputs(self, means: Means) -> None:
        sinks = {index: sink(export, means) for index, export in enumerate(self.solve.exports)}
        opened = {index: one for index, one in sinks.items() if one is not None}
        if opened:
            from bake.buildkit.services import filesend
            from bake.engine.landing import held

            waiting = {index: held(one) for index, one in opened.items()}
            self._outputs += waiting.values()
            self.methods |= filesend.methods(waiting, self._note_fault)

    def _note_fault(self, fault: BakeError) -> None:
        self.fault = self.fault or fault

    def _serve_secrets(self, means: Means) -> None:
        if self.solve.secrets:
            from bake.buildkit.services import secrets

            self.methods |= secrets.methods(self.solve.secrets, means.environment)
        if self.solve.ssh:
            from bake.buildkit.services import ssh
            from bake.buildkit.ssh_agent import Agents

            self._agents = Agents(self.solve.ssh, means.environment)
            self.methods |= ssh.methods(self._agents.by_id)

    def _serve_uploads(self, means: Means) -> None:
        if means.uploads:
            from bake.buildkit.services import upload

            name = self.solve.attrs.get("context", "").removeprefix(upload.URL)
            if name in means.uploads:
                self.methods |= upload.methods({name: means.uploads[name]})

    def _index_export(self, export: Export, response: Mapping[str, str]) -> None:
        from base64 import b64decode

        from bake.buildkit import layout

        encoded = response.get(IMAGE_DESCRIPTOR)
        if not encoded:
            raise ExportError("BuildKit did not say what it exported", detail=f"`{export.path}`")
        names = [name for name in response.get("image.name", "").split(",") if name]
        described = json.loads(b64decode(encoded))
        layout.put(export.path or "", described, names=names, tags=() if names else ("latest",))

    def _index_cache(self, entry: CacheEntry, response: Mapping[str, str]) -> None:
        from bake.buildkit import layout

        manifest = response.get("cache.manifest")
        if not manifest:
            return
        folder = entry.attrs["dest"]
        layout.put(folder, json.loads(manifest), tags=(entry.attrs.get("tag", "latest"),))
        if entry.attrs.get("reset") in GO_TRUE:
            layout.reset(self._open(f"local:{folder}", folder))


def sink(export: Export, means: Means) -> Sink | TreeSink | None:
    """What takes the export's stream on this machine, None if nothing comes. Raises ExportError."""
    from bake.buildkit.services import sinks

    match export.destination:
        case Destination.DIRECTORY:
            return sinks.TreeSink(export.path or "", clean=export.clean)
        case Destination.FILE:
            return sinks.FileSink(export.path or "")
        case Destination.LOAD:
            return means.load(export.context)
        case Destination.STDOUT if means.stdout is not None:
            return sinks.StreamSink(means.stdout)
        case Destination.STDOUT:
            raise ExportError("There is no standard output to write to", detail=f"output `{export.type}`")
        case _:
            return None


def credentials(means: Means) -> Methods:
    """The methods that every session has: who we are at registries."""
    if means.credentials is None:
        return {}
    from bake.buildkit.services import auth

    return auth.methods(means.credentials, means.seeds, means.environment)


def files(trees: Mapping[str, LocalTree | InlineTree], means: Means) -> Methods:
    """The methods of a session that serves files."""
    from bake.buildkit.services import filesync

    return {**filesync.methods(trees), **credentials(means)}


def _with_preferred_digest(solve: Solve, result: SolveResult) -> SolveResult:
    """Where images are found by the digest of their manifest, the config's digest would mislead."""
    if not any(export.attrs.get("prefer-image-digest") == "true" for export in solve.exports):
        return result
    response = {key: value for key, value in result.response.items() if key != IMAGE_CONFIG_DIGEST}
    return replace(result, response=response)
