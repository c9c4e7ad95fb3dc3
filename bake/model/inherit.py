"""What a target is with all it inherits, and with what was set from outside.

Rules are those of `Config.target` and `Target.normalize` of buildx 0.36.1: parents in the order named,
each with its own settings, then the target itself, then its settings. An ancestor of several parents
is applied by each. An heir that is its own ancestor is left out there, and warned of: the reference
passes over it in silence, so what comes of a circle depends on which of its targets was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.evaluate.wording import did_you_mean
from bake.model.fields import FIELDS
from bake.model.held import Held, append, as_heir, draft_of
from bake.model.merge import merge
from bake.model.unrolled import run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bake.model.held import Draft
    from bake.model.target import Target
    from bake.model.unrolled import Routine
    from bake.source import Origin

HOST_NETWORK = "network.host"


class Heritage:
    """Resolves targets of one definition, each once. `settle` lays a target's settings over it."""

    def __init__(self, targets: Mapping[str, Target], settle: Callable[[str, Draft], Draft]) -> None:
        self._targets = targets
        self._settle = settle
        self._resolved: dict[str, Draft] = {}
        self._as_parents: dict[str, tuple[Draft, Draft]] = {}
        self._circles: dict[frozenset[str], DefinitionError] = {}
        self._met_circle = False

    @property
    def warnings(self) -> tuple[DefinitionError, ...]:
        """The circles that were met so far, each once."""
        return tuple(self._circles.values())

    def resolve(self, name: str, wanted_by: Origin | None = None) -> Draft:
        """The fields of the target `name`; DefinitionError where it, or a parent, is not there."""
        self._met_circle = False
        found: dict[str, Draft] = {}
        draft = run(self._resolve(name, wanted_by, {}, found))
        # what was resolved on the way into a circle holds for this target alone
        if not self._met_circle:
            self._resolved.update(found)
        return draft

    def _resolve(
        self, name: str, wanted_by: Origin | None, heirs: dict[str, None], found: dict[str, Draft]
    ) -> Routine[Draft]:
        for kept in (self._resolved, found):
            if name in kept:
                return kept[name]
        if name in heirs:
            self._met_circle = True
            circle = list(heirs)[list(heirs).index(name) :]
            self._circles.setdefault(frozenset(circle), _cycle([*circle, name], wanted_by))
            return {}
        if name not in self._targets:
            raise missing_target(name, self._targets, wanted_by)
        target = self._targets[name]
        draft: Draft = {}
        heirs[name] = None
        for index, parent in enumerate(target.inherits):
            place = target.origins.get(f"inherits[{index}]")
            inherited = yield self._resolve(parent, place, heirs, found)
            draft = merge(draft, self._as_parent(parent, inherited))
        del heirs[name]
        draft = merge(draft, draft_of(target))
        draft.pop("inherits", None)
        resolved = found[name] = tidied(self._settle(name, draft))
        return resolved

    def _as_parent(self, name: str, draft: Draft) -> Draft:
        """`draft` as heirs of `name` see it; many heirs have one parent, so the view is kept."""
        kept = self._as_parents.get(name)
        if kept is None or kept[0] is not draft:
            kept = self._as_parents[name] = (draft, as_heir(draft, name))
        return kept[1]


def tidied(draft: Draft) -> Draft:
    """`draft` with each field tidied by its rule, and with the entitlement that a host network needs."""
    network = draft.get("network")
    if network and network.value == "host":
        needed = Held((HOST_NETWORK,), (network.marks,))
        has = draft.get("entitlements")
        draft = {**draft, "entitlements": append(has, needed) if has else needed}
    tidy = {name: rule(held) if (rule := FIELDS[name].tidy) else held for name, held in draft.items()}
    return {name: held for name, held in tidy.items() if held is not None}


def missing_target(name: str, known: Mapping[str, object], wanted_by: Origin | None) -> DefinitionError:
    """The fault of a target that is not there."""
    hint = did_you_mean(name, known)
    return DefinitionError(f"failed to find target {name}", wanted_by.span if wanted_by else None, hint=hint)


def _cycle(path: Sequence[str], at: Origin | None) -> DefinitionError:
    return DefinitionError(
        "targets inherit from each other in a circle",
        at.span if at else None,
        detail=" → ".join(f"`{name}`" for name in path),
        hint="remove one of these from an `inherits`",
    )
