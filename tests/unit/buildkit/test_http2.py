"""HTTP/2 on threads: flow control, limits, and every way a connection can end."""

from __future__ import annotations

import errno
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    PingAckReceived,
    RequestReceived,
    SettingsAcknowledged,
    StreamEnded,
    StreamReset,
)
from h2.settings import SettingCodes

from bake.buildkit.exchange import STREAM_WINDOW, Exchange, LostError, ResetError
from bake.buildkit.frames import Pieces
from bake.buildkit.http2 import Connection
from bake.buildkit.pipe import SocketPipe
from bake.buildkit.tls import TLSError
from tests.fakes.wire import Peer

if TYPE_CHECKING:
    from collections.abc import Callable

HEADERS = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"x")]
OK = [(b":status", b"200")]


def pair(accept: Callable[[Exchange], None]) -> tuple[Connection, Connection]:
    near, far = socket.socketpair()
    server = Connection(SocketPipe(far), accept).start()
    return Connection(SocketPipe(near)).start(), server


def meet(peer: Peer) -> Connection:
    """A client that knows the peer's settings."""
    client = Connection(peer.pipe).start()
    peer.until(SettingsAcknowledged)
    return client


def close(*connections: Connection) -> None:
    for connection in connections:
        connection.close()


def echo(exchange: Exchange) -> None:
    exchange.send_headers(OK)
    while data := exchange.read():
        exchange.write(Pieces([data]))
    exchange.send_headers([(b"done", b"yes")], end=True)


def hold(exchange: Exchange) -> None:
    exchange.send_headers(OK)
    with pytest.raises(LostError):
        exchange.read()


def read_all(exchange: Exchange) -> bytes:
    data = b""
    while piece := exchange.read():
        data += piece
    return data


def send(exchange: Exchange, data: bytes) -> threading.Thread:
    thread = threading.Thread(target=exchange.write, args=(Pieces([data]),), kwargs={"end": True})
    thread.start()
    return thread


def test_a_request_and_its_response_with_trailers() -> None:
    client, server = pair(echo)
    exchange = client.open(HEADERS)
    exchange.write(Pieces([b"hel", memoryview(b"lo")]), end=True)
    assert exchange.wait_headers() == OK
    assert read_all(exchange) == b"hello"
    assert exchange.trailers == [(b"done", b"yes")]
    close(client, server)


def test_both_directions_carry_more_than_every_window_at_once() -> None:
    client, server = pair(echo)
    payload = bytes(range(256)) * (3 * STREAM_WINDOW // 256)
    exchange = client.open(HEADERS)
    sender = send(exchange, payload)
    assert read_all(exchange) == payload
    sender.join()
    close(client, server)


def test_many_exchanges_share_one_connection() -> None:
    client, server = pair(echo)
    exchanges = [client.open(HEADERS) for _ in range(100)]
    payloads = [bytes([number]) * (1000 * number) for number in range(100)]
    senders = [send(exchange, data) for exchange, data in zip(exchanges, payloads, strict=True)]
    assert [read_all(exchange) for exchange in exchanges] == payloads
    for sender in senders:
        sender.join()
    close(client, server)


def test_a_reader_that_does_not_read_holds_up_only_its_own_stream() -> None:
    client, server = pair(echo)
    stuck = client.open(HEADERS)
    # three windows: what the echo may send, what it may receive, and some that cannot leave
    sender = send(stuck, bytes(3 * STREAM_WINDOW))
    exchange = client.open(HEADERS)
    exchange.write(Pieces([b"quick"]), end=True)
    assert read_all(exchange) == b"quick"
    assert len(read_all(stuck)) == 3 * STREAM_WINDOW
    sender.join()
    close(client, server)


@pytest.mark.parametrize("window", [1, 10, 1000, 16383, 65535])
def test_a_peer_with_a_tiny_window_gets_everything(window: int) -> None:
    peer = Peer(settings={SettingCodes.INITIAL_WINDOW_SIZE: window})
    client = meet(peer)
    exchange = client.open(HEADERS)
    peer.until(RequestReceived)
    payload = bytes(range(256))[: min(window * 5, 256)] * (1 if window < 1000 else 40)
    sender = send(exchange, payload)
    got = b""
    while len(got) < len(payload):
        data = peer.until(DataReceived).data
        assert data is not None
        assert len(data) <= window
        got += data
        peer.h2.increment_flow_control_window(len(data))
        peer.h2.increment_flow_control_window(len(data), exchange.number)
        peer.flush()
    sender.join()
    assert got == payload
    close(client)
    peer.close()


def test_a_sender_is_woken_when_settings_open_its_window() -> None:
    peer = Peer(settings={SettingCodes.INITIAL_WINDOW_SIZE: 0})
    client = meet(peer)
    exchange = client.open(HEADERS)
    sender = send(exchange, b"late")
    peer.until(RequestReceived)
    peer.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 100})
    peer.flush()
    assert peer.until(DataReceived).data == b"late"
    sender.join()
    close(client)
    peer.close()


