"""`--set`: every key's rule (docs/reference/buildx_bake.md), patterns, and what is said of bad texts."""

from __future__ import annotations

from typing import Any

import pytest

from bake.errors import BakeError, flatten
from bake.host import Host
from bake.model.flags import Selection
from bake.model.printing import printed_target
from bake.model.selection import select
from tests.fakes.defining import defined

TEXT = """
target "app" {
  tags = ["a"]
  args = { A = "1" }
  platforms = ["linux/amd64"]
  cache-from = ["c"]
  output = ["type=docker"]
  annotations = ["k=v"]
  no-cache-filter = ["x"]
  contexts = { base = "b" }
  pull = true
}
target "app-two" {}
"""
HOST = Host(environment={"FROM_ENV": "seen"})


def after(*overrides: str, target: str = "app") -> dict[str, Any]:
    selected = select(defined(TEXT), Selection((target,), overrides), HOST)
    return printed_target(selected.targets[target])


@pytest.mark.parametrize(
    ("overrides", "field", "wanted"),
    [
        (["app.tags=x"], "tags", ["x"]),
        (["app.tags=x", "app.tags=y"], "tags", ["x", "y"]),
        (["app.tags+=x"], "tags", ["a", "x"]),
        (["app.tags=x", "app.tags+=y"], "tags", ["a", "x", "y"]),
        (["app.args.A=2"], "args", {"A": "2"}),
        (["app.args.B=2"], "args", {"A": "1", "B": "2"}),
        (["app.args.FROM_ENV"], "args", {"A": "1", "FROM_ENV": "seen"}),
        (["app.args.UNSET_ENV"], "args", {"A": "1"}),
        (["app.platform=linux/arm64"], "platforms", ["linux/arm64"]),
        (["app.platform+=linux/arm64"], "platforms", ["linux/amd64", "linux/arm64"]),
        (["app.cache-from=d"], "cache-from", [{"ref": "d", "type": "registry"}]),
        (["app.output=type=local,dest=o"], "output", [{"dest": "o", "type": "local"}]),
        (["app.annotations=l=w"], "annotations", ["k=v", "l=w"]),
        (["app.no-cache-filter=y"], "no-cache-filter", ["y"]),
        (["app.contexts.base=c"], "contexts", {"base": "c"}),
        (["app.labels.l=1"], "labels", {"l": "1"}),
        (["app.pull=false"], "pull", False),
        (["app.no-cache=true"], "no-cache", True),
        (["app.target=stage"], "target", "stage"),
        (["app.context=dir"], "context", "dir"),
        (["app.dockerfile=D"], "dockerfile", "D"),
        (["app.network=none"], "network", ""),
        (["app.shm-size=1g"], "shm-size", "1g"),
        (["app.secrets=id=s,env=X"], "secret", [{"env": "X", "id": "s"}]),
        (["app.ssh=default"], "ssh", [{"id": "default"}]),
        (["app.entitlements=network.host"], "entitlements", ["network.host"]),
        (["app.extra-hosts.h=1.2.3.4"], "extra-hosts", {"h": "1.2.3.4"}),
        (["*.tags=x"], "tags", ["x"]),
        (["ap?.tags=x"], "tags", ["x"]),
        (["[a-b]pp.tags=x"], "tags", ["x"]),
        (["app-*.tags=x"], "tags", ["a"]),
    ],
)
def test_a_setting(overrides: list[str], field: str, wanted: object) -> None:
    assert after(*overrides)[field] == wanted


@pytest.mark.parametrize(("key", "order"), [("cache-from", "abz"), ("cache-to", "azb")])
def test_what_is_added_to_caches_comes_after_their_twins_were_taken_out(key: str, order: str) -> None:
    """Taking one out puts the last in its place: of all, where caches are exported to, which no parent has a
    part in (Target.Merge, buildx 0.36.1)."""
    twins = defined(f'target "t" {{\n  {key} = ["a", "a", "b", "b"]\n}}\n')
    selected = select(twins, Selection(("t",), (f"t.{key}+=z",)), HOST)
    assert "".join(entry["ref"] for entry in printed_target(selected.targets["t"])[key]) == order


def test_a_setting_reaches_a_target_through_its_own_name_only() -> None:
    assert "tags" not in after("app.tags=x", target="app-two")


@pytest.mark.parametrize(
    ("override", "wanted"),
    [
        ("apptags=x", "invalid override key apptags, expected target.name"),
        ("app.tags", "invalid override app.tags, expected target.name=value"),
        ("app.foo=x", "unknown key: foo"),
        ("app.args", "invalid key app.args, args requires name"),
        ("zzz.tags=x", "could not find any target matching 'zzz'"),
        ("app.pull=maybe", "invalid value maybe for boolean key pull"),
    ],
)
def test_a_bad_setting_is_refused_with_the_references_words(override: str, wanted: str) -> None:
    with pytest.raises((BakeError, ExceptionGroup)) as caught:
        after(override)
    (fault,) = flatten(caught.value)
    assert fault.summary == wanted


def test_all_bad_settings_are_told_together() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        after("app.foo=x", "app.bar=y")
    assert [fault.summary for fault in flatten(caught.value)] == ["unknown key: foo", "unknown key: bar"]


def test_a_set_value_knows_where_it_came_from() -> None:
    origin = (
        select(defined(TEXT), Selection(("app",), ("app.args.A=2",)), HOST).targets["app"].origins["args.A"]
    )
    assert (origin.cause.value, origin.detail) == ("--set", "app.args.A=2")
