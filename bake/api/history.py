"""What the nodes of a builder remember of their builds: listed, described, told again, removed.

The rules are buildx's (commands/history, 0.36.1). A build is named by its id, or by `^N`: the N-th before
the last one; none means the last.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bake import descriptor
from bake.api.history_filters import matchers
from bake.buildkit.history import EventType, Query
from bake.errors import BakeError, BuilderError, UsageError, raise_all
from bake.record import record
from bake.result import history as told
from bake.result.history import Attachment, Facts, Failed, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bake.api.building import Connection
    from bake.api.history_filters import Accept
    from bake.builder.local_state import LocalState
    from bake.buildkit.client import Client
    from bake.buildkit.history import Record
    from bake.errors import SourceExcerpt
    from bake.host import Host
    from bake.progress import SolveStatus

LIMIT = 50
"""Builds of each node that are listed, as in buildx."""
LOG_LINES = 16
TYPES = {
    "index": (descriptor.OCI_INDEX,),
    "manifest": (descriptor.OCI_MANIFEST,),
    "image": (descriptor.OCI_CONFIG,),
    "provenance": (f"{descriptor.SLSA}v1", f"{descriptor.SLSA}v0.2"),
    "sbom": ("https://spdx.dev/Document",),
}
"""What `--type` takes besides types themselves."""


@record
class Build:
    """One build that a node remembers. `name` is what it is called, `state` what this machine knows."""

    record: Record
    builder: str
    node: str
    client: Client
    name: str
    state: LocalState | None

    @property
    def full_ref(self) -> str:
        """The build's id among all builders."""
        return f"{self.builder}/{self.node}/{self.record.ref}"


def listed(
    connection: Connection, ref: str = "", filters: Sequence[str] = (), now: float = 0.0
) -> list[Build]:
    """The builds that match, the last one first. Raises UsageError, BuilderError."""
    offset = _offset(ref)
    accepts = matchers(filters, now)
    found = [
        _build(connection, node.node.name, node.client, record)
        for node in connection.nodes
        for record in _records(node.client, "" if offset is not None else ref, accepts)
    ]
    found.sort(key=_newest_first)
    if offset is None:
        return found
    if offset >= len(found) and offset:
        raise UsageError(
            f"no completed build found with offset {offset}", hint=f"there are {len(found)} builds"
        )
    return found[offset : offset + 1]


def find(connection: Connection, ref: str) -> Build:
    """The build that `ref` names. Raises UsageError."""
    # `buildx.build.ref` of metadata files names the builder and the node too
    found = listed(connection, ref.rpartition("/")[2])
    if found:
        return found[0]
    if not ref:
        raise UsageError("no records found")
    raise UsageError(f'no record found for ref "{ref}"', hint="`pybake history ls` lists them")


def document(
    build: Build, directory: str, now: float, frame: Callable[[SourceExcerpt], str]
) -> dict[str, Any]:
    """Everything that is known of `build`, as `history inspect --format=json` has it.

    `directory` is the working directory, `frame` draws lines of a file. Raises BuilderError.
    """
    state = build.state
    place = Place(state.context, state.dockerfile, directory) if state else Place(directory=directory)
    failed = _failed(build)
    attachments = attached(build)
    return told.document(
        build.record,
        Facts(
            place,
            failed,
            "".join(frame(one) + "\n" for one in failed.sources) if failed else "",
            _materials(build, attachments),
            attachments,
            int(now * 1e9),
        ),
    )


def logs(build: Build) -> Iterator[SolveStatus]:
    """What the build reported, again. Raises BuilderError."""
    return build.client.history_logs(build.record.ref)


def attached(build: Build) -> list[Attachment]:
    """What the build left behind: images with all their parts that are still there, and attestations."""
    found: list[Attachment] = []
    for platform, result in build.record.results.items():
        found += [Attachment(one.digest, _type(one), platform) for one in result.attestations]
        for one in result.results:
            image = descriptor.Descriptor(one.media_type, one.digest, one.size, one.annotations)
            found += _walk(build.client, image, platform)
    return sorted(found, key=lambda one: (one.platform, one.type))


