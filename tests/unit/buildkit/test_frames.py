"""DATA frames, made and taken apart: what is copied, what is left to h2."""

from __future__ import annotations

from bake.buildkit.frames import LARGEST, PREFACE, Pieces, Sorter, cut


def header(length: int, kind: int = 0, flags: int = 0, stream: int = 1) -> bytes:
    return length.to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big")


def test_large_buffers_are_sent_from_where_they_are() -> None:
    large = bytearray(3 * LARGEST)
    pieces = Pieces([b"head", b"er", large])
    buffers = list(cut(1, pieces, pieces.left, LARGEST))
    assert buffers[0] == header(LARGEST)
    assert [len(content) for content in buffers[1::2]] == [LARGEST, LARGEST, LARGEST, 6]
    assert [content.obj is large for content in buffers[3::2] if isinstance(content, memoryview)] == [
        True
    ] * 3


def test_small_buffers_are_made_one() -> None:
    pieces = Pieces([b"a", b"b" * 100, b"", b"c"])
    assert list(cut(3, pieces, pieces.left, LARGEST)) == [header(102, stream=3), b"a" + b"b" * 100 + b"c"]


def test_neighbours_of_one_stream_come_in_one_run() -> None:
    wire = b"".join(header(1, stream=stream) + b"x" for stream in (1, 1, 3, 1))
    runs = list(Sorter(0).feed(wire))
    assert [(run.stream, run.joined) for run in runs] == [(1, b"xx"), (3, b"x"), (1, b"x")]


def test_what_is_more_than_content_is_left_as_it_came() -> None:
    end = header(1, flags=1) + b"x"
    padded = header(3, flags=8) + b"\x01x\0"
    ping = header(8, kind=6, stream=0) + bytes(8)
    oversized = header(LARGEST + 1) + bytes(LARGEST + 1)
    wire = end + padded + ping + oversized
    assert [(run.stream, bytes(run.raw)) for run in Sorter(0).feed(wire)] == [(0, wire)]


def test_a_preface_is_no_frame_in_whatever_pieces_it_comes() -> None:
    sorter = Sorter(PREFACE)
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    wire = preface + header(1) + b"x"
    runs = [run for byte in wire for run in sorter.feed(bytes((byte,)))]
    assert b"".join(bytes(run.raw) for run in runs if not run.stream) == preface
    assert [run.joined for run in runs if run.stream] == [b"x"]
