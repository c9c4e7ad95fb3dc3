"""What a template may use: `--data` files, `--define` pairs, the environment, git's facts, the platform."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bake.errors import UsageError
from bake.read.git import template_facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.host import Host

RESERVED = ("env", "git", "platform")


def template_variables(data_files: Sequence[str], defines: Sequence[str], host: Host) -> dict[str, Any]:
    """All names a template sees: those of the data files in order, then the defines, then `RESERVED`.

    Raises UsageError for a file that cannot be read or whose top is no table, and for reserved names.
    """
    variables: dict[str, Any] = {}
    for name in data_files:
        variables.update(_read_data(name, host))
    variables.update(_define(text) for text in defines)
    taken = sorted(set(variables) & set(RESERVED))
    if taken:
        raise UsageError(
            f"reserved name `{taken[0]}` in template data",
            detail=f"templates find {', '.join(f'`{name}`' for name in RESERVED)} filled in already",
            hint="rename it in the data file or the --define",
        )
    return {
        **variables,
        "env": dict(host.environment),
        "git": template_facts(host.working_directory),
        "platform": _platform(host),
    }


def _define(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise UsageError(
            f"invalid --define `{text}`", detail="expected NAME=VALUE", hint="--define version=1.2"
        )
    return name, value


def _read_data(name: str, host: Host) -> Mapping[str, Any]:
    try:
        text = host.read(f"{host.working_directory}/{name}" if name[:1] != "/" else name).decode("utf-8")
        loaded = _parse_data(name, text)
    except OSError as exc:
        raise UsageError(f"open {name}: {(exc.strerror or str(exc)).lower()}") from exc
    except ValueError as exc:
        raise UsageError(f"invalid data file `{name}`", detail=str(exc)) from exc
    if not isinstance(loaded, dict):
        raise UsageError(
            f"invalid data file `{name}`",
            detail=f"its top is a {type(loaded).__name__}, expected a table of names and values",
        )
    return loaded


def _parse_data(name: str, text: str) -> Any:
    """Parse by the file's ending; every kind of fault is a ValueError."""
    if name.endswith(".json"):
        return json.loads(text)
    if name.endswith(".toml"):
        import tomllib

        return tomllib.loads(text)
    if name.endswith((".yaml", ".yml")):
        import yaml

        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as exc:
            raise ValueError(str(exc)) from exc
    raise ValueError("its name must end in .json, .toml, .yaml or .yml")


def _platform(host: Host) -> dict[str, str]:
    found = host.platform
    if found is None:
        return {"os": "", "architecture": "", "variant": ""}
    return {"os": found.os, "architecture": found.architecture, "variant": found.variant}
