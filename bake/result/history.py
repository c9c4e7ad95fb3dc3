"""A record of BuildKit's history as `history inspect` tells it: buildx's fields (commands/history, 0.36.1).

Takes a record with what else is known of its build, gives plain mappings with buildx's keys; nothing is
asked here.
"""

from __future__ import annotations

import posixpath
from dataclasses import field
from typing import TYPE_CHECKING, Any

from bake import platforms
from bake.gojson import nonempty
from bake.goscalars import GO_TRUE
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.buildkit.history import Record
    from bake.errors import SourceExcerpt

CANCELED = 1
"""gRPC's code."""
CONFIG = {
    "force-network-mode": "Network",
    "add-hosts": "ExtraHosts",
    "hostname": "Hostname",
    "cgroup-parent": "CgroupParent",
    "image-resolve-mode": "ImageResolveMode",
    "multi-platform": "MultiPlatform",
    "no-cache": "NoCache",
    "shm-size": "ShmSize",
    "ulimit": "Ulimit",
    "memory": "Memory",
    "memswap": "MemorySwap",
    "cpushares": "CPUShares",
    "cpuperiod": "CPUPeriod",
    "cpuquota": "CPUQuota",
    "cpusetcpus": "CPUSetCPUs",
    "cpusetmems": "CPUSetMems",
    "build-arg:BUILDKIT_CACHE_MOUNT_NS": "CacheMountNS",
    "build-arg:BUILDKIT_DOCKERFILE_CHECK": "DockerfileCheckConfig",
    "build-arg:SOURCE_DATE_EPOCH": "SourceDateEpoch",
    "build-arg:SANDBOX_HOSTNAME": "SandboxHostname",
}
"""Frontend attributes and the fields of `Config` they are shown in, in the order that they are."""
_TOLD = ("target", "platform", "filename", "frontend.caps", "build-arg:BUILDKIT_MULTI_PLATFORM")
"""Attributes that have a place of their own."""
_GROUPS = ("vcs:", "build-arg:", "label:", "context:", "attest:")


@record
class Place:
    """Where a build's files were, as far as this machine knows; `directory` is the working directory."""

    context: str = ""
    dockerfile: str = ""
    directory: str = "/"


@record
class Failed:
    """What is known of a failed step: its name, its last lines, the lines of the file it came from."""

    name: str = ""
    logs: Sequence[str] = ()
    sources: Sequence[SourceExcerpt] = ()


@record
class Attachment:
    """A blob that a build left: `type` is its predicate's, or its media type."""

    digest: str
    type: str
    platform: str = ""


@record
class Facts:
    """All that `document` needs besides the record. `now` is in nanoseconds, `frame` draws excerpts."""

    place: Place = field(default_factory=Place)
    failed: Failed | None = None
    excerpts: str = ""
    materials: Sequence[Mapping[str, Any]] = ()
    attachments: Sequence[Attachment] = ()
    now: int = 0


def build_name(attrs: Mapping[str, str], place: Place | None) -> str:
    """What a build is called: its context's or Dockerfile's folder, its stage (util/history/name.go)."""
    if attrs.get("build-arg:BUILDKIT_BUILD_NAME"):
        return attrs["build-arg:BUILDKIT_BUILD_NAME"]
    target = attrs.get("target", "")
    inside = attrs.get("vcs:localdir:context", "")
    context = attrs.get("context") or ("" if inside == "." else inside)
    found = context or _name_of_paths(attrs, place)
    if target:
        return f"{found} ({target})" if found else target
    return found or attrs.get("vcs:source") or attrs.get("input:context", "")


def _name_of_paths(attrs: Mapping[str, str], place: Place | None) -> str:
    name = attrs.get("filename", "")
    dockerfile = "" if name == "Dockerfile" else name
    inside = attrs.get("vcs:localdir:dockerfile", ".")
    if inside != ".":
        dockerfile = posixpath.join(inside, dockerfile) if dockerfile else inside
    local = ""
    if place and not _is_url(place.context):
        local = "" if place.context == "-" else place.context
        if place.dockerfile not in ("", "-", "Dockerfile"):
            dockerfile = place.dockerfile
    usual = not dockerfile or dockerfile.endswith("/Dockerfile")
    dockerfile = dockerfile.removesuffix("/Dockerfile")
    if dockerfile.startswith(local) and len(dockerfile) > len(local):
        return dockerfile[local.rfind("/") + 1 :]
    path = dockerfile or local
    folder, _, last = path.rpartition("/")
    return last if usual or not path else posixpath.join(posixpath.basename(folder) or last, last)


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://", "git://", "github.com/", "git@", "ssh://"))


