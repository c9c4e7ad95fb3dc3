"""Asking a person to grant what a build wants beyond its working directory.

Takes (flag, text) pairs, `flag` being what `--allow=` takes; gives buildx's words (bake/entitlements.go,
0.36.1), and the person's answer.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from bake.ui.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Wishes = Sequence[tuple[str, str]]

QUESTION = "Do you want to grant requested privileges and continue? [y/N] "
COMMAND = "bake"


def request(wishes: Wishes, command: Sequence[str], *, asking: bool, files: bool) -> str:
    """What is wanted and how it is granted. `command` is the command line that was given; `asking` says
    that a question follows, `files` that the checks of files among `wishes` can be switched off."""
    # a path of a bake file is one line, or it could tell what nobody wants, and hide what somebody does
    wishes = [(flag.replace("\n", "␊"), text.replace("\n", "␊")) for flag, text in wishes]
    flags = " ".join(f"--allow={shlex.quote(flag)}" for flag, _ in wishes)
    if asking:
        how = f'In order to not see this message in the future pass "{flags}" to grant requested privileges.'
    else:
        how = f'Pass "{flags}" to grant requested privileges.'
    parts = [
        "Your build is requesting privileges for following possibly insecure capabilities:",
        "\n".join(f" - {text}" for _, text in wishes),
        how,
        "Your full command with requested privileges:",
        _with_flags(command, flags),
    ]
    if files:
        parts.append("To disable filesystem entitlements checks, you can set BUILDX_BAKE_ENTITLEMENTS_FS=0 .")
    return visible("\n\n".join(parts) + "\n\n")


def _with_flags(command: Sequence[str], flags: str) -> str:
    """`command` with `flags` behind the word `bake`, or first of all where it is left out."""
    at = command.index(COMMAND) + 1 if COMMAND in command else 1
    return " ".join(part for part in (shlex.join(command[:at]), flags, shlex.join(command[at:])) if part)


def ask(show: Callable[[str], object], answer: Callable[[], str]) -> bool:
    """Whether the person grants it: only `y` does."""
    show(QUESTION)
    return answer().strip().lower() == "y"
