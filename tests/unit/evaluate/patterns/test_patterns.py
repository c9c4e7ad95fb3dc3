from __future__ import annotations

import pytest

from bake.evaluate.patterns import PatternError, compile_pattern
from bake.evaluate.patterns.classes import folded, unicode_class


def matched(pattern: str, text: str) -> list[str | None] | None:
    """The whole match and the groups of the first match."""
    found = compile_pattern(pattern).search(text)
    if found is None:
        return None
    return [
        text[start:end] if start >= 0 else None for start, end in zip(found[::2], found[1::2], strict=True)
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        ("(a|ab)(c|bcd)", "abcd", ["abcd", "a", "bcd"]),
        ("(|a)*", "aa", ["", ""]),
        ("(a*)+", "b", ["", ""]),
        ("a+?", "aaa", ["a"]),
        ("(?U)a+", "aaa", ["a"]),
        ("(?U)a+?", "aaa", ["aaa"]),
        ("a{2,3}", "aaaa", ["aaa"]),
        ("a{0}b", "ab", ["b"]),
        ("a{,2}", "a{,2}", ["a{,2}"]),
        ("x{", "x{", ["x{"]),
        ("(?:(a)|b)*", "ab", ["ab", "a"]),
        ("(?P<n>a)(?<m>b)?", "a", ["a", "a", None]),
        ("(?i)straße", "STRAẞE", ["STRAẞE"]),
        ("(?i:a)b", "Ab", ["Ab"]),
        ("(?i)[^a]", "Ab", ["b"]),
        ("(?i)ſ", "S", ["S"]),
        ("(?i)K", "k", ["k"]),
        (r"[[:alpha:]\d-]+", "a-1_", ["a-1"]),
        (r"[[:^digit:]]", "1a", ["a"]),
        (r"\p{Greek}\pN\P{L}", "β1-", ["β1-"]),
        (r"\p{^Lu}", "Aa", ["a"]),
        (r"\p{Letter}\p{any}", "é\n", ["é\n"]),
        (r"\Qa.b\E+", "a.bbb", ["a.bbb"]),
        (r"\x41\x{1F600}\101\a", "A😀A\a", ["A😀A\a"]),
        (r"\Aa\z", "a", ["a"]),
        ("(?m)^b$", "a\nb\nc", ["b"]),
        ("^b$", "a\nb", None),
        ("a.b", "a\nb", None),
        ("(?s)a.b", "a\nb", ["a\nb"]),
        (r"\bfoo\B", "foo food", ["foo"]),
        ("[]a]+", "]a", ["]a"]),
        ("[a-]+", "-a", ["-a"]),
    ],
)
def test_matching(pattern: str, text: str, wanted: list[str | None] | None) -> None:
    assert matched(pattern, text) == wanted


@pytest.mark.parametrize(
    ("pattern", "code", "expression"),
    [
        ("(", "missing closing )", "("),
        (")", "unexpected )", ")"),
        ("[a", "missing closing ]", "[a"),
        ("[z-a]", "invalid character class range", "z-a"),
        ("[[:x:]]", "invalid character class range", "[:x:]"),
        (r"\p{X}", "invalid character class range", r"\p{X}"),
        (r"\p{X", "invalid character class range", r"\p{X"),
        ("*", "missing argument to repetition operator", "*"),
        ("(|*)", "missing argument to repetition operator", "*"),
        ("a**", "invalid nested repetition operator", "**"),
        ("a{1001}", "invalid repeat count", "{1001}"),
        ("a{2,1}", "invalid repeat count", "{2,1}"),
        ("\\", "trailing backslash at end of expression", ""),
        (r"\8", "invalid escape sequence", r"\8"),
        (r"\x{110000}", "invalid escape sequence", r"\x{110000"),
        (r"\xg0", "invalid escape sequence", r"\xg0"),
        (r"(a)\1", "invalid escape sequence", r"\1"),
        (r"\C", "invalid escape sequence", r"\C"),
        ("(?=a)", "invalid or unsupported Perl syntax", "(?="),
        ("(?!a)", "invalid or unsupported Perl syntax", "(?!"),
        ("(?<=a)", "invalid named capture", "(?<=a)"),
        ("(?P=n)", "invalid or unsupported Perl syntax", "(?P"),
        ("(?P<>a)", "invalid named capture", "(?P<>"),
        ("(?i-)", "invalid or unsupported Perl syntax", "(?i-)"),
    ],
)
def test_what_is_refused(pattern: str, code: str, expression: str) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    assert (caught.value.code, caught.value.expression) == (code, expression)
    assert str(caught.value) == f"error parsing regexp: {code}: `{expression}`"


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [("a*", "baac", ["", "aa", ""]), ("", "ab", ["", "", ""]), ("b", "abb", ["b", "b"]), ("x", "a", [])],
)
def test_all_matches(pattern: str, text: str, wanted: list[str]) -> None:
    assert [text[found[0] : found[1]] for found in compile_pattern(pattern).matches(text)] == wanted


@pytest.mark.parametrize(
    ("pattern", "wanted"), [("b*", "-a-c-"), ("", "-a-b-c-"), ("b", "a-c"), ("x", "abc")]
)
def test_replacing(pattern: str, wanted: str) -> None:
    assert compile_pattern(pattern).replace("abc", lambda _found: "-") == wanted


def test_names_of_groups() -> None:
    assert compile_pattern("(a)(?P<n>b)(?:c)").names == (None, "n")


def test_turkish_letters_fold_to_nothing_else() -> None:
    assert folded("İ") == "İ"
    assert folded("ı") == "ı"
    assert folded("Σ") == folded("ς") == "σ"


def test_no_class_of_that_name() -> None:
    assert unicode_class("") is None
    assert unicode_class("Nope") is None
    assert unicode_class("1") is None