def test_frames_are_no_longer_than_the_peer_allows() -> None:
    peer = Peer(settings={SettingCodes.MAX_FRAME_SIZE: 20000, SettingCodes.INITIAL_WINDOW_SIZE: 1 << 20})
    client = meet(peer)
    exchange = client.open(HEADERS)
    sender = send(exchange, bytes(60000))
    lengths: list[int] = []
    peer.h2.max_inbound_frame_size = 20000
    while sum(lengths) < 60000:
        lengths.append(len(peer.until(DataReceived).data or b""))
    sender.join()
    assert max(lengths) <= 20000
    close(client)
    peer.close()


def test_max_concurrent_streams_makes_the_next_one_wait() -> None:
    peer = Peer(settings={SettingCodes.MAX_CONCURRENT_STREAMS: 1})
    client = meet(peer)
    first = client.open(HEADERS, end=True)
    peer.until(StreamEnded)
    second: list[Exchange] = []
    opener = threading.Thread(target=lambda: second.append(client.open(HEADERS)))
    opener.start()
    assert second == []
    peer.h2.send_headers(first.number, [(":status", "200")], end_stream=True)
    peer.flush()
    assert peer.until(RequestReceived).stream_id == 3
    opener.join()
    assert len(second) == 1
    close(client)
    peer.close()


def test_waiting_for_a_stream_ends_with_the_connection() -> None:
    peer = Peer(settings={SettingCodes.MAX_CONCURRENT_STREAMS: 0})
    client = meet(peer)
    faults: list[BaseException] = []

    def open_one() -> None:
        try:
            client.open(HEADERS).wait_headers()
        except LostError as exc:
            faults.append(exc)

    opener = threading.Thread(target=open_one)
    opener.start()
    peer.close()
    opener.join()
    assert [str(fault) for fault in faults] == ["the peer closed the connection"]


def test_a_reset_wakes_reader_and_blocked_writer() -> None:
    peer = Peer(settings={SettingCodes.INITIAL_WINDOW_SIZE: 0})
    client = meet(peer)
    exchange = client.open(HEADERS)
    codes: list[int] = []

    def run(work: Callable[[], object]) -> threading.Thread:
        def guarded() -> None:
            try:
                work()
            except ResetError as exc:
                codes.append(exc.code)

        thread = threading.Thread(target=guarded)
        thread.start()
        return thread

    waiters = [run(exchange.read), run(lambda: exchange.write(Pieces([b"x"]))), run(exchange.wait_headers)]
    peer.until(RequestReceived)
    peer.h2.reset_stream(exchange.number, ErrorCodes.REFUSED_STREAM)
    peer.flush()
    for waiter in waiters:
        waiter.join()
    assert codes == [ErrorCodes.REFUSED_STREAM] * 3
    close(client)
    peer.close()


def test_our_reset_reaches_the_peer_and_may_be_repeated() -> None:
    peer = Peer()
    client = meet(peer)
    exchange = client.open(HEADERS)
    exchange.reset()
    exchange.reset()
    exchange.end()
    assert peer.until(StreamReset).error_code == ErrorCodes.CANCEL
    with pytest.raises(ResetError):
        exchange.read()
    close(client)
    peer.close()


def test_goaway_lets_the_streams_it_serves_finish() -> None:
    peer = Peer()
    client = meet(peer)
    served, dropped = client.open(HEADERS, end=True), client.open(HEADERS, end=True)
    while peer.until(StreamEnded).stream_id != dropped.number:
        pass
    # a GOAWAY frame by hand, then DATA in the same write: h2 itself would send nothing after it
    peer.h2.send_headers(served.number, [(":status", "200")])
    before = peer.h2.data_to_send()
    peer.h2.send_data(served.number, b"still here", end_stream=True)
    after = peer.h2.data_to_send()
    debug = b"restarting"
    goaway = (8 + len(debug)).to_bytes(3, "big") + b"\x07\0" + bytes(4)
    goaway += served.number.to_bytes(4, "big") + bytes(4) + debug
    peer.socket.sendall(before + goaway + after)
    assert read_all(served) == b"still here"
    with pytest.raises(LostError, match="going away: restarting"):
        dropped.read()
    with pytest.raises(LostError, match="going away: restarting"):
        client.open(HEADERS)
    assert not client.usable
    close(client)
    peer.close()


def test_nonsense_from_the_peer_ends_the_connection() -> None:
    peer = Peer()
    client = meet(peer)
    exchange = client.open(HEADERS)
    data_on_stream_zero = b"\0\0\1\0\0\0\0\0\0x"
    peer.socket.sendall(data_on_stream_zero)
    with pytest.raises(LostError, match="HTTP/2 protocol error"):
        exchange.read()
    with pytest.raises(LostError, match="HTTP/2 protocol error"):
        exchange.write(Pieces([b"x"]))
    close(client)
    peer.close()


