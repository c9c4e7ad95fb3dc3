"""Why a target builds as it does: where each value comes from, who wants it, where it runs, its caches.

Takes a whole definition and what was selected of it, and the nodes of a builder if one answers; gives an
`Explanation`, which `bake.ui.explain` shows. Its rule: nothing is built and nothing fetched, and a question
that cannot be answered is answered with the reason.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from bake import platforms as platform_words
from bake.api.building import dial
from bake.builder import driver
from bake.builder.driver import Status
from bake.errors import BakeError, UsageError, flatten
from bake.evaluate.references import references
from bake.explanation import CacheUse, Explanation, Place, Reason, RunsOn, Value, VariableValue
from bake.model.fields import FIELDS
from bake.model.flags import DEFAULT, Selection
from bake.model.origins import marks_for
from bake.model.printing import variable_text
from bake.model.selection import examine
from bake.plan import caches, graph, placement
from bake.record import record
from bake.solve import holds_secret
from bake.source import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bake.builder.site import Site
    from bake.evaluate.config import Variable
    from bake.host import Host
    from bake.model.origins import Mark, Marks
    from bake.model.target import Definition, Target
    from bake.node import Builder, NodeFacts
    from bake.source import Origin

LONGEST = 10
"""Ways to a target that are told; a target may be in many groups."""
HIDDEN = "***"


@record
class Nodes:
    """The nodes that answer, or why there are none."""

    facts: Sequence[NodeFacts] = ()
    unknown: str = ""


def nodes_of(host: Host, name: str = "") -> Nodes:
    """The nodes of the builder called `name`. None is started; that they do not answer is no error."""
    from bake.builder.resolve import resolve
    from bake.builder.site import Site

    try:
        site = Site(host)
        builder = resolve(site, name)
        if asleep := _asleep(site, builder):
            return Nodes(unknown=f"{', '.join(asleep)} does not run yet: a build starts it")
        connection = dial(host, name)
        try:
            return Nodes([node.facts for node in connection.nodes])
        finally:
            connection.close()
    except (BakeError, ExceptionGroup) as error:
        return Nodes(unknown=str(flatten(error)[0]))


def _asleep(site: Site, builder: Builder) -> list[str]:
    """The nodes that connecting would start: those of drivers that run BuildKit themselves."""
    if builder.driver in ("docker", "remote"):
        return []
    kind = driver.find(builder.driver)
    return [node.name for node in builder.nodes if kind.info(site, node) is not Status.RUNNING]


def explain(whole: Definition, chosen: Definition, name: str, nodes: Nodes, host: Host) -> Explanation:
    """The explanation of the target `name` of `chosen`, which was selected of `whole`. Raises UsageError."""
    if name not in chosen.targets:
        raise UsageError(f"failed to find target {name}", detail=f"there are {', '.join(chosen.targets)}")
    target = chosen.targets[name]
    runs_on, unknown = _runs_on(chosen, name, nodes, host)
    return Explanation(
        target=name,
        description=target.description,
        reasons=tuple(islice(reasons(whole, name, host), LONGEST)),
        runs_on=runs_on,
        unknown=unknown,
        reads=tuple(_caches(target, "cache_from", nodes, host)),
        writes=tuple(_caches(target, "cache_to", nodes, host)),
        values=tuple(_values(target, {one.name: one for one in whole.variables or ()})),
    )


def reasons(whole: Definition, name: str, host: Host) -> Iterator[Reason]:
    """The ways to the target, `default`'s first: the groups from the outermost inwards, and the targets that
    have it as a context. None if only its own name leads there."""
    resolved, _ = examine(whole, Selection(targets=tuple(whole.targets)), host)
    links = {
        (user, used): context
        for user, target in resolved.targets.items()
        for context, used in graph.links(target).items()
    }
    yield from sorted(
        _ways(whole, links, name, frozenset()), key=lambda way: way.steps[:1] != ((DEFAULT, "group"),)
    )


def _ways(
    whole: Definition, links: Mapping[tuple[str, str], str], name: str, seen: frozenset[str]
) -> Iterator[Reason]:
    """Each way from somebody outermost; `links` maps (user, used) to the context's name."""
    for group in whole.groups.values():
        if name in group.targets and group.name not in seen and group.name != name:
            step = (group.name, "group")
            above = list(_ways(whole, {}, group.name, seen | {group.name}))
            yield from (Reason((*way.steps, step)) for way in above or [Reason(())])
    for (user, used), context in links.items():
        if used == name and user not in seen:
            step = (user, f"context {context}")
            above = list(_ways(whole, links, user, seen | {user}))
            yield from (Reason((*way.steps, step)) for way in above or [Reason(())])


