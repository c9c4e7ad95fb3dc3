"""Names of targets and groups that lead nowhere."""

from __future__ import annotations

from bake.host import Host
from bake.model.flags import Selection
from bake.model.selection import select
from bake.model.structure import completed, unknown_names
from tests.fakes.defining import defined

TEXT = """
group "default" { targets = ["app", "ap", "g"] }
group "g" { targets = ["default"] }
target "app" {
  inherits = ["base", "bas", "none"]
  contexts = { a = "target:base", b = "target:gone", c = "docker-image://x" }
}
target "base" {}
"""


def test_all_of_them_are_told_at_their_places() -> None:
    found = [(fault.span.text if fault.span else "", fault.hint) for fault in unknown_names(defined(TEXT))]
    assert found == [
        ('"ap"', 'Did you mean "app"?'),
        ('"bas"', 'Did you mean "base"?'),
        ('"none"', None),
        ('"target:gone"', None),
    ]


def test_a_group_is_no_parent() -> None:
    (fault,) = unknown_names(defined('group "g" { targets = [] }\ntarget "a" { inherits = ["g"] }\n'))
    assert fault.summary == "failed to find target g"


def test_what_leads_nowhere_is_put_in_place() -> None:
    whole, stubs = completed(defined(TEXT))
    assert stubs == {"ap", "bas", "none", "gone"}
    selected = select(whole, Selection(targets=("app",)), Host())
    assert sorted(selected.targets) == ["app", "base", "gone"]


def test_a_whole_definition_stays_as_it_is() -> None:
    assert list(unknown_names(defined('target "a" {}\n'))) == []
    assert completed(defined('target "a" {}\n'))[1] == set()
