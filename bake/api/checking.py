"""All that can be said about a definition without an engine: `pybake check`.

Takes texts, gives diagnostics. Each stage says all it finds, and the next one goes on with what is left: a
target that lacks a value, or a parent, is resolved without it, and not held against its Dockerfile.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING, NamedTuple

from bake.api.definition import composed, examined, parse_all
from bake.diagnostic import diagnostics
from bake.errors import BakeError, flatten
from bake.model.decode import SCHEMAS
from bake.model.deprecated import deprecated
from bake.model.loading import load
from bake.model.selection import examine
from bake.model.structure import completed, unknown_names
from bake.plan.checks import check as check_targets
from bake.plan.lint import lint
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bake.api.definition import Reading
    from bake.diagnostic import Diagnostic
    from bake.evaluate.config import Config
    from bake.host import Host
    from bake.model.flags import Selection
    from bake.model.target import Definition, Target
    from bake.source import Source
    from bake.syntax.tree import File


@record
class Checked:
    """What was found, errors first, and how many targets were looked at."""

    diagnostics: tuple[Diagnostic, ...]
    targets: int = 0


@record(frozen=False)
class _Findings:
    """Faults as they are found. Of equal ones at one place the first is kept."""

    errors: dict[str, BakeError] = field(default_factory=dict)
    warnings: dict[str, BakeError] = field(default_factory=dict)

    def refuse(self, faults: Iterable[BakeError]) -> None:
        for fault in faults:
            self.errors.setdefault(_place(fault), fault)

    def warn(self, faults: Iterable[BakeError]) -> None:
        for fault in faults:
            self.warnings.setdefault(_place(fault), fault)

    def attempt(self, work: Callable[[], object]) -> None:
        """Do `work`, whose faults are findings."""
        try:
            work()
        except (BakeError, ExceptionGroup) as error:
            faults = flatten(error)
            if not faults:
                raise
            self.refuse(faults)

    def told(self, targets: int = 0, *, strict: bool) -> Checked:
        errors = sorted(self.errors.values(), key=_order)
        others = (fault for place, fault in self.warnings.items() if place not in self.errors)
        warnings = sorted(others, key=_order)
        if strict:
            errors, warnings = [*errors, *warnings], []
        group = ExceptionGroup("findings", errors) if errors else None
        return Checked(diagnostics(group, warnings), targets)


def check(
    read: Callable[[], Sequence[Source]], selection: Selection, host: Host, reading: Reading
) -> Checked:
    """What is wrong with the texts that `read` gives, with all of their targets or those of `selection`.

    With `reading.strict` warnings are errors. Nothing is raised but bugs.
    """
    found = _Findings()
    texts: list[Source] = []
    found.attempt(lambda: texts.extend(read()))
    files = _parsed(texts, found)
    if found.errors:
        return found.told(strict=reading.strict)
    definition, lacking = _defined(files, host, reading, found)
    if definition is None:
        return found.told(strict=reading.strict)
    number = len(definition.targets)
    found.refuse(unknown_names(definition))
    definition, stubs = completed(definition)
    _look_at_targets(definition, selection, host, _Doubts({*lacking, *stubs}, stubs), found)
    return found.told(number, strict=reading.strict)


def _parsed(texts: Sequence[Source], found: _Findings) -> list[File]:
    files: list[File] = []
    found.attempt(lambda: files.extend(parse_all(texts, None)))
    for file in files:
        found.warn(deprecated(file))
    return files


def _defined(
    files: Sequence[File], host: Host, reading: Reading, found: _Findings
) -> tuple[Definition | None, set[str]]:
    """The definition, None if too little of it is left, and the targets that lack values."""
    config: Config | None = None
    plain = [file for file in files if file.source.dialect != "compose"]
    if plain:
        config, faults = examined(plain, host, reading)
        found.refuse(faults)
        found.warn(config.warnings)
        if faults and not _has_all_targets(plain, config):
            return None, set()
    definitions: list[Definition] = []
    others = [file for file in files if file.source.dialect == "compose"]
    found.attempt(lambda: definitions.extend(composed(others, host, reading)))
    loaded: list[Definition] = []
    if len(definitions) == bool(others):
        found.attempt(lambda: loaded.append(load(config, host, definitions)))
    for definition in loaded:
        found.warn(definition.warnings)
        return definition, _lacking(config) if config else set()
    return None, set()


def _has_all_targets(files: Iterable[File], config: Config) -> bool:
    """Whether no block was lost with the names it stands for."""
    written = {
        block.labels[0].text for file in files for block in file.body.of_type("target") if block.labels
    }
    return written <= {block.label for block in config.targets}


def _lacking(config: Config) -> set[str]:
    """The targets some of whose attributes could not be evaluated."""
    known = SCHEMAS["target"].attributes.keys()
    return {
        block.name
        for block in config.targets
        if (block.syntax.body.attributes.keys() & known) - block.attributes.keys()
    }


class _Doubts(NamedTuple):
    """Targets that are not what they were meant to be: `lacking` values of their own, and `stubs` for what is
    not there."""

    lacking: set[str]
    stubs: set[str]


def _look_at_targets(
    definition: Definition, selection: Selection, host: Host, doubts: _Doubts, found: _Findings
) -> None:
    everything = not selection.targets
    if everything:
        selection = replace(
            selection, targets=tuple(name for name in definition.targets if name not in doubts.stubs)
        )
    if not selection.targets:
        return
    chosen: list[tuple[Definition, Sequence[BakeError]]] = []
    found.attempt(lambda: chosen.append(examine(definition, selection, host)))
    for selected, faults in chosen:
        found.refuse(faults)
        found.warn(selected.warnings)
        found.attempt(lambda selected=selected: check_targets(selected, host))  # type: ignore[misc]
        built = _built(definition, selected.targets) if everything else dict(selected.targets)
        for finding in lint(built, host, _heirs(definition.targets, doubts.lacking)):
            (found.refuse if finding.is_error else found.warn)([finding.fault])


def _heirs(targets: Mapping[str, Target], names: set[str]) -> set[str]:
    """`names`, and all targets that inherit from them."""
    found = set(names)
    while new := {
        name for name, target in targets.items() if name not in found and found.intersection(target.inherits)
    }:
        found |= new
    return found


def _built(definition: Definition, targets: Mapping[str, Target]) -> dict[str, Target]:
    """Without those that are there to be inherited from, as far as groups tell: nobody builds them."""
    parents = {parent for target in definition.targets.values() for parent in target.inherits}
    members = {member for group in definition.groups.values() for member in group.targets}
    if not members:
        return dict(targets)
    return {name: target for name, target in targets.items() if name in members or name not in parents}


def _order(fault: BakeError) -> tuple[str, int]:
    return (fault.span.source.name, fault.span.start) if fault.span else ("", 0)


def _place(fault: BakeError) -> str:
    """What tells a fault from others: not the target, as far as it has a place that several inherit."""
    detail = _TARGET.sub("", fault.detail) if fault.span else fault.detail
    return f"{fault.span}: {fault.summary}; {detail}"


_TARGET = re.compile(r"^target `[^`]*`(: )?")
