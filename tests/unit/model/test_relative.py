"""Contexts relative to their files, and inside remote definitions."""

from __future__ import annotations

import pytest

from bake.api.definition import load
from bake.errors import DefinitionError, UsageError
from bake.host import Host
from bake.model import relative
from bake.model.flags import Selection
from bake.model.selection import select
from bake.source import Source

ON = Host(environment={relative.VARIABLE: "1"})


def contexts(files: dict[str, str], host: Host, *overrides: str) -> dict[str, object]:
    """The context and the named contexts of all targets that `files` define."""
    sources = [Source(name, text, "hcl", None if name == "-" else "/") for name, text in files.items()]
    definition = load(sources, host)
    selected = select(definition, Selection(tuple(definition.targets), overrides), host)
    return {
        name: (target.context, dict(target.contexts)) if target.contexts else target.context
        for name, target in selected.targets.items()
    }


ONE = """target "t" {
  context  = "src"
  contexts = { a = "../x", b = "cwd://here", c = "docker-image://d" }
}
"""


def test_paths_stay_without_the_variable() -> None:
    named = {"a": "../x", "b": "cwd://here", "c": "docker-image://d"}
    assert contexts({"sub/a.hcl": ONE}, Host()) == {"t": ("src", named)}


def test_paths_are_relative_to_the_file_with_it() -> None:
    named = {"a": "x", "b": "cwd://here", "c": "docker-image://d"}
    assert contexts({"sub/a.hcl": ONE}, ON) == {"t": ("sub/src", named)}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"sub/a.hcl": 'target "t" {}'}, {"t": "sub"}),
        ({"a.hcl": 'target "t" {}'}, {"t": "."}),
        ({"-": 'target "t" {\n  context = "x"\n}'}, {"t": "x"}),
        ({"/abs/a.hcl": 'target "t" {\n  context = "x"\n}'}, {"t": "/abs/x"}),
        ({"sub/a.hcl": 'target "t" {\n  context = "/abs"\n}'}, {"t": "/abs"}),
        ({"sub/a.hcl": 'target "t" {\n  context = "https://x.org/a.git"\n}'}, {"t": "https://x.org/a.git"}),
        # the file that gives the path counts, not the last one
        ({"a/1.hcl": 'target "t" {\n  context = "x"\n}', "b/2.hcl": 'target "t" {}'}, {"t": "a/x"}),
        ({"a/1.hcl": 'target "t" {}', "b/2.hcl": 'target "t" {}'}, {"t": "b"}),
        # an heir takes its parent's path over, but its own folder where there is none
        (
            {"a/1.hcl": 'target "p" {\n  context = "x"\n}', "b/2.hcl": 'target "t" {\n  inherits = ["p"]\n}'},
            {"p": "a/x", "t": "a/x"},
        ),
        (
            {"a/1.hcl": 'target "p" {}', "b/2.hcl": 'target "t" {\n  inherits = ["p"]\n}'},
            {"p": "a", "t": "b"},
        ),
        # so does one that names the other's context
        (
            {
                "a/1.hcl": 'target "p" {\n  context = "x"\n}',
                "b/2.hcl": 'target "t" {\n  context = target.p.context\n}',
            },
            {"p": "a/x", "t": "a/x"},
        ),
    ],
)
def test_the_folder_of_the_file_counts(files: dict[str, str], found: dict[str, str]) -> None:
    assert contexts(files, ON) == found


def test_settings_stay_relative_to_the_working_directory() -> None:
    assert contexts({"sub/a.hcl": ONE}, ON, "t.context=y", "t.contexts.a=z")["t"] == (
        "y",
        {"a": "z", "b": "cwd://here", "c": "docker-image://d"},
    )


@pytest.mark.parametrize(("text", "wanted"), [("", False), (" true ", True), ("0", False)])
def test_the_variable(text: str, wanted: bool) -> None:
    assert relative.is_wanted(Host(environment={relative.VARIABLE: text})) is wanted


def test_a_variable_that_is_no_flag() -> None:
    with pytest.raises(UsageError) as caught:
        relative.is_wanted(Host(environment={relative.VARIABLE: "maybe"}))
    assert caught.value.summary == (
        'failed to parse BUILDX_BAKE_FILE_RELATIVE_PATHS value "maybe": '
        'strconv.ParseBool: parsing "maybe": invalid syntax'
    )


GIT = "https://github.com/docker/buildx.git"


@pytest.mark.parametrize(
    ("path", "remote", "final"),
    [
        ("./a/../b/", "", "b"),
        ("cwd://a/..", "", "."),
        ("https://x.org/a/../b", "", "https://x.org/a/../b"),
        (".", GIT, GIT),
        ("sub", GIT, f"{GIT}#:sub"),
        ("sub", f"{GIT}#main", f"{GIT}#main:sub"),
        ("sub", f"{GIT}#main:base", f"{GIT}#main:base/sub"),
        ("sub", f"{GIT}?branch=main", f"{GIT}?branch=main#:sub"),
        ("a/b", f"{GIT}?subdir=base", f"{GIT}?subdir=base%2Fa%2Fb"),
        ("sub", "git@github.com:docker/buildx.git", "git@github.com:docker/buildx.git#:sub"),
        ("cwd://here", GIT, "here"),
        (".", "https://my.github.io/x.tar.gz", "https://my.github.io/x.tar.gz"),
    ],
)
def test_what_becomes_of_a_context(path: str, remote: str, final: str) -> None:
    assert relative.final_context(path, remote) == final


def test_a_folder_of_a_remote_archive_is_told_at_its_place() -> None:
    definition = load([Source("a.hcl", 'target "t" {\n  context = "sub"\n}\n', "hcl")], Host())
    with pytest.raises(DefinitionError, match="remote archive") as caught:
        select(definition, Selection(("t",), remote="https://my.github.io/x.tar.gz"), Host())
    assert str(caught.value.span) == "a.hcl:2,13-18"
