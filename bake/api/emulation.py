"""What emulation has to do with a failure: the explanation of `exec format error`, and its mend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bake.builder import emulation
from bake.errors import Failure, SolveError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.api.building import Connection
    from bake.builder.emulation import Lack
    from bake.engine.outcome import Outcome
    from bake.node import Node, NodeFacts
    from bake.plan.records import Plan
    from bake.platforms import Platform
    from bake.solve import Solve

SIGNS = re.compile(r"exec format error|[Ii]nvalid ELF image")
"""What a kernel without, and BuildKit's own emulator with a wrong, program say."""


def explain(outcome: Outcome, plan: Plan, connection: Connection) -> None:
    """Give failures of steps that could not be executed a hint that says why."""
    for target, error in outcome.errors.items():
        if isinstance(error, SolveError) and error.failure is Failure.STEP and _is_foreign(error):
            solves = [solve for solve in plan.solves.values() if solve.target == target]
            hints = (hint for solve in solves for hint in _hints(solve, error, connection))
            error.hint = next(hints, error.hint)


def _is_foreign(error: SolveError) -> bool:
    return any(SIGNS.search(text) for text in (error.summary, error.detail, *error.log))


def _hints(solve: Solve, error: SolveError, connection: Connection) -> Iterator[str]:
    node = next((one for one in connection.nodes if one.node.name == solve.node), None)
    if node is None:
        return
    several = len(solve.platforms) > 1
    for platform in solve.platforms or node.facts.platforms[:1]:
        if not several or str(platform) in error.vertex_name:
            yield _hint(platform, node.node, node.facts, connection)


def _hint(platform: Platform, node: Node, facts: NodeFacts, connection: Connection) -> str:
    where = f"the machine of node `{node.name}`"
    native = facts.platforms[0] if facts.platforms else None
    if native and native.architecture == platform.architecture:
        return f"the program in the image is not one for {platform}: was it made for another platform?"
    found = _lack(platform, node, connection)
    if found:
        return f"{platform} is foreign to {where}: {found.reason}. To fix it there: {found.mend}"
    if emulation.is_here(connection.site, connection.builder.driver, node):
        return (
            f"{where} emulates {platform}: the program in the image is for yet another platform, "
            "or the engine was started before the emulator was registered"
        )
    return (
        f"{platform} is foreign to {where}, and BuildKit lists {_listed(facts)}. Emulate it there: "
        f"docker run --privileged --rm tonistiigi/binfmt --install {platform.architecture}"
    )


def _lack(platform: Platform, node: Node, connection: Connection) -> Lack | None:
    """Only of the machine that we are on anything can be read."""
    if not emulation.is_here(connection.site, connection.builder.driver, node):
        return None
    return emulation.lack(emulation.this_machine(), platform)


def _listed(facts: NodeFacts) -> str:
    return ", ".join(map(str, facts.platforms)) or "no platform"
