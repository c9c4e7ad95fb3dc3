"""Which targets a name stands for: groups, patterns, links, and the made-up default group."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake.errors import BakeError, flatten
from bake.host import Host
from bake.model.flags import Selection
from bake.model.selection import select
from bake.model.target import Definition  # noqa: TC001 - an annotation that hypothesis reads
from tests.fakes.defining import defined

TEXT = """
group "default" {
  targets = ["app", "all"]
}
group "all" {
  targets = ["web", "all-in-one", "app"]
}
target "app" {}
target "web" {
  contexts = { base = "target:base" }
  entitlements = ["own"]
}
target "all-in-one" {}
target "base" {
  output = ["type=docker"]
  entitlements = ["network.host"]
}
"""


def chosen(*names: str, text: str = TEXT) -> Definition:
    return select(defined(text), Selection(names), Host())


@pytest.mark.parametrize(
    ("names", "targets"),
    [
        ((), ["all-in-one", "app", "base", "web"]),
        (("app",), ["app"]),
        (("all",), ["all-in-one", "app", "base", "web"]),
        (("a*",), ["all-in-one", "app", "base", "web"]),
        (("ap?",), ["app"]),
        (("app", "app"), ["app"]),
    ],
)
def test_names_stand_for_targets(names: tuple[str, ...], targets: list[str]) -> None:
    assert sorted(chosen(*names).targets) == targets


def test_a_default_group_is_made_up_of_what_was_named() -> None:
    assert chosen("web", "app").groups["default"].targets == ("app", "web")
    assert chosen("all").groups["default"].targets == ("all",)
    assert chosen().groups["default"].targets == ("all", "app")


def test_a_target_called_default_is_listed_when_it_comes_first() -> None:
    text = 'target "default" {}\ntarget "web" {}\n'
    assert chosen("default", "web", text=text).groups["default"].targets == ("default", "web")
    assert chosen("web", "default", text=text).groups["default"].targets == ("web",)
    assert sorted(chosen("web", "default", text=text).targets) == ["default", "web"]


def test_a_linked_target_is_pulled_in_without_its_output_and_hands_its_entitlements_up() -> None:
    selected = chosen("web").targets
    assert [output.type for output in selected["base"].output] == ["cacheonly"]
    assert selected["base"].linked
    assert selected["web"].entitlements == ("own", "network.host")


def test_a_linked_target_that_was_asked_for_keeps_its_output() -> None:
    assert [output.type for output in chosen("web", "base").targets["base"].output] == ["docker"]


def test_a_target_wins_inside_a_group_of_its_own_name() -> None:
    text = 'group "app" {\n targets = ["app", "web"]\n}\ntarget "app" {}\ntarget "web" {}\n'
    assert sorted(chosen("app", text=text).targets) == ["app", "web"]


def test_an_empty_group_inside_another_is_taken_for_a_target() -> None:
    text = 'group "default" {\n  targets = ["a", "e"]\n}\ngroup "e" {\n  targets = []\n}\ntarget "a" {}\n'
    with pytest.raises(BakeError, match="failed to find target e"):
        chosen(text=text)
    assert chosen("e", text=text).targets == {}


@pytest.mark.parametrize(
    ("text", "names", "wanted", "hint"),
    [
        (TEXT, ("wep",), "failed to find target wep", 'Did you mean "web"?'),
        (TEXT, ("x*",), 'could not find any target matching "x*"', None),
        (
            'group "g" {\n  targets = ["aap"]\n}\ntarget "app" {}',
            ("g",),
            "failed to find target aap",
            'Did you mean "app"?',
        ),
        ('target "a" {\n  contexts = { x = "target:a" }\n}', ("a",), "target a cannot link to itself", None),
    ],
)
def test_what_is_not_there_is_told(text: str, names: tuple[str, ...], wanted: str, hint: str | None) -> None:
    with pytest.raises((BakeError, ExceptionGroup)) as caught:
        chosen(*names, text=text)
    (fault,) = flatten(caught.value)
    assert fault.summary.replace("'", '"') == wanted
    if hint:
        assert fault.hint == hint


def test_platforms_of_a_link_must_cover_its_users() -> None:
    text = """
    target "a" {
      platforms = ["linux/amd64", "linux/arm64"]
      contexts = { b = "target:b" }
    }
    target "b" {
      platforms = ["linux/amd64", "linux/s390x"]
    }
    """
    with pytest.raises(BakeError, match="target a can't be used by b because its platforms") as caught:
        chosen("a", text=text)
    assert caught.value.detail == "`a` needs `b` for linux/arm64"


def test_a_circle_of_links_is_named_whole() -> None:
    text = "".join(
        f'target "{one}" {{\n  contexts = {{ x = "target:{other}" }}\n}}\n'
        for one, other in ("ab", "bc", "ca")
    )
    with pytest.raises(BakeError, match="infinite loop from c to a") as caught:
        chosen("a", text=text)
    assert caught.value.detail == "`a` → `b` → `c` → `a`"


@given(st.text(alphabet="ab*?[]-^\\.", max_size=6))
def test_a_pattern_finds_targets_or_is_refused(pattern: str) -> None:
    definition = defined('target "a" {}\ntarget "b" {}\ntarget "ab" {}\n')
    assert reached(definition, pattern) - {"a", "b", "ab", "fault"} == set()


def reached(definition: Definition, pattern: str) -> set[str]:
    """The targets that `pattern` stands for, or `fault` where none is."""
    try:
        return set(select(definition, Selection((pattern,)), Host()).targets)
    except BakeError as fault:
        return {"fault"} if "target" in fault.summary else {fault.summary}
