from __future__ import annotations

import pytest

from bake.errors import UsageError
from bake.ui.formatter import Row, formatted

HEADINGS = {"Name": "NAME", "Size": "SIZE", "Many": "MANY"}
ROWS = [
    Row({"Name": "a", "Size": "1kB", "Many": ["x", "y"], "Here": True}, {"Name": "a", "Text": "<&>"}),
    Row({"Name": "longer-name", "Size": "", "Many": [], "Here": False}, {"Name": "longer-name"}),
]


def test_a_table() -> None:
    text = formatted("table {{.Name}}\t{{.Size}}", ROWS, HEADINGS)
    assert text == "NAME          SIZE\na             1kB\nlonger-name   \n"


def test_escapes_that_a_shell_leaves() -> None:
    assert formatted("table {{.Name}}\\t{{.Size}}", ROWS, HEADINGS) == formatted(
        "table {{.Name}}\t{{.Size}}", ROWS, HEADINGS
    )
    assert formatted("{{.Name}}\\n-", ROWS[:1], HEADINGS) == "a\n-\n"


def test_an_empty_table_has_its_headings() -> None:
    assert formatted("table {{.Name}}\t{{.Size}}", [], HEADINGS) == "NAME      SIZE\n"
    assert formatted("{{.Name}}", [], HEADINGS) == ""


@pytest.mark.parametrize("form", ["json", "{{json .}}"])
def test_json_is_the_document_with_gos_escapes(form: str) -> None:
    assert formatted(form, ROWS[:1], HEADINGS) == '{"Name":"a","Text":"\\u003c\\u0026\\u003e"}\n'


def test_templates() -> None:
    assert (
        formatted("{{.Name}} {{.Here}} {{.Many}}", ROWS, HEADINGS) == "a true [x y]\nlonger-name false []\n"
    )
    assert formatted("{{range .Many}}<{{.}}>{{end}}", ROWS, HEADINGS) == "<x><y>\n\n"
    assert formatted("{{json .Name}}", ROWS[:1], HEADINGS) == '"a"\n'


@pytest.mark.parametrize("form", ["{{.Nope}}", "{{.Name", "table {{nope .Name}}"])
def test_what_is_no_template(form: str) -> None:
    with pytest.raises(UsageError):
        formatted(form, ROWS, HEADINGS)
