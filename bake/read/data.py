"""What a template may use: `--data` files, `--define` pairs, the environment, git's facts, the platform."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.host import Host

RESERVED = ("env", "git", "platform")
GIT_SECONDS = 10


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
        "git": git_facts(host.working_directory),
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


class GitFacts(dict[str, Any]):
    """`sha`, `short_sha`, `branch`, `tag`, `dirty`, `commit_time`; outside of a repository all are empty
    and `dirty` is False."""


def git_facts(directory: str) -> GitFacts:
    """What git says of the repository that `directory` is in, asked in one go for each fact."""
    sha = _git(directory, "rev-parse", "HEAD")
    if not sha:
        return GitFacts(sha="", short_sha="", branch="", tag="", dirty=False, commit_time="")
    branch = _git(directory, "rev-parse", "--abbrev-ref", "HEAD")
    return GitFacts(
        sha=sha,
        short_sha=_git(directory, "rev-parse", "--short", "HEAD"),
        branch="" if branch == "HEAD" else branch,
        tag=_git(directory, "describe", "--tags", "--exact-match", "HEAD"),
        dirty=bool(_git(directory, "status", "--porcelain")),
        commit_time=_git(directory, "show", "-s", "--format=%cI", "HEAD"),
    )


def _git(directory: str, *words: str) -> str:
    """Git's answer without its line end; empty where git refuses, hangs or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", directory, *words],
            check=True,
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _platform(host: Host) -> dict[str, str]:
    found = host.platform
    if found is None:
        return {"os": "", "architecture": "", "variant": ""}
    return {"os": found.os, "architecture": found.architecture, "variant": found.variant}
