"""The secrets of a run, so that they can be kept out of what is written about it.

Takes a plan, gives the values that its builds may see, read the way they are read when BuildKit asks. They
are handed to whoever hides them, and kept nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.solve import holds_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.api.library import Plan
    from bake.host import Host
    from bake.solve import Secret

SHORTEST = 4
"""Characters; hiding less would tear texts to pieces and hide nothing worth it."""


def secret_values(plan: Plan, host: Host) -> tuple[str, ...]:
    """Every secret of `plan`: whole values, their lines (a tool may print one), credentials of caches."""
    found: dict[str, None] = {}
    for solve in plan.solves.values():
        for secret in solve.secrets:
            found.update(dict.fromkeys(_texts(secret, host)))
        for cache in (*solve.cache_imports, *solve.cache_exports):
            found.update((value, None) for key, value in cache.attrs.items() if holds_secret(key))
    return tuple(one for one in found if len(one) >= SHORTEST)


def _texts(secret: Secret, host: Host) -> Iterator[str]:
    if secret.env is not None:
        text = host.environment.get(secret.env, "")
    else:
        try:
            text = host.read(secret.path or "").decode("utf-8", "replace")
        except OSError:
            return
    yield text.strip()
    yield from (line.strip() for line in text.splitlines())
