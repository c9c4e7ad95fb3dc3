from __future__ import annotations

import pytest

from bake.evaluate.static import keyword, static_call
from bake.source import Source
from bake.syntax import parse
from tests.fakes.evaluating import expression


@pytest.mark.parametrize(
    ("text", "word"),
    [("a", "a"), ("(a)", "a"), ("true", "true"), ("null", "null"), ("a.b", None), ("1", None), ('"a"', None)],
)
def test_keywords(text: str, word: str | None) -> None:
    assert keyword(expression(text)) == word


@pytest.mark.parametrize(
    ("text", "word"),
    [('"string"', "string"), ('"list(string)"', None), ('"a b"', None), ("null", "null"), ("1", None)],
)
def test_keywords_of_json(text: str, word: str | None) -> None:
    tree = parse(Source("f.json", f'{{"x": {text}}}', "json"))
    assert keyword(tree.body.attributes["x"].value) == word


def test_calls_of_json_keep_their_places() -> None:
    tree = parse(Source("f.json", '{"x": "list(string)"}', "json"))
    call = static_call(tree.body.attributes["x"].value)
    assert call is not None
    assert (call.name.text, str(call.args[0].span)) == ("list", "f.json:1,13-19")
