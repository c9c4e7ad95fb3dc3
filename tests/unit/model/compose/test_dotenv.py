"""The `.env` format, line by line."""

from __future__ import annotations

import pytest

from bake.model.compose.dotenv import DotenvError, parse

NOTHING: dict[str, str] = {}
OUTSIDE = {"OUT": "outside", "A": "env"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\n", {"A": "1"}),
        ("B = 2\n", {"B": "2"}),
        ("C: 3\n", {"C": "3"}),
        ("D=4", {"D": "4"}),
        ("# comment\n\n  E=5\n", {"E": "5"}),
        ("export F=6\nexport\tG=7\n", {"F": "6", "G": "7"}),
        ("A=a b # c\n", {"A": "a b"}),
        ("A=a#b\nB=#c\nC= # d\n", {"A": "a#b", "B": "#c", "C": "# d"}),
        ("A=\nB=\"\"\nC=''\n", {"A": "", "B": "", "C": ""}),
        ('A="x\ny"\nB=2\n', {"A": "x\ny", "B": "2"}),
        ("A='$OUT'\n", {"A": "$OUT"}),
        ('X="$OUT"\nY=$X-${Z:-z}\n', {"X": "outside", "Y": "outside-z"}),
        ("A=file\nB=$A\n", {"A": "file", "B": "env"}),
        ("A=$$x\n", {"A": "$x"}),
        (r'A="a\tb\"c\\d\$OUT"', {"A": 'a\tb"c\\d$OUT'}),
        (r'A="\0101\07\c\x"', {"A": r"A\7\c\x"}),
        (r"A='it\'s'", {"A": "it's"}),
        (r"A=a\nb", {"A": r"a\nb"}),
        ("OUT\nNOT\n", {"OUT": "outside"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A.B=1\nB-C=2\n[x]=3\n", {"A.B": "1", "B-C": "2", "[x]": "3"}),
        ("Ä=1\n", {"Ä": "1"}),
        ("A=1\nA=2\n", {"A": "2"}),
    ],
)
def test_parse(text: str, expected: dict[str, str]) -> None:
    assert parse(text, OUTSIDE.get) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A B=1\n", "line 1: key cannot contain a space"),
        ("A=1\nB!=1\n", 'line 2: unexpected character "!" in variable name "B!=1"'),
        ('A="x\n', 'line 2: unterminated quoted value "x'),
        ("A=${\n", 'Invalid template: "${"'),
    ],
)
def test_faults(text: str, message: str) -> None:
    with pytest.raises(DotenvError) as raised:
        parse(text, OUTSIDE.get)
    assert str(raised.value) == message


def test_a_required_variable() -> None:
    with pytest.raises(ValueError, match="required variable X is missing a value: m"):
        parse("A=${X:?m}\n", OUTSIDE.get)


def test_values_that_double_come_to_an_end() -> None:
    text = "A0=xx\n" + "".join(f"A{n}=$A{n - 1}$A{n - 1}\n" for n in range(1, 60))
    with pytest.raises(ValueError, match="the values of variables have more than 16,777,216 characters"):
        parse(text, NOTHING.get)


def test_what_was_found_before_is_seen_and_kept() -> None:
    assert parse("B=$A\n", NOTHING.get, {"A": "1"}) == {"A": "1", "B": "1"}
