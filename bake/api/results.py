"""A finished run as files tell it: the metadata file, with what only the engines know, the image's id.

Takes an `Outcome` while its builder is still connected, gives plain mappings, and writes them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bake import files
from bake.errors import ExportError
from bake.goscalars import GO_TRUE
from bake.result import metadata, provenance
from bake.solve import IMAGE_CONFIG_DIGEST, IMAGE_DIGEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.api.building import Connection
    from bake.engine.outcome import Outcome, TargetResult
    from bake.host import Host
    from bake.plan.records import Plan
    from bake.progress import VertexWarning


def responses(outcome: Outcome, plan: Plan, connection: Connection) -> dict[str, dict[str, str]]:
    """The responses of the targets that were built, with builds' ids and provenance as buildx adds them.

    BUILDX_METADATA_PROVENANCE says how much provenance. Raises BuilderError if an engine cannot be asked.
    """
    plan = outcome.plan or plan
    mode = provenance.mode(connection.site.host.environment.get("BUILDX_METADATA_PROVENANCE", ""))
    return {name: _response(result, plan, connection, mode) for name, result in outcome.results.items()}


def write_metadata(
    path: str, found: Mapping[str, Mapping[str, str]], warnings: Sequence[VertexWarning] = ()
) -> None:
    """Write `responses` as buildx's metadata file, whole or not at all. Raises ExportError."""
    metadata.write(path, metadata.document(found, warnings))


def told_warnings(warnings: Sequence[VertexWarning], host: Host) -> Sequence[VertexWarning]:
    """Those for the metadata file: all of them, if BUILDX_METADATA_WARNINGS asks for them."""
    return warnings if host.environment.get("BUILDX_METADATA_WARNINGS") in GO_TRUE else ()


def write_metadata_alone(
    path: str, response: Mapping[str, str], warnings: Sequence[VertexWarning] = ()
) -> None:
    """The metadata file of a single build, which names no target. Raises ExportError."""
    metadata.write(
        path, dict(sorted({**metadata.opened(response), **metadata.document({}, warnings)}.items()))
    )


def image_id(response: Mapping[str, str]) -> str:
    """What the image of a build is found by: its config's digest, or its manifest's; "" without an image."""
    return response.get(IMAGE_CONFIG_DIGEST) or response.get(IMAGE_DIGEST, "")


def write_image_id(path: str, response: Mapping[str, str]) -> None:
    """Write `--iidfile`, whole or not at all. Raises ExportError."""
    try:
        files.replace(path, image_id(response).encode())
    except OSError as exc:
        raise ExportError("The image's id cannot be written", detail=f"`{path}`: {exc.strerror}") from exc


def remove_image_id(path: str) -> None:
    """Take away what an earlier build wrote, which would be wrong if this one fails. Raises ExportError."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as exc:
        raise ExportError(
            "A former image's id cannot be removed", detail=f"`{path}`: {exc.strerror}"
        ) from exc


def _response(result: TargetResult, plan: Plan, connection: Connection, mode: str) -> dict[str, str]:
    """The whole's response is the first node's (build/build.go); an index that was joined has no build."""
    first = result.solves[0]
    solve = plan.solves[first.key]
    if solve.call:
        return _called(result)
    join = plan.joins[result.target]
    if join.names or join.gathers:
        return dict(result.response)
    response = metadata.with_build(result.response, connection.builder.name, solve.node, first.ref)
    if mode:
        client = next(node.client for node in connection.nodes if node.node.name == solve.node)
        response |= provenance.fetch(client, first.ref, mode)
    return response


def _called(result: TargetResult) -> dict[str, str]:
    """A call has no build to name; what it found is among the response."""
    found: Mapping[str, bytes] = result.solves[0].metadata
    return {**result.response, **{key: value.decode(errors="replace") for key, value in found.items()}}