def attachment(build: Build, *, kind: str = "", platform: str = "") -> bytes:
    """The first attachment of that type and platform. Raises UsageError, BuilderError."""
    wanted = TYPES.get(kind, (kind,))
    for one in attached(build):
        if (not platform or one.platform == platform) and (not kind or one.type in wanted):
            return build.client.read_blob(one.digest)
    raise UsageError(
        f'no matching attachment found for ref "{build.record.ref}"',
        hint=f"`pybake history inspect {build.record.ref}` lists its attachments",
    )


def repository_filter(host: Host) -> str:
    """The filter for builds of the repository that the working directory is in. Raises UsageError."""
    from bake.read import git

    url = git.remote_url(host.working_directory)
    if not url:
        raise UsageError(
            "could not find git repository for local filter", detail=f"`{host.working_directory}`"
        )
    return f"repository={url}"


def remove(connection: Connection, refs: Sequence[str]) -> None:
    """Forget these builds on all nodes; each has to be known to one of them. Raises BuilderError, a group."""
    faults: list[BakeError] = []
    for ref in refs:
        found = [_removed(node.client, ref.rpartition("/")[2]) for node in connection.nodes]
        if all(found):
            faults += [one for one in found if one]
    raise_all(faults, "builds that were not removed")


def remove_all(connection: Connection) -> None:
    """Forget every build that has ended. Raises BuilderError."""
    for node in connection.nodes:
        ended = [
            event.record.ref for event in node.client.history(Query()) if event.type is EventType.COMPLETE
        ]
        for ref in ended:
            node.client.delete_history(ref)


def _records(client: Client, ref: str, accepts: Sequence[Accept]) -> list[Record]:
    """Filters and the limit stay here: asked for either, BuildKit 0.28 falls over records that were removed
    after they had been asked for, and takes the Engine with it (filterHistoryEvents, solver/llbsolver)."""
    found = [
        event.record
        for event in client.history(Query(ref=ref))
        if event.type is not EventType.DELETED and all(accept(event.record) for accept in accepts)
    ]
    return sorted(found, key=lambda record: -(record.created_ns or 0))[:LIMIT]


def _newest_first(build: Build) -> int:
    return -(build.record.created_ns or 0)


def _removed(client: Client, ref: str) -> BakeError | None:
    try:
        client.delete_history(ref)
    except BuilderError as error:
        return error
    return None


def _offset(ref: str) -> int | None:
    if not ref.startswith("^"):
        return None
    if not ref[1:].isascii() or not ref[1:].isdecimal():
        raise UsageError(f'invalid offset "{ref}"', hint="`^1` is the build before the last one")
    return int(ref[1:])


def _build(connection: Connection, node: str, client: Client, record: Record) -> Build:
    from bake.builder import local_state

    builder = connection.builder.name
    state = local_state.read(connection.site.buildx_folder, builder, node, record.ref)
    place = Place(state.context, state.dockerfile) if state else None
    return Build(record, builder, node, client, told.build_name(record.attrs, place), state)


def _failed(build: Build) -> Failed | None:
    from bake.buildkit.errors import recorded
    from bake.buildkit.status import Steps

    if build.record.external_error is None:
        return None
    digest, sources = recorded(build.client.read_blob(build.record.external_error.digest))
    if not digest:
        return Failed(sources=sources)
    steps = Steps()
    for status in logs(build):
        steps.add(status)
    return Failed(steps.name(digest), steps.tail(digest)[-LOG_LINES:], sources)


def _materials(build: Build, attachments: Sequence[Attachment]) -> Sequence[Mapping[str, Any]]:
    provenance = next((one for one in attachments if one.type.startswith(descriptor.SLSA)), None)
    if provenance is None:
        return ()
    predicate = json.loads(build.client.read_blob(provenance.digest))
    found = predicate.get("materials") or (predicate.get("buildDefinition") or {}).get("resolvedDependencies")
    return found if isinstance(found, list) else ()


def _walk(client: Client, image: descriptor.Descriptor, platform: str) -> Iterator[Attachment]:
    """The parts of an image that the builder still has."""
    try:
        data = client.read_blob(image.digest)
    except BuilderError:
        return
    if not image.is_attestation:
        yield Attachment(image.digest, _type(image), platform)
    if image.is_index:
        for one in descriptor.index_from_json(data).manifests:
            yield from _walk(client, one, str(one.platform) if one.platform else platform)


def _type(blob: Any) -> str:
    return str(blob.annotations.get(descriptor.PREDICATE_TYPE) or blob.media_type)
