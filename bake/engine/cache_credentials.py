"""Caches of services, with the credentials of this machine.

Takes a cache entry as written, gives what BuildKit needs to reach the service, by the rules of buildx
(build/opt.go, 0.36.1): GitHub's variables for gha, AWS's keys for s3. azblob's are the engine's own. What
is written in the entry stays. An entry that cannot work is left out with a note, where buildx says
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import BakeError
from bake.goscalars import GO_TRUE
from bake.progress import Note
from bake.solve import CacheEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.buildkit.aws import KeyChain


def complete(
    entry: CacheEntry, environment: Mapping[str, str], keys: KeyChain | None
) -> tuple[CacheEntry | None, tuple[Note, ...]]:
    """The entry as BuildKit can use it, None if it cannot, and what a person should know."""
    if entry.type == "gha":
        return _gha(entry, environment)
    if entry.type == "s3" and keys is not None:
        return _s3(entry, keys)
    return entry, ()


def _gha(entry: CacheEntry, environment: Mapping[str, str]) -> tuple[CacheEntry | None, tuple[Note, ...]]:
    """GitHub's cache service, by the variables that its runner hands to actions."""
    is_second = environment.get("ACTIONS_CACHE_SERVICE_V2") in GO_TRUE
    version = entry.attrs.get("version", "2" if is_second else "")
    results = environment.get("ACTIONS_RESULTS_URL")
    found = {
        "token": environment.get("ACTIONS_RUNTIME_TOKEN"),
        "url_v2": results if version == "2" else None,
        "url": environment.get("ACTIONS_CACHE_URL", results),
    }
    attrs = {key: value for key, value in found.items() if value is not None} | dict(entry.attrs)
    missing = [] if attrs.get("token") else ["ACTIONS_RUNTIME_TOKEN"]
    missing += [] if attrs.get("url") or attrs.get("url_v2") else ["ACTIONS_RESULTS_URL"]
    if not missing:
        return CacheEntry("gha", attrs), ()
    text = f"gha cache is not used: {' and '.join(missing)} not set"
    hint = "GitHub gives them to actions only: have one export them to the step that runs pybake"
    return None, (Note(text, hint=hint),)


def _s3(entry: CacheEntry, keys: KeyChain) -> tuple[CacheEntry, tuple[Note, ...]]:
    """A key pair that is written is never mixed with a foreign session token. Without any, the engine uses
    credentials of its own."""
    if {"access_key_id", "secret_access_key"} <= entry.attrs.keys():
        return entry, ()
    try:
        found = keys.find()
    except BakeError as exc:
        return entry, (Note(f"s3 cache without AWS credentials: {exc}", warning=True, hint=exc.hint or ""),)
    return CacheEntry("s3", found.attrs() | dict(entry.attrs)) if found else entry, ()
