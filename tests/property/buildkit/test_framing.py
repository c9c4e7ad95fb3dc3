"""However the bytes are cut, the messages are the same; whatever the windows, the data is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake.buildkit.frames import PREFACE, Pieces, Sorter, cut
from bake.buildkit.grpc import Deframer, frame, percent_decode, percent_encode, raise_status, status_trailers
from bake.buildkit.stream import RpcError

MESSAGES = st.lists(st.binary(max_size=40) | st.lists(st.binary(max_size=20), max_size=4), max_size=8)


def joined(message: bytes | list[bytes]) -> bytes:
    return message if isinstance(message, bytes) else b"".join(message)


@given(MESSAGES, st.lists(st.integers(1, 30), min_size=1))
def test_any_split_of_the_bytes_gives_the_same_messages(
    messages: list[bytes | list[bytes]], cuts: list[int]
) -> None:
    data = b"".join(frame(messages))
    deframer, at = Deframer(), 0
    got: list[bytes] = []
    while at < len(data):
        size = cuts[len(got) % len(cuts)]
        got += deframer.feed(data[at : at + size])
        at += size
    assert got == [joined(message) for message in messages]
    assert deframer.empty


@given(st.binary(min_size=1, max_size=60), st.data())
def test_an_unfinished_message_is_noticed(payload: bytes, data: st.DataObject) -> None:
    whole = b"".join(frame([payload]))
    deframer = Deframer()
    assert deframer.feed(whole[: data.draw(st.integers(1, len(whole) - 1))]) == []
    assert not deframer.empty


@given(st.lists(st.binary(max_size=50), max_size=10), st.lists(st.integers(1, 60), min_size=1))
def test_pieces_give_out_what_was_put_in(buffers: list[bytes], limits: list[int]) -> None:
    pieces, turn = Pieces(buffers), 0
    got: list[bytes] = []
    total = pieces.left
    while pieces.left:
        limit = limits[turn % len(limits)]
        got.append(bytes(pieces.take(limit)))
        assert len(got[-1]) == min(limit, total - sum(map(len, got[:-1])))
        turn += 1
    assert b"".join(got) == b"".join(buffers)


@given(st.lists(st.binary(max_size=50), max_size=10), st.integers(1, 40), st.integers(1, 9))
def test_content_survives_its_frames(buffers: list[bytes], largest: int, stream: int) -> None:
    pieces = Pieces(buffers)
    wire = b"".join(cut(stream, pieces, pieces.left, largest))
    content = b"".join(buffers)
    runs = list(Sorter(0).feed(wire))
    assert [(run.stream, run.joined) for run in runs] == ([(stream, content)] if content else [])
    assert len(wire) == len(content) + 9 * -(-len(content) // largest)


FRAMES = st.tuples(st.sampled_from([0, 0, 0, 1, 6]), st.sampled_from([0, 0, 0, 1, 8]), st.integers(1, 3))


@given(
    st.lists(st.tuples(FRAMES, st.binary(max_size=20)), max_size=12),
    st.lists(st.integers(1, 80), min_size=1),
    st.sampled_from([b"", b"p" * PREFACE]),
)
def test_any_split_of_what_is_received_gives_the_same_frames(
    frames: list[tuple[tuple[int, int, int], bytes]], cuts: list[int], preface: bytes
) -> None:
    wire = preface + b"".join(
        len(content).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + content
        for (kind, flags, stream), content in frames
    )
    sorter, at, turn = Sorter(len(preface)), 0, 0
    raw, plain = b"", dict.fromkeys(range(4), b"")
    while at < len(wire):
        for run in sorter.feed(wire[at : at + cuts[turn % len(cuts)]]):
            raw += run.raw
            plain[run.stream] += run.joined
        at, turn = at + cuts[turn % len(cuts)], turn + 1
    assert raw == wire
    for stream in range(1, 4):
        assert plain[stream] == b"".join(content for head, content in frames if head == (0, 0, stream))
    assert plain[0] == b""


@given(st.text())
def test_messages_survive_percent_encoding(text: str) -> None:
    text = text.encode(errors="replace").decode()
    encoded = percent_encode(text)
    assert all(0x20 <= byte < 0x7F for byte in encoded)
    assert percent_decode(encoded) == text


@given(st.binary())
def test_no_bytes_make_decoding_fail(value: bytes) -> None:
    assert isinstance(percent_decode(value), str)


@given(st.integers(1, 16), st.text(st.characters(codec="utf-8")), st.binary())
def test_a_status_survives_its_trailers(code: int, message: str, details: bytes) -> None:
    with pytest.raises(RpcError) as caught:
        raise_status({}, dict(status_trailers(RpcError(code, message, details))))
    error = caught.value
    assert (error.code, error.message, error.details) == (code, message, details)
