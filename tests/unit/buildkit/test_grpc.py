"""Calls over a real client and a real server joined in memory, and over a peer made by hand."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from h2.errors import ErrorCodes
from h2.events import RequestReceived, StreamEnded, StreamReset

from bake.buildkit.grpc import Call, Channel, ClientCall, percent_decode, read_metadata
from bake.buildkit.http2 import Connection
from bake.buildkit.stream import (
    CANCELED,
    INTERNAL,
    NOT_FOUND,
    RESOURCE_EXHAUSTED,
    UNAVAILABLE,
    UNIMPLEMENTED,
    UNKNOWN,
    RpcError,
    Stream,
)
from tests.fakes.wire import Peer, joined

if TYPE_CHECKING:
    from collections.abc import Iterator


def echo(stream: Stream) -> None:
    while (message := stream.recv()) is not None:
        stream.send(message)


def fail_after_one(stream: Stream) -> None:
    stream.send(b"one")
    raise RpcError(NOT_FOUND, "100 % gone: größer\n", b"\x08\x05details")


def collect(stream: Stream) -> list[bytes]:
    return list(messages(stream))


def messages(stream: Stream) -> Iterator[bytes]:
    while (message := stream.recv()) is not None:
        yield message


def test_a_unary_call() -> None:
    with joined({"/a/B": echo}) as channel:
        assert channel.unary("/a/B", b"hi") == b"hi"
        assert channel.unary("/a/B", b"") == b""


def test_messages_of_several_buffers_and_several_at_once() -> None:
    with joined({"/a/B": echo}) as channel:
        call = channel.call("/a/B")
        call.send(b"first", (b"sec", memoryview(b"ond"), bytearray(b"!")), b"")
        call.send()
        call.close_send()
        assert collect(call) == [b"first", b"second!", b""]


def test_large_messages_both_ways_at_once() -> None:
    sizes = [0, 1, 16384 - 5, 16384, 65535, 1 << 20, 9 << 20, 3]
    payloads = [bytes([size % 251]) * size for size in sizes]
    with joined({"/a/B": echo}) as channel:
        call = channel.call("/a/B")

        def send() -> None:
            call.send(*payloads)
            call.close_send()

        sender = threading.Thread(target=send)
        sender.start()
        assert collect(call) == payloads
        sender.join()


def test_threads_that_send_on_one_call_never_mix_their_messages() -> None:
    with joined({"/a/B": echo}) as channel:
        call = channel.call("/a/B")
        threads = [
            threading.Thread(target=call.send, args=([bytes([65 + number])] * 50_000,)) for number in range(8)
        ]
        for thread in threads:
            thread.start()
        got = [call.recv() or b"" for _ in threads]
        for thread in threads:
            thread.join()
        assert {len(message) for message in got} == {50_000}
        assert sorted(message[:1] for message in got) == [bytes([65 + number]) for number in range(8)]
        assert all(len(set(message)) == 1 for message in got)
        call.close_send()
        assert call.recv() is None


def test_many_calls_at_once() -> None:
    with joined({"/a/B": echo}) as channel:
        answers: dict[int, bytes] = {}

        def ask(number: int) -> None:
            answers[number] = channel.unary("/a/B", b"%d" % number * 5000)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == {number: b"%d" % number * 5000 for number in range(60)}


def test_metadata_repeats_and_keeps_what_is_no_text() -> None:
    seen: list[object] = []

    def look(stream: Stream) -> None:
        seen.append({name: stream.metadata[name] for name in ("dir-name", "pattern")})

    with joined({"/a/B": look}) as channel:
        call = channel.call("/a/B", [("dir-name", "context"), ("pattern", "a"), ("pattern", "b\udcff")])
        assert call.recv() is None
    assert seen == [{"dir-name": ("context",), "pattern": ("a", "b\udcff")}]


def test_a_status_arrives_with_message_and_details() -> None:
    with joined({"/a/B": fail_after_one}) as channel:
        call = channel.call("/a/B")
        assert call.recv() == b"one"
        with pytest.raises(RpcError) as caught:
            call.recv()
    assert caught.value.code == NOT_FOUND
    assert caught.value.message == "100 % gone: größer\n"
    assert caught.value.details == b"\x08\x05details"


def test_a_method_nobody_serves_is_unimplemented() -> None:
    with joined({}) as channel, pytest.raises(RpcError, match="unknown method /a/B") as caught:
        channel.unary("/a/B", b"")
    assert caught.value.code == UNIMPLEMENTED


def test_a_handler_that_breaks_is_unknown_and_the_connection_lives() -> None:
    def broken(_stream: Stream) -> None:
        raise KeyError("oops")

    with joined({"/a/B": broken, "/a/C": echo}) as channel:
        with pytest.raises(RpcError, match="KeyError: 'oops'") as caught:
            channel.unary("/a/B", b"")
        assert caught.value.code == UNKNOWN
        assert channel.unary("/a/C", b"still") == b"still"


def test_sending_to_a_handler_that_has_failed_raises_its_status() -> None:
    def refuse(_stream: Stream) -> None:
        raise RpcError(RESOURCE_EXHAUSTED, "full")

    with joined({"/a/B": refuse}) as channel:
        call = channel.call("/a/B")

        def insist() -> None:
            while True:
                call.send(bytes(1 << 20))

        with pytest.raises(RpcError, match="full") as caught:
            insist()
        assert caught.value.code == RESOURCE_EXHAUSTED


def test_cancel_ends_both_ends() -> None:
    ended: list[RpcError] = []
    over = threading.Event()

    def wait(stream: Stream) -> None:
        stream.send(b"ready")
        try:
            stream.recv()
        except RpcError as exc:
            ended.append(exc)
        over.set()

    with joined({"/a/B": wait}) as channel:
        call = channel.call("/a/B")
        assert call.recv() == b"ready"
        call.cancel()
        call.cancel()
        with pytest.raises(RpcError) as caught:
            call.recv()
        assert over.wait(60)
    assert caught.value.code == CANCELED
    assert [error.code for error in ended] == [CANCELED]


def test_a_broken_connection_wakes_every_waiter() -> None:
    peer = Peer()
    channel = Channel(Connection(peer.pipe).start())
    calls = [channel.call("/a/B") for _ in range(5)]
    errors: list[RpcError] = []

    def wait(number: int) -> None:
        try:
            calls[number].recv()
        except RpcError as exc:
            errors.append(exc)

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    peer.close()
    for thread in threads:
        thread.join()
    assert [error.code for error in errors] == [UNAVAILABLE] * 5
    with pytest.raises(RpcError) as caught:
        channel.call("/a/B")
    assert caught.value.code == UNAVAILABLE
    channel.connection.close()


TRAILERS_ONLY = [
    ([("grpc-status", "5"), ("grpc-message", "no%20such%2")], NOT_FOUND, "no such%2"),
    ([("grpc-status", "5"), ("grpc-status-details-bin", "CAU")], NOT_FOUND, "^$"),
    ([("grpc-status", "5"), ("grpc-status-details-bin", "C")], NOT_FOUND, "^$"),
    ([("grpc-status", "strange")], UNKNOWN, "^$"),
    ([], UNKNOWN, r"ended without a status \(HTTP 200\)"),
]


@pytest.mark.parametrize(("trailers", "code", "message"), TRAILERS_ONLY)
def test_a_response_of_trailers_alone(trailers: list[tuple[str, str]], code: int, message: str) -> None:
    peer = Peer()
    channel = Channel(Connection(peer.pipe).start())
    call = channel.begin("/a/B", b"")
    peer.until(StreamEnded)
    peer.h2.send_headers(1, [(":status", "200"), *trailers], end_stream=True)
    peer.flush()
    with pytest.raises(RpcError, match=message) as caught:
        call.finish()
    assert caught.value.code == code
    assert caught.value.details in (b"", b"\x08\x05")
    channel.connection.close()
    peer.close()


@pytest.mark.parametrize(("status", "code"), [("503", UNAVAILABLE), ("404", UNIMPLEMENTED), ("418", UNKNOWN)])
def test_http_status_speaks_where_grpc_is_silent(status: str, code: int) -> None:
    peer = Peer()
    channel = Channel(Connection(peer.pipe).start())
    call = channel.begin("/a/B", b"")
    peer.until(StreamEnded)
    peer.h2.send_headers(1, [(":status", status)], end_stream=True)
    peer.flush()
    with pytest.raises(RpcError, match=f"HTTP {status}") as caught:
        call.recv()
    assert caught.value.code == code
    channel.connection.close()
    peer.close()


@pytest.mark.parametrize(
    ("reset", "code"),
    [
        (ErrorCodes.REFUSED_STREAM, UNAVAILABLE),
        (ErrorCodes.ENHANCE_YOUR_CALM, RESOURCE_EXHAUSTED),
        (ErrorCodes.PROTOCOL_ERROR, INTERNAL),
    ],
)
def test_a_reset_is_a_status(reset: ErrorCodes, code: int) -> None:
    peer = Peer()
    channel = Channel(Connection(peer.pipe).start())
    call = channel.call("/a/B")
    peer.until(RequestReceived)
    peer.h2.reset_stream(1, reset)
    peer.flush()
    with pytest.raises(RpcError, match=reset.name) as caught:
        call.recv()
    assert caught.value.code == code
    channel.connection.close()
    peer.close()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\1\0\0\0\0", "compressed"),
        (b"\0\0\0\0\5abc", "middle of a message"),
        (b"\0\0", "middle of a message"),
    ],
)
def test_messages_that_are_none(data: bytes, message: str) -> None:
    peer = Peer()
    channel = Channel(Connection(peer.pipe).start())
    call = channel.begin("/a/B", b"")
    peer.until(StreamEnded)
    peer.h2.send_headers(1, [(":status", "200")])
    peer.h2.send_data(1, data)
    peer.h2.send_headers(1, [("grpc-status", "0")], end_stream=True)
    peer.flush()
    with pytest.raises(RpcError, match=message) as caught:
        call.recv()
    assert caught.value.code == INTERNAL
    channel.connection.close()
    peer.close()


def test_a_call_without_an_answer() -> None:
    with (
        joined({"/a/B": lambda _stream: None}) as channel,
        pytest.raises(RpcError, match="without an answer"),
    ):
        channel.unary("/a/B", b"")


def test_a_server_that_answers_early_tells_the_client_to_stop() -> None:
    peer = Peer(server=False)
    from bake.buildkit.grpc import serve

    server = serve(peer.pipe, {"/a/B": lambda _stream: None})
    peer.h2.send_headers(
        1, [(":method", "POST"), (":path", "/a/B"), (":scheme", "http"), (":authority", "x")]
    )
    peer.flush()
    assert peer.until(StreamReset).error_code == ErrorCodes.NO_ERROR
    server.close()
    peer.close()


@pytest.mark.parametrize("answers", [[b"early"], [b"early", b"and more"]])
def test_an_answer_that_comes_before_the_request_is_taken(answers: list[bytes]) -> None:
    def answer(stream: Stream) -> None:
        stream.send(*answers)

    with joined({"/a/B": answer}) as channel:
        call = answered(channel, "/a/B")
        call.ask(b"late")
        assert collect(call) == answers


def test_a_refusal_that_comes_before_the_request_is_told() -> None:
    def refuse(_stream: Stream) -> None:
        raise RpcError(NOT_FOUND, "gone")

    with joined({"/a/B": refuse}) as channel, pytest.raises(RpcError, match="gone"):
        answered(channel, "/a/B").ask(b"late")


def answered(channel: Channel, path: str) -> ClientCall:
    """A call whose peer has said all, and has told the client to stop, before anything was sent."""
    call = channel.call(path)

    def insist() -> None:
        while True:
            Call.send(call, b"")

    with pytest.raises(RpcError):
        insist()
    return call


def test_bad_escapes_stay_as_they_came() -> None:
    assert percent_decode(b"100%% %zz %C3%A4 %") == "100%% %zz ä %"


def test_metadata_leaves_pseudo_headers_out() -> None:
    assert read_metadata([(b":path", b"/"), (b"A", b"1"), (b"a", b"2")]) == {"a": ("1", "2")}
