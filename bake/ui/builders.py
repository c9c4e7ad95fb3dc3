"""Builders for people: the list of `ls`, its JSON, and what `inspect` says of one.

Takes `BuilderState`s, gives text; words, columns and keys are those of commands/ls.go and
commands/inspect.go (buildx 0.36.1).
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from bake import platforms, tabwriter
from bake.gojson import nonempty
from bake.quantities import binary_size, go_duration
from bake.ui.formatter import Row, formatted, is_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bake.node import BuilderState, Gap, NodeState
    from bake.platforms import Platform
    from bake.worker import Device, GCPolicy

DEFAULT_TABLE = "table {{.Name}}\t{{.DriverEndpoint}}\t{{.Status}}\t{{.Buildkit}}\t{{.Platforms}}"
HEADINGS = {
    "Name": "NAME/NODE",
    "DriverEndpoint": "DRIVER/ENDPOINT",
    "LastActivity": "LAST ACTIVITY",
    "Status": "STATUS",
    "Buildkit": "BUILDKIT",
    "Platforms": "PLATFORMS",
    "Error": "",
    "Builder": "",
}
ERROR = "error"
INDENT = " \\_ "
NEVER = "0001-01-01T00:00:00Z"
"""Go's zero time."""
MAJOR = tuple(f"linux/{name}" for name in ("amd64", "arm64", "arm", "ppc64le", "s390x", "riscv64", "mips64"))
"""Platforms that a truncated list names first."""
GROUPS = 4
"""Architectures that a truncated list names."""


def listing(states: Sequence[BuilderState], form: str, *, truncate: bool) -> str:
    """What `ls` prints. Raises UsageError for a template that is none."""
    form = DEFAULT_TABLE if form == "table" else form
    table = is_table(form)
    rows = [row for state in states for row in _rows(state, table=table, truncate=truncate and table)]
    if form == "json":
        rows = [Row({}, document(state)) for state in states]
    return formatted(form, rows, HEADINGS)


def silence(state: BuilderState) -> str:
    """Why nodes do not answer that `inspect` only calls inactive, "" if there is none."""
    return "".join(f"{one.node.name}: {one.error}\n" for one in state.nodes if one.status and one.error)


def lacking(gaps: Sequence[Gap]) -> str:
    """Which platforms' steps cannot run, "" if there is none."""
    return "".join(
        f"{gap.node}: steps for {gap.platform} cannot run: {gap.reason}\n  {gap.mend}\n" for gap in gaps
    )


def complaints(states: Sequence[BuilderState]) -> str:
    """Why builders and nodes could not be asked, "" if all could."""
    lines = []
    for state in states:
        if state.error:
            lines.append(f"Cannot load builder {state.builder.name}: {state.error}")
        lines += [
            f"Failed to get status for {state.builder.name} ({one.node.name}): {one.error}"
            for one in state.nodes
            if one.error
        ]
    return "".join(f"{line}\n" for line in ("", *lines)) if lines else ""


def _rows(state: BuilderState, *, table: bool, truncate: bool) -> Iterator[Row]:
    builder = state.builder
    whole = document(state)
    shared = {"Builder": whole, "LastActivity": "", "Status": "", "Buildkit": "", "Platforms": ""}
    yield Row(
        shared
        | {
            "Name": builder.name + ("*" if state.current and table else ""),
            # the driver of a context's engine is learnt from the engine
            "DriverEndpoint": "" if state.error and state.context else builder.driver,
            "LastActivity": state.last_activity,
            "Status": ERROR if state.error else "",
            "Error": str(state.error or ""),
        },
        whole,
    )
    indent = INDENT if table else ""
    for one in state.nodes:
        named = in_groups(one.node.platforms, platforms_of(one))
        yield Row(
            shared
            | {
                "Name": indent + one.node.name,
                "DriverEndpoint": indent + one.node.endpoint,
                "Status": one.status or (ERROR if one.error else ""),
                "Buildkit": one.version,
                "Platforms": truncated(named) if truncate else ", ".join(named),
                "Error": "" if one.status else str(one.error or ""),
            },
            whole,
        )


