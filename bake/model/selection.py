"""`Definition` to `Definition`: of all targets those that were asked for, as they are to be built.

Names and patterns are looked up among groups and targets; each target is resolved with what it
inherits and what was set; what it links to is pulled in. Rules are those of `ReadTargets` of buildx
0.36.1. Faults in names are UsageErrors, faults in the files DefinitionErrors, all of them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bake.errors import BakeError, DefinitionError, UsageError, flatten, raise_all
from bake.evaluate.schema import overrides as evaluated_overrides
from bake.evaluate.wording import did_you_mean
from bake.goquote import quoted
from bake.model import flags, relative
from bake.model.flags import DEFAULT
from bake.model.gopath import PatternError, is_pattern, match
from bake.model.held import Held, header_of, target_of
from bake.model.inherit import Heritage, missing_target
from bake.model.links import Links
from bake.model.origins import Mark
from bake.model.override import applier, settings
from bake.model.policy import Policy
from bake.model.target import DEFAULT_DOCKERFILE, Definition, Group
from bake.model.unrolled import run
from bake.source import Cause, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bake.host import Host
    from bake.model.flags import Selection
    from bake.model.held import Draft
    from bake.model.target import Target
    from bake.model.unrolled import Routine

EPOCH = "SOURCE_DATE_EPOCH"
MENTIONED = 20
"""Names that are told to somebody who asked for none of them."""


def select(definition: Definition, selection: Selection, host: Host) -> Definition:
    """The targets that `selection` asks for and their groups, resolved; a `default` group is made up."""
    selected, faults = examine(definition, selection, host)
    raise_all(faults, "targets that cannot be resolved")
    return selected


def examine(
    definition: Definition, selection: Selection, host: Host
) -> tuple[Definition, Sequence[BakeError]]:
    """As `select`, but gives the targets that can be resolved beside the faults of those that cannot.

    Raises UsageErrors for what is asked for and makes no sense.
    """
    wanted = flags.overrides(selection)
    environment = evaluated_overrides(host, {}).environment
    found = settings(wanted, definition.targets, environment) if wanted else {}
    heritage = Heritage(definition.targets, applier(found))
    names = requested(definition, selection.targets or (DEFAULT,))
    chosen = Members(definition)
    for name in names:
        chosen.add(name)
    links, faults = _resolved(chosen, heritage, definition)
    finish = _Finish(selection, host)
    targets = {}
    for name, draft in links.drafts.items():
        try:
            targets[name] = finish(definition.targets[name], draft, name in links.linked)
        except DefinitionError as fault:
            faults.append(fault)
    groups = _groups(definition, names, chosen.groups)
    warnings = heritage.warnings
    if selection.strict:
        faults, warnings = [*faults, *warnings], ()
    selected = Definition.trusted(
        targets=targets,
        groups=groups,
        variables=definition.variables,
        warnings=(*definition.warnings, *warnings),
        url=definition.url,
        root=definition.root,
        selected=True,
    )
    return selected, faults


def requested(definition: Definition, names: Iterable[str]) -> list[str]:
    """The names of groups and targets that `names`, some of them patterns, stand for, each once.

    A dot stands for an underscore, as in the names of compose services.
    """
    known = (*definition.groups, *definition.targets)
    faults: list[BakeError] = []
    found: dict[str, None] = {}
    for name in (each.replace(".", "_") for each in names):
        matching = _matching(name, known) if is_pattern(name) else [name]
        if not matching:
            hint = did_you_mean(name, known)
            faults.append(UsageError(f"could not find any target matching {quoted(name)}", hint=hint))
        found.update(dict.fromkeys(matching))
    raise_all(faults, "names that match nothing")
    return list(found)


def _matching(pattern: str, names: Iterable[str]) -> list[str]:
    try:
        return [name for name in names if match(pattern, name)]
    except PatternError:
        return []


_Found: TypeAlias = "dict[str, Origin | None]"
"""Targets, and who asked for each: None for the command line."""


class Members:
    """The targets behind names, with who asked for each, and the groups passed on the way; in order."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self.targets: _Found = {}
        self.groups: dict[str, None] = {}

    def add(self, name: str) -> None:
        """Take in all that `name` stands for."""
        for target, origin in run(self._open(name, None, {})).items():
            self.targets.setdefault(target, origin)

    def _open(self, name: str, origin: Origin | None, opened: dict[str, _Found]) -> Routine[_Found]:
        group = self._definition.groups.get(name)
        if group is None:
            return {name: origin}
        if name in opened:
            return opened[name]
        opened[name] = {}
        self.groups[name] = None
        members: _Found = {}
        for index, member in enumerate(group.targets):
            place = group.origins.get(f"targets[{index}]")
            inside = yield self._open(member, place, opened)
            # a group that gives nothing, as one inside itself, means the target of its name
            for target, where in (inside or {member: place}).items():
                members.setdefault(target, where)
        opened[name] = members
        return members


