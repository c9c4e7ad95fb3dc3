"""Any tree arrives as it is, whatever its names and however it is cut into packets."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from bake.buildkit.fsutil import packet
from bake.buildkit.fsutil.receiver import receive
from bake.buildkit.fsutil.sender import send
from bake.buildkit.fsutil.stat import Stat
from bake.buildkit.fsutil.tree import DiskTree
from tests.fakes.streams import Call
from tests.fakes.trees import Entry, File, Folder, Hardlink, Pipe, Symlink, build, look

if TYPE_CHECKING:
    from bake.buildkit.stream import Stream

EXAMPLES = settings(max_examples=60)

_ODD = st.sampled_from(
    [b"a", b"a.b", b"B", "é".encode(), "日本".encode(), b" ", b"new\nline", b"-rf", b"...", b"a\\b"]
)
_ANY = (
    st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=5)
    .filter(lambda name: name.strip("."))
    .map(str.encode)
)
NAMES = st.one_of(_ODD, _ANY) if sys.platform == "linux" else _ODD
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(b"/".join)

TIMES = st.integers(-(10**9), 4 * 10**9).map(lambda seconds: seconds * 10**9 + 123_456_000)
XATTRS = st.dictionaries(st.sampled_from(["user.a", "user.b"]), st.binary(max_size=8), max_size=2)
FILES = st.builds(
    File,
    st.one_of(st.binary(max_size=20), st.just(b"x" * 3_000_000)),
    st.sampled_from([0o644, 0o755, 0o400, 0o4755, 0o2755, 0o1666]),
    TIMES,
    XATTRS if sys.platform == "linux" else st.just({}),
)
FOLDERS = st.builds(Folder, st.sampled_from([0o755, 0o700, 0o1777, 0o2775]), TIMES)
LEAVES = st.one_of(FILES, st.builds(Symlink, _ANY, TIMES))


@st.composite
def trees(draw: st.DrawFn) -> dict[bytes, Entry]:
    """Entries in walk order, each with its parents; some files have further names."""
    leaves = draw(st.dictionaries(PATHS, st.one_of(LEAVES, st.builds(Pipe)), max_size=6))
    folders = {path[:at] for path in leaves for at, byte in enumerate(path) if byte == ord("/")}
    entries: dict[bytes, Entry] = {path: draw(FOLDERS) for path in folders}
    entries |= {path: leaf for path, leaf in leaves.items() if path not in folders}
    files = [path for path, entry in entries.items() if isinstance(entry, File)]
    for number in range(draw(st.integers(0, 2)) if files else 0):
        entries[b"~link%d" % number] = Hardlink(draw(st.sampled_from(files)))
    return {path: entries[path] for path in sorted(entries, key=lambda path: path.split(b"/"))}


@EXAMPLES
@given(trees(), st.sampled_from([0, 1, 3]))
def test_a_tree_arrives_equal(entries: dict[bytes, Entry], window: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, destination = os.path.join(folder, "source"), os.path.join(folder, "destination")
        os.mkdir(source)
        build(source, entries)
        before = look(source)
        call = Call(lambda stream: send(stream, DiskTree(source)), window=window)
        receive(call.stream, destination)
        call.wait()
        assert call.error is None
        assert look(destination) == before
        assert set(before) == set(entries)


@EXAMPLES
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.integers(1, 100), st.randoms())
def test_any_chunking_and_interleaving_gives_the_same_files(
    contents: list[bytes], size: int, random: object
) -> None:
    def script(stream: Stream) -> None:
        stream.send(*(packet.stat_packet(Stat(b"f%d" % at, 0o644)) for at in range(len(contents))))
        stream.send(packet.END_OF_STATS)
        left = {packet.read_packet(stream.recv() or b"").id: 0 for _ in contents}
        while left:
            number = random.choice(sorted(left))  # type: ignore[attr-defined]
            piece = contents[number][left[number] : left[number] + size]
            left[number] += len(piece)
            if piece:
                stream.send(packet.data_packet(number, memoryview(piece)))
            else:
                del left[number]
                stream.send(packet.end_of_data(number))
        assert packet.read_packet(stream.recv() or b"").type == packet.Packet.FIN

    with tempfile.TemporaryDirectory() as folder:
        call = Call(script)
        receive(call.stream, folder)
        call.wait()
        assert call.error is None
        found = {path: entry.data for path, entry in look(folder).items() if isinstance(entry, File)}
        assert found == {b"f%d" % at: data for at, data in enumerate(contents)}
