"""HCL: nothing crashes, the grammar and the walk for faults agree, printed trees are read back."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lark.exceptions import LarkError

from bake.errors import BakeError
from bake.source import Source
from bake.syntax import parse, tree
from bake.syntax.build import body
from bake.syntax.diagnose import Structure
from bake.syntax.diagnose_tokens import token_faults
from bake.syntax.grammar import parser
from bake.syntax.scan import scan
from bake.syntax.terminals import Refused, terminals
from tests.unit.syntax.shapes import shape, source

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECES = [
    *"{}[]()\"=:,.*?!-+<>%~#\\&'`;|/ \n\r$",
    *[
        "...",
        "=>",
        "==",
        "&&",
        "||",
        "::",
        "${",
        "%{",
        "~}",
        "$${",
        "<<E\n",
        "<<-E\n",
        "\nE\n",
        "/*",
        "*/",
        "//",
    ],
    *[
        "a",
        "b ",
        " for ",
        " in ",
        " if ",
        "else",
        "endif",
        "endfor",
        "true",
        "null",
        "1",
        "1.5",
        "é",
        "\\u00e9",
        "²",
    ],
    *[
        "a = 1\n",
        "x = [",
        "y {\n",
        'b "l" {',
        '"${a}"',
        "[for v in l : v]",
        "f(a, b...)",
        "o[*].x",
        "a.*.b",
        "a ? b : c",
    ],
]
SOUP = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)

VALID = """# comment
a = [for k, v in {x = 1} : "${k}-${~ v ~}" if v > 0]
b = {for k, v in o : k => v... if k != "z"}
c = <<-EOT
    a ${x ~}
      %{ if x }y%{ else }z%{ endif ~}
  EOT
d = o.*.a.b[0].c + o[*].a[*].b.0
blk "l" x { f = !(-x) ? f(a, b...) : ns::fn(1,) }
blk {
  g = "\\u00e9 $${x} %{ for i, j in k }${i}%{ endfor }" // end
  h = { "a" = 1, (b) = 2
    c : a[1]["x"][y].z }
}
"""


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The valid text with a few pieces put in, taken out or replaced."""
    text = VALID
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(["", *PIECES])) + text[at + draw(st.integers(0, 3)) :]
    return text


def nodes(value: Any) -> Iterator[tree.Node]:
    """All nodes under a value, read off the fields."""
    if isinstance(value, (tuple, list)):
        for one in value:
            yield from nodes(one)
    elif isinstance(value, dict):
        yield from nodes(list(value.values()))
    elif isinstance(value, (tree.Node, tree.ObjectItem)):
        if isinstance(value, tree.Node):
            yield value
        for name in value.__dataclass_fields__:
            yield from nodes(getattr(value, name))


@given(st.one_of(SOUP, mutated(), st.text(max_size=60)))
@settings(max_examples=400)
def test_any_text_is_a_tree_or_worded_faults(text: str) -> None:
    try:
        file = parse(source(text))
    except (BakeError, ExceptionGroup) as exc:
        faults = exc.exceptions if isinstance(exc, ExceptionGroup) else (exc,)
        for fault in faults:
            assert isinstance(fault, BakeError)
            assert fault.detail
            assert fault.span
            assert 0 <= fault.span.start <= fault.span.end <= len(text)
    else:
        for node in nodes(file.body):
            assert 0 <= node.start <= node.end <= len(text)


@given(st.one_of(SOUP, mutated()))
@settings(max_examples=400)
def test_the_grammar_and_the_walk_for_faults_agree(text: str) -> None:
    origin = source(text)
    tokens = scan(text)
    try:
        items: Any = parser().parse(terminals(origin, tokens), start="start")
        body(items, origin, 0, 0)
        accepted = True
    except (LarkError, Refused):
        accepted = False
    walk = Structure(origin, tokens)
    walk.file()
    assert accepted == (not walk.faults and not token_faults(origin, tokens))


