"""HCL's own faults: what it says, where it says it, and how far it goes on."""

from __future__ import annotations

import pytest

from tests.unit.syntax.shapes import details, faults


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = ", "1,5-5 Missing expression"),
        ("a = ]", "1,5-6 Invalid expression"),
        ("a = 1 b = 2", "1,7-8 Missing newline after argument"),
        ("a = 1, b = 2", "1,6-7 Unexpected comma after argument"),
        ("a = 1\na = 2", "2,1-2 Attribute redefined"),
        ("a", "1,1-2 Argument or block definition required"),
        ("a.b = 1", "1,1-2 Argument or block definition required"),
        ('"a" = 1', "1,1-2 Invalid argument name"),
        ("}", "1,1-2 Argument or block definition required"),
        ("b {", "1,3-4 Unclosed configuration block"),
        ("b { a = 1", "1,3-4 Unclosed configuration block"),
        ('b "x"\n{\n}', "1,6-2,1 Invalid block definition"),
        ('b "x" = {', "1,7-8 Invalid block definition"),
        ("b x 1 {}", "1,5-6 Invalid block definition"),
        ("b {} c {}", "1,6-7 Missing newline after block definition"),
        ("b { a = 1, c = 2 }", "1,10-11 Invalid single-argument block definition"),
        ("b { a = 1\n}", "1,10-2,1 Invalid single-argument block definition"),
        ("b { a = 1 c }", "1,11-12 Invalid single-argument block definition"),
        ("b { c {} }", "1,5-8 Argument definition required"),
        ('b "${c}" {}', "1,4-6 Invalid string literal"),
        ("a = x ? 1", "1,10-10 Missing false expression in conditional"),
        ("a = 1 +\n2", "1,8-2,1 Invalid expression"),
        ("a = (1", "1,7-7 Unbalanced parentheses"),
        ("a = 1.2.3", "1,5-10 Invalid number literal"),
        ("a = x.", "1,7-7 Invalid attribute name"),
        ("a = x.0.1", "1,7-10 Invalid legacy index syntax"),
        ("a = x.*.0.1", "1,7-8 Invalid legacy index syntax"),
        ("a = x.*.b.*", "1,11-12 Nested splat expression not allowed"),
        ("a = x[*", "1,8-8 Missing close bracket on splat index"),
        ("a = x[1", "1,8-8 Missing close bracket on index"),
        ("a = x[1 y [] ]\n", "1,14-15 Missing close bracket on index"),
        ("a = x[*.n[0]\n", "2,1-1 Missing close bracket on splat index"),
        ("a = f(1 2)", "1,9-10 Missing argument separator"),
        ("a = f(1", "1,5-7 Unterminated function call"),
        ("a = f(b..., 1)", "1,8-11 Missing closing parenthesis"),
        ("a = b::", "1,8-8 Missing function name"),
        ("a = b::c", "1,9-9 Missing open parenthesis"),
        ("a = [1 2]", "1,8-9 Missing item separator"),
        ("a = [1", "1,5-6 Unterminated tuple constructor expression"),
        ("a = {b = 1 c = 2}", "1,12-13 Missing attribute separator"),
        ("a = {b, c}", "1,7-8 Missing attribute value"),
        ("a = {b c}", "1,8-9 Missing key/value separator"),
        ("a = {b 1}", "1,8-9 Missing key/value separator"),
        ("a = {b = 1", "1,5-6 Unterminated object constructor expression"),
        ("a = {b", "1,5-6 Unterminated object constructor expression"),
        ("a = {for = 1}", "1,10-11 Invalid 'for' expression"),
        ("a = [for x : y]", "1,12-13 Invalid 'for' expression"),
        ("a = [for k, in y]", "1,16-17 Invalid 'for' expression"),
        ("a = [for x in y z]", "1,17-18 Invalid 'for' expression"),
        ("a = [for x in y : x => x]", "1,19-20 Invalid 'for' expression"),
        ("a = [for x in y : x...]", "1,20-23 Invalid 'for' expression"),
        ("a = {for x in y : x}", "1,19-20 Invalid 'for' expression"),
        ("a = [for x in y : x y]", "1,21-22 Invalid 'for' expression"),
        ('a = "x', "1,7-7 Unterminated template string"),
        ('a = "${x"', "1,6-8 Unclosed template interpolation sequence"),
        ('a = "${x', "1,6-8 Unclosed template interpolation sequence"),
        ('a = "${x y}"', "1,10-11 Extra characters after interpolation expression"),
        ('a = "${x:-y}"', "1,9-10 Extra characters after interpolation expression"),
        ('a = "%{ 1 }"', "1,9-10 Invalid template directive"),
        ('a = "%{ fi x }"', "1,9-11 Invalid template control keyword"),
        ('a = "%{ for x y }"', "1,15-16 Invalid 'for' directive"),
        ('a = "%{ if x y }"', "1,14-15 Extra characters in if marker"),
        ('a = "%{ if x }"', "1,15-16 Unexpected end of template"),
        ('a = "%{ endif }"', "1,6-16 Unexpected endif directive"),
        ('a = "%{ if x }%{ endfor }"', "1,15-26 Unexpected endfor directive"),
        ('a = "%{ if x }%{ else }%{ else }%{ endif }"', "1,24-33 Unexpected else directive"),
        ('a = "%{ for x in y }%{ else }%{ endfor }"', "1,21-30 Unexpected else directive"),
        ('a = "\\q"', "1,6-8 Invalid escape sequence"),
        ('a = "\\u12"', "1,6-10 Invalid escape sequence"),
        ('a = "\\UFFFFFFFF"', "1,6-16 Invalid escape sequence"),
        ("a = 1 & 2", "1,7-8 Unsupported operator"),
        ("a = 'x'", "1,5-6 Invalid character"),
        ("a = `x`", "1,5-6 Invalid character"),
        ("a = 1;", "1,6-7 Invalid character"),
        ("a = “x”", "1,5-6 Invalid character"),
        ("a = $x", "1,5-6 Invalid character"),
        ('a = "x\ny"', "1,7-2,1 Invalid multi-line string"),
        ("a = <<E\nx", "2,2-2 Unterminated template string"),
    ],
)
def test_the_first_fault(text: str, expected: str) -> None:
    assert faults(text)[0] == expected


