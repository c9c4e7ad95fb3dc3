"""Which dialect a text is in: by its name where that says it, else by what it looks like.

As in buildx (bake.go, hcl.go): `.yml` and `.yaml` are compose, `.json` and `.hcl` what they say, in these
letters only; any other name, `-` for standard input among them, is tried as compose, then HCL, then
JSON. Trying is replaced by looking: no text is valid in two of them, save the empty one, and JSON, which
is compose when it has services or secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bake.source import Dialect

_ANY_CASE: tuple[tuple[str, Dialect], ...] = ((".yml", "compose"), (".yaml", "compose"))
_EXACT: tuple[tuple[str, Dialect], ...] = ((".json", "json"), (".hcl", "hcl"), (".toml", "toml"))
_SKIPPED = re.compile(r"(?:\s|#[^\n]*|//[^\n]*|/\*(?s:.*?)\*/)*")
_COMPOSE = re.compile(r"""["']?[A-Za-z][\w.-]*["']?:\s|---\s|%YAML\s|\{\s*['A-Za-z]""")
_COMPOSE_KEYS = frozenset(("services", "secrets", "include"))


def dialect_of(name: str, text: str) -> Dialect:
    """The dialect of a text called `name`; `text` is looked at only when the name does not say."""
    lowered = name.lower()
    for ending, dialect in _ANY_CASE:
        if lowered.endswith(ending):
            return dialect
    for ending, dialect in _EXACT:
        if name.endswith(ending):
            return dialect
    return _look(text)


def _look(text: str) -> Dialect:
    found = _SKIPPED.match(text.removeprefix("\ufeff"))
    assert found is not None
    at = found.end()
    if _COMPOSE.match(found.string, at):
        return "compose"
    if found.string[at : at + 1] == "{":
        return "compose" if _is_compose(found.string[at:]) else "json"
    return "json" if found.string[at : at + 1] == "[" else "hcl"


def _is_compose(text: str) -> bool:
    """Whether a JSON object has what only a compose file has."""
    import json

    try:
        return not _COMPOSE_KEYS.isdisjoint(json.loads(text))
    except (ValueError, RecursionError):
        return False
