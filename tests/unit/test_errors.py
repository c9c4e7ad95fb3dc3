"""Errors: how they read."""

from __future__ import annotations

import errno
import os

import pytest

from bake.errors import BakeError, reason


def test_an_error_of_one_target_among_several_names_it() -> None:
    error = BakeError("A step failed", detail="exit code: 3")
    assert str(error) == "A step failed; exit code: 3"
    error.target = "app"
    assert str(error) == "A step failed; target `app`: exit code: 3"
    assert BakeError.target == ""


def test_a_target_stands_alone_without_a_detail() -> None:
    error = BakeError("A step failed")
    error.target = "app"
    assert str(error) == "A step failed; target `app`"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/a"), "No such file or directory"),
        (OSError("just so"), "just so"),
        (ValueError("not JSON"), "not JSON"),
    ],
)
def test_of_the_systems_errors_their_words_are_told(error: Exception, text: str) -> None:
    assert reason(error) == text
