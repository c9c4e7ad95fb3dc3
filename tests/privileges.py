"""Being bound by permissions, also where root runs the tests."""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION_3 = 0x20080522
"""Of the capability sets' layout, as <linux/capability.h> has it: two words for each set."""


class Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class Word(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextmanager
def put_aside() -> Iterator[None]:
    """This thread without the capabilities that it has, which it may take up again."""
    words = (Word * 2)()
    _call("capget", words)
    before = [word.effective for word in words]
    _put_on(words, [0, 0])
    try:
        yield
    finally:
        _put_on(words, before)


def _put_on(words: ctypes.Array[Word], effective: list[int]) -> None:
    for word, value in zip(words, effective, strict=True):
        word.effective = value
    _call("capset", words)


def _call(name: str, words: ctypes.Array[Word]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(ctypes.byref(Header(VERSION_3, 0)), words):
        raise OSError(ctypes.get_errno(), name)
