"""Options of every command that builds: what it does and tells, one by one; and how builds are run (caps,
failures, retries, time limits), all of those at once.

Takes what click parsed, gives the scheduler's `Rules`. The words of `--execution` are those that buildx is
about to have (docker/buildx#4044); its other forms here say the same, one by one.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from bake.cli.options import flag, group, many
from bake.errors import UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.api.building import Rules


@record
class Execution:
    """What a word of `--execution` stands for."""

    keep_going: bool = False
    defer_outputs: bool = False


EXECUTIONS = {
    "fail-fast": Execution(),
    "defer-output": Execution(defer_outputs=True),
    "defer-error": Execution(keep_going=True),
}

_DIGITS = re.compile(r"\+?\d+", re.ASCII)
_NUMBER_ALONE = re.compile(r"\d+(?:\.\d*)?|\.\d+", re.ASCII)


def _count(text: str) -> int:
    """A number from 0 on. Raises click.BadParameter."""
    if _DIGITS.fullmatch(text):
        return int(text)
    raise click.BadParameter(f"{text!r} is not a valid number from 0 on.")


call = click.option(
    "--call",
    default="build",
    metavar="METHOD",
    help='Set method for evaluating build ("check", "outline", "targets")',
)
check = flag("--check", help='Shorthand for "--call=check"')
debug = flag("-D", "--debug", help="Enable debug logging")
metadata_file = click.option("--metadata-file", metavar="FILE", help="Write build result metadata to a file")
no_cache = flag("--no-cache", help="Do not use cache when building the image")
progress = click.option(
    "--progress",
    metavar="MODE",
    help='Set type of progress output ("auto", "none", "plain", "quiet", "rawjson", "json", "tty") '
    "[default: auto]. Use plain to show container output",
)
pull = flag("--pull", help="Always attempt to pull all referenced images")
report = many(
    "--report", metavar="FILE", help="Write a report of the run (.html, .json, .xml for JUnit, .md, github)"
)
run_options = group(
    click.option("--jobs", type=_count, metavar="N", help="Build at most N targets at once [default: all]"),
    click.option(
        "--jobs-per-node",
        type=_count,
        metavar="N",
        help="Build at most N targets at once on each node [default: all]",
    ),
    flag("--fail-fast", help="Stop everything at the first failure (the default)"),
    flag("--keep-going", help="After a failure, build what does not need the failed target"),
    flag("--push-when-all-succeed", help="Push and export nothing until everything is built"),
    click.option(
        "--execution",
        metavar="MODE",
        help="The same in one word (fail-fast, defer-output, defer-error) [default: fail-fast]",
    ),
    click.option(
        "--retries",
        type=_count,
        metavar="N",
        help="Try a target again N times when a registry or the connection fails [default: 0]",
    ),
    click.option(
        "--timeout",
        metavar="DURATION",
        help="Give each target this much time (90s, 1h30m) to build [default: none]",
    ),
    click.option(
        "--balance",
        type=click.Choice(["on", "off"]),
        default="on",
        metavar="MODE",
        help="Share targets among nodes that are equally good (on), or take the first that can (off) "
        "[default: on]",
    ),
)
"""All about how they are run; `rules` and `balances` read them."""


def rules(options: Mapping[str, Any]) -> Rules:
    """The scheduler's rules. Raises UsageError for options that contradict each other."""
    from bake.api.building import Rules

    execution = _execution(options)
    return Rules(
        jobs=options["jobs"] or 0,
        jobs_per_node=options["jobs_per_node"] or 0,
        keep_going=execution.keep_going,
        defer_outputs=execution.defer_outputs,
        attempts=1 + (options["retries"] or 0),
        timeout=seconds(options["timeout"]) if options["timeout"] is not None else 0.0,
    )


def balances(options: Mapping[str, Any]) -> bool:
    """Whether targets are shared among nodes that are equally good."""
    return bool(options["balance"] != "off")


def _execution(options: Mapping[str, Any]) -> Execution:
    """What all of them together say; none may contradict another."""
    claims = list(_claims(options))
    for name in ("keep_going", "defer_outputs"):
        said = [(option, claim[name]) for option, claim in claims if name in claim]
        for option, value in said:
            if value != said[0][1]:
                raise UsageError(f"{said[0][0]} and {option} contradict each other", hint="leave one out")
    merged = {name: value for _, claim in claims for name, value in claim.items()}
    return Execution(**merged)


def _claims(options: Mapping[str, Any]) -> list[tuple[str, dict[str, bool]]]:
    """Each option that was given, with what it says."""
    claims: list[tuple[str, dict[str, bool]]] = []
    mode = options["execution"]
    if mode is not None:
        if mode not in EXECUTIONS:
            raise UsageError(
                f"invalid execution mode {mode}", detail=f"expected one of {', '.join(EXECUTIONS)}"
            )
        meant = EXECUTIONS[mode]
        claims.append(
            (f"--execution={mode}", {"keep_going": meant.keep_going, "defer_outputs": meant.defer_outputs})
        )
    for option, name, when_true in (
        ("fail_fast", "keep_going", False),
        ("keep_going", "keep_going", True),
        ("push_when_all_succeed", "defer_outputs", True),
    ):
        if options[option] is not None:
            claims.append((f"--{option.replace('_', '-')}", {name: options[option] is when_true}))
    return claims


def seconds(text: str) -> float:
    """A duration as Go writes it (`1h30m`, `1.5s`), or a number of seconds. Raises UsageError."""
    from bake.quantities import parse_seconds

    with suppress(ValueError):
        if (found := parse_seconds(f"{text}s" if _NUMBER_ALONE.fullmatch(text) else text)) > 0:
            return found
    raise UsageError(
        f"invalid duration {text}", detail="expected a time above zero", hint="write 90s, 15m or 1h30m"
    )
