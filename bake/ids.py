"""Ids as BuildKit makes them: 25 digits and lower case letters, of random bytes that are handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LENGTH = 25
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def new(random: Callable[[int], bytes]) -> str:
    """A random id; what compares or hides ids in what builds tell knows them by this form.

    `random` gives that many random bytes. The form is that of BuildKit's identity.NewID.
    """
    number = int.from_bytes(random(17), "big")
    digits = ""
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits += _DIGITS[digit]
    return digits
