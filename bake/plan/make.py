"""`make`: a definition onto nodes, as Solves."""

from __future__ import annotations

import posixpath
from dataclasses import field, replace
from typing import TYPE_CHECKING

from bake.errors import BuilderError
from bake.goscalars import GO_TRUE
from bake.plan import attachments, attributes, caches, contexts, exporters, graph, placement, policies
from bake.plan.contexts import Inputs, Surroundings
from bake.plan.faults import Collector
from bake.plan.landings import only_one_stdout
from bake.plan.records import Join, Plan
from bake.progress import Note
from bake.record import record
from bake.solve import Destination, Link, Solve

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bake.host import Host
    from bake.model.target import Definition, Target
    from bake.node import NodeFacts
    from bake.plan.placement import Unit
    from bake.plan.records import Elsewhere, PlanOptions
    from bake.platforms import Platform
    from bake.solve import Export, SolveKey


@record(frozen=False)
class _Draft:
    """A plan in the making."""

    nodes: Mapping[str, NodeFacts]
    options: PlanOptions
    host: Host
    source_policy: str = ""
    solves: dict[SolveKey, Solve] = field(default_factory=dict)
    joins: dict[str, Join] = field(default_factory=dict)
    without_output: list[str] = field(default_factory=list)
    to_stdout: str = ""
    notes: list[Note] = field(default_factory=list)


def make(definition: Definition, nodes: Sequence[NodeFacts], options: PlanOptions, host: Host) -> Plan:
    """How `definition` (selected: exactly what is to be built) is built on `nodes`, which were asked.

    Raises BuilderError without nodes, DefinitionError for what cannot be built, a group for several.
    """
    if not nodes:
        raise BuilderError("No node to build on", hint="pybake ls shows builders and their nodes")
    draft = _Draft({node.name: node for node in nodes}, options, host, policies.of_sources(host))
    targets = {name: definition.targets[name] for name in graph.order(definition.targets)}
    wanted: dict[str, tuple[Platform, ...]] = {}
    with Collector() as collect:
        for name, target in targets.items():
            with collect.piece():
                wanted[name] = placement.platforms_of(target, host)
    units = placement.place(targets, wanted, nodes, balance=options.balance)
    with Collector() as collect:
        for name, target in targets.items():
            with collect.piece():
                _plan_target(draft, target, units[name])
    notes = (*_notes(draft), *_emulation(units, nodes))
    return Plan(_with_linked(draft.solves), draft.joins, notes, _elsewhere(definition, nodes, options, host))


def _elsewhere(
    definition: Definition, nodes: Sequence[NodeFacts], options: PlanOptions, host: Host
) -> Elsewhere:
    """How to plan some of the targets once more, without the nodes that were lost."""

    def again(targets: Collection[str], lost: Collection[str]) -> Plan:
        wanted = graph.with_inputs(definition.targets, targets)
        kept = {name: target for name, target in definition.targets.items() if name in wanted}
        left = [node for node in nodes if node.name not in lost]
        return make(definition.model_copy(update={"targets": kept}), left, options, host)

    return again


def _emulation(units: Mapping[str, Sequence[Unit]], nodes: Sequence[NodeFacts]) -> list[Note]:
    """A warning for each platform that is emulated though a node has it."""
    every = [unit for own in units.values() for unit in own]
    found: dict[tuple[str, str, str], list[str]] = {}
    for unit, platform, native in placement.emulated_for_nothing(every, nodes):
        found.setdefault((str(platform), unit.node, native), []).append(unit.target)
    return [
        Note(
            f"{', '.join(dict.fromkeys(targets))}: {platform} is emulated on node {node}, "
            f"though node {native} has it natively",
            warning=True,
            hint=f"leave --balance on, and fix no {platform} for {node} (pybake create --append --platform)",
        )
        for (platform, node, native), targets in found.items()
    ]


def _with_linked(solves: Mapping[SolveKey, Solve]) -> dict[SolveKey, Solve]:
    """The Solves, inputs first; those whose result others take marked so, and lent what these may use.

    The others' builds have the same steps, and BuildKit asks the sessions of all builds that have a step.
    """
    found = dict(solves)
    for key in reversed(list(found)):
        for link in found[key].links:
            found[link.solve] = _lent(found[link.solve], found[key])
    return found


def _lent(solve: Solve, heir: Solve) -> Solve:
    secrets, ssh = ({one.id for one in own} for own in (solve.secrets, solve.ssh))
    return replace(
        solve,
        linked=True,
        secrets=(*solve.secrets, *(one for one in heir.secrets if one.id not in secrets)),
        ssh=(*solve.ssh, *(one for one in heir.ssh if one.id not in ssh)),
    )


def _plan_target(draft: _Draft, target: Target, units: Sequence[Unit]) -> None:
    """One Solve for each unit; what is common to them is made once."""
    around = Surroundings(draft.host, draft.options.remote, draft.options.node_id)
    own = [unit for unit in units if not unit.context_only]
    with Collector() as collect:
        inputs, common = Inputs(), {}
        with collect.piece():
            inputs = contexts.prepare(target, around)
            policies.refuse(target, _default_policy(draft, inputs), draft.host)
        with collect.piece():
            common = attributes.of_target(target, draft.options.proxies)
        for unit in units:
            with collect.piece():
                place = exporters.Place(
                    target, unit, draft.nodes[unit.node], len(own) > 1, draft.host, draft.options
                )
                solve = _solve(draft, place, inputs, common)
                draft.solves[solve.key] = solve
    draft.joins[target.name] = _join(target, [draft.solves[_key(unit)] for unit in own])


