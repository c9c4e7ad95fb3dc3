"""How a run's targets ended, as the event that ends it.

Takes an `Outcome` while its builder is still connected, gives a `Summary`: engines are asked for the sizes
of the images they built, and one that does not tell costs a size, not the run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bake import descriptor
from bake.errors import BakeError, Failure
from bake.progress import Ending, Phase, Summary
from bake.solve import IMAGE_DESCRIPTOR, IMAGE_DIGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.api.building import Connection
    from bake.buildkit.client import Client
    from bake.engine.outcome import Outcome, TargetResult
    from bake.plan.records import Join, Plan
    from bake.solve import SolveResult

AT_ONCE = 8
"""Images that are asked for at the same time."""


def summarize(outcome: Outcome, plan: Plan, connection: Connection) -> Summary:
    """The endings of all targets of `plan`, which is what was carried out."""
    sizes = _sizes(outcome.results, plan, connection) if _may_ask(outcome) else {}
    return Summary(
        tuple(
            _ended(_begun(join, plan, connection), outcome, sizes.get(target))
            for target, join in plan.joins.items()
        )
    )


def _may_ask(outcome: Outcome) -> bool:
    """Whoever wants to leave is not kept, and an engine that was lost does not answer."""
    return not outcome.canceled and not any(
        error.failure is Failure.CONNECTION for error in outcome.errors.values()
    )


def _begun(join: Join, plan: Plan, connection: Connection) -> Ending:
    """What is known of a target before it has ended."""
    builder = plan.solves[join.solves[0]].target if join.solves else join.target
    same_as = builder if builder != join.target else ""
    return Ending(join.target, Phase.CANCELED, _platforms(join, plan, connection), same_as=same_as)


def _ended(ending: Ending, outcome: Outcome, size: int | None) -> Ending:
    target = ending.target
    if target in outcome.results:
        digest = outcome.results[target].response.get(IMAGE_DIGEST, "")
        return replace(ending, phase=Phase.FINISHED, digest=digest, size=size)
    if target in outcome.errors:
        return replace(ending, phase=Phase.FAILED, error=outcome.errors[target])
    if target in outcome.skipped:
        return replace(ending, phase=Phase.SKIPPED, reason=f"`{outcome.skipped[target]}` failed")
    return ending


def _platforms(join: Join, plan: Plan, connection: Connection) -> tuple[str, ...]:
    """Those that were asked for, or the node's own."""
    native = {node.node.name: node.facts.platforms[:1] for node in connection.nodes}
    solves = [plan.solves[key] for key in join.solves]
    return tuple(str(one) for solve in solves for one in solve.platforms or native.get(solve.node, ()))


def _sizes(results: Mapping[str, TargetResult], plan: Plan, connection: Connection) -> dict[str, int | None]:
    from concurrent.futures import ThreadPoolExecutor

    clients = {node.node.name: node.client for node in connection.nodes}
    wanted = {
        target: [(clients[plan.solves[solve.key].node], solve) for solve in result.solves]
        for target, result in results.items()
        if all(IMAGE_DESCRIPTOR in solve.response for solve in result.solves)
    }
    if not wanted:
        return {}
    with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
        return dict(zip(wanted, pool.map(_size, wanted.values()), strict=True))


def _size(images: Iterable[tuple[Client, SolveResult]]) -> int | None:
    """The sum of configs and layers, compressed as they are stored; None where an engine lacks them."""
    from bake.result import index

    try:
        return sum(_stored(client, index.described(result)) for client, result in images)
    except (BakeError, ValueError):
        return None


def _stored(client: Client, image: descriptor.Descriptor) -> int:
    data = client.read_blob(image.digest)
    if image.is_index:
        inner = descriptor.index_from_json(data).manifests
        return sum(_stored(client, one) for one in inner if not one.is_attestation)
    manifest = descriptor.manifest_from_json(data)
    return manifest.config.size + sum(layer.size for layer in manifest.layers)
