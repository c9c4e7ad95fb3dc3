"""A tree that arrives in a folder is all there, or the folder is as it was, whatever went wrong."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bake.buildkit.fsutil.staging import Staging
from bake.buildkit.fsutil.stat import DIRECTORY, SYMLINK, Stat
from bake.errors import ExportError
from tests.fakes.trees import Entry, File, Folder, Symlink, build, look
from tests.privileges import put_aside

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLES = settings(max_examples=80)
NOBODY = 65534
T = 1_650_000_000_000_000_000

NAMES = st.sampled_from([b"a", b"b", b"c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(b"/".join)
LEAVES: st.SearchStrategy[Entry] = st.one_of(
    st.builds(File, st.binary(max_size=3), st.sampled_from([0o644, 0o400]), st.just(T)),
    st.builds(Symlink, NAMES, st.just(T)),
    st.builds(Folder, st.just(0o755), st.just(T)),
)


@st.composite
def trees(draw: st.DrawFn, modes: tuple[int, ...] = (0o755, 0o500)) -> dict[bytes, Entry]:
    """Entries in walk order, each with its parents."""
    leaves = draw(st.dictionaries(PATHS, LEAVES, max_size=6))
    folders = {path[:at] for path in leaves for at, byte in enumerate(path) if byte == ord("/")}
    entries: dict[bytes, Entry] = {path: Folder(draw(st.sampled_from(modes)), T + 1) for path in folders} | {
        path: leaf for path, leaf in leaves.items() if path not in folders
    }
    return {path: entries[path] for path in sorted(entries, key=lambda path: path.split(b"/"))}


def stage(folder: str, entries: Mapping[bytes, Entry]) -> Staging:
    """A staging that has received `entries`."""
    staging = Staging(folder)
    for path, entry in entries.items():
        if isinstance(entry, File):
            stat = Stat(path, entry.mode, len(entry.data), entry.mtime)
            file = staging.create(stat)
            staging.write(stat, file, entry.data)
            staging.finish(stat, file)
        elif isinstance(entry, Folder):
            staging.add(Stat(path, DIRECTORY | entry.mode, mtime=entry.mtime))
        elif isinstance(entry, Symlink):
            staging.add(Stat(path, SYMLINK | 0o777, mtime=entry.mtime, linkname=entry.target))
    return staging


def merged(before: Mapping[bytes, Entry], sent: Mapping[bytes, Entry]) -> dict[bytes, Entry]:
    """What is to be there: directories are added to, anything else gives way."""

    def stays(path: bytes) -> bool:
        parts = path.split(b"/")
        above = [b"/".join(parts[: end + 1]) for end in range(len(parts))]
        return all(
            isinstance(sent[one], Folder) and isinstance(before[one], Folder) for one in above if one in sent
        )

    return {path: entry for path, entry in before.items() if stays(path)} | dict(sent)


@EXAMPLES
@given(trees(), trees(), st.booleans())
def test_what_is_placed_can_be_taken_back(
    before: dict[bytes, Entry], sent: dict[bytes, Entry], clean: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build(folder, before)
        staging = stage(folder, sent)
        staging.place(clean=clean)
        staging.undo()
        staging.close()
        assert look(folder) == before

        staging = stage(folder, sent)
        staging.place(clean=clean)
        staging.close()
        assert look(folder) == (sent if clean else merged(before, sent))


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="makes another user's folders")
@EXAMPLES
@given(trees((0o755,)), trees((0o755, 0o500)), st.booleans(), st.integers(0, 5))
def test_all_or_nothing_where_some_folders_are_another_users(
    before: dict[bytes, Entry], sent: dict[bytes, Entry], clean: bool, chosen: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build(folder, before)
        folders = [path for path, entry in before.items() if isinstance(entry, Folder)]
        for path in folders[chosen : chosen + 1]:
            os.chown(os.path.join(os.fsencode(folder), path), NOBODY, NOBODY)
        with put_aside():
            staging = stage(folder, sent)
            try:
                staging.place(clean=clean)
                expected = sent if clean else merged(before, sent)
            except ExportError:
                expected = before
            staging.close()
        assert look(folder) == expected
