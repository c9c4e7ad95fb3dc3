from __future__ import annotations

import pytest

from bake.errors import DefinitionError
from bake.source import Source
from bake.syntax import parse
from tests.unit.syntax.shapes import expression, source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('""', "T()"),
        ('"a"', "T('a')"),
        ('"${a}"', "W(a)"),
        ('"${a}b"', "T(a 'b')"),
        ('"$${a} %%{b} $$${c}"', "T('${a} %{b} $${c}')".replace("$${c}", "$${c}")),
        ('"\\n\\t\\r\\"\\\\\\u00e9\\U0001F600"', "T('\\n\\t\\r\"\\\\é😀')"),
        ('"e\u0301"', "T('é')"),
        ('" a ${~ b ~} c "', "T(' a' b 'c ')"),
        ('"${"x${y}"}"', "W(T('x' y))"),
        ('"${{a = "}"}}"', "W({'a'=T('}')})"),
        ('"%{ if a }b%{ endif }"', "T((a ? H('b') : H()))"),
        ('"%{if a~} b %{~else~} c %{~endif}"', "T((a ? H('b') : H('c')))"),
        ('"%{ for i, x in l }${i}${x}%{ endfor }"', "T(%for(i,x in l: H(i x)))"),
        ('"%{ for x in l }%{ if x }y%{ endif }%{ endfor }"', "T(%for(x in l: H((x ? H('y') : H()))))"),
        ('"${\n a\n}"', "W(a)"),
    ],
)
def test_quoted(text: str, expected: str) -> None:
    assert expression(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<E\na\n  b\nE", "H('a\\n  b\\n')"),
        ("<<E\nE", "H()"),
        ("<<E\r\na\r\nE", "H('a\\r\\n')"),
        ("<<-E\n    a\n      b\n    E", "H('a\\n  b\\n')"),
        ("<<-E\n  a\n\n   \n  b\n  E", "H('a\\n\\n   \\nb\\n')"),
        ("<<-E\n    ${a}\n  b\n  E", "H('  ' a '\\nb\\n')"),
        ("<<-E\n  b\n${a}\n  E", "H('  b\\n' a '\\n')"),
        ("<<E\n\\n $${a}\nE", "H('\\\\n ${a}\\n')"),
        ("<<E\na \n  ${~ b ~}  \n  c\nE", "H('a \\n' b '  c\\n')"),
        ("<<E\n%{ if a ~}\nb\n%{ endif ~}\nE", "H((a ? H('b\\n') : H()) '')".replace("'b\\n'", "'b\\n'")),
        ("<<_EOT\na\n_EOT", "H('a\\n')"),
    ],
)
def test_heredocs(text: str, expected: str) -> None:
    assert expression(text) == expected


def test_a_heredoc_of_one_sequence_is_a_template_because_of_its_line_end() -> None:
    assert expression("<<E\n${a}\nE") == "H(a '\\n')"


def test_spans_of_parts() -> None:
    text = 'x = "ab${c}%{ if d }e%{ endif }"\n'
    value = parse(source(text)).body.attributes["x"].value
    assert [part.span.text for part in value.parts] == ["ab", "c", "%{ if d }e%{ endif }"]  # type: ignore[union-attr]


def test_a_flush_heredoc_moves_the_start_of_its_lines() -> None:
    value = parse(source("x = <<-E\n  ab\n  E\n")).body.attributes["x"].value
    assert value.parts[0].span.text == "ab\n"  # type: ignore[union-attr]


@pytest.mark.parametrize("opening", ["%{ if true }", "%{ for x in y }"])
def test_directives_nest_so_far_only(opening: str) -> None:
    closing = "%{ endif }" if "if" in opening else "%{ endfor }"
    with pytest.raises(DefinitionError, match="Nesting too deep"):
        parse(Source("a.hcl", f'a = "{opening * 121}{closing * 121}"\n', "hcl"))
    parse(Source("a.hcl", f'a = "{opening * 120}{closing * 120}"\n', "hcl"))
