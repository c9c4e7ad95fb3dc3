from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.buildkit.aws import KeyChain
from bake.engine.cache_credentials import complete
from bake.solve import CacheEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

GITHUB = {"ACTIONS_RUNTIME_TOKEN": "t", "ACTIONS_RESULTS_URL": "results", "ACTIONS_CACHE_URL": "cache"}
AMAZON = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}


@pytest.mark.parametrize(
    ("attrs", "environment", "expected"),
    [
        ({}, GITHUB, {"token": "t", "url": "cache"}),
        (
            {},
            GITHUB | {"ACTIONS_CACHE_SERVICE_V2": "True"},
            {"token": "t", "url": "cache", "url_v2": "results"},
        ),
        (
            {"version": "1", "scope": "s"},
            GITHUB | {"ACTIONS_CACHE_SERVICE_V2": "1"},
            {"token": "t", "url": "cache", "version": "1", "scope": "s"},
        ),
        (
            {"version": "2"},
            {"ACTIONS_RUNTIME_TOKEN": "t", "ACTIONS_RESULTS_URL": "results"},
            {"token": "t", "url": "results", "url_v2": "results", "version": "2"},
        ),
        ({"token": "own", "url": "mine"}, GITHUB, {"token": "own", "url": "mine"}),
    ],
)
def test_github(attrs: dict[str, str], environment: Mapping[str, str], expected: dict[str, str]) -> None:
    found, notes = complete(CacheEntry("gha", attrs), environment, None)
    assert found == CacheEntry("gha", expected)
    assert notes == ()


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, "ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL not set"),
        ({"ACTIONS_RUNTIME_TOKEN": "t"}, "ACTIONS_RESULTS_URL not set"),
        ({"ACTIONS_CACHE_URL": "u"}, "ACTIONS_RUNTIME_TOKEN not set"),
    ],
)
def test_github_elsewhere(environment: Mapping[str, str], missing: str) -> None:
    found, (note,) = complete(CacheEntry("gha"), environment, None)
    assert found is None
    assert note.text == f"gha cache is not used: {missing}"


@pytest.mark.parametrize(
    ("attrs", "expected"),
    [
        ({}, {"access_key_id": "a", "secret_access_key": "b", "session_token": "c"}),
        ({"access_key_id": "k"}, {"access_key_id": "k", "secret_access_key": "b", "session_token": "c"}),
        (
            {"access_key_id": "k", "secret_access_key": "s"},
            {"access_key_id": "k", "secret_access_key": "s"},
        ),
    ],
)
def test_a_written_pair_for_s3_is_never_mixed(attrs: dict[str, str], expected: dict[str, str]) -> None:
    found, notes = complete(CacheEntry("s3", attrs), {}, KeyChain(AMAZON, "/nowhere"))
    assert found == CacheEntry("s3", expected)
    assert notes == ()


def test_s3_without_credentials_is_left_to_the_engine() -> None:
    assert complete(CacheEntry("s3"), {}, KeyChain({}, "/nowhere")) == (CacheEntry("s3"), ())
    found, (note,) = complete(CacheEntry("s3"), {}, KeyChain({"AWS_PROFILE": "gone"}, "/nowhere"))
    assert found == CacheEntry("s3")
    assert note.warning
    assert "`gone` is not in /nowhere/.aws/config" in note.text


def test_other_caches_are_as_they_are_written() -> None:
    entry = CacheEntry("azblob", {"account_url": "u"})
    assert complete(entry, GITHUB | AMAZON, KeyChain(AMAZON, "/nowhere")) == (entry, ())


def test_nothing_shows_a_secret() -> None:
    for kind in ("gha", "s3"):
        found, _ = complete(
            CacheEntry(kind, {"ghtoken": "s3cret"}),
            dict.fromkeys(GITHUB, "s3cret"),
            KeyChain(dict.fromkeys(AMAZON, "s3cret"), "/nowhere"),
        )
        assert found is not None
        assert "s3cret" in found.attrs.values()
        assert "s3cret" not in repr(found).replace("'url': 's3cret'", "")
    assert "s3cret" not in repr(KeyChain(dict.fromkeys(AMAZON, "s3cret"), "/nowhere"))
