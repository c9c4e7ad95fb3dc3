"""Which files are read, in which order, and what is said when they cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bake.errors import DefinitionError, UsageError
from bake.host import Host
from bake.read.lookup import Reader, lookup, names_from_environment
from bake.source import Dialect, Rendering, Source


def reader(files: dict[str, bytes], stdin: bytes = b"", environment: dict[str, str] | None = None) -> Reader:
    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path]

    host = Host(
        environment=environment or {}, working_directory="/w", read=read, exists=lambda path: path in files
    )
    return Reader(
        host,
        stdin=lambda: stdin,
        dialect_of=lambda name, _text: "json" if name.endswith(".json") else "hcl",
        render=lambda source: (source.text.upper(), Rendering(source, (0,), (1,))),
    )


def test_default_names_come_in_buildxs_order() -> None:
    names = [
        "docker-bake.override.hcl",
        "docker-bake.hcl",
        "compose.yml",
        "docker-bake.json",
        "docker-bake.toml",
    ]
    files = {f"/w/{name}": b"x" for name in names}
    assert [source.name for source in lookup([], reader(files))] == [
        "compose.yml",
        "docker-bake.json",
        "docker-bake.hcl",
        "docker-bake.toml",
        "docker-bake.override.hcl",
    ]


def test_named_files_keep_their_order_and_cwd_is_dropped() -> None:
    found = lookup(["b.hcl", "cwd://sub/a.json"], reader({"/w/sub/a.json": b"{}", "/w/b.hcl": b"x"}))
    assert [(source.name, source.dialect, source.directory) for source in found] == [
        ("b.hcl", "hcl", "/w"),
        ("sub/a.json", "json", "/w/sub"),
    ]


def test_standard_input_stands_in_no_folder() -> None:
    (source,) = lookup(["-"], reader({}, stdin=b"x = 1"))
    assert (source.name, source.text, source.directory) == ("-", "x = 1", None)


def test_a_template_is_rendered_and_remembered() -> None:
    (source,) = lookup(["docker-bake.json.j2"], reader({"/w/docker-bake.json.j2": b"{a}"}))
    assert (source.name, source.text, source.dialect) == ("docker-bake.json", "{A}", "json")
    assert isinstance(source.rendering, Rendering)
    assert source.rendering.template.name == "docker-bake.json.j2"


def test_a_file_beside_its_template_is_refused() -> None:
    files = {"/w/docker-bake.hcl": b"", "/w/docker-bake.hcl.j2": b""}
    with pytest.raises(UsageError, match="ambiguous") as caught:
        lookup([], reader(files))
    assert "`docker-bake.hcl` and `docker-bake.hcl.j2`" in caught.value.detail


def test_nothing_found_says_where_and_what_was_looked_for() -> None:
    with pytest.raises(UsageError, match="couldn't find a bake definition") as caught:
        lookup([], reader({}))
    assert "docker-bake.hcl" in caught.value.detail
    assert "/w" in caught.value.detail


def test_all_missing_files_are_named_together() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        lookup(["a.hcl", "b.hcl"], reader({}))
    assert [str(fault) for fault in caught.value.exceptions] == [
        "open a.hcl: no such file or directory",
        "open b.hcl: no such file or directory",
    ]


def test_standard_input_that_is_closed_is_told() -> None:
    def closed() -> bytes:
        raise OSError(9, "Bad file descriptor")

    with pytest.raises(UsageError, match=r"^open standard input: bad file descriptor$"):
        lookup(["-"], replace(reader({}), stdin=closed))


def test_bytes_that_are_no_utf8_are_placed() -> None:
    with pytest.raises(DefinitionError) as caught:
        lookup(["a.hcl"], reader({"/w/a.hcl": b"x = 1\ny = \xff\n"}))
    assert str(caught.value.span) == "a.hcl:2,5-6"


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({}, []),
        ({"BUILDX_BAKE_FILE": "a.hcl: b.hcl ::"}, ["a.hcl", "b.hcl"]),
        ({"BUILDX_BAKE_FILE": "a.hcl;b:c", "BUILDX_BAKE_PATH_SEPARATOR": ";"}, ["a.hcl", "b:c"]),
    ],
)
def test_names_from_the_environment(environment: dict[str, str], names: list[str]) -> None:
    assert names_from_environment(Host(environment=environment)) == names


DIALECTS: tuple[Dialect, ...] = ("hcl", "json")


def test_a_tab_is_two_columns_in_json_as_in_hcls_scanner() -> None:
    assert [Source("x", "\t\t1", dialect).column_of(2) for dialect in DIALECTS] == [3, 5]


def test_sources_know_their_lines() -> None:
    source = Source("x", "a\né\u0301x\n", "hcl")
    assert [source.line_of(offset) for offset in (0, 1, 2, 6)] == [1, 1, 2, 3]
    assert source.column_of(4) == 2


@pytest.mark.parametrize("names", [(), ("docker-bake.json",)])
def test_empty_files_count_as_not_there(names: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="couldn't find a bake definition") as caught:
        lookup(names, reader({"/w/docker-bake.json": b""}))
    assert caught.value.detail == "`docker-bake.json` is empty"


def test_an_empty_file_beside_others_is_passed_over() -> None:
    files = {"/w/docker-bake.json": b"", "/w/docker-bake.hcl": b"a = 1\n"}
    assert [source.name for source in lookup((), reader(files))] == ["docker-bake.hcl"]
