"""Explanations as text and as JSON."""

from __future__ import annotations

import json

from bake.explanation import CacheUse, Explanation, Place, Reason, RunsOn, Value, VariableValue
from bake.ui.explain import as_json, text

APP = Explanation(
    "app",
    "the application",
    (Reason((("default", "group"), ("web", "context base"))),),
    (RunsOn("one", "linux/amd64"), RunsOn("two", "linux/arm64", emulated=True)),
    "",
    (CacheUse("me/cache", Place("a.hcl", 3)),),
    (CacheUse("type=gha", Place("a.hcl", 4), "left out on one: it is not available there"),),
    (
        Value("context", ".", "default"),
        Value(
            "tags[0]",
            "me/app:1",
            "inherited from",
            "base",
            Place("a.hcl", 9, 11),
            (VariableValue("TAG", "1", "--var"),),
        ),
        Value("dockerfile-inline", "FROM x\nRUN y\n", "block", "", Place("a.hcl", 5)),
    ),
)
SHOWN = """\
app: the application

  built because  group default > web (context base) > app
  runs on        one: linux/amd64
                 two: linux/arm64 (emulated)
  reads cache    me/cache  a.hcl:3
  writes cache   type=gha  a.hcl:4  (left out on one: it is not available there)

  context            .         default
  tags[0]            me/app:1  a.hcl:9  inherited from base; with TAG=1 (--var)
  dockerfile-inline  FROM x    a.hcl:5
                     RUN y
"""


def test_text_is_aligned_and_says_it_all() -> None:
    assert text([APP]) == SHOWN


def test_a_long_value_has_a_line_of_its_own() -> None:
    long = "x" * 60
    shown = text([Explanation("app", values=(Value("context", long, "block", "", Place("a.hcl", 1)),))])

    assert shown.endswith(f"  context  {long}\n             a.hcl:1\n")


def test_what_is_not_known_says_why() -> None:
    shown = text([Explanation("app", unknown="nobody answers")])

    assert "runs on        unknown: nobody answers" in shown
    assert "built because  it is named" in shown
    assert "built when nothing is named" in text([Explanation("default")])
    assert "every value is the default" in shown


def test_json_has_the_same() -> None:
    found = json.loads(as_json([APP]))["target"]["app"]

    assert found["nodes"][1] == {"node": "two", "platform": "linux/arm64", "emulated": True}
    assert found["reasons"] == [
        [{"name": "default", "what": "group"}, {"name": "web", "what": "context base"}]
    ]
    assert found["values"][1] == {
        "path": "tags[0]",
        "value": "me/app:1",
        "cause": "inherited from",
        "detail": "base",
        "file": "a.hcl",
        "line": 9,
        "column": 11,
        "variables": [{"name": "TAG", "value": "1", "cause": "--var"}],
    }
