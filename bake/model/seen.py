"""What expressions see of a target's entries and limits: their object form, however they are written.

`target.app.output[0].type` is there for `output = ["type=local,dest=out"]` too. Types and keys are those
of the `ToCtyValue` methods in util/buildflags of buildx 0.36.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.evaluate.types import NUMBER, STRING, List, Map, Object
from bake.evaluate.values import Value, list_of, map_of, null, object_of, string, whole
from bake.model.entries import Attest, Output, TypedEntry
from bake.model.policy import Policy
from bake.model.secrets import SSH, Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.evaluate.types import Type
    from bake.model.entry import Entry
    from bake.model.resources import Resources

_TEXTS = List(STRING)
_FORMS: Mapping[type[Entry], Object] = {
    Secret: Object({"env": STRING, "id": STRING, "src": STRING}),
    SSH: Object({"id": STRING, "paths": _TEXTS}),
}


def entries_seen(kind: type[Entry], entries: Iterable[Entry]) -> Value:
    """A list of entries of one kind: maps of text, or objects of secrets and SSH keys."""
    return list_of(_FORMS.get(kind, Map(STRING)), [_entry(entry) for entry in entries])


def limits_seen(resources: Resources | None, form: Mapping[str, Type]) -> Value:
    """An object of all limits that `form` names, null where there is none; null without `resources`."""
    if resources is None:
        return null(Object(form))
    given = resources.printed()
    return object_of({name: _limit(given.get(name), type_) for name, type_ in form.items()})


def _limit(given: object, wanted: Type) -> Value:
    if given is None:
        return null(wanted)
    return whole(int(str(given))) if wanted == NUMBER else string(str(given))


def _entry(entry: Entry) -> Value:
    match entry:
        case Secret():
            return object_of({key: string(getattr(entry, key)) for key in ("id", "src", "env")})
        case SSH():
            return object_of({"id": string(entry.id), "paths": list_of(STRING, map(string, entry.paths))})
        case Policy():
            return _texts(_policy(entry))
        case TypedEntry():
            return _texts({**entry.attrs, "type": entry.type, **_own(entry)})
    raise TypeError(f"{type(entry).__name__} has no object form")


def _own(entry: TypedEntry) -> Mapping[str, str]:
    if isinstance(entry, Output):
        return {"dest": entry.dest}
    return {"disabled": "true"} if isinstance(entry, Attest) and entry.disabled else {}


def _policy(entry: Policy) -> Mapping[str, str]:
    flags = {"reset": entry.reset or None, "disabled": entry.disabled or None, "strict": entry.strict}
    texts = {key: str(flag).lower() for key, flag in flags.items() if flag is not None}
    if entry.files:
        texts["filename"] = entry.files[0]
    return {**texts, "log-level": entry.log_level} if entry.log_level else texts


def _texts(attributes: Mapping[str, str]) -> Value:
    return map_of(STRING, {key: string(text) for key, text in attributes.items()})
