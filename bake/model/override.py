"""Settings from outside: the texts of `--set` and the flags that are short for some of them.

Takes texts and targets' names, gives for each target its settings, and lays them over its fields.
Rules are those of `Config.newOverrides` and `Target.AddOverrides` of buildx 0.36.1, with its documented
behaviour where the program differs: `no-cache-filter` and `ulimits` take values, a flag without a
value (`--set app.no-cache`) is true. Faults are UsageErrors, all of them together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from bake.errors import BakeError, UsageError, raise_all
from bake.evaluate.wording import did_you_mean
from bake.model.fields import SETTABLE
from bake.model.gopath import PatternError, match
from bake.model.origins import Mark
from bake.model.settings import Setting
from bake.record import record
from bake.source import Cause, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from bake.model.held import Draft
    from bake.model.settings import SetRule


@record
class Override:
    """One `PATTERN.KEY[.NAME][+]=VALUE`; `value` is None without a `=`."""

    text: str
    pattern: str
    key: str
    name: str
    value: str | None
    append: bool
    origin: Origin

    @property
    def spelled(self) -> str:
        """The key with its name, without the pattern."""
        return f"{self.key}.{self.name}" if self.name else self.key


Settings: TypeAlias = "dict[str, Setting]"
"""One target's settings, by key and name as spelled."""


def parse(text: str, origin: Origin | None = None) -> Override:
    """The override that `text` spells; UsageError with buildx's first line."""
    left, separator, value = text.partition("=")
    spelled = left.removesuffix("+")
    pattern, *keys = spelled.split(".", 2)
    if not keys:
        raise UsageError(f"invalid override key {spelled}, expected target.name", hint=_HINT)
    override = Override(
        text=text,
        pattern=pattern,
        key=keys[0],
        name=keys[1] if len(keys) > 1 else "",
        value=value if separator else None,
        append=left.endswith("+"),
        origin=origin or Origin(Cause.SET, detail=text),
    )
    return _checked(override, left)


_HINT = "write `--set TARGET.KEY=VALUE`, TARGET may be a pattern like `app*`"


def _checked(override: Override, left: str) -> Override:
    known = SETTABLE.get(override.key)
    if known is None:
        raise _unknown_key(override)
    _, rule = known
    if rule.named and left.count(".") < 2:  # an empty name is one, too
        raise UsageError(f"invalid key {left}, {override.key} requires name", hint=_HINT)
    if override.append and not rule.appendable:
        raise UsageError(f"invalid key {left}, {override.key} does not support append")
    if override.value is None:
        return _without_value(override, rule)
    return override


def _without_value(override: Override, rule: SetRule) -> Override:
    if rule.flag:
        return replace(override, value="true")
    if rule.from_environment:
        return override
    raise UsageError(f"invalid override {override.text}, expected target.name=value", hint=_HINT)


def _unknown_key(override: Override) -> UsageError:
    return UsageError(
        f"unknown key: {override.key}",
        detail=f"`--set {override.text}` can set {', '.join(SETTABLE)}",
        hint=did_you_mean(override.key, SETTABLE),
    )


def settings(
    overrides: Iterable[Override], targets: Collection[str], environment: Mapping[str, str]
) -> dict[str, Settings]:
    """The settings of each of `targets` that some override names.

    An argument without a value takes it from `environment`, and is left alone where it is not there.
    """
    found: dict[str, Settings] = {}
    faults: list[BakeError] = []
    for override in overrides:
        value = environment.get(override.name) if override.value is None else override.value
        try:
            names = matching(override, targets)
        except BakeError as fault:
            faults.append(fault)
            continue
        if value is not None:
            for name in names:
                _add(found.setdefault(name, {}), override, value)
    raise_all(faults, "overrides that fit nothing")
    return found


def matching(override: Override, targets: Collection[str]) -> list[str]:
    """The targets that an override is for; UsageError when there are none."""
    pattern = override.pattern
    if pattern in targets:
        return [pattern]
    try:
        names = [name for name in targets if match(pattern, name)]
    except PatternError as exc:
        raise UsageError(f"could not match targets with '{pattern}': {exc}") from exc
    if not names:
        hint = did_you_mean(pattern, targets)
        raise UsageError(
            f"could not find any target matching '{pattern}'", detail=f"in `{override.text}`", hint=hint
        )
    return names


def _add(found: Settings, override: Override, value: str) -> None:
    before = found.get(override.spelled)
    found[override.spelled] = Setting(
        key=override.key,
        name=override.name,
        texts=(*(before.texts if before else ()), value),
        marks=(*(before.marks if before else ()), Mark(override.origin)),
        append=override.append,
    )


def applier(found: Mapping[str, Settings]) -> Callable[[str, Draft], Draft]:
    """What lays each target's settings over its fields; it raises UsageError."""
    ordered = {name: sorted(each.values(), key=_rank) for name, each in found.items()}

    def apply(name: str, draft: Draft) -> Draft:
        return _applied(ordered[name], draft, name) if name in ordered else draft

    return apply


_RANKS = {key: rank for rank, key in enumerate(SETTABLE)}


def _rank(setting: Setting) -> int:
    return _RANKS[setting.key]


def _applied(settings: Iterable[Setting], draft: Draft, target: str) -> Draft:
    draft = dict(draft)
    faults: list[BakeError] = []
    for setting in settings:
        field, rule = SETTABLE[setting.key]
        try:
            held = rule.apply(draft.get(field.attribute), setting)
        except ValueError as exc:
            faults.append(UsageError(str(exc), detail=_blame(setting, target)))
            continue
        if held is not None:
            draft[field.attribute] = held
    raise_all(faults, "settings that cannot be applied")
    return draft


def _blame(setting: Setting, target: str) -> str:
    origin = setting.marks[-1].origin()
    how = origin.cause.value if origin else "set"
    return f"{how} `{origin.detail if origin else setting.last}` for target `{target}`"
