from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.buildkit.fsutil import packet
from bake.buildkit.fsutil.receiver import receive
from bake.buildkit.services import filesync
from bake.buildkit.stream import FAILED_PRECONDITION, NOT_FOUND, RpcError
from bake.solve import InlineTree, LocalTree
from tests.fakes.streams import Call
from tests.fakes.trees import Entry, File, Symlink, build, look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PATH = "/moby.filesync.v1.FileSync/DiffCopy"


def synced(
    trees: Mapping[str, LocalTree | InlineTree], out: Path, metadata: Mapping[str, Sequence[str]]
) -> dict[bytes, Entry]:
    call = Call(filesync.methods(trees)[PATH], metadata)
    receive(call.stream, str(out))
    call.wait()
    assert call.error is None
    return look(out)


def refused(trees: Mapping[str, LocalTree | InlineTree], metadata: Mapping[str, Sequence[str]]) -> RpcError:
    call = Call(filesync.methods(trees)[PATH], metadata)
    call.wait()
    assert isinstance(call.error, RpcError)
    return call.error


@pytest.fixture
def context(tmp_path: Path) -> dict[str, LocalTree | InlineTree]:
    folder = tmp_path / "context"
    build(
        folder,
        {
            b"src/a.py": File(b"a"),
            b"src/b.c": File(b"b"),
            "über/é x+y".encode(): File(b"u"),
            b"link": Symlink(b"src/a.py"),
        },
    )
    return {"context": LocalTree(str(folder))}


def names(found: Mapping[bytes, Entry]) -> list[str]:
    return [path.decode() for path in found]


def test_a_folder_by_its_name(context: dict[str, LocalTree | InlineTree], tmp_path: Path) -> None:
    assert synced(context, tmp_path / "out", {"dir-name": ["context"]}) == look(tmp_path / "context")


def test_patterns_come_in_headers(context: dict[str, LocalTree | InlineTree], tmp_path: Path) -> None:
    metadata = {
        "dir-name": ["context"],
        "include-patterns": ["src", "link"],
        "exclude-patterns": ["**/*.c", "x"],
    }
    assert names(synced(context, tmp_path / "out", metadata)) == ["link", "src", "src/a.py"]


def test_paths_are_followed(context: dict[str, LocalTree | InlineTree], tmp_path: Path) -> None:
    metadata = {"dir-name": ["context"], "followpaths": ["link"]}
    assert names(synced(context, tmp_path / "out", metadata)) == ["link", "src", "src/a.py"]


def test_headers_that_are_not_ascii_are_decoded(
    context: dict[str, LocalTree | InlineTree], tmp_path: Path
) -> None:
    metadata = {
        "dir-name": ["context"],
        "include-patterns": ["%C3%BCber%2F%C3%A9+x%2By"],
        "include-patterns-encoded": ["1"],
        "exclude-patterns": ["a+b%20"],
    }
    assert names(synced(context, tmp_path / "out", metadata)) == ["über", "über/é x+y"]


def test_a_tree_made_of_bytes(tmp_path: Path) -> None:
    trees = {"dockerfile": InlineTree({"Dockerfile": b"FROM scratch"})}
    found = synced(trees, tmp_path / "out", {"dir-name": ["dockerfile"], "followpaths": ["Dockerfile"]})
    (entry,) = found.values()
    assert isinstance(entry, File)
    assert entry.data == b"FROM scratch"


@pytest.mark.parametrize("name", ["other", "", "/etc", "../context"])
def test_other_folders_are_not_served(context: dict[str, LocalTree | InlineTree], name: str) -> None:
    error = refused(context, {"dir-name": [name]})
    assert (error.code, error.message) == (NOT_FOUND, f'no access allowed to dir "{name}"')


def test_trees_may_be_added_later(tmp_path: Path) -> None:
    trees: dict[str, LocalTree | InlineTree] = {}
    handler = filesync.methods(trees)[PATH]
    trees["late"] = InlineTree({"f": b"1"})
    call = Call(handler, {"dir-name": ["late"]})
    receive(call.stream, str(tmp_path))
    assert names(look(tmp_path)) == ["f"]


def test_bad_patterns_and_missing_folders_are_named(context: dict[str, LocalTree | InlineTree]) -> None:
    error = refused(context, {"dir-name": ["context"], "exclude-patterns": ["ok", "a["]})
    assert error.code == FAILED_PRECONDITION
    assert "`a[`" in error.message
    assert "`/absent`" in refused({"x": LocalTree("/absent")}, {"dir-name": ["x"]}).message


def test_a_peer_that_is_no_receiver_ends_the_call(context: dict[str, LocalTree | InlineTree]) -> None:
    call = Call(filesync.methods(context)[PATH], {"dir-name": ["context"]})
    call.stream.send(packet.error_packet("no"))
    call.wait()
    assert isinstance(call.error, RpcError)