def platforms_of(state: NodeState) -> tuple[Platform, ...]:
    """All platforms of a node, those that a person fixed first."""
    listed = [platform for worker in state.workers for platform in worker.platforms]
    return platforms.dedupe([*state.node.platforms, *listed])


def in_groups(fixed: Sequence[Platform], offered: Sequence[Platform]) -> list[str]:
    """The platforms' names, each once; `*` marks those that a person fixed."""
    names = dict.fromkeys(f"{platform}*" for platform in platforms.dedupe(fixed))
    rest = [str(platform) for platform in platforms.dedupe(offered) if f"{platform}*" not in names]
    return [*names, *rest]


def truncated(named: Sequence[str]) -> str:
    """At most four architectures with their variants counted, and how many platforms more there are."""
    by_architecture: dict[str, list[str]] = {}
    for name in named:
        by_architecture.setdefault("/".join(name.rstrip("*").split("/")[:2]), []).append(name)
    major = [one for one in MAJOR if one in by_architecture][:GROUPS]
    if len(major) == GROUPS:  # the reference counts but one platform of the last that fits
        by_architecture[major[-1]] = by_architecture[major[-1]][:1]
    others = sorted(set(by_architecture) - set(MAJOR))[: GROUPS - len(major)]
    shown = [*major, *others]
    parts = [_group(one, by_architecture[one]) for one in shown]
    left = len(named) - sum(len(by_architecture[one]) for one in shown)
    return ", ".join([*parts, f"({left} more)"] if left else parts)


def _group(architecture: str, named: Sequence[str]) -> str:
    if len(named) == 1:
        return named[0]
    fixed = any(name.endswith("*") for name in named)
    return f"{architecture}{'*' if fixed else ''} (+{len(named)})"


def document(state: BuilderState) -> dict[str, Any]:
    """What `ls --format=json` says of a builder; keys are sorted, as buildx has them."""
    # The reference (0.36.1) has made room for the one node of a context before it asks the engine
    unknown = [{"Name": "", "Endpoint": ""}] if state.error and state.context else None
    fields = {
        "Name": state.builder.name,
        "Driver": "" if unknown else state.builder.driver,
        "LastActivity": state.last_activity or NEVER,
        "Dynamic": state.builder.dynamic,
        "Nodes": unknown or [_node_document(one) for one in state.nodes] or None,
        "Current": state.current,
    }
    if state.error:
        fields["Err"] = str(state.error)
    found: dict[str, Any] = json.loads(json.dumps(fields, sort_keys=True))
    return found


def _node_document(state: NodeState) -> dict[str, Any]:
    node = state.node
    failed = state.error is not None and not state.status
    optional = {
        "Flags": list(node.buildkitd_flags),
        "DriverOpts": dict(node.driver_opts),
        "Files": {name: base64.b64encode(data).decode() for name, data in node.files.items()},
        "Status": ERROR if failed else state.status,
        "ProxyConfig": dict(state.proxies),
        "Version": state.version,
        "Err": str(state.error) if failed else "",
        "IDs": sorted(worker.id for worker in state.workers),
        "Platforms": [str(platform) for platform in platforms_of(state)],
        "GCPolicy": [_policy_document(one) for one in _policies(state)],
        "Labels": dict(_labels(state)),
    }
    return {"Name": node.name, "Endpoint": node.endpoint, **nonempty(optional)}


def _policies(state: NodeState) -> Sequence[GCPolicy]:
    return state.workers[0].gc_policy if state.workers else ()


def _labels(state: NodeState) -> Mapping[str, str]:
    return state.workers[0].labels if state.workers else {}


