from __future__ import annotations

from typing import Any

import pytest

from bake.plan import caches
from bake.solve import CacheEntry
from tests.fakes.planning import complaint, engine, machine, node, solve, target


def test_local_caches_are_absolute() -> None:
    made = solve(target(cache_from=("type=local,src=c",), cache_to=("type=local,dest=../d,mode=max",)))
    assert made.cache_imports == (CacheEntry("local", {"src": "/w/c"}),)
    assert made.cache_exports == (CacheEntry("local", {"dest": "/d", "mode": "max"}),)


def test_a_reference_is_a_registry_cache() -> None:
    assert solve(target(cache_from=("r/a",))).cache_imports == (CacheEntry("registry", {"ref": "r/a"}),)


def test_inline_cache_by_build_argument() -> None:
    assert solve(target(args={"BUILDKIT_INLINE_CACHE": "1"})).cache_exports == (CacheEntry("inline"),)
    assert solve(target(args={"BUILDKIT_INLINE_CACHE": "0"})).cache_exports == ()


def test_old_engines_export_inline_cache_only() -> None:
    old = engine(store="graphdriver")
    assert solve(target(cache_to=("type=inline",)), old).cache_exports == (CacheEntry("inline"),)
    assert "Cache export is not supported" in complaint(target(cache_to=("type=local,dest=x",)), old)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"cache_from": ("type=local",)}, "needs `src`"),
        ({"cache_to": ("type=local",)}, "needs `dest`"),
        ({"cache_to": ("type=registry",)}, "needs `ref`"),
        ({"cache_to": ("type=local,dest=x,reset=maybe",)}, "`maybe` is neither true nor false"),
    ],
)
def test_what_is_required(fields: dict[str, Any], expected: str) -> None:
    assert expected in complaint(target(**fields))


def test_a_plan_holds_no_credentials() -> None:
    host = machine(
        ACTIONS_RUNTIME_TOKEN="t", ACTIONS_CACHE_URL="u", AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b"
    )
    made = solve(target(cache_from=("type=gha,scope=s", "type=s3,bucket=x")), host=host)
    assert made.cache_imports == (CacheEntry("gha", {"scope": "s"}), CacheEntry("s3", {"bucket": "x"}))


def test_caches_a_daemon_does_not_know_are_left_out_and_named() -> None:
    lesser = node(llb_caps=frozenset({"cache.gha"}))
    wanted = target(cache_from=("type=s3,bucket=x", "type=gha"), cache_to=("type=s3,bucket=x",))
    made = solve(wanted, lesser)
    assert [entry.type for entry in (*made.cache_imports, *made.cache_exports)] == ["gha"]
    (note,) = caches.left_out(wanted, lesser)
    assert note.warning
    assert "the s3 cache is not used" in note.text
    assert caches.left_out(wanted, node()) == []


def test_a_call_exports_no_cache() -> None:
    assert solve(target(call="check", cache_to=("type=inline",))).cache_exports == ()