def _runs_on(chosen: Definition, name: str, nodes: Nodes, host: Host) -> tuple[tuple[RunsOn, ...], str]:
    if not nodes.facts:
        return (), nodes.unknown or "no builder was asked"
    try:
        targets = {one: chosen.targets[one] for one in graph.order(chosen.targets)}
        wanted = {one: placement.platforms_of(target, host) for one, target in targets.items()}
        units = placement.place(targets, wanted, nodes.facts)[name]
    except (BakeError, ExceptionGroup) as error:
        return (), str(flatten(error)[0])
    facts = {node.name: node for node in nodes.facts}
    return tuple(
        RunsOn(unit.node, str(one) if one else "", emulated=bool(one and is_emulated(one, facts[unit.node])))
        for unit in units
        for one in unit.platforms or (None,)
    ), ""


def is_emulated(platform: platform_words.Platform, node: NodeFacts) -> bool:
    """Whether the node has to emulate what is built for `platform`: the first that it lists is its own."""
    listed = node.platforms[len(node.fixed) :]
    fixed = any(platform_words.matches(one, platform) for one in node.fixed)
    return not fixed and bool(listed) and platform_words.best(listed[0], [platform]) is None


def _caches(target: Target, side: str, nodes: Nodes, host: Host) -> Iterator[CacheUse]:
    usable = caches.imports if side == "cache_from" else caches.exports
    entries = getattr(target, side)
    path = side.replace("_", "-")
    for index, entry in enumerate(entries):
        alone = target.model_copy(update={side: (entry,), "args": {}})
        left_out = []
        for node in nodes.facts:
            try:
                if not usable(alone, node, host):
                    left_out.append(f"left out on {node.name}: it is not available there")
            except BakeError as error:
                left_out.append(f"an error on {node.name}: {error.summary}")
        yield CacheUse(_hidden(entry), place_of(target.origins.get(f"{path}[{index}]")), "; ".join(left_out))
    if side == "cache_to" and target.args.get("BUILDKIT_INLINE_CACHE", "") in ("1", "true"):
        yield CacheUse("type=inline", place_of(target.origins.get("args.BUILDKIT_INLINE_CACHE")))


def _hidden(entry: Any) -> str:
    """The entry as written, without what may be a secret in it."""
    attrs = {key: HIDDEN if holds_secret(key) else value for key, value in entry.attrs.items()}
    return str(entry.model_copy(update={"attrs": attrs}))


def _values(target: Target, variables: Mapping[str, Variable]) -> Iterator[Value]:
    for attribute, field in FIELDS.items():
        if attribute not in target.model_fields_set or attribute in ("name", "inherits"):
            continue
        value = target.__dict__[attribute]
        marks = marks_for(attribute, value, target.origins)
        for path, text, mark in _pieces(field.name, attribute, value, marks):
            origin = mark.origin()
            yield Value(path, text, *_cause(origin), place_of(origin), tuple(_used(mark, variables)))


def _pieces(name: str, attribute: str, value: Any, marks: Marks) -> Iterator[tuple[str, str, Mark]]:
    """(path, text, mark) of each element of a field's value."""
    if isinstance(marks, tuple):
        for index, (one, mark) in enumerate(zip(value, marks, strict=True)):
            shown = _hidden(one) if attribute in ("cache_from", "cache_to") else str(one)
            yield f"{name}[{index}]", shown, mark
    elif isinstance(marks, dict):
        texts = value.printed() if hasattr(value, "printed") else value
        for key, mark in marks.items():
            yield f"{name}.{key}", str(texts.get(key, "")), mark
    elif value is not None:
        yield name, str(value).lower() if isinstance(value, bool) else str(value), marks


def place_of(origin: Origin | None) -> Place | None:
    """Where a person wrote it, None where no file is involved."""
    if origin is None or origin.span is None:
        return None
    span = origin.span
    if rendering := span.source.rendering:
        return Place(rendering.template.name, rendering.line_of(span.start))
    return Place(span.source.name, span.line, span.column)


def _cause(origin: Origin | None) -> tuple[str, str]:
    """The cause in words of the table, and its other party."""
    if origin is None:
        return "Python", ""
    in_override = origin.span is not None and ".override." in origin.span.source.name
    cause = Cause.OVERRIDE_FILE if origin.cause is Cause.BLOCK and in_override else origin.cause
    return cause.value, origin.detail


def _used(mark: Mark, variables: Mapping[str, Variable]) -> Iterator[VariableValue]:
    """The variables that the value was made of, each once, in the order they are written."""
    expression = mark.expression()
    found = references(expression).names if expression is not None else ()
    names = dict.fromkeys(one.root.text for one in sorted(found, key=lambda each: each.start))
    for name in names:
        if name in variables:
            variable = variables[name]
            cause = Cause.DEFAULT if variable.origin.cause is Cause.BLOCK else variable.origin.cause
            yield VariableValue(name, variable_text(variable), cause.value, place_of(variable.origin))


def names_of(selected: Iterable[str], chosen: Definition) -> list[str]:
    """The targets to explain: those named, or all that were chosen and not only linked."""
    named = [name for name in selected if name in chosen.targets]
    return named or [name for name, target in chosen.targets.items() if not target.linked]