def document(record: Record, facts: Facts) -> dict[str, Any]:
    """What `--format=json` prints, in the order of buildx's fields."""
    attrs = record.attrs
    context, dockerfile = _shown_place(attrs, facts.place)
    fields: dict[str, Any] = {
        "Name": build_name(attrs, facts.place),
        "Ref": record.ref,
        "Context": context,
        "Dockerfile": dockerfile,
        "VCSRepository": "" if _has_context(attrs, facts) else attrs.get("vcs:source", ""),
        "VCSRevision": "" if _has_context(attrs, facts) else attrs.get("vcs:revision", ""),
        "Target": attrs.get("target", ""),
        "Platform": _platforms(attrs.get("platform", "")),
        "KeepGitDir": attrs.get("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR") in GO_TRUE,
        "NamedContexts": _pairs(attrs, "context:"),
        "StartedAt": record.created_ns,
        "CompletedAt": record.completed_ns,
        "Duration": duration(record, facts.now),
        "Status": status(record),
        "Error": _error(record, facts),
    }
    counts = {
        "NumCompletedSteps": record.completed_steps,
        "NumTotalSteps": record.total_steps,
        "NumCachedSteps": record.cached_steps,
    }
    arguments = {
        key: value for key, value in attrs.items() if not key.endswith(":BUILDKIT_CONTEXT_KEEP_GIT_DIR")
    }
    rest = {
        "Materials": [_material(one) for one in facts.materials],
        "Attachments": [
            nonempty({"Digest": one.digest, "Platform": one.platform, "Type": one.type})
            for one in facts.attachments
        ],
    }
    described = {"BuildArgs": _pairs(arguments, "build-arg:"), "Labels": _pairs(attrs, "label:")}
    return {
        **nonempty(fields),
        **counts,
        **nonempty(described),
        "Config": config(_untold(attrs, facts)),
        **nonempty(rest),
    }


def status(record: Record) -> str:
    if record.completed_ns is None:
        return "running"
    if not record.error:
        return "completed"
    return "canceled" if record.error_code == CANCELED else "failed"


def duration(record: Record, now: int) -> int:
    """Nanoseconds, up to `now` for a build that still runs."""
    end = now if record.completed_ns is None else record.completed_ns
    return max(0, end - (record.created_ns or end))


def config(attrs: Mapping[str, str]) -> dict[str, Any]:
    """How it was built, as far as that is not the default."""
    found: dict[str, Any] = {name: attrs[key] for key, name in CONFIG.items() if key in attrs}
    multi = attrs.get("multi-platform", attrs.get("build-arg:BUILDKIT_MULTI_PLATFORM", ""))
    found |= {"MultiPlatform": multi in GO_TRUE, "ExtraHosts": _list(attrs.get("add-hosts", ""))}
    if "no-cache" in attrs:
        # 0.36.1 loses the filter: it deletes the attribute before it reads it a second time
        found |= {"NoCache": not attrs["no-cache"], "NoCacheFilter": _list(attrs["no-cache"])}
    order = [*CONFIG.values(), "NoCacheFilter", "RestRaw"]
    known = {*CONFIG, *_TOLD}
    others = {key: value for key, value in attrs.items() if key not in known and not key.startswith(_GROUPS)}
    found["RestRaw"] = [{"Name": key, "Value": others[key]} for key in sorted(others)]
    return nonempty(dict(sorted(found.items(), key=lambda one: order.index(one[0]))))


def _untold(attrs: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """The attributes without the context, if that is shown as such."""
    return dict(attrs) if _has_context(attrs, facts) else {k: v for k, v in attrs.items() if k != "context"}


def _has_context(attrs: Mapping[str, str], facts: Facts) -> bool:
    return "context" in attrs and bool(facts.place.context)


def _shown_place(attrs: Mapping[str, str], place: Place) -> tuple[str, str]:
    context, dockerfile = place.context, place.dockerfile
    if dockerfile and dockerfile != "-" and context:
        dockerfile = _below(context, dockerfile)
    if not dockerfile and "filename" in attrs:
        dockerfile = posixpath.normpath(
            posixpath.join(attrs.get("vcs:localdir:dockerfile", ""), attrs["filename"])
        )
    shown = _below(place.directory, context) if context else attrs.get("context", "")
    return shown, dockerfile


def _below(folder: str, path: str) -> str:
    """`path` as seen from `folder`, if it is inside."""
    if not posixpath.isabs(path) or not posixpath.isabs(folder):
        return path
    relative = posixpath.relpath(path, folder)
    return path if relative == ".." or relative.startswith("../") else relative


def _platforms(text: str) -> list[str]:
    try:
        return [str(platforms.normalize(platforms.parse(one))) for one in text.split(",") if one]
    except ValueError:
        return [text]


def _error(record: Record, facts: Facts) -> dict[str, Any] | None:
    from base64 import b64encode

    if not record.error and record.external_error is None:
        return None
    failed = facts.failed or Failed()
    return nonempty(
        {
            "Code": record.error_code,
            "Message": record.error,
            "Name": failed.name,
            "Logs": list(failed.logs),
            "Sources": b64encode(facts.excerpts.encode()).decode(),
        }
    )


def _material(found: Mapping[str, Any]) -> dict[str, Any]:
    digests = [f"{kind}:{value}" for kind, value in (found.get("digest") or {}).items()]
    return nonempty({"URI": found.get("uri", ""), "Digests": digests})


def _pairs(attrs: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
    found = {key.removeprefix(prefix): value for key, value in attrs.items() if key.startswith(prefix)}
    return [nonempty({"Name": name, "Value": found[name]}) for name in sorted(found)]


def _list(text: str) -> list[str]:
    return text.split(",") if text else []