def _default_policy(draft: _Draft, inputs: Inputs) -> str:
    """The policy beside the Dockerfile, on this machine or with a remote context; "" if there is none."""
    name = inputs.attrs["filename"]
    folder = contexts.local_trees(inputs.locals).get("dockerfile")
    if folder:
        return policies.beside(posixpath.join(folder, name), draft.host)
    found = draft.options.policies.get(inputs.context, ())
    return f"{name}{policies.SUFFIX}" if "dockerfile" not in inputs.locals and name in found else ""


def _key(unit: Unit) -> SolveKey:
    return graph.solve_key(unit.target, unit.node)


def _solve(draft: _Draft, place: exporters.Place, inputs: Inputs, common: Mapping[str, str]) -> Solve:
    target, unit, host = place.target, place.unit, draft.host
    exports = exporters.of_target(place)
    _claim_stdout(draft, target, exports)
    if exporters.says_nothing(place):
        draft.without_output.append(target.name)
    call = common.get("requestid", "")
    draft.notes += caches.left_out(target, place.node)
    frontend, syntax = attributes.frontend(target)
    attrs = {**common, **inputs.attrs, **syntax, **attributes.of_node(target, unit, place.node, host)}
    attrs |= _git(draft, inputs) | ({"multi-platform": "true"} if place.split else {})
    if draft.options.cgroup_parent:
        attrs["cgroup-parent"] = draft.options.cgroup_parent
    if call:
        asked = [*filter(None, [attrs.get("frontend.caps")]), attributes.SUBREQUESTS_CAP]
        attrs["frontend.caps"] = ",".join(asked)
    attributes.refuse_bytes(target, attrs, *(export.attrs for export in exports))
    return Solve(
        key=_key(unit),
        target=target.name,
        node=unit.node,
        platforms=unit.platforms,
        frontend=frontend,
        attrs=attrs,
        locals=inputs.locals,
        oci_layouts=inputs.oci_layouts,
        exports=exports,
        cache_imports=caches.imports(target, place.node, host),
        cache_exports=() if call or unit.context_only else caches.exports(target, place.node, host),
        secrets=attachments.with_git_secrets(
            attachments.secrets(target, host), draft.options.remote, inputs.context, host
        ),
        ssh=attachments.agents(target, inputs.context, host),
        entitlements=attachments.entitlements(target),
        links=_links(draft, unit, inputs),
        call=call,
        source_policy=draft.source_policy,
        internal=bool(call),
        shared_key=inputs.shared_key,
    )


def _links(draft: _Draft, unit: Unit, inputs: Inputs) -> tuple[Link, ...]:
    index = list(draft.nodes).index(unit.node)
    return tuple(
        Link(name, graph.solve_key(other, unit.node), f"{index}-{other}")
        for name, other in inputs.links.items()
    )


def _git(draft: _Draft, inputs: Inputs) -> dict[str, str]:
    facts = draft.options.git.get(inputs.context)
    trees = contexts.local_trees(inputs.locals)
    folder = trees.get("dockerfile") or trees.get("context", "")
    return attributes.of_git(
        facts, trees, posixpath.join(folder, inputs.attrs.get("filename", "")), draft.host
    )


def _claim_stdout(draft: _Draft, target: Target, exports: Sequence[Export]) -> None:
    """There is one standard output for the whole run."""
    for export in exports:
        if export.destination is Destination.STDOUT:
            if draft.to_stdout:
                raise only_one_stdout(target, "output", draft.to_stdout)
            draft.to_stdout = target.name


def _join(target: Target, solves: Sequence[Solve]) -> Join:
    keys = tuple(solve.key for solve in solves)
    pushes = [
        export
        for export in solves[0].exports
        if export.type == "image" and export.attrs.get("push") in GO_TRUE
    ]
    gathers = any(export.whole for export in solves[0].exports)
    if len(solves) < 2 or not pushes:
        return Join(target.name, keys, gathers=gathers)
    insecure = any(export.attrs.get("registry.insecure") in GO_TRUE for export in pushes)
    kinds = ("annotation-index.", "annotation-manifest-descriptor")
    annotations = {key: value for key, value in pushes[0].attrs.items() if key.startswith(kinds)}
    return Join(target.name, keys, exporters.pushed_names(target), insecure, annotations, gathers)


def _notes(draft: _Draft) -> list[Note]:
    if not draft.without_output:
        return draft.notes
    driver = next(node.driver for node in draft.nodes.values() if node.driver != "docker")
    names = ", ".join(dict.fromkeys(draft.without_output))
    which = f"with {driver} driver" if names == "default" else f"for {names} target(s) with {driver} driver"
    return [
        *draft.notes,
        Note(
            f"No output specified {which}. The result will only remain in the build cache.",
            warning=True,
            hint="--push pushes the image to a registry, --load loads it into docker",
        ),
    ]
