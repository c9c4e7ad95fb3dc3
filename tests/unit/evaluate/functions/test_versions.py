from __future__ import annotations

import pytest

from tests.fakes.evaluating import faults, plain, value

HOLDING = [
    ("1.2.3", ">= 1.2"),
    ("v1.2.3", "~1.2"),
    ("1.2.3-rc1", ">=1.2.3-0"),
    ("2.0.0", "1.x || >=2.0.0 <3"),
    ("1.2", "^1.2.0"),
    ("1.5.0", "1.2 - 1.6"),
    ("1.2.3", "1.2.3"),
    ("1.2.3", "=1.2.3"),
    ("1.2.3", "*"),
    ("1.2.3", "1"),
    ("1.2.3", "1.2.x"),
    ("1.2.3", "!=1.2.4"),
    ("1.3.0", "!=1.2"),
    ("2.0.0", "!=1"),
    ("1.2.3+build", "=1.2.3"),
    ("2.0.0", ">1"),
    ("1.3.0", ">1.2"),
    ("1.2.9", "<=1.2"),
    ("1.9.9", "<=1"),
    ("0.2.5", "^0.2.3"),
    ("0.0.3", "^0.0.3"),
    ("0.1.9", "^0"),
    ("0.0.9", "^0.0"),
    ("1.2.9", "~1.2.3"),
    ("1.9.0", "~1"),
    ("9.9.9", "~*"),
    ("1.2.3", ">=1.2, <2"),
    ("1.2.3", ">=1.2 <2"),
    ("1.2.3", "=>1.2.3"),
    ("1.2.3", "=<1.2.3"),
    ("1.2.3", "~>1.2"),
    ("1.0.0-beta.11", ">1.0.0-beta.2"),
    ("1.0.0-beta", ">1.0.0-alpha.9"),
    ("1.0.0-alpha.1", ">1.0.0-alpha"),
    ("1.0.0-x", ">1.0.0-9"),
    ("01.2.3", "=1.2.3"),
]
FAILING = [
    ("1.2.3-rc1", ">1.2.2"),
    ("1.2.3", "<1.2.3"),
    ("1.2.3", ">1.2"),
    ("1.9.0", ">1"),
    ("1.2.3", "!=1.2"),
    ("1.2.3", "!=1"),
    ("1.3.0", "<=1.2"),
    ("2.0.0", "<=1"),
    ("0.3.0", "^0.2.3"),
    ("0.0.4", "^0.0.3"),
    ("0.1.0", "^0.0"),
    ("1.0.0", "^0"),
    ("2.0.0", "^1"),
    ("1.3.0", "~1.2.3"),
    ("2.0.0", "~1"),
    ("1.2.2", "~1.2.3"),
    ("1.2.3", ">=2 || <1"),
    ("1.0.0-rc1", "*"),
    ("1.7.0", "1.2 - 1.6"),
    ("1.2.3", "1.2.4"),
]


@pytest.mark.parametrize(
    ("version", "constraint", "holds"),
    [(*pair, True) for pair in HOLDING] + [(*pair, False) for pair in FAILING],
)
def test_constraint(version: str, constraint: str, holds: bool) -> None:
    assert plain(value(f'semvercmp("{version}", "{constraint}")')) is holds


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ('semvercmp("abc", ">1")', "invalid semantic version"),
        ('semvercmp("", ">1")', "invalid semantic version"),
        ('semvercmp("1.2.3.4", ">1")', "invalid semantic version"),
        ('semvercmp("1.2.3-01", ">1")', "version segment starts with 0"),
        ('semvercmp("1.0.0", "")', "improper constraint: "),
        ('semvercmp("1.0.0", "what")', "improper constraint: what"),
        ('semvercmp("1.0.0", ">1 ||")', "improper constraint: "),
        ('semvercmp("1.0.0", ">1 and <2")', "improper constraint: >1 and <2"),
        (
            'semvercmp("99999999999999999999.0.0", ">1")',
            "error parsing version segment: strconv.ParseUint:"
            ' parsing "99999999999999999999": value out of range',
        ),
    ],
)
def test_what_is_no_version_or_no_constraint(call: str, fault: str) -> None:
    assert faults(call) == [
        f'f.hcl:1,5-15: Error in function call; Call to function "semvercmp" failed: {fault}.'
    ]


def test_a_constraint_that_is_too_long_is_refused() -> None:
    (fault,) = faults('semvercmp("1.0.0", join(" ", [for i in range(1024) : ">=10.0"]))')
    assert "more than 4096 characters" in fault


def test_nothing_takes_null() -> None:
    (fault,) = faults('semvercmp(null, ">1")')
    assert fault.endswith('Invalid value for "version" parameter: argument must not be null.')
    # the reference's own spelling
    (fault,) = faults('semvercmp("1.0.0", null)')
    assert fault.endswith('Invalid value for "contraint" parameter: argument must not be null.')
