"""The provenance of a finished build, from the engine's history, for the metadata file.

Takes a client and a build's id, gives `buildx.build.provenance[/PLATFORM]` to base64 JSON. The predicate
is SLSA 0.2 as buildx 0.36.1 writes it; the newer one of BuildKit 0.32 is converted by BuildKit's own rule.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from bake.descriptor import PREDICATE_TYPE, SLSA
from bake.gojson import nonempty
from bake.goscalars import GO_FALSE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.buildkit.client import Client
    from bake.buildkit.history import Blob

KEY = "buildx.build.provenance"
SLSA_1 = f"{SLSA}v1"
BUILD_TYPE = "https://mobyproject.org/buildkit@v1"
_BUILDKIT = "https://mobyproject.org/buildkit@v1#"


def mode(setting: str) -> str:
    """`min`, `max`, or "" for none: what BUILDX_METADATA_PROVENANCE asks for; anything unknown is `min`."""
    if setting in GO_FALSE or setting == "disabled":
        return ""
    return "max" if setting == "max" else "min"


def fetch(client: Client, ref: str, mode: str) -> dict[str, str]:
    """The provenance of the build `ref`, nothing where it has none. Raises BuilderError."""
    from bake.buildkit.history import Query

    found: dict[str, str] = {}
    for event in client.history(Query(ref=ref)):
        for platform, result in event.record.results.items():
            blob = _provenance(result.attestations)
            if blob is not None:
                predicate = json.loads(client.read_blob(blob.digest))
                key = f"{KEY}/{platform}" if platform else KEY
                found[key] = encode(predicate, blob.annotations[PREDICATE_TYPE], mode)
    return found


def _provenance(attestations: Iterable[Blob]) -> Blob | None:
    for one in attestations:
        if one.annotations.get(PREDICATE_TYPE, "").startswith(SLSA):
            return one
    return None


def encode(predicate: Mapping[str, Any], predicate_type: str, mode: str) -> str:
    """The predicate as SLSA 0.2 in base64; `min` leaves out the build's steps and its metadata."""
    converted = dict(as_slsa_02(predicate) if predicate_type == SLSA_1 else predicate)
    if mode == "min":
        converted.pop("buildConfig", None)
        converted.pop("metadata", None)
    return b64encode(json.dumps(converted, separators=(",", ":"), ensure_ascii=False).encode()).decode()


def as_slsa_02(predicate: Mapping[str, Any]) -> dict[str, Any]:
    """A SLSA 1 predicate of BuildKit in the words of 0.2 (solver/llbsolver/provenance/types, v0.32)."""
    definition, details = predicate.get("buildDefinition") or {}, predicate.get("runDetails") or {}
    external = definition.get("externalParameters") or {}
    internal = dict(definition.get("internalParameters") or {})
    source = external.get("configSource") or {}
    build_config = internal.pop("buildConfig", None)
    platform = internal.pop("builderPlatform", "")
    materials = [_without_empty(one, "uri", "digest") for one in definition.get("resolvedDependencies") or ()]
    found: dict[str, Any] = {
        "builder": {"id": (details.get("builder") or {}).get("id", "")},
        "buildType": BUILD_TYPE,
        **({"materials": materials} if materials else {}),
        "invocation": {
            "configSource": _without_empty(
                {**source, "entryPoint": source.get("path")}, "uri", "digest", "entryPoint"
            ),
            "parameters": external.get("request") or {},
            "environment": {"platform": platform, **internal},
        },
    }
    if build_config is not None:
        found["buildConfig"] = build_config
    if details.get("metadata") is not None:
        found["metadata"] = _metadata(details["metadata"])
    return found


def _metadata(written: Mapping[str, Any]) -> dict[str, Any]:
    complete = written.get("buildkit_completeness") or {}
    found = {
        "buildInvocationID": written.get("invocationId"),
        "buildStartedOn": written.get("startedOn"),
        "buildFinishedOn": written.get("finishedOn"),
    }
    found = nonempty(found)
    found["completeness"] = {
        "parameters": bool(complete.get("request")),
        "environment": True,
        "materials": bool(complete.get("resolvedDependencies")),
    }
    found["reproducible"] = bool(written.get("buildkit_reproducible"))
    found[f"{_BUILDKIT}metadata"] = written.get("buildkit_metadata") or {}
    if written.get("buildkit_hermetic"):
        found[f"{_BUILDKIT}hermetic"] = True
    return found


def _without_empty(fields: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: fields[key] for key in keys if fields.get(key)}
