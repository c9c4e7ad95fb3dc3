"""What is told of remotes: never who somebody is."""

from __future__ import annotations

import pytest

from bake.read.git import without_credentials


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://me:secret@example.com/a.git", "https://xxxxx:xxxxx@example.com/a.git"),
        ("https://token@example.com/a.git", "https://xxxxx@example.com/a.git"),
        ("https://:secret@example.com/a.git", "https://:xxxxx@example.com/a.git"),
        ("ssh://git@example.com:22/a.git", "ssh://xxxxx@example.com:22/a.git"),
        ("https://me:se@cret@example.com/a@b", "https://xxxxx:xxxxx@example.com/a@b"),
        ("https://example.com/a@b.git", "https://example.com/a@b.git"),
        ("git@example.com:me/a.git", "git@example.com:me/a.git"),
        ("/srv/a@b.git", "/srv/a@b.git"),
    ],
)
def test_credentials_are_replaced(url: str, expected: str) -> None:
    assert without_credentials(url) == expected
