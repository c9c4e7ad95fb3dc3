"""Targets that are contexts of others (Config.loadLinks of buildx)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.errors import BakeError, DefinitionError, flatten
from bake.host import Host
from bake.model.flags import Selection
from bake.model.selection import select
from tests.fakes.defining import defined

if TYPE_CHECKING:
    from bake.model.target import Definition


def chosen(text: str, *names: str, overrides: tuple[str, ...] = ()) -> Definition:
    return select(defined(text), Selection(names, overrides), Host())


CHAIN = """
target "a" { contexts = { b = "target:b", c = "docker-image://x" } }
target "b" {
  contexts = { c = "target:c" }
  output   = ["type=image"]
}
target "c" {
  entitlements = ["security.insecure"]
  network      = "host"
}
"""


def test_links_are_followed_to_the_end() -> None:
    found = chosen(CHAIN, "a").targets
    assert {name: target.linked for name, target in found.items()} == {"a": False, "b": True, "c": True}
    assert [str(output) for output in found["b"].output] == ["type=cacheonly"]
    assert found["a"].output == ()


def test_entitlements_come_up_with_their_origin() -> None:
    found = chosen(CHAIN, "a").targets
    assert found["a"].entitlements == ("security.insecure", "network.host")
    assert str(found["a"].origins["entitlements[0]"].span) == "docker-bake.hcl:8,19-38"


def test_settings_reach_what_is_linked_but_for_its_output() -> None:
    found = chosen(CHAIN, "a", overrides=("c.args.X=1", "*.output=type=tar")).targets
    assert found["c"].args == {"X": "1"}
    assert [str(output) for output in found["c"].output] == ["type=cacheonly"]
    assert [str(output) for output in found["a"].output] == ["type=tar"]


FAULTS = [
    ('target "a" {\n  contexts = { x = "target:a" }\n}', "2,20-30", "target a cannot link to itself", ""),
    ('target "a" {\n  contexts = { x = "target:no" }\n}', "2,20-31", "failed to find target no", ""),
    (
        'target "a" {\n  contexts = { x = "target:b" }\n}\ntarget "b" {\n  contexts = { x = "target:a" }\n}',
        "5,20-30",
        "infinite loop from b to a",
        "`a` → `b` → `a`",
    ),
    (
        'target "a" {\n  platforms = ["linux/amd64", "linux/arm64"]\n  contexts = { x = "target:b" }\n}\n'
        'target "b" {\n  platforms = ["linux/amd64", "linux/s390x"]\n}',
        "3,20-30",
        "target a can't be used by b because its platforms [linux/amd64 linux/arm64] "
        "are not a subset of [linux/amd64 linux/s390x]",
        "`a` needs `b` for linux/arm64",
    ),
]


@pytest.mark.parametrize(("text", "place", "summary", "detail"), FAULTS)
def test_a_link_that_cannot_be(text: str, place: str, summary: str, detail: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        chosen(text, "a")
    fault = caught.value
    assert (fault.summary, fault.detail, str(fault.span)) == (summary, detail, f"docker-bake.hcl:{place}")


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ('["linux/amd64", "linux/arm64"]', '["linux/arm64", "linux/amd64", "linux/s390x"]'),
        ('["linux/amd64", "linux/arm64"]', '["linux/s390x"]'),
        ('["linux/amd64"]', '["linux/arm64", "linux/s390x"]'),
        ("[]", '["linux/arm64", "linux/s390x"]'),
    ],
)
def test_platforms_count_only_where_both_name_several(mine: str, theirs: str) -> None:
    text = (
        f'target "a" {{\n  platforms = {mine}\n  contexts = {{ x = "target:b" }}\n}}\n'
        f'target "b" {{\n  platforms = {theirs}\n}}\n'
    )
    assert set(chosen(text, "a").targets) == {"a", "b"}


def test_all_targets_faults_are_told_together() -> None:
    text = 'target "a" {\n  contexts = { x = "target:a" }\n}\ntarget "b" {\n  inherits = ["no"]\n}\n'
    with pytest.raises(ExceptionGroup) as caught:
        chosen(text, "a", "b", "c")
    faults: list[BakeError] = flatten(caught.value)
    assert {fault.summary for fault in faults} == {
        "target a cannot link to itself",
        "failed to find target no",
        "failed to find target c",
    }