def _policy_document(policy: GCPolicy) -> dict[str, Any]:
    return {
        "all": policy.all,
        "filter": list(policy.filters) or None,
        "keepDuration": round(policy.keep_duration * 1e9),
        "reservedSpace": policy.reserved_space,
        "maxUsedSpace": policy.max_used_space,
        "minFreeSpace": policy.min_free_space,
    }


def inspection(state: BuilderState, features: Mapping[str, str] | None = None) -> str:
    """What `inspect` prints. `features` are all that drivers differ in, with the words for it: `--debug`
    lists them."""
    lines = [f"Name:\t{state.builder.name}", f"Driver:\t{state.builder.driver}"]
    if state.last_activity:
        lines.append(f"Last Activity:\t{_go_time(state.last_activity)}")
    if state.error:
        lines.append(f"Error:\t{state.error}")
    else:
        lines += ["", "Nodes:"]
        for index, one in enumerate(state.nodes):
            lines += [""] * (index > 0)
            lines += _node_lines(one, features or {})
    return tabwriter.aligned("".join(f"{line}\n" for line in lines), tabwriter.BLANKS)


def _go_time(text: str) -> str:
    """RFC 3339 in UTC as Go prints a time."""
    return text.replace("T", " ").replace("Z", " +0000 UTC")


def _node_lines(state: NodeState, features: Mapping[str, str]) -> Iterator[str]:
    node = state.node
    yield f"Name:\t{node.name}"
    yield f"Endpoint:\t{node.endpoint}"
    if node.driver_opts:
        options = " ".join(f"{name}={json.dumps(value)}" for name, value in sorted(node.driver_opts.items()))
        yield f"Driver Options:\t{options}"
    if not state.status:
        yield f"Error:\t{state.error}"
        return
    yield f"Status:\t{state.status}"
    yield from _daemon_lines(state, features)
    devices = state.workers[-1].devices if state.workers else ()
    if devices:
        yield "Devices:"
        yield from (line for device in devices for line in _device_lines(device))
    for number, policy in enumerate(_policies(state)):
        yield from _policy_lines(number, policy)
    for name, data in sorted(node.files.items()):
        yield f"File#{name}:"
        yield from (f"\t> {line}" for line in data.decode(errors="replace").split("\n"))


def _daemon_lines(state: NodeState, features: Mapping[str, str]) -> Iterator[str]:
    if state.node.buildkitd_flags:
        yield f"BuildKit daemon flags:\t{' '.join(state.node.buildkitd_flags)}"
    if state.version:
        yield f"BuildKit version:\t{state.version}"
    named = in_groups(state.node.platforms, platforms_of(state))
    if named:
        yield f"Platforms:\t{', '.join(named)}"
    if features:
        yield "Features:"
        known = sorted((words, name in state.features) for name, words in features.items())
        yield from (f"\t{words}:\t{str(can).lower()}" for words, can in known)
    if _labels(state):
        yield "Labels:"
        yield from (f"\t{name}:\t{value}" for name, value in sorted(_labels(state).items()))


def _device_lines(device: Device) -> Iterator[str]:
    yield f"\tName:\t{device.name}"
    if device.on_demand:
        yield "\tOn-Demand:\ttrue"
    else:
        yield f"\tAutomatically allowed:\t{str(device.auto_allow).lower()}"
    if device.annotations:
        yield "\tAnnotations:"
        yield from (f"\t\t{name}:\t{value}" for name, value in sorted(device.annotations.items()))


def _policy_lines(number: int, policy: GCPolicy) -> Iterator[str]:
    yield f"GC Policy rule#{number}:"
    yield f"\tAll:\t{str(policy.all).lower()}"
    if policy.filters:
        yield f"\tFilters:\t{' '.join(policy.filters)}"
    if policy.keep_duration:
        yield f"\tKeep Duration:\t{go_duration(policy.keep_duration)}"
    for name, size in (
        ("Reserved Space", policy.reserved_space),
        ("Max Used Space", policy.max_used_space),
        ("Min Free Space", policy.min_free_space),
    ):
        if size:
            yield f"\t{name}:\t{binary_size(size)}"
