"""One line of fields, against the messages of Go's encoding/csv."""

from __future__ import annotations

import re

import pytest

from bake.model import csvvalue


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("type=local", ["type=local"]),
        ("a=1,b=2", ["a=1", "b=2"]),
        ("a,", ["a", ""]),
        (",", ["", ""]),
        ('"a=1,2",b', ["a=1,2", "b"]),
        ('"say ""hi""",b', ['say "hi"', "b"]),
        ('"",', ["", ""]),
        ("a\n", ["a"]),
        ("a\r\n", ["a"]),
        (" a , b ", [" a ", " b "]),
    ],
)
def test_fields_of_a_line(line: str, fields: list[str]) -> None:
    assert csvvalue.fields(line) == fields


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "EOF"),
        ("\n", "EOF"),
        ('a"b', 'parse error on line 1, column 2: bare " in non-quoted field'),
        ('x,ä"b', 'parse error on line 1, column 5: bare " in non-quoted field'),
        ('"a', 'parse error on line 1, column 2: extraneous or missing " in quoted-field'),
        ('"a"b', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'),
    ],
)
def test_faults_name_the_byte(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        csvvalue.fields(line)


@pytest.mark.parametrize(
    ("pairs", "line"),
    [
        ([("type", "local"), ("dest", "out")], "type=local,dest=out"),
        ([("a", "1,2"), ("b", 'say "hi"')], '"a=1,2","b=say ""hi"""'),
        ([], ""),
    ],
)
def test_only_what_needs_quotes_gets_them(pairs: list[tuple[str, str]], line: str) -> None:
    assert csvvalue.joined(pairs) == line
