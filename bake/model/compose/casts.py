"""Texts that compose takes for numbers and booleans once their variables have values.

The table is that of compose-go 2.13 (loader/interpolate.go); a cast raises ValueError with Go's message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.goquote import quoted
from bake.goscalars import parse_int64
from bake.model.compose.nodes import PathTable

if TYPE_CHECKING:
    from collections.abc import Callable

_BOOLEANS = {
    **dict.fromkeys(("true", "y", "yes", "on"), True),
    **dict.fromkeys(("false", "n", "no", "off"), False),
}


def to_boolean(text: str) -> bool:
    """YAML 1.1's booleans, in any case."""
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError(f"invalid boolean: {text}") from None


def _to_int(text: str) -> int:
    """strconv.Atoi, whose messages name it."""
    try:
        return parse_int64(text)
    except ValueError as exc:
        raise ValueError(str(exc).replace("ParseInt", "Atoi")) from exc


def _to_float(text: str) -> float:
    try:
        if not text.strip(" \t\r\n") == text:
            raise ValueError(text)
        return float(text)
    except ValueError:
        raise ValueError(f"strconv.ParseFloat: parsing {quoted(text)}: invalid syntax") from None


_SERVICE: dict[Callable[[str], str | int | float | bool | None], tuple[str, ...]] = {
    parse_int64: (
        "cpu_count",
        "cpu_period",
        "cpu_quota",
        "cpu_rt_period",
        "cpu_rt_runtime",
        "cpu_shares",
        "oom_score_adj",
        "pids_limit",
    ),
    _to_int: (
        "deploy.replicas",
        "deploy.update_config.parallelism",
        "deploy.rollback_config.parallelism",
        "deploy.restart_policy.max_attempts",
        "deploy.placement.max_replicas_per_node",
        "healthcheck.retries",
        "ports.[].target",
        "scale",
        "ulimits.*",
        "ulimits.*.hard",
        "ulimits.*.soft",
    ),
    _to_float: (
        "cpu_percent",
        "cpus",
        "deploy.update_config.max_failure_ratio",
        "deploy.rollback_config.max_failure_ratio",
    ),
    to_boolean: (
        "depends_on.*.required",
        "depends_on.*.restart",
        "healthcheck.disable",
        "init",
        "oom_kill_disable",
        "privileged",
        "read_only",
        "stdin_open",
        "tty",
        "volumes.[].read_only",
        "volumes.[].volume.nocopy",
    ),
}
_RESOURCES = (
    *(f"networks.*.{key}" for key in ("external", "internal", "attachable", "enable_ipv4", "enable_ipv6")),
    *(f"{key}.*.external" for key in ("volumes", "secrets", "configs")),
)

CASTS = PathTable(
    {
        **{f"services.*.{key}": cast for cast, keys in _SERVICE.items() for key in keys},
        **dict.fromkeys(_RESOURCES, to_boolean),
    }
)
"""The casts, by the paths of what they are done to."""
