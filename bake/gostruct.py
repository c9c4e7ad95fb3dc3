"""What a Go template sees as more than JSON has: structs and times.

A struct is a mapping with certain fields only, each with a zero value.

The field of a template (`.DiffIDs`) finds its key exactly, or else by its letters and digits alone
(`diff_ids`), so documents keep the spelling of their JSON.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


_TIME = re.compile(r"(?P<day>[^T]+)T(?P<hour>[^Z+-]+)(?:Z|(?P<zone>[+-]\d\d):(?P<minutes>\d\d))")


class Time(str):
    """A time of RFC 3339, as JSON has it, which prints as Go's time.Time does."""

    __slots__ = ()

    @property
    def printed(self) -> str:
        found = _TIME.fullmatch(self)
        if found is None:
            return str(self)
        zone = f"{found['zone']}{found['minutes']}" if found["zone"] else ""
        return f"{found['day']} {found['hour']} {f'{zone} {zone}' if zone else '+0000 UTC'}"


class Struct(dict[str, Any]):
    """Values under their JSON names. `zeros` has the zero value of every field that may be absent, under
    its Go name, or a function that finds what is not part of the JSON; a field that is neither here nor
    there is a fault of the template."""

    __slots__ = ("zeros",)

    def __init__(self, values: Mapping[str, Any], zeros: Mapping[str, Any] | None = None) -> None:
        super().__init__(values)
        self.zeros = dict(zeros or {})

    @property
    def fields(self) -> list[str]:
        """The names that a template may use."""
        return list(self.zeros) or list(self)


def key_of(mapping: Mapping[str, Any], name: str) -> str | None:
    """The key of `mapping` that a template means by `.name`; None if it has none."""
    if name in mapping:
        return name
    wanted = letters(name)
    return next((key for key in mapping if isinstance(key, str) and letters(key) == wanted), None)


def letters(name: str) -> str:
    """`os.version` and `OSVersion` are one name."""
    return "".join(filter(str.isalnum, name)).lower()
