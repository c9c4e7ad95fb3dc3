"""`x-bake`: what a build in a compose file has for bake alone (composeExtTarget of buildx 0.36.1).

Lists are added to what the service has, a plain text being split at blanks; flags replace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.model.compose import values
from bake.model.compose.nodes import Node, fault, scalar
from bake.model.entries import Output
from bake.model.held import Held, appended, distinct_entries, distinct_text, last_by, replace, union
from bake.model.secrets import SSH, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.model.held import Draft, Merge

_FLAGS = {**dict.fromkeys(("y", "Y", "yes", "on"), True), **dict.fromkeys(("n", "N", "no", "off"), False)}


def extended(draft: Draft, extension: Node | None) -> Draft:
    """`draft` with what `x-bake` says. Raises DefinitionError."""
    if extension is None or extension.value is None:
        return draft
    if not isinstance(extension.value, dict):
        raise fault("x-bake must be a mapping", extension)
    found = dict(draft)
    for key, (name, read, merge) in KEYS.items():
        node = extension.get(key)
        held = read(node) if node is not None and node.value is not None else None
        if held is not None:
            found[name] = merge(found.get(name) or _empty_like(held), held)
    return found


def _empty_like(held: Held) -> Held:
    return Held(type(held.value)(), type(held.marks)() if isinstance(held.value, tuple | dict) else None)


def _words(node: Node) -> list[Node]:
    """A list of texts, or one text split at blanks."""
    if isinstance(node.value, dict) or any(isinstance(item.value, dict | list) for item in node.elements):
        raise fault("x-bake takes a text here, or a list of texts", node)
    if isinstance(node.value, list):
        return [item.with_value("" if item.value is None else scalar(item)) for item in node.value]
    return [node.with_value(word) for word in scalar(node).split()]


def _texts(node: Node) -> Held | None:
    return values.texts(_words(node))


def _flag(node: Node) -> Held:
    value = _FLAGS.get(node.value) if isinstance(node.value, str) else node.value
    if not isinstance(value, bool):
        raise fault("x-bake takes true or false here", node)
    return Held(value, values.mark(node))


def _contexts(node: Node) -> Held | None:
    items = node.items
    if not isinstance(node.value, dict) or any(
        isinstance(item.value, dict | list) for item in items.values()
    ):
        raise fault("x-bake takes a mapping of texts here", node)
    texts = {key: "" if item.value is None else scalar(item) for key, item in items.items()}
    return values.contexts(texts, items)


_by_id = appended(last_by("id"))
_joined = appended(distinct_text)
_once = appended(distinct_entries)

KEYS: Mapping[str, tuple[str, Callable[[Node], Held | None], Merge]] = {
    "tags": ("tags", _texts, _joined),
    "cache-from": ("cache_from", lambda node: values.caches(_words(node)), _once),
    "cache-to": ("cache_to", lambda node: values.caches(_words(node)), _once),
    "secret": ("secret", lambda node: values.entries(Secret, _words(node)), _by_id),
    "ssh": ("ssh", lambda node: values.entries(SSH, _words(node)), _by_id),
    "platforms": ("platforms", _texts, _joined),
    "output": ("output", lambda node: values.entries(Output, _words(node)), _once),
    "pull": ("pull", _flag, replace),
    "no-cache": ("no_cache", _flag, replace),
    "no-cache-filter": ("no_cache_filter", _texts, _joined),
    "contexts": ("contexts", _contexts, union),
}
"""The keys of `x-bake`: the target's field, how it is read, how it is merged with the service's."""

FLAGS = frozenset(key for key, (_, read, _) in KEYS.items() if read is _flag)
MAPS = frozenset(key for key, (_, read, _) in KEYS.items() if read is _contexts)
"""Which of them are no words or lists of words."""
