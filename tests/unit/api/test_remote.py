from __future__ import annotations

import pytest

from bake.api.remote import Words, split

REPO, OTHER = "https://host/a.git", "git@host:b.git"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), Words("", "cwd://", ())),
        (("app", REPO), Words("", "cwd://", ("app", REPO))),
        ((REPO,), Words(REPO, "cwd://", ())),
        ((REPO, "app"), Words(REPO, "cwd://", ("app",))),
        ((REPO, OTHER), Words(REPO, OTHER, ())),
        ((REPO, OTHER, "app", REPO), Words(REPO, OTHER, ("app", REPO))),
    ],
)
def test_words(words: tuple[str, ...], found: Words) -> None:
    assert split(words) == found