@given(SOUP)
@settings(max_examples=200)
def test_tokens_follow_one_another(text: str) -> None:
    tokens = scan(text)
    assert tokens[-1] == ("EOF", len(text), len(text))
    for (_, _, end), (_, start, _) in pairwise(tokens):
        assert end <= start
        assert not text[end:start].strip(" \t\ufeff")


# Expressions as (text, shape): what is written, and what must be read

NAMES = st.sampled_from(["a", "b-c", "_d", "é", "for", "if", "in"])
Pair = tuple[str, str]
LEAVES: st.SearchStrategy[Pair] = st.one_of(
    NAMES.map(lambda name: (name, name)),
    st.integers(0, 10**30).map(lambda number: (str(number), str(number))),
    st.sampled_from([("true", "True"), ("null", "None"), ("1.50e-7", "1.50e-7"), ('""', "T()")]),
    st.text(st.sampled_from("xyz $%{}[]#/é"), min_size=1).map(
        lambda text: (f'"{text.replace("${", "$${").replace("%{", "%%{")}"', f"T({text!r})")
    ),
)


def _binary(pair: tuple[Pair, str, Pair]) -> Pair:
    (left, left_shape), operator, (right, right_shape) = pair
    return f"({left}) {operator} ({right})", f"(p{left_shape} {operator} p{right_shape})"


def _tuple(items: list[Pair]) -> Pair:
    return f"[{', '.join(text for text, _ in items)}]", f"[{' '.join(shape_ for _, shape_ in items)}]"


def _call(items: list[Pair]) -> Pair:
    return f"f(\n{', '.join(text for text, _ in items)})", f"f({' '.join(shape_ for _, shape_ in items)})"


def _object(items: list[tuple[Pair, Pair]]) -> Pair:
    text = "\n".join(f"({key}) = {value}" for (key, _), (value, _) in items)
    return f"{{{text}}}", f"{{{' '.join(f'!p{key}={value}' for (_, key), (_, value) in items)}}}"


def _grow(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(_binary),
        st.lists(inner, max_size=3).map(_tuple).filter(lambda pair: not pair[0].startswith("[for")),
        st.lists(inner, max_size=3).map(_call),
        st.lists(st.tuples(inner, inner), max_size=3).map(_object),
        inner.map(lambda pair: (f"({pair[0]})", f"p{pair[1]}")),
        inner.map(lambda pair: (f"!({pair[0]})", f"!p{pair[1]}")),
        inner.map(lambda pair: (f'"${{{pair[0]}}}"', f"W({pair[1]})")),
        inner.map(lambda pair: (f'"x${{ {pair[0]} }}y"', f"T('x' {pair[1]} 'y')")),
        inner.map(lambda pair: (f"({pair[0]})[*].a", f"splat(p{pair[1]}, <@>.a)")),
        inner.map(lambda pair: (f"({pair[0]}).a", f"<p{pair[1]}>.a")),
        st.tuples(inner, inner, inner).map(
            lambda three: (
                f"({three[0][0]}) ? {three[1][0]} : {three[2][0]}",
                f"(p{three[0][1]} ? {three[1][1]} : {three[2][1]})",
            )
        ),
        st.tuples(inner, inner).map(
            lambda two: (f"[for k, v in {two[0][0]} : {two[1][0]}]", f"for(k,v in {two[0][1]}: {two[1][1]})")
        ),
    )


@given(st.recursive(LEAVES, _grow, max_leaves=12))
@settings(max_examples=300)
def test_what_is_written_is_read(pair: Pair) -> None:
    text, expected = pair
    value = parse(Source("f", f"x = {text}\n", "hcl")).body.attributes["x"].value
    assert shape(value) == expected
    assert value.span.text == text


@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=200)
def test_any_string_can_be_written(text: str) -> None:
    from unicodedata import normalize

    escaped = "".join(f"\\U{ord(character):08x}" for character in text)
    value = parse(source(f'x = "{escaped}"\n')).body.attributes["x"].value
    assert isinstance(value, tree.Template)
    assert "".join(str(part.value) for part in value.parts if isinstance(part, tree.Literal)) == normalize(
        "NFC", text
    )
