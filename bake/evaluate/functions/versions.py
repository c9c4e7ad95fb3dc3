"""Semantic versions against constraints, as Masterminds/semver 3.4 has them.

A constraint is alternatives (`||`) of comparisons that must all hold (blank or comma): `>=1.2`, `~1.2.3`,
`^0.2`, `1.x`, `1.0 - 2.0`. Pre-releases satisfy only an alternative that names one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.patterns import compile_pattern
from bake.evaluate.types import BOOL, STRING
from bake.evaluate.values import Value, boolean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.host import Host

_EXTRA: Final = r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
_VERSION: Final = r"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?" + _EXTRA
_WILD: Final = r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?" + _EXTRA
_OPERATORS: Final = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^"
_ONE: Final = rf"({_OPERATORS})\s*({_WILD})"
_MAX_SEGMENT: Final = 2**64 - 1
_MAX_LENGTH: Final = 4096
"""Longer constraints are refused; the reference has no bound."""


class _Version(NamedTuple):
    segments: tuple[int, int, int]
    pre: str


class _Constraint(NamedTuple):
    """A comparison. `given` is how many segments were written, 3 for a whole version."""

    operator: str
    version: _Version
    given: int


def _semver_compare(arguments: Sequence[Value], _host: Host) -> Value:
    version = _parse(arguments[0].raw)
    alternatives = _alternatives(arguments[1].raw)
    return boolean(any(_all_hold(constraints, version) for constraints in alternatives))


def _parse(text: str) -> _Version:
    groups = _groups(rf"^{_VERSION}$", text)
    if groups is None:
        raise FunctionError("invalid semantic version")
    segments = [_segment((groups[number] or "0").removeprefix(".")) for number in (1, 2, 3)]
    pre = groups[5] or ""
    for part in pre.split(".") if pre else ():
        if part.isdecimal() and len(part) > 1 and part.startswith("0"):
            raise FunctionError("version segment starts with 0")
    return _Version((segments[0], segments[1], segments[2]), pre)


def _segment(text: str) -> int:
    if len(text.lstrip("0")) > 20 or int(text) > _MAX_SEGMENT:
        raise FunctionError(
            f'error parsing version segment: strconv.ParseUint: parsing "{text}": value out of range'
        )
    return int(text)


def _groups(pattern: str, text: str) -> list[str | None] | None:
    """The whole match and the groups of the first match."""
    found = compile_pattern(pattern).search(text)
    if found is None:
        return None
    return [
        text[start:end] if start >= 0 else None for start, end in zip(found[::2], found[1::2], strict=True)
    ]


def _alternatives(text: str) -> list[list[_Constraint]]:
    if len(text) > _MAX_LENGTH:
        raise FunctionError(f"the constraint has more than {_MAX_LENGTH} characters")
    valid = compile_pattern(rf"^(\s*{_ONE}\s*)((?:\s+|,\s*){_ONE}\s*)*$")
    single = compile_pattern(_ONE)
    alternatives: list[list[_Constraint]] = []
    for part in _without_ranges(text).split("||"):
        if valid.search(part) is None:
            raise FunctionError(f"improper constraint: {part}")
        found = [_constraint(part[match[0] : match[1]]) for match in single.matches(part)]
        alternatives.append(found)
    return alternatives


def _without_ranges(text: str) -> str:
    """`1.0 - 2.0` as two comparisons."""
    ranges = compile_pattern(rf"\s*({_WILD})\s+-\s+({_WILD})\s*")
    return ranges.replace(
        text, lambda found: f">= {text[found[2] : found[3]]}, <= {text[found[22] : found[23]]} "
    )


def _constraint(text: str) -> _Constraint:
    groups = _groups(rf"^\s*{_ONE}\s*$", text)
    if groups is None:
        raise FunctionError(f"improper constraint: {text}")
    operator, written = groups[1] or "", [(groups[number] or "").removeprefix(".") for number in (3, 4, 5)]
    given = next((place for place, segment in enumerate(written) if segment in ("", "x", "X", "*")), 3)
    segments = ".".join(written[:given] + ["0"] * (3 - given))
    try:
        version = _parse(segments + (groups[6] or ""))
    except FunctionError as error:
        raise FunctionError("constraint parser error") from error
    return _Constraint(operator, version, given)


def _all_hold(constraints: list[_Constraint], version: _Version) -> bool:
    if version.pre and not any(one.version.pre for one in constraints):
        return False
    return all(_CHECKS[one.operator](version, one) for one in constraints)


def _order(left: _Version, right: _Version) -> int:
    if left.segments != right.segments:
        return 1 if left.segments > right.segments else -1
    if not left.pre or not right.pre:
        return bool(right.pre) - bool(left.pre)
    return _order_pre(left.pre, right.pre)


def _order_pre(left: str, right: str) -> int:
    one, two = left.split("."), right.split(".")
    size = max(len(one), len(two))
    for first, second in zip(one + [""] * (size - len(one)), two + [""] * (size - len(two)), strict=True):
        if first != second:
            return 1 if _pre_key(first) > _pre_key(second) else -1
    return 0


def _pre_key(part: str) -> tuple[int, int, str]:
    # nothing comes first, then numbers, then words
    if not part:
        return 0, 0, ""
    return (1, int(part), "") if part.isdecimal() and len(part) <= 19 else (2, 0, part)


def _not_equal(version: _Version, limit: _Constraint) -> bool:
    if limit.given == 3:
        return _order(version, limit.version) != 0
    compared = max(limit.given, 1)
    if version.segments[:compared] != limit.version.segments[:compared]:
        return True
    if limit.given == 2 and (version.pre or limit.version.pre):
        return _order_pre(version.pre, limit.version.pre) != 0
    return limit.given == 0 and version.segments != limit.version.segments


def _greater(version: _Version, limit: _Constraint) -> bool:
    if limit.given in (1, 2):
        return version.segments[: limit.given] > limit.version.segments[: limit.given]
    return _order(version, limit.version) > 0


def _less_or_equal(version: _Version, limit: _Constraint) -> bool:
    if limit.given == 3:
        return _order(version, limit.version) <= 0
    compared = max(limit.given, 1)
    if limit.given == 0:
        compared = 2
    return version.segments[:compared] <= limit.version.segments[:compared]


def _tilde(version: _Version, limit: _Constraint) -> bool:
    if _order(version, limit.version) < 0:
        return False
    if limit.version.segments == (0, 0, 0) and limit.given in (0, 3):
        return True
    compared = 1 if limit.given == 1 else 2
    return version.segments[:compared] == limit.version.segments[:compared]


def _tilde_or_equal(version: _Version, limit: _Constraint) -> bool:
    return _tilde(version, limit) if limit.given < 3 else _order(version, limit.version) == 0


def _caret(version: _Version, limit: _Constraint) -> bool:
    if _order(version, limit.version) < 0:
        return False
    major, minor, _ = limit.version.segments
    compared = 1 if major or limit.given == 1 else 2 if minor or limit.given == 2 else 3
    return version.segments[:compared] == limit.version.segments[:compared]


_CHECKS: Final[dict[str, Callable[[_Version, _Constraint], bool]]] = {
    "": _tilde_or_equal,
    "=": _tilde_or_equal,
    "!=": _not_equal,
    ">": _greater,
    "<": lambda version, limit: _order(version, limit.version) < 0,
    ">=": lambda version, limit: _order(version, limit.version) >= 0,
    "=>": lambda version, limit: _order(version, limit.version) >= 0,
    "<=": _less_or_equal,
    "=<": _less_or_equal,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}
FUNCTIONS: Final = {
    "semvercmp": Function(
        _semver_compare, (Parameter("version", STRING), Parameter("contraint", STRING)), returns=BOOL
    ),
}
