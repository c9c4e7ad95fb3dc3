"""Drawings: the tree, DOT, Mermaid and JSON, and names that try to be more than names."""

from __future__ import annotations

import json
import re

from bake.drawing import Box, Drawing, Edge, Kind, Relation
from bake.ui.graphs.svg import svg
from bake.ui.graphs.texts import as_json, dot, mermaid, tree

GROUP, APP, WEB, BASE = (
    Box(Kind.GROUP, "default"),
    Box(Kind.TARGET, "app", ("linux/amd64", "linux/arm64")),
    Box(Kind.TARGET, "web"),
    Box(Kind.TARGET, "base"),
)
DRAWING = Drawing(
    (GROUP, APP, WEB, BASE),
    (
        Edge(GROUP.id, APP.id, Relation.MEMBER),
        Edge(GROUP.id, WEB.id, Relation.MEMBER),
        Edge(APP.id, BASE.id, Relation.CONTEXT, "src"),
        Edge(WEB.id, BASE.id, Relation.CONTEXT, "base"),
    ),
)
NASTY = '"]; evil <b>&\\|#`\n'
TRAP = Drawing((Box(Kind.TARGET, NASTY), BASE), (Edge(f"target:{NASTY}", BASE.id, Relation.CONTEXT, NASTY),))


def test_the_tree_draws_everything_once() -> None:
    assert tree(DRAWING) == (
        "group default\n"
        "├── app [linux/amd64, linux/arm64]\n"
        "│   └── base (context src)\n"
        "└── web\n"
        "    └── base (context base)\n"
    )


def test_what_was_drawn_with_branches_is_not_drawn_again() -> None:
    twice = Drawing(DRAWING.boxes, (*DRAWING.edges, Edge(WEB.id, APP.id, Relation.CONTEXT, "app")))

    assert tree(twice).endswith("    └── app [linux/amd64, linux/arm64] (context app) …\n")


def test_a_circle_has_an_end() -> None:
    circle = Drawing(
        (GROUP, Box(Kind.GROUP, "other")),
        (
            Edge("group:default", "group:other", Relation.MEMBER),
            Edge("group:other", "group:default", Relation.MEMBER),
        ),
    )
    assert tree(circle) == "group default\n└── group other\n    └── group default …\n"
    assert svg(circle).count("<rect") == 3


def test_dot_quotes_whatever_a_name_holds() -> None:
    assert '"target:app" -> "target:base" [label="src"]' in dot(DRAWING)
    quoted = '"]; evil <b>&\\|#`\n'.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    assert f'"target:{quoted}" [label="{quoted}"]' in dot(TRAP)
    assert all(len(re.findall(r'(?<!\\)"', line)) % 2 == 0 for line in dot(TRAP).splitlines())


def test_mermaid_escapes_whatever_a_name_holds() -> None:
    assert '  n1 -->|"src"| n3' in mermaid(DRAWING)
    assert mermaid(TRAP).splitlines()[1] == '  n0("#quot;]; evil #lt;b#gt;#amp;#92;|#35;#96; ")'


def test_json_has_ids_and_both_ends() -> None:
    found = json.loads(as_json(TRAP))

    assert found["nodes"][0]["name"] == NASTY
    assert found["edges"][0] == {
        "from": f"target:{NASTY}",
        "to": "target:base",
        "relation": "context",
        "label": NASTY,
    }


def test_svg_shows_names_as_text_and_loads_nothing() -> None:
    picture = svg(TRAP)

    assert "evil &lt;b&gt;&amp;" in picture
    assert "<b>" not in picture
    assert set(re.findall(r"https?://[^\"' ]+", picture)) == {"http://www.w3.org/2000/svg"}
