"""Our trees of real HCL files against those of HashiCorp's own parser: kinds, byte ranges, children."""

from __future__ import annotations

import json
import re
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

import pytest

from bake.errors import BakeError, flatten
from bake.source import Source
from bake.syntax import parse, tree
from bake.syntax.dialects import dialect_of

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
TREES = CORPUS / "ast.jsonl"
_LINES = TREES.read_text().splitlines() if TREES.exists() else []


class Rendering:
    """A tree in the oracle's form; its offsets are bytes, ours characters."""

    def __init__(self, text: str) -> None:
        self.bytes = [0]
        for character in text:
            self.bytes.append(self.bytes[-1] + len(character.encode()))

    def range(self, node: Any) -> list[int]:
        return [self.bytes[node.start], self.bytes[node.end]]

    def empty(self, offset: int) -> list[Any]:
        return ["lit", [self.bytes[offset]] * 2, ""]

    def body(self, body: tree.Body) -> list[Any]:
        attributes = [
            [a.name.text, self.range(a), self.range(a.name), self.of(a.value)]
            for a in body.attributes.values()
        ]
        blocks = [
            [b.type.text, [label.text for label in b.labels], self.range(b.header), self.body(b.body)]
            for b in body.blocks
        ]
        return [attributes, blocks]

    def steps(self, node: Any) -> list[Any]:
        return [
            ["attr", step.name] if isinstance(step, tree.AttrStep) else ["idx", self.value(step.key)]
            for step in node.steps
        ]

    def value(self, value: object) -> object:
        return ["num", str(value)] if isinstance(value, tree.NumberText) else value

    def many(self, nodes: Any) -> list[Any]:
        return [self.of(node) for node in nodes]

    @singledispatchmethod
    def of(self, node: Any) -> list[Any]:
        raise AssertionError(f"no rendering for {node!r}")

    @of.register
    def _(self, node: tree.Literal) -> list[Any]:
        return ["lit", self.range(node), self.value(node.value)]

    @of.register
    def _(self, node: tree.Template) -> list[Any]:
        parts = self.many(node.parts) or [self.empty(node.end)]
        return ["tmpl", self.range(node), *parts]

    @of.register
    def _(self, node: tree.TemplateWrap) -> list[Any]:
        return ["wrap", self.range(node), self.of(node.wrapped)]

    @of.register
    def _(self, node: tree.ScopeTraversal) -> list[Any]:
        return ["scope", self.range(node), [["root", node.root.text], *self.steps(node)]]

    @of.register
    def _(self, node: tree.RelativeTraversal) -> list[Any]:
        return ["rel", self.range(node), self.of(node.base), self.steps(node)]

    @of.register
    def _(self, node: tree.Index) -> list[Any]:
        return ["index", self.range(node), self.of(node.collection), self.of(node.key)]

    @of.register
    def _(self, node: tree.Call) -> list[Any]:
        return ["call", self.range(node), node.name.text, node.expand, self.many(node.args)]

    @of.register
    def _(self, node: tree.Conditional) -> list[Any]:
        return ["cond", self.range(node), self.of(node.condition), self.of(node.true), self.of(node.false)]

    @of.register
    def _(self, node: tree.Binary) -> list[Any]:
        return ["bin", self.range(node), node.op, self.of(node.left), self.of(node.right)]

    @of.register
    def _(self, node: tree.Unary) -> list[Any]:
        return ["un", self.range(node), node.op, self.of(node.operand)]

    @of.register
    def _(self, node: tree.Parens) -> list[Any]:
        return ["paren", self.range(node), self.of(node.inner)]

    @of.register
    def _(self, node: tree.TupleCons) -> list[Any]:
        return ["tuple", self.range(node), self.many(node.items)]

    @of.register
    def _(self, node: tree.ObjectCons) -> list[Any]:
        return ["object", self.range(node), [[self.key(item), self.of(item.value)] for item in node.items]]

    def key(self, item: tree.ObjectItem) -> list[Any]:
        key = item.key
        written = self.of(key)
        if isinstance(key, tree.Literal) and isinstance(key.value, str):
            written = ["scope", self.range(key), [["root", key.value]]]
        return ["key", self.range(key), item.forced, written]

    @of.register
    def _(self, node: tree.For) -> list[Any]:
        key = None if node.key_expr is None else self.of(node.key_expr)
        condition = None if node.condition is None else self.of(node.condition)
        names = [node.key.text if node.key else "", node.value.text]
        return [
            "for",
            self.range(node),
            *names,
            self.of(node.collection),
            key,
            self.of(node.value_expr),
            condition,
            node.group,
        ]


@pytest.mark.skipif(not _LINES, reason="the corpus of real bake files is not beside the repository")
@pytest.mark.parametrize("line", _LINES, ids=lambda line: re.findall(r'"file":"([^"]*)"', line)[0])
def test_trees_equal_hashicorps(line: str) -> None:
    expected = json.loads(line)
    text = (CORPUS / expected["file"]).read_bytes().decode()
    rendering = Rendering(text)
    assert rendering.body(parse(Source("docker-bake.hcl", text, "hcl")).body) == expected["ast"]


_OTHERS = [path for path in sorted(CORPUS.glob("files/**/*")) if path.suffix in (".json", ".yml", ".yaml")]


@pytest.mark.skipif(not _OTHERS, reason="the corpus of real bake files is not beside the repository")
@pytest.mark.parametrize("path", _OTHERS, ids=lambda path: str(path.relative_to(CORPUS / "files")))
def test_other_dialects_are_read_or_refused_in_hcls_words(path: Path) -> None:
    text = path.read_bytes().decode()
    source = Source(path.name, text, dialect_of(path.name, text))
    try:
        fault = None
        file = parse(source)
    except (BakeError, ExceptionGroup) as exc:
        fault = str(flatten(exc)[0])
    if fault is None:
        assert file.body.span.source is source
        return
    recorded = CORPUS / "expected" / path.relative_to(CORPUS / "files").parent / f"{path.name}.json"
    assert fault in json.loads(recorded.read_text())["default"]["stderr"]
