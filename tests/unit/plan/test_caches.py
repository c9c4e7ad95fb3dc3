from __future__ import annotations

from typing import Any

import pytest

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
    ],
)
def test_what_is_required(fields: dict[str, Any], expected: str) -> None:
    assert expected in complaint(target(**fields))


def test_github_cache_needs_a_token_and_an_address() -> None:
    wanted = target(cache_from=("type=gha",))
    assert solve(wanted).cache_imports == ()
    host = machine(ACTIONS_RUNTIME_TOKEN="t", ACTIONS_CACHE_URL="u")
    assert solve(wanted, host=host).cache_imports == (CacheEntry("gha", {"token": "t", "url": "u"}),)


def test_the_second_github_service() -> None:
    host = machine(ACTIONS_RUNTIME_TOKEN="t", ACTIONS_RESULTS_URL="r", ACTIONS_CACHE_SERVICE_V2="true")
    (found,) = solve(target(cache_from=("type=gha,scope=s",)), host=host).cache_imports
    assert found.attrs == {"scope": "s", "token": "t", "url_v2": "r", "url": "r"}


def test_s3_credentials_come_from_the_environment_but_never_mixed() -> None:
    host = machine(AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b", AWS_SESSION_TOKEN="c")
    (found,) = solve(target(cache_from=("type=s3,bucket=x",)), host=host).cache_imports
    assert found.attrs == {
        "bucket": "x",
        "access_key_id": "a",
        "secret_access_key": "b",
        "session_token": "c",
    }
    written = "type=s3,access_key_id=k,secret_access_key=s"
    (own,) = solve(target(cache_from=(written,)), host=host).cache_imports
    assert own.attrs == {"access_key_id": "k", "secret_access_key": "s"}


def test_caches_a_daemon_does_not_know_are_left_out() -> None:
    lesser = node(llb_caps=frozenset({"cache.gha"}))
    assert solve(target(cache_from=("type=s3,bucket=x",)), lesser).cache_imports == ()


def test_a_call_exports_no_cache() -> None:
    assert solve(target(call="check", cache_to=("type=inline",))).cache_exports == ()