def test_content_comes_padded_empty_or_with_the_end() -> None:
    peer = Peer()
    client = meet(peer)
    exchange = client.open(HEADERS, end=True)
    peer.until(RequestReceived)
    peer.h2.send_headers(exchange.number, [(":status", "200"), ("content-length", "12")])
    for data, padding in ((b"one", None), (b"", None), (b"padded", 7), (b"", 0)):
        peer.h2.send_data(exchange.number, data, pad_length=padding)
    peer.h2.send_data(exchange.number, b"two", end_stream=True)
    peer.flush()
    assert read_all(exchange) == b"onepaddedtwo"
    assert client.usable
    close(client)
    peer.close()


def test_content_that_was_under_way_when_we_reset_its_stream_is_dropped() -> None:
    peer = Peer()
    client = meet(peer)
    exchange, other = client.open(HEADERS), client.open(HEADERS)
    while peer.until(RequestReceived).stream_id != other.number:
        pass
    for number in (exchange.number, other.number):
        peer.h2.send_headers(number, [(":status", "200")])
    exchange.reset()
    for number in (exchange.number, other.number):
        peer.h2.send_data(number, b"late")
    peer.flush()
    assert other.read() == b"late"
    with pytest.raises(ResetError):
        exchange.read()
    close(client)
    peer.close()


@pytest.mark.parametrize("length", [16385, 16384])
def test_content_that_no_window_allows_ends_the_connection(length: int) -> None:
    peer = Peer()
    client = meet(peer)
    exchange = client.open(HEADERS)
    peer.until(RequestReceived)
    peer.h2.send_headers(exchange.number, [(":status", "200")])
    peer.flush()
    frame = length.to_bytes(3, "big") + b"\0\0" + exchange.number.to_bytes(4, "big") + bytes(length)
    with suppress(OSError):
        # nobody reads what comes, so no window is opened again
        for _ in range(STREAM_WINDOW // length + 1):
            peer.socket.sendall(frame)
    client.join()
    assert "HTTP/2 protocol error" in str(client.lost)
    peer.close()


def test_closing_wakes_everybody_and_says_why() -> None:
    client, server = pair(hold)
    exchange = client.open(HEADERS)
    exchange.wait_headers()
    client.close("enough")
    with pytest.raises(LostError, match="enough"):
        exchange.read()
    with pytest.raises(LostError, match="enough"):
        client.open(HEADERS)
    server.join()
    assert server.lost is not None
    close(server)


def test_pings_are_answered_while_a_sender_is_blocked() -> None:
    peer = Peer(settings={SettingCodes.INITIAL_WINDOW_SIZE: 0})
    client = meet(peer)
    exchange = client.open(HEADERS)

    def insist() -> None:
        with pytest.raises(LostError):
            exchange.write(Pieces([b"x"]))

    sender = threading.Thread(target=insist)
    sender.start()
    peer.until(RequestReceived)
    peer.h2.ping(b"12345678")
    peer.flush()
    assert peer.until(PingAckReceived).ping_data == b"12345678"
    close(client)
    sender.join()
    peer.close()


def test_a_peer_that_does_not_begin_as_http_2_does_is_given_up() -> None:
    """Its first bytes would be a frame of 5 MiB, for which nobody should wait."""
    near, far = socket.socketpair()
    client = Connection(SocketPipe(near)).start()
    far.sendall(b"UUqQUUUUU")
    with pytest.raises(LostError, match="the peer does not speak HTTP/2"):
        client.open(HEADERS).read()
    close(client)
    far.close()


def test_a_peer_that_speaks_http_1_is_named_so() -> None:
    near, far = socket.socketpair()
    client = Connection(SocketPipe(near)).start()
    far.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n")
    with pytest.raises(LostError, match=r"HTTP/1, not HTTP/2: `HTTP/1\.1 400 Bad Request`"):
        client.open(HEADERS).read()
    close(client)
    far.close()


class Refusing:
    """A pipe whose peer takes nothing any more, and has said why before; `heard` is when that is read."""

    def __init__(self) -> None:
        self.heard = threading.Event()

    def recv(self) -> bytes:
        assert self.heard.wait(60)
        raise TLSError("the server refuses our certificate", "renew it")

    def sendv(self, _buffers: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        self.heard.set()


def test_why_a_peer_hung_up_is_told_by_its_last_words() -> None:
    pipe = Refusing()
    client = Connection(pipe).start()
    exchange = client.open(HEADERS)
    pipe.heard.set()
    with pytest.raises(LostError, match="the server refuses our certificate") as caught:
        exchange.read()
    assert caught.value.hint == "renew it"
    close(client)


def test_a_peer_that_takes_nothing_and_says_nothing_is_lost() -> None:
    client = Connection(Refusing()).start()
    with pytest.raises(LostError, match="Broken pipe"):
        client.open(HEADERS).read()
    close(client)
