"""Where images are, as people write it."""

from __future__ import annotations

import pytest

from bake.errors import UsageError
from bake.result.registry.location import Location, parse

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "expected", "shown"),
    [
        ("alpine", Location("docker.io/library/alpine", "latest"), "docker.io/library/alpine:latest"),
        ("localhost:5000/a/b:1", Location("localhost:5000/a/b", "1"), "localhost:5000/a/b:1"),
        (f"x.io/a@{DIGEST}", Location("x.io/a", "", DIGEST), f"x.io/a@{DIGEST}"),
        ("oci-layout://out", Location("out", "latest", layout=True), "oci-layout://out:latest"),
        ("oci-layout:///a/b:1.0", Location("/a/b", "1.0", layout=True), "oci-layout:///a/b:1.0"),
        (
            f"oci-layout://out@{DIGEST}",
            Location("out", "", DIGEST, layout=True),
            f"oci-layout://out@{DIGEST}",
        ),
    ],
)
def test_locations(text: str, expected: Location, shown: str) -> None:
    assert parse(text) == expected
    assert str(expected) == shown


def test_content_of_a_place() -> None:
    assert str(parse("x.io/a:1").at(DIGEST)) == f"x.io/a:1@{DIGEST}"
    assert str(parse("oci-layout://out:1").at(DIGEST)) == f"oci-layout://out@{DIGEST}"
    assert str(parse(f"x.io/a:1@{DIGEST}").untagged()) == "x.io/a:latest"


@pytest.mark.parametrize("text", ["", "A/B", "x:y:z", f"oci-layout://out@{DIGEST}0"])
def test_what_is_no_location(text: str) -> None:
    if text.startswith("oci-layout"):
        with pytest.raises(UsageError):
            parse(text)
        return
    with pytest.raises(UsageError, match="Invalid image reference"):
        parse(text)
