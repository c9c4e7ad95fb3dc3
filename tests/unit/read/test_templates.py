"""Rendering `*.j2`: what a template may do, and where a fault is."""

from __future__ import annotations

import pytest

from bake.errors import DefinitionError, UsageError
from bake.host import Host
from bake.platforms import Platform
from bake.read.data import template_variables
from bake.read.templates import render
from bake.source import Source

FILES = {
    "/w/part.j2": b"{{ x }}-part",
    "/w/macros.j2": b"{% macro twice(a) %}{{ a }}{{ a }}{% endmacro %}",
    "/secret": b"secret",
    "/w/data.toml": b"versions = ['1', '2']\n[meta]\nname = 'n'\n",
    "/w/data.json": b"[1]",
    "/w/bad.yaml": b"a: [",
}


def read(path: str) -> bytes:
    if path not in FILES:
        raise FileNotFoundError(2, "No such file or directory", path)
    return FILES[path]


HOST = Host(
    environment={"HOME": "/h"}, working_directory="/w", platform=Platform("linux", "amd64"), read=read
)


def template(text: str) -> Source:
    return Source("docker-bake.hcl.j2", text, "hcl", "/w")


def rendered(text: str, **variables: object) -> str:
    return render(template(text), variables, HOST)[0]


def test_loops_includes_and_imports_work() -> None:
    text = (
        "{% import 'macros.j2' as m %}{% for v in vs %}{{ m.twice(v) }}\n{% endfor %}"
        "{% set x = 'q' %}{% include 'part.j2' %}\n"
    )
    assert rendered(text, vs=["a", "b"]) == "aa\nbb\nq-part\n"


def test_each_line_knows_the_templates_line() -> None:
    source = template("top\n{% for v in vs %}\nx = {{ v }}\n{% endfor %}\nend\n")
    text, rendering = render(source, {"vs": ["a", "b"]}, HOST)
    assert rendering.line_of(text.index("b")) == 3
    assert rendering.line_of(text.index("end")) == 5


def fault(text: str) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        rendered(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "summary", "part"),
    [
        ("a\n{{ nope }}\n", 2, "Undefined name in template", "nope"),
        ("a\n\n{% if %}\n", 3, "Invalid template", "Expected"),
        ("{% include '../secret' %}", 1, "Template not found", "outside"),
        ("{% include 'none.j2' %}", 1, "Template not found", "none.j2"),
        ("\n{{ ''.__class__.__mro__ }}", 2, "Forbidden in a template", "unsafe"),
        ("\n\n{{ 1 / 0 }}", 3, "Template failed", "division"),
    ],
)
def test_faults_name_the_templates_line(text: str, line: int, summary: str, part: str) -> None:
    found = fault(text)
    assert found.span is not None
    assert (found.span.line, found.summary) == (line, summary)
    assert part in found.detail
    assert not found.detail.endswith("..")


def test_data_files_and_defines_are_names_of_their_own() -> None:
    variables = template_variables(["data.toml"], ["meta=mine"], HOST)
    assert variables["versions"] == ["1", "2"]
    assert variables["meta"] == "mine"
    assert variables["env"] == {"HOME": "/h"}
    assert variables["platform"] == {"os": "linux", "architecture": "amd64", "variant": ""}


@pytest.mark.parametrize(
    ("files", "defines", "part"),
    [
        (["none.toml"], [], "open none.toml"),
        (["data.json"], [], "list"),
        (["bad.yaml"], [], "bad.yaml"),
        (["part.j2"], [], "must end in"),
        ([], ["novalue"], "NAME=VALUE"),
        ([], ["git=1"], "reserved name `git`"),
    ],
)
def test_bad_template_data_is_refused(files: list[str], defines: list[str], part: str) -> None:
    with pytest.raises(UsageError) as caught:
        template_variables(files, defines, HOST)
    assert part in str(caught.value)


@pytest.mark.parametrize("text", ["{{ " + "(" * 3000, "{{ " + "[" * 3000 + "]" * 3000 + " }}"])
def test_what_nests_too_deeply_is_a_fault(text: str) -> None:
    with pytest.raises(DefinitionError, match="Template too deep"):
        render(Source("a.j2", text, "hcl", "/"), {}, Host())


@pytest.mark.parametrize(
    ("expression", "summary"),
    [
        ("'a' * 99999999999", "Template failed"),
        ("[1] * 99999999999", "Template failed"),
        ("7 ** 99999999999", "Template failed"),
        ("'a' ~ 'b'.__class__", "Forbidden in a template"),
        ("range(99999999)", "Template failed"),
    ],
)
def test_what_would_run_away_is_a_fault(expression: str, summary: str) -> None:
    with pytest.raises(DefinitionError, match=summary):
        render(Source("a.j2", f"{{{{ {expression} }}}}", "hcl", "/"), {}, Host())


LOOPS = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"
FILTERED = "{% for a in range(9999) %}{% for b in range(9999) if false %}{% endfor %}{% endfor %}"
TREE = "{% for a in [1, 2] recursive %}{% if loop.depth < 40 %}{{ loop([1, 2]) }}{% endif %}{% endfor %}"
MACRO = "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}"


@pytest.mark.parametrize("text", [LOOPS, FILTERED, TREE, MACRO])
def test_what_would_run_for_ever_is_a_fault(text: str) -> None:
    with pytest.raises(DefinitionError, match="it takes more than 200,000 steps") as caught:
        render(Source("a.j2", f"\n{text}", "hcl", "/"), {}, Host())
    assert caught.value.span is not None
    assert caught.value.span.line == 2


@pytest.mark.parametrize("growing", ["n.t ~ n.t", "n.t + n.t"])
def test_what_doubles_comes_to_an_end(growing: str) -> None:
    loop = f"{{% for a in range(99) %}}{{% set n.t = {growing} %}}{{% endfor %}}"
    with pytest.raises(DefinitionError, match="would hold more than 67108864 elements"):
        rendered("{% set n = namespace(t='abcdefgh' * 999) %}" + loop)


def test_steps_of_common_number_and_texts_joined() -> None:
    assert rendered(
        "{% for a in range(99) if a > 96 %}{{ a ~ '-' ~ 1.5 ~ [a] }}{% else %}no{% endfor %}"
    ) == ("97-1.5[97]98-1.5[98]")
    with pytest.raises(DefinitionError, match="lipsum"):
        rendered("{{ lipsum() }}")


def test_products_and_powers_of_common_size() -> None:
    text, _ = render(Source("a.j2", "{{ '-' * 3 }}{{ 2 ** 10 }}{{ 2 * 1.5 }}", "hcl", "/"), {}, Host())
    assert text == "---10243.0"
