"""Builds of the past as text: a table of them, one of them in full, in buildx's words (0.36.1).

Takes builds and the document of one, gives text; `--format` is docker's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from bake import gojson
from bake.quantities import binary_size, human_duration
from bake.tabwriter import aligned
from bake.ui.formatter import TABLE, Row, formatted, is_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Record(Protocol):
    """What is told of one build."""

    @property
    def ref(self) -> str: ...

    @property
    def error(self) -> str: ...

    @property
    def created_ns(self) -> int | None: ...

    @property
    def completed_ns(self) -> int | None: ...

    @property
    def total_steps(self) -> int: ...

    @property
    def completed_steps(self) -> int: ...

    @property
    def cached_steps(self) -> int: ...


class Build(Protocol):
    """A record with what it is called and its id among all builders."""

    @property
    def record(self) -> Record: ...

    @property
    def name(self) -> str: ...

    @property
    def full_ref(self) -> str: ...


COLUMNS = "table {{.Ref}}\t{{.Name}}\t{{.Status}}\t{{.CreatedAt}}\t{{.Duration}}\t{{.Link}}"
HEADINGS = {
    "Ref": "BUILD ID",
    "Name": "NAME",
    "Status": "STATUS",
    "CreatedAt": "CREATED AT",
    "Duration": "DURATION",
    "Link": "",
}
LONGEST_NAME = 36
DESKTOP = "docker-desktop://dashboard/build/"
_BYTES = ("Memory", "MemorySwap")
_CONFIG = {
    "Network": "Network",
    "Hostname": "Hostname",
    "ExtraHosts": "Extra Hosts",
    "CgroupParent": "Cgroup Parent",
    "ImageResolveMode": "Image Resolve Mode",
    "MultiPlatform": "Multi-Platform",
    "NoCache": "No Cache",
    "NoCacheFilter": "No Cache Filter",
    "ShmSize": "Shm Size",
    "Ulimit": "Resource Limits",
    "Memory": "Memory",
    "MemorySwap": "Memory Swap",
    "CPUShares": "CPU Shares",
    "CPUPeriod": "CPU Period",
    "CPUQuota": "CPU Quota",
    "CPUSetCPUs": "CPUSet CPUs",
    "CPUSetMems": "CPUSet Mems",
    "CacheMountNS": "Cache Mount Namespace",
    "DockerfileCheckConfig": "Dockerfile Check Config",
    "SourceDateEpoch": "Source Date Epoch",
    "SandboxHostname": "Sandbox Hostname",
}
"""The fields of `Config` and how they are called, in the order of printing."""
_GRPC = (
    *("OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists"),
    *(
        "PermissionDenied",
        "ResourceExhausted",
        "FailedPrecondition",
        "Aborted",
        "OutOfRange",
        "Unimplemented",
    ),
    *("Internal", "Unavailable", "DataLoss", "Unauthenticated"),
)
_ZEROS: Mapping[str, Any] = {
    **dict.fromkeys(
        ("Name", "Context", "Dockerfile", "VCSRepository", "VCSRevision", "Target", "Status"), ""
    ),
    **dict.fromkeys(
        ("Platform", "NamedContexts", "BuildArgs", "Labels", "Materials", "Attachments", "Errors"), ()
    ),
    **dict.fromkeys(("StartedAt", "CompletedAt", "Error"), None),
    "KeepGitDir": False,
    "Duration": 0,
}


def listing(builds: Sequence[Build], form: str, now: float, *, truncate: bool) -> str:
    """`history ls`: running builds first. Raises UsageError for a template that is none."""
    form = COLUMNS if form == TABLE else form
    ordered = sorted(
        builds, key=lambda one: (one.record.completed_ns is not None, -(one.record.created_ns or 0))
    )
    as_table = is_table(form)
    rows = [_row(build, now, as_table, short=truncate and as_table) for build in ordered]
    return formatted(form, rows, HEADINGS)


def _row(build: Build, now: float, as_table: bool, *, short: bool) -> Row:
    """One line; a table has no room for links, but on terminals of Docker Desktop."""
    record = build.record
    running = record.completed_ns is None
    status = "Running" if running else "Error" if record.error else "Completed"
    name = build.name
    if short and len(name) > LONGEST_NAME:
        name = f"..{name[2 - LONGEST_NAME :]}"
    created = record.created_ns or 0
    document: dict[str, Any] = {
        "cached_steps": record.cached_steps,
        **({} if record.completed_ns is None else {"completed_at": rfc3339(record.completed_ns)}),
        "completed_steps": record.completed_steps,
        "created_at": rfc3339(created),
        "name": build.name,
        "ref": build.full_ref,
        "status": status,
        "total_steps": record.total_steps,
    }
    end = int(now * 1e9) if record.completed_ns is None else record.completed_ns
    fields = {
        "Ref": record.ref,
        "FullRef": build.full_ref,
        "Name": name,
        "Status": status,
        "CreatedAt": f"{human_duration(now - created / 1e9)} ago",
        "Duration": took(max(0, end - created)) + ("+" if running else ""),
        "Link": "" if as_table else f"{DESKTOP}{build.full_ref}",
    }
    return Row(fields, document)


def took(nanoseconds: int) -> str:
    """`12.3s`, `4m  5s`."""
    seconds = nanoseconds / 1e9
    return f"{seconds:.1f}s" if seconds < 60 else f"{int(seconds // 60)}m {int(seconds) % 60:2}s"


def rfc3339(nanoseconds: int, *, local: bool = False) -> str:
    """The time as Go's RFC3339Nano has it, in UTC or in this machine's zone."""
    whole, fraction = divmod(nanoseconds, 10**9)
    at = datetime.fromtimestamp(whole, UTC)
    if local:
        at = at.astimezone()
    digits = f".{fraction:09d}".rstrip("0") if fraction else ""
    zone = at.strftime("%z")
    return f"{at:%Y-%m-%dT%H:%M:%S}{digits}" + ("Z" if zone == "+0000" else f"{zone[:3]}:{zone[3:]}")


def as_json(document: Mapping[str, Any]) -> str:
    """`history inspect --format=json`."""
    return gojson.indented(_timed(document)) + "\n"


def templated(document: Mapping[str, Any], template: str) -> str:
    """`history inspect` through a Go template. Raises UsageError."""
    from bake.ui.gotemplate import render

    return render(template, {**_ZEROS, **_timed(document)}) + "\n"


def _timed(document: Mapping[str, Any]) -> dict[str, Any]:
    times = ("StartedAt", "CompletedAt")
    return {key: rfc3339(value, local=True) if key in times else value for key, value in document.items()}


def pretty(document: Mapping[str, Any], ref: str, full_ref: str) -> str:
    """`history inspect`; `ref` is what was asked for, "" for the last build."""
    return "".join(
        (
            aligned(_head(document, ref)) + "\n",
            _table("NAMED CONTEXT\tVALUE", document.get("NamedContexts", ())),
            aligned(_run(document)) + "\n",
            aligned(_config(document["Config"])) + "\n",
            _table("BUILD ARG\tVALUE", document.get("BuildArgs", ())),
            _table("LABEL\tVALUE", document.get("Labels", ())),
            _left(document),
            _failure(document.get("Error") or {}),
            f"Print build logs: pybake history logs {document['Ref']}\n",
            f"View build in Docker Desktop: {DESKTOP}{full_ref}\n",
        )
    )


def _lines(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{name}:\t{value}\n" for name, value in pairs if value)


def _head(document: Mapping[str, Any], ref: str) -> str:
    titles = {
        "Name": "Name",
        **({} if ref else {"Ref": "Ref"}),
        "Context": "Context",
        "Dockerfile": "Dockerfile",
        "VCSRepository": "VCS Repository",
        "VCSRevision": "VCS Revision",
        "Target": "Target",
        "Platform": "Platforms",
        "KeepGitDir": "Keep Git Dir",
    }
    return _lines((title, _text(document.get(key, ""))) for key, title in titles.items())


def _run(document: Mapping[str, Any]) -> str:
    started = datetime.fromtimestamp(document.get("StartedAt", 0) / 1e9)
    status, error = document["Status"], document.get("Error") or {}
    code = error.get("Code", 0)
    cached = 100 * document["NumCachedSteps"] / (document["NumTotalSteps"] or 1)
    return _lines(
        (
            ("Started", f"{started:%Y-%m-%d %H:%M:%S}"),
            ("Duration", took(document.get("Duration", 0)) + (" (running)" if status == "running" else "")),
            ("Error", f"{_GRPC[code]} {error.get('Message', '')}" if status == "failed" else ""),
            ("Status", "Canceled" if status == "canceled" else ""),
            (
                "Build Steps",
                f"{document['NumCompletedSteps']}/{document['NumTotalSteps']} ({cached:.0f}% cached)",
            ),
        )
    )


def _config(config: Mapping[str, Any]) -> str:
    known = ((title, _sized(key, config.get(key, ""))) for key, title in _CONFIG.items())
    rest = ((one["Name"], one.get("Value", "")) for one in config.get("RestRaw", ()))
    return _lines(known) + "".join(f"{name}:\t{value}\n" for name, value in rest)


def _sized(key: str, value: Any) -> str:
    if key in _BYTES and str(value).isdecimal():
        return binary_size(int(value))
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else ", ".join(value)


def _table(heading: str, rows: Sequence[Mapping[str, str]]) -> str:
    if not rows:
        return ""
    body = "".join(f"{row.get('Name', '')}\t{row.get('Value', '')}\n" for row in rows)
    return aligned(f"{heading}\n{body}") + "\n"


def _left(document: Mapping[str, Any]) -> str:
    text = ""
    if document.get("Materials"):
        rows = (
            f"{one.get('URI', '')}\t{', '.join(one.get('Digests', ()))}\n" for one in document["Materials"]
        )
        text += "Materials:\n" + aligned("URI\tDIGEST\n" + "".join(rows)) + "\n"
    if document.get("Attachments"):
        rows = (
            f"{one['Digest']}\t{one.get('Platform', '')}\t{one['Type']}\n" for one in document["Attachments"]
        )
        text += "Attachments:\n" + aligned("DIGEST\tPLATFORM\tTYPE\n" + "".join(rows)) + "\n"
    return text


def _failure(error: Mapping[str, Any]) -> str:
    from base64 import b64decode

    text = b64decode(error.get("Sources", "")).decode(errors="replace")
    if error.get("Logs"):
        lines = "".join(f"> {line}\n" for line in error["Logs"])
        text += f"Logs:\n> => {error.get('Name', '')}:\n{lines}\n"
    return text
