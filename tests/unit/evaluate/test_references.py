from __future__ import annotations

import pytest

from bake.evaluate.references import NONE, references
from bake.syntax.tree import Parens
from tests.fakes.evaluating import expression


@pytest.mark.parametrize(
    ("text", "names", "calls"),
    [
        ("a", {"a"}, set()),
        ("a.b[c]", {"a", "c"}, set()),
        ('"${a}%{ if b }${c}%{ endif }"', {"a", "b", "c"}, set()),
        ("f(a, g(b)...)", {"a", "b"}, {"f", "g"}),
        ("a ? b : c", {"a", "b", "c"}, set()),
        ("-a + !b", {"a", "b"}, set()),
        ("[a, { (b) = c, d = 1 }]", {"a", "b", "c"}, set()),
        ("a[*].b", {"a"}, set()),
        ("(a).b", {"a"}, set()),
        ("convert(a, list(string))", {"a"}, {"convert"}),
        ("[for k, v in a : f(k, v, b) if c]", {"a", "b", "c"}, {"f"}),
        ("{ for v in v : v => v }", {"v"}, set()),
        ("[for v in a : [for w in v : [v, w, x]]]", {"a", "x"}, set()),
        ('"%{ for v in a }${v}${b}%{ endfor }"', {"a", "b"}, set()),
    ],
)
def test_what_is_found(text: str, names: set[str], calls: set[str]) -> None:
    found = references(expression(text))
    assert {node.root.text for node in found.names} == names
    assert {node.name.text for node in found.calls} == calls


def test_what_some_functions_are_given_can_be_left_out() -> None:
    found = references(expression("[a, f(b, g(c)), h(d)]"), beside=("f",))
    assert {node.root.text for node in found.names} == {"a", "d"}
    assert {node.name.text for node in found.calls} == {"f", "h"}


@pytest.mark.parametrize("text", ["1", '"a"', '["a", { b = "c" }]', "null", "[for v in [1] : v]"])
def test_constants_refer_to_nothing(text: str) -> None:
    assert references(expression(text)) is NONE


def test_any_depth() -> None:
    node = expression("a")
    for _ in range(100_000):
        node = Parens(node.source, node.start, node.end, node)
    assert len(references(node).names) == 1
