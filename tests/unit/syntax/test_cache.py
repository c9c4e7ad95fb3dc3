from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bake.errors import DefinitionError
from bake.syntax import cache
from bake.syntax.cache import cached
from tests.unit.syntax.shapes import shape, source

if TYPE_CHECKING:
    from pathlib import Path

    from bake.source import Dialect

TEXT = 'a = "x${b}"\n'


def kept(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def read(folder: Path, text: str = TEXT) -> str:
    return shape(cached(source(text), str(folder)).body.attributes["a"].value)


def mark(path: Path) -> None:
    """Make a kept tree tell itself from a parsed one: the next reader sees a `c` for the `b`."""
    from zlib import crc32

    content = path.read_bytes().partition(b"\n")[2].replace(b'"b"', b'"c"')
    path.write_bytes(b"pybake tree 1 %08x\n%s" % (crc32(content), content))


def test_the_second_time_the_tree_is_taken_from_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "trees"
    assert read(folder) == "T('x' b)"
    mark(kept(folder)[0])
    assert read(folder) == "T('x' c)"


def test_folder_and_files_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "trees"
    read(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept(folder)] == [0o600]


def test_another_text_or_dialect_is_another_tree(tmp_path: Path) -> None:
    read(tmp_path)
    read(tmp_path, TEXT + "\n")
    dialects: list[Dialect] = ["json", "compose"]
    for dialect in dialects:
        cached(source("{}", dialect), str(tmp_path))
    assert len(kept(tmp_path)) == 4


def test_the_name_of_a_file_does_not_matter_but_spans_have_it(tmp_path: Path) -> None:
    read(tmp_path)
    other = source(TEXT)
    assert cached(other, str(tmp_path)).body.attributes["a"].value.source is other
    assert len(kept(tmp_path)) == 1


def test_faults_are_not_kept(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(DefinitionError):
            cached(source("a = "), str(tmp_path))
    assert kept(tmp_path) == []


@pytest.mark.parametrize("damage", [b"", b"pybake tree 1 00000000\n", b"\x80\x04.", b"x" * 1000])
def test_damaged_files_are_written_anew(tmp_path: Path, damage: bytes) -> None:
    read(tmp_path)
    path = kept(tmp_path)[0]
    path.write_bytes(damage)
    assert read(tmp_path) == "T('x' b)"
    assert path.read_bytes() != damage


def test_a_folder_in_the_place_of_a_file_is_left_alone(tmp_path: Path) -> None:
    read(tmp_path)
    path = kept(tmp_path)[0]
    path.unlink()
    path.mkdir()
    assert read(tmp_path) == "T('x' b)"
    assert kept(tmp_path) == [path]


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "trees"
    read(folder)
    mark(kept(folder)[0])
    folder.chmod(mode)
    assert read(folder) == "T('x' b)"


def test_a_link_to_a_folder_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    assert read(tmp_path / "link") == "T('x' b)"
    assert kept(tmp_path / "real") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, -1)
    assert read(tmp_path) == "T('x' b)"
    assert kept(tmp_path) == []


@pytest.mark.usefixtures("bound")
def test_a_folder_that_cannot_be_written_to_costs_only_time(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert read(tmp_path) == "T('x' b)"
    tmp_path.chmod(0o700)
    assert kept(tmp_path) == []


def test_a_file_in_the_place_of_the_folder_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert read(tmp_path / "file") == "T('x' b)"


def test_the_oldest_trees_go_when_there_are_too_many(tmp_path: Path) -> None:
    for index in range(cache.MAX_FILES):
        path = tmp_path / f"{index:03}.tree"
        path.write_bytes(b"")
        os.utime(path, (index, index))
    read(tmp_path)
    names = [path.name for path in kept(tmp_path)]
    assert len(names) == cache.MAX_FILES
    assert "000.tree" not in names
    assert "001.tree" in names


def test_the_oldest_trees_go_when_they_are_too_large(tmp_path: Path) -> None:
    for index, size in enumerate([10, cache.MAX_BYTES - 5000, 100]):
        path = tmp_path / f"{index}.tree"
        with path.open("wb") as file:
            file.truncate(size)
        os.utime(path, (index, index))
    read(tmp_path, TEXT * 1 + "#" * 6000)
    assert [path.name for path in kept(tmp_path) if len(path.name) < 10] == ["2.tree"]


def test_files_of_others_are_not_pruned(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"x")
    os.utime(tmp_path / "notes.txt", (0, 0))
    for index in range(cache.MAX_FILES):
        (tmp_path / f"{index:03}.tree").write_bytes(b"")
    read(tmp_path)
    assert (tmp_path / "notes.txt").exists()


_RACER = """
import sys
from bake.source import Source
from bake.syntax.cache import cached
for index in range(20):
    text = f"a = [{', '.join(str(n) for n in range(index % 3, 300))}]\\n"
    tree = cached(Source("f", text, "hcl"), sys.argv[1])
    assert tree.body.attributes["a"].value.items[0].value == str(index % 3)
"""


def test_ten_processes_may_share_a_folder(tmp_path: Path) -> None:
    racers = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", _RACER, str(tmp_path)], stderr=subprocess.PIPE)
        for _ in range(10)
    ]
    assert [racer.communicate()[1] for racer in racers] == [b""] * 10
    assert [racer.returncode for racer in racers] == [0] * 10
    assert len(kept(tmp_path)) == 3


_IMPORTS = """
import sys
from bake.source import Source
from bake.syntax.cache import cached
for text, dialect in (("a = 1", "hcl"), ("{}", "json"), ("a = 1", "toml"), ("a: 1", "compose")):
    cached(Source("f", text, dialect), sys.argv[1])
print(*sorted({"lark", "hcl2", "yaml", "tomllib"} & set(sys.modules)))
"""


def test_an_unchanged_file_imports_no_parser(tmp_path: Path) -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", _IMPORTS, str(tmp_path)], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert outputs == ["lark tomllib yaml\n", "\n"]