def test_columns_count_graphemes() -> None:
    assert faults('a = "äe\u0301😀" b') == ["1,11-12 Missing newline after argument"]


def test_columns_begin_behind_a_byte_order_mark() -> None:
    assert faults("\ufeffa = $x") == faults("a = $x")
    assert faults("\ufeff\ufeffa = 1")[0] == "1,1-2 Invalid character"


def test_all_faults_of_a_file_are_told() -> None:
    text = 'a = 1\na = 2\nb = "\\q"\nblock {\n  c = 1\n  c = 2\n}\n'
    assert faults(text) == [
        "2,1-2 Attribute redefined",
        "3,6-8 Invalid escape sequence",
        "6,3-4 Attribute redefined",
    ]


def test_reading_goes_on_at_the_next_item_and_keeps_quiet_about_consequences() -> None:
    text = "a = [1 2\nb = 3\n]\nc = 1\nc = 2\nd = ]\n"
    assert faults(text) == ["1,8-9 Missing item separator", "5,1-2 Attribute redefined"]


def test_a_repeated_character_is_told_once_for_both_ends_of_a_quotation() -> None:
    assert [one for one in faults("a = 'x'\n") if "character" in one] == ["1,5-6 Invalid character"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\na = 2", 'The argument "a" was already set at f:1,1-2. Each argument may be set only once.'),
        ('a = "%{ if x }"', "The if directive at f:1,6-15 is missing its corresponding endif directive."),
        (
            'a = "%{ endfo }"',
            '"endfo" is not a valid template control keyword. Did you mean "endif"?',
        ),
        ("a = x.0.1", "[0][1]."),
        ("a = 1 | 2", 'Did you mean boolean OR ("||")?'),
    ],
)
def test_details_name_the_thing(text: str, expected: str) -> None:
    assert details(text)[0].endswith(expected)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "[" * 1000 + "]" * 1000,
        "a = " + "!" * 100_000 + "b",
        "a = 1" + " + 1" * 100_000,
        "a = x" + ".b" * 100_000,
        "a = x" + "[b]" * 1000,
        "a = " + "b ? c : " * 1000 + "d",
        'a = "' + '${"' * 1000,
        "b {\n" * 100_000,
        "a = {b = " * 1000,
        "] " + "a = " + "(" * 100_000,
        "x = ]\ny {\n" + "z = " + "f(" * 1000,
    ],
)
def test_deep_nesting_is_refused_not_crashed_into(text: str) -> None:
    assert faults(text)


def test_nesting_up_to_the_limit_is_read() -> None:
    assert faults("a = " + "[" * 198 + "]" * 198) == []
    assert faults("a = " + "[" * 201 + "]" * 201) == ["1,205-206 Nesting too deep"]


def test_a_long_list_is_not_deep() -> None:
    assert faults("a = [" + "1 + 1, " * 1000 + "]\n" + "b = 1 + 1\n") == []
