from __future__ import annotations

import pytest

from bake.syntax.scan import is_identifier, scan, scan_template


def kinds(text: str) -> list[str]:
    return [kind for kind, _, _ in scan(text)]


def pieces(text: str) -> list[str]:
    return [text[start:end] for _, start, end in scan(text)]


def test_tokens_cover_all_but_blanks() -> None:
    text = 'a = "x${b}" # c\n'
    assert pieces(text) == ["a", "=", '"', "x", "${", "b", "}", '"', "# c\n", ""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<= >= == != => && || :: ...",
            "LEQ GEQ DOUBLE_EQ NEQ FOR_OBJECT_ARROW DOUBLE_AMP DOUBLE_PIPE COLONS ELLIPSIS",
        ),
        ("1.5e-3 1.", "NUMBER NUMBER DOT"),
        ("größe a-b _x", "NAME NAME NAME"),
        ("a & ` ' ; ~", "NAME BITWISE BACKTICK APOSTROPHE SEMICOLON BITWISE"),
        ("a /* b */ c // d", "NAME COMMENT NAME COMMENT"),
        ("a /* b", "NAME SLASH ASTERISK NAME"),
        ("a << b", "NAME LT LT NAME"),
        ('"a\nb"', "OPEN_QUOTE STRING_CHARS QUOTED_NEWLINE STRING_CHARS CLOSE_QUOTE"),
        ('"$${a"', "OPEN_QUOTE STRING_CHARS CLOSE_QUOTE"),
        ('"$$${a}"', "OPEN_QUOTE STRING_CHARS CLOSE_QUOTE"),
        ('"${~ {} ~}"', "OPEN_QUOTE INTERP_START LBRACE RBRACE SEQ_END CLOSE_QUOTE"),
        ('"%{ if a }', "OPEN_QUOTE DIRECTIVE_START NAME NAME SEQ_END"),
        ("<<E\na\n E\nb", "OPEN_HEREDOC STRING_CHARS CLOSE_HEREDOC NEWLINE NAME"),
        ("<<E\r\na\r\nE\r\n", "OPEN_HEREDOC STRING_CHARS CLOSE_HEREDOC NEWLINE"),
        ("<<E\nE", "OPEN_HEREDOC STRING_CHARS"),
        ("\ufeffa", "NAME"),
        ("a\rb", "NAME INVALID NAME"),
        ("²", "INVALID"),
    ],
)
def test_kinds(text: str, expected: str) -> None:
    assert kinds(text) == [*expected.split(), "EOF"]


def test_a_heredoc_ends_only_at_a_line_of_its_own() -> None:
    assert kinds("<<E\n${a}E\nE\n")[-4:] == ["STRING_CHARS", "CLOSE_HEREDOC", "NEWLINE", "EOF"]


def test_a_template_has_no_quotes_and_no_backslashes() -> None:
    text = 'a\\"${b}$'
    assert [text[start:end] for _, start, end in scan_template(text)] == ['a\\"', "${", "b", "}", "$", ""]


@pytest.mark.parametrize(
    ("text", "answer"), [("a-b", True), ("ä1", True), ("1a", False), ("a b", False), ("", False)]
)
def test_identifiers(text: str, answer: bool) -> None:
    assert is_identifier(text) is answer
