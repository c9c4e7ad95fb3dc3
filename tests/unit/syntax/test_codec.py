from __future__ import annotations

import json
from zlib import crc32

import pytest

from bake.syntax import parse
from bake.syntax.codec import DamagedError, decode, encode
from bake.syntax.tree import ObjectCons, Splat
from tests.unit.syntax.shapes import shape, source

EVERYTHING = """# comment
a = [1.50, null, true, "x", "${y}", "z${w}", -1, !b, (c), d ? e : f]
b = {a = 1, (k) = f(x...), "q" = o[*].p.*.q[0][r]}
c = [for k, v in m : v if k > 1]
d = {for k, v in m : k => v...}
e = "%{ if a }b%{ else }c%{ endif }%{ for i, x in y }${x}%{ endfor }"
f = g(h).i
block "l" m {
  inner {
    é = "ü"
  }
}
"""


def test_a_tree_comes_back_whole() -> None:
    origin = source(EVERYTHING)
    tree = parse(origin)
    back = decode(encode(tree), origin)
    assert {k: shape(v.value) for k, v in back.body.attributes.items()} == {
        k: shape(v.value) for k, v in tree.body.attributes.items()
    }
    assert [a.span for a in back.body.attributes.values()] == [a.span for a in tree.body.attributes.values()]
    assert [a.name.span for a in back.body.attributes.values()] == [
        a.name.span for a in tree.body.attributes.values()
    ]
    assert [comment.text for comment in back.comments] == ["# comment"]
    block, before = back.body.blocks[0], tree.body.blocks[0]
    assert (block.header, block.span, block.body.span) == (before.header, before.span, before.body.span)
    assert shape(block.body.blocks[0].body.attributes["é"].value) == "T('ü')"


def test_spans_come_back_and_stand_in_the_source_given() -> None:
    other = source(EVERYTHING)
    back = decode(encode(parse(source(EVERYTHING))), other)
    value = back.body.attributes["a"].value
    assert value.source is other
    assert value.span.text == EVERYTHING.splitlines()[1][4:]
    objects = back.body.attributes["b"].value
    assert isinstance(objects, ObjectCons)
    splat = objects.items[2].value
    assert isinstance(splat, Splat)
    assert splat.marker.text == "[*]"


def test_an_expression_is_read_once() -> None:
    origin = source("a = [1]\n")
    attribute = decode(encode(parse(origin)), origin).body.attributes["a"]
    assert attribute.value is attribute.value


@pytest.mark.parametrize("at", [0, 5, 20, 40, -1])
def test_any_change_is_noticed(at: int) -> None:
    origin = source(EVERYTHING)
    data = bytearray(encode(parse(origin)))
    data[at] ^= 1
    with pytest.raises(DamagedError):
        decode(bytes(data), origin)


def test_what_is_kept_is_json() -> None:
    _, structure, _ = encode(parse(source("a = 1\n"))).split(b"\n")
    assert json.loads(structure) == [[0, 6, [[0, 5, 0, 1, "a", 0, 16]], []], []]


@pytest.mark.parametrize("content", [b"", b"[1]\n", b"[[1,2,[[]],[]],[]]\n", b"{}\n", b"\xff\n"])
def test_a_foreign_structure_is_no_tree(content: bytes) -> None:
    data = b"pybake tree 1 %08x\n%s" % (crc32(content), content)
    with pytest.raises((DamagedError, LookupError, ValueError, TypeError)):
        decode(data, source(""))
