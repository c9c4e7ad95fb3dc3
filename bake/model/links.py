"""Targets that are contexts of other targets (`target:NAME`).

One that nobody asked for is pulled in with a cacheonly output. Entitlements go from a linked target to
those that use it, and its platforms must cover theirs where both name several. Rules are those of
`Config.loadLinks` of buildx 0.36.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.model.entries import Output
from bake.model.held import Held
from bake.model.origins import Mark
from bake.model.unrolled import run
from bake.source import Cause, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.model.held import Draft
    from bake.model.inherit import Heritage
    from bake.model.unrolled import Routine

SCHEME = "target:"


class Links:
    """The drafts of all targets to build, with what they link to. `asked_for` are known from the start."""

    def __init__(self, heritage: Heritage, asked_for: dict[str, Draft]) -> None:
        self._heritage = heritage
        self.drafts = dict(asked_for)
        self.linked: set[str] = set()
        self._done: set[str] = set()

    def follow(self, name: str) -> None:
        """Pull in all that `name` links to, and hand entitlements up."""
        run(self._follow(name, {}))

    def _follow(self, name: str, users: dict[str, None]) -> Routine[None]:
        if name in self._done:
            return
        users[name] = None
        for other, mark in _linked(self.drafts[name]):
            if other == name:
                raise _fault(f"target {name} cannot link to itself", mark, hint="remove this context")
            if other in users:
                circle = list(users)[list(users).index(other) :]
                path = " → ".join(f"`{each}`" for each in (*circle, other))
                raise _fault(
                    f"infinite loop from {name} to {other}", mark, path, "remove one of these contexts"
                )
            self._pull(other, mark)
            yield self._follow(other, users)
            self.drafts[name] = _with_entitlements(self.drafts[name], self.drafts[other])
            self._check_platforms(name, other, mark)
        del users[name]
        self._done.add(name)

    def _pull(self, name: str, mark: Mark) -> None:
        if name in self.drafts:
            return
        draft = self._heritage.resolve(name, mark.origin())
        output = Held((Output.trusted(type="cacheonly"),), (Mark(Origin(Cause.DEFAULT)),))
        self.drafts[name] = {**draft, "output": output}
        self.linked.add(name)

    def _check_platforms(self, name: str, other: str, mark: Mark) -> None:
        mine, theirs = (_platforms(self.drafts[each]) for each in (name, other))
        if len(mine) > 1 and len(theirs) > 1 and not set(mine) <= set(theirs):
            raise _fault(
                f"target {name} can't be used by {other} because its platforms [{' '.join(mine)}] "
                f"are not a subset of [{' '.join(theirs)}]",
                mark,
                f"`{name}` needs `{other}` for {', '.join(each for each in mine if each not in theirs)}",
            )


def _linked(draft: Draft) -> Iterator[tuple[str, Mark]]:
    contexts = draft.get("contexts", Held({}, {}))
    for key, value in contexts.value.items():
        if value.startswith(SCHEME):
            yield value.removeprefix(SCHEME), contexts.marks[key]


def _platforms(draft: Draft) -> tuple[str, ...]:
    held = draft.get("platforms")
    return held.value if held else ()


def _with_entitlements(draft: Draft, linked: Draft) -> Draft:
    theirs = linked.get("entitlements")
    if not theirs:
        return draft
    mine = draft.get("entitlements") or Held((), ())
    new = [pair for pair in zip(*theirs, strict=True) if pair[0] not in mine.value]
    values = (*mine.value, *(value for value, _ in new))
    return {**draft, "entitlements": Held(values, (*mine.marks, *(mark for _, mark in new)))}


def _fault(summary: str, mark: Mark, detail: str = "", hint: str | None = None) -> DefinitionError:
    origin = mark.origin()
    return DefinitionError(summary, origin.span if origin else None, detail=detail, hint=hint)
