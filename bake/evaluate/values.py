"""cty's values: a type and what it holds. Immutable; equality is Python's, cty's `==` is in `operators`.

`raw` by type: STRING str (NFC), BOOL bool, NUMBER Number, List/Tuple tuple of Values, Set a tuple of
distinct Values in cty's order, Map/Object dict of Values in key order (bytes of UTF-8). None is null,
UNKNOWN a value that is not known yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from bake.evaluate.types import BOOL, DYNAMIC, STRING, Type


class _Unknown:
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True, slots=True)
class Value:
    type: Type
    raw: Any

    @property
    def is_null(self) -> bool:
        return self.raw is None

    @property
    def is_known(self) -> bool:
        return self.raw is not UNKNOWN


TRUE = Value(BOOL, True)
FALSE = Value(BOOL, False)
NULL = Value(DYNAMIC, None)
"""The null of no type."""


def string(text: str) -> Value:
    """A string value; `text` is taken as it is (NFC is the reader's duty)."""
    return Value(STRING, text)


def boolean(flag: bool) -> Value:
    return TRUE if flag else FALSE
