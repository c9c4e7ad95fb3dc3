import os
import re

from bake import ids


def test_they_look_like_buildkits_and_do_not_repeat() -> None:
    made = {ids.new(os.urandom) for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch("[0-9a-z]{25}", one) for one in made)


def test_nothing_but_the_given_bytes_decides() -> None:
    assert ids.new(lambda count: b"\1" * count) == ids.new(lambda count: b"\1" * count)
    assert ids.new(lambda count: b"\0" * count) == "0" * 25
