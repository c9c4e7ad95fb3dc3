"""What is asked for on the command line: the targets, the settings, and the flags short for settings.

Each flag becomes an override of all targets (runBake of buildx 0.36.1) whose origin names the flag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import BakeError, UsageError, raise_all
from bake.goscalars import parse_bool
from bake.model import csvvalue
from bake.model.entries import Attest
from bake.model.override import Override, parse
from bake.model.policy import Policy
from bake.record import record
from bake.source import Cause, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT = "default"
"""What is built when nothing is named."""


@record
class Selection:
    """What to take from a definition, and how to change it.

    `targets` are names and patterns, none for `default`. `overrides` are the texts of `--set`. The
    other fields are flags, None or "" where they were not given: `call` is `--call`'s text (`--check`
    is "check"), `policy` the texts of `--policy`. `remote` is the URL that the definition came from.
    `strict` makes errors of warnings.
    """

    targets: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    push: bool = False
    load: bool = False
    call: str = ""
    no_cache: bool | None = None
    pull: bool | None = None
    sbom: str = ""
    provenance: str = ""
    policy: tuple[str, ...] = ()
    remote: str = ""
    strict: bool = False


@record
class Call:
    """`--call`'s text, read: the frontend's method and how its result is shown."""

    method: str
    format: str = ""
    ignore_status: bool = False


BUILD = "build"


def parse_call(text: str) -> Call | None:
    """The call that `text` (`check,format=json`) asks for, None for a build; UsageError for a bad one."""
    found: dict[str, str] = {}
    method = ""
    try:
        for field in csvvalue.fields(text) if text else ():
            key, separator, value = field.partition("=")
            if separator and key not in ("format", "ignorestatus"):
                raise ValueError(f"invalid print field: {field}")
            if separator:
                found[key] = value
            elif method:
                raise ValueError(f"invalid print value: {text}")
            else:
                method = field
        ignore = parse_bool(found.get("ignorestatus", "false"))
    except ValueError as exc:
        raise UsageError(str(exc), hint="`--call` takes build, check, outline or targets") from exc
    # the frontend's method behind a check is called lint
    method = "lint" if method == "check" else method
    return None if method in ("", BUILD) else Call(method, found.get("format", ""), ignore)


def overrides(selection: Selection) -> list[Override]:
    """All overrides that are asked for, texts of `--set` before flags; UsageErrors, all together."""
    faults: list[BakeError] = []
    found: list[Override] = []
    for text in selection.overrides:
        try:
            found.append(parse(text))
        except BakeError as fault:
            faults.append(fault)
    raise_all(faults, "overrides that cannot be read")
    return [*found, *_flags(selection)]


def disables_policy(selection: Selection) -> bool:
    """Whether `--policy disabled=true` was given; UsageError for what `--policy` does not take."""
    configs = [_policy(text) for text in selection.policy]
    for config in configs:
        if config.files:
            raise UsageError("--policy does not accept filename; define policy files in the bake definition")
        if config.reset:
            raise UsageError(
                "--policy does not accept reset; define policy composition in the bake definition"
            )
        if config.disabled and (len(configs) > 1 or config.strict is not None or config.log_level):
            raise UsageError("disabled policy cannot be combined with other policy flags")
    return any(config.disabled for config in configs)


def _policy(text: str) -> Policy:
    try:
        return Policy.parse(text)
    except ValueError as exc:
        raise UsageError(str(exc), hint="`--policy` takes disabled, strict and log-level") from exc


def _flags(selection: Selection) -> Iterator[Override]:
    if selection.push:
        yield _flag("push", "true", "--push")
    if selection.load:
        yield _flag("load", "true", "--load")
    if call := parse_call(selection.call):
        yield _flag("call", call.method, f"--call={selection.call}")
    for key, value in (("no-cache", selection.no_cache), ("pull", selection.pull)):
        if value is not None:
            yield _flag(key, str(value).lower(), f"--{key}")
    for key, text in (("sbom", selection.sbom), ("provenance", selection.provenance)):
        if attest := _attest(key, text):
            yield _flag("attest", str(attest), f"--{key}")
    if not disables_policy(selection):
        for text in selection.policy:
            yield _flag("policy", text, f"--policy={text}", append=True)


def _attest(type_: str, text: str) -> Attest | None:
    try:
        return Attest.shorthand(type_, text)
    except ValueError as exc:
        raise UsageError(str(exc), detail=f"in `--{type_}={text}`") from exc


def _flag(key: str, value: str, flag: str, *, append: bool = False) -> Override:
    origin = Origin(Cause.FLAG, detail=flag)
    return Override(flag, "*", key, "", value, append, origin)
