"""How `--set` changes a field: one rule for each way of spelling it.

A rule takes the field as it is and the setting, and gives the field as it shall be. What is wrong with
a setting travels as ValueError with buildx's message (bake.Target.AddOverrides, 0.36.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.goquote import quoted
from bake.goscalars import parse_bool
from bake.model.entries import CacheEntry, Output
from bake.model.held import Held, append, distinct_entries
from bake.model.origins import same_for
from bake.model.resources import Resources
from bake.model.secrets import Secret
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.model.entry import Entry
    from bake.model.held import Merge
    from bake.model.origins import Mark


@record
class Setting:
    """All values for one key of one target.

    `key` is what stands behind the target's pattern, `name` the part of a key behind its second dot
    ("" for none). `texts` are the values in the order given (the last one counts for a scalar);
    `append` says that the last was given with `+=`.
    """

    key: str
    texts: tuple[str, ...]
    marks: tuple[Mark, ...]
    name: str = ""
    append: bool = False

    @property
    def last(self) -> str:
        return self.texts[-1]


@record
class SetRule:
    """`named` keys need a name behind a second dot; `from_environment` ones take their value from
    there when none is given, `flag`s are true then; `appendable` ones take `+=`."""

    apply: Callable[[Held | None, Setting], Held | None]
    named: bool = False
    from_environment: bool = False
    flag: bool = False
    appendable: bool = True


def _emptied(_: Held | None, setting: Setting) -> Held:
    """What buildx 0.36.1 does with an undocumented key: it collects the value in one place and reads
    another (newOverrides, AddOverrides), so that whatever is set, "" is stored."""
    return Held("", setting.marks[-1])


def _text(_: Held | None, setting: Setting) -> Held:
    return Held(setting.last, setting.marks[-1])


def _flag(_: Held | None, setting: Setting) -> Held:
    return Held(_boolean(setting), setting.marks[-1])


def _boolean(setting: Setting) -> bool:
    try:
        return parse_bool(setting.last)
    except ValueError as exc:
        raise ValueError(f"invalid value {setting.last} for boolean key {setting.key}") from exc


def _key(held: Held | None, setting: Setting) -> Held:
    mine = held or Held({}, {})
    return Held({**mine.value, setting.name: setting.last}, {**mine.marks, setting.name: setting.marks[-1]})


def _items(read: Callable[[str], tuple[Any, ...]], merge: Merge, *, always_append: bool = False) -> SetRule:
    def apply(held: Held | None, setting: Setting) -> Held:
        new = Held((), ())
        for text, mark in zip(setting.texts, setting.marks, strict=True):
            values = read(text)
            new = append(new, Held(values, same_for(values, mark)))
        return merge(held, new) if held and (setting.append or always_append) else new

    return SetRule(apply)


def _just(text: str) -> tuple[str, ...]:
    return (text,)


TEXT = SetRule(_text)
EMPTIED = SetRule(_emptied)
FLAG = SetRule(_flag, flag=True)
KEY = SetRule(_key, named=True)
ARGUMENT = SetRule(_key, named=True, from_environment=True)
TEXTS = _items(_just, append)
MORE_TEXTS = _items(_just, append, always_append=True)


def entries(entry: type[Entry], merge: Merge, *, always_append: bool = False) -> SetRule:
    """A list of entries in their string form; an empty text is none."""

    def read(text: str) -> tuple[Entry, ...]:
        if issubclass(entry, CacheEntry):
            return tuple(entry.parse_all(text))
        return (entry.parse(text),) if text else ()

    return _items(read, merge, always_append=always_append)


def _limit(held: Held | None, setting: Setting) -> Held:
    mine = held or Held(Resources.trusted(), {})
    value = mine.value.with_limit(setting.name, setting.last)
    return Held(value, {**mine.marks, setting.name: setting.marks[-1]})


LIMIT = SetRule(_limit, named=True, appendable=False)


def _secret(held: Held | None, setting: Setting) -> Held:
    """`secret.ID=…` gives a declared secret another source."""
    found = Secret.parse(setting.last)
    if found.id not in ("", setting.name):
        raise ValueError(
            f"secret override id {quoted(found.id)} does not match declared secret {quoted(setting.name)}"
        )
    mine = held or Held((), ())
    at = next((index for index, secret in enumerate(mine.value) if secret.id == setting.name), None)
    if at is None:
        raise ValueError(f"secret {quoted(setting.name)} must be declared before it can be overridden")
    secret = Secret.trusted(id=setting.name, src=found.src, env=found.env)
    return Held(
        (*mine.value[:at], secret, *mine.value[at + 1 :]),
        (*mine.marks[:at], setting.marks[-1], *mine.marks[at + 1 :]),
    )


SECRET = SetRule(_secret, named=True, appendable=False)


def _push(held: Held | None, setting: Setting) -> Held | None:
    """Pushing turns push on in image outputs, and adds one unless something but docker is there;
    not pushing turns it off, and drops registry outputs."""
    mine = held or Held((), ())
    pushing = _boolean(setting)
    changed = _with_push(mine, setting.marks[-1], "true" if pushing else "false")
    if not pushing:
        return _without_registry(changed) if held else None
    if any(output.type != "docker" for output in mine.value):
        return changed
    pushed = Output.trusted(type="image", attrs={"push": "true"})
    return append(changed, Held((pushed,), (setting.marks[-1],)))


def _with_push(held: Held, mark: Mark, push: str) -> Held:
    images = [output.type == "image" for output in held.value]
    if not any(images):
        return held
    outputs = tuple(
        Output.trusted(type=output.type, dest=output.dest, attrs={**output.attrs, "push": push})
        if output.type == "image"
        else output
        for output in held.value
    )
    return Held(outputs, tuple(mark if image else old for image, old in zip(images, held.marks, strict=True)))


def _without_registry(held: Held) -> Held:
    """Without registry outputs; as in the reference the last one takes the place of each."""
    pairs = list(zip(held.value, held.marks, strict=True))
    index = 0
    while index < len(pairs):
        if pairs[index][0].type == "registry":
            pairs[index] = pairs[-1]
            pairs.pop()
        else:
            index += 1
    return Held(tuple(output for output, _ in pairs), tuple(mark for _, mark in pairs))


_STAYS_WITH_THE_BUILDER = frozenset({"image", "registry", "oci"})


def _load(held: Held | None, setting: Setting) -> Held | None:
    """Loading adds a docker output unless one without destination, or one that already lands on this
    machine, is there."""
    if not _boolean(setting):
        return held
    mine = held or Held((), ())
    for output in mine.value:
        if output.type not in _STAYS_WITH_THE_BUILDER and not (output.type == "docker" and output.dest):
            return held
    return append(mine, Held((Output.trusted(type="docker"),), (setting.marks[-1],)))


PUSH = SetRule(_push, flag=True)
LOAD = SetRule(_load, flag=True)

OUTPUT_MERGE: Merge = lambda mine, theirs: distinct_entries(append(mine, theirs))  # noqa: E731