def _resolved(chosen: Members, heritage: Heritage, definition: Definition) -> tuple[Links, list[BakeError]]:
    """What could be resolved, and the faults of the rest, each once."""
    drafts: dict[str, Draft] = {}
    faults: list[BakeError] = []
    for name, origin in chosen.targets.items():
        try:
            if name not in definition.targets and origin is None:
                raise _unknown(name, definition)
            drafts[name] = heritage.resolve(name, origin)
        except (BakeError, ExceptionGroup) as exc:
            faults += flatten(exc)
    links = Links(heritage, drafts)
    for name in drafts:
        try:
            links.follow(name)
        except (BakeError, ExceptionGroup) as exc:
            faults += flatten(exc)
    return links, list({id(fault): fault for fault in faults}.values())


def _unknown(name: str, definition: Definition) -> BakeError:
    known = sorted({*definition.groups, *definition.targets})
    more = ", …" if len(known) > MENTIONED else ""
    there = f"Targets and groups: {', '.join(known[:MENTIONED])}{more}" if known else None
    if there and name == flags.DEFAULT:
        there = f'Name what to build, or give the file a group "default". {there}'
    hint = did_you_mean(name, known) or there
    return UsageError(missing_target(name, {}, None).summary, hint=hint)


class _Finish:
    """Makes targets of resolved drafts: defaults, the environment's build time, final paths."""

    def __init__(self, selection: Selection, host: Host) -> None:
        self._remote = selection.remote
        self._relative = relative.is_wanted(host)
        self._epoch = host.environment.get(EPOCH, "")
        self._no_policy = flags.disables_policy(selection)

    def __call__(self, target: Target, draft: Draft, linked: bool) -> Target:
        header = header_of(target)
        draft = dict(draft)
        self._paths(draft, header)
        if self._epoch:
            _add_epoch(draft, self._epoch)
        if self._no_policy:
            draft["policy"] = Held((Policy.trusted(disabled=True),), (_flag("--policy"),))
        return target_of(target.name, draft, header, linked=linked)

    def _paths(self, draft: Draft, header: Mark) -> None:
        context = draft.get("context")
        if context is None:
            context = Held(relative.default_context(header, self._relative), _DEFAULT)
        draft["context"] = Held(_final(context, self._remote), context.marks)
        dockerfile = draft.get("dockerfile")
        if dockerfile is None or not dockerfile.value:
            draft["dockerfile"] = Held(DEFAULT_DOCKERFILE, _DEFAULT)


_DEFAULT = Mark(Origin(Cause.DEFAULT))


def _final(context: Held, remote: str) -> str:
    try:
        return relative.final_context(context.value, remote)
    except ValueError as exc:
        origin = context.marks.origin()
        raise DefinitionError(
            str(exc),
            origin.span if origin else None,
            detail=f"`{context.value}` is not the whole archive",
            hint="use the Git URL of the definition instead",
        ) from exc


def _flag(name: str) -> Mark:
    return Mark(Origin(Cause.FLAG, detail=name))


def _add_epoch(draft: Draft, epoch: str) -> None:
    args = draft.get("args") or Held({}, {})
    if EPOCH not in args.value:
        mark = Mark(Origin(Cause.ENVIRONMENT, detail=EPOCH))
        draft["args"] = Held({**args.value, EPOCH: epoch}, {**args.marks, EPOCH: mark})


def _groups(definition: Definition, names: Sequence[str], reached: Iterable[str]) -> dict[str, Group]:
    """The groups reached from `names`, and a `default` of what was named beside it.

    As soon as there is a `default`, made up or not, that name is no member of it: a target so called is
    listed when it comes first (a quirk of 0.36.1).
    """
    groups = {name: definition.groups[name] for name in reached}
    default = groups.get(DEFAULT)
    members = [name for index, name in enumerate(names) if name != DEFAULT or not (default or index)]
    sorted_members = tuple(sorted({*(default.targets if default else ()), *members}))
    if default:
        groups[DEFAULT] = default.model_copy(update={"targets": sorted_members})
    else:
        groups[DEFAULT] = Group.trusted(name=DEFAULT, targets=sorted_members)
    return groups
