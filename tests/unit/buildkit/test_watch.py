from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from bake.buildkit.watch import LOOKS, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.buildkit.http2 import Connection

PATIENCE = 60


class Peer:
    """A connection whose peer says something at each of the first `talkative` looks."""

    def __init__(self, talkative: int = 0) -> None:
        self.left = talkative
        self.looks = 0
        self.heard = 0
        self.gone = threading.Event()
        self.why = ""

    @property
    def received(self) -> int:
        self.looks += 1
        if self.left:
            self.left -= 1
            self.heard += 1
        return self.heard

    def give_up(self, why: str) -> None:
        self.why = why
        self.gone.set()


def watching(*peers: Peer, busy: bool = True) -> Watch:
    connections = cast("Sequence[Connection]", peers)

    def is_busy() -> bool:
        return busy and not any(peer.gone.is_set() for peer in peers)

    return Watch(lambda: connections, is_busy, tick=0.0001)


def test_who_says_nothing_is_given_up() -> None:
    peer = Peer(talkative=7)
    watching(peer).begin()
    assert peer.gone.wait(PATIENCE)
    assert peer.looks == 7 + LOOKS
    assert peer.why.startswith("nothing was heard from it for")


def test_a_word_on_one_connection_is_enough_for_all() -> None:
    silent, talking = Peer(), Peer(talkative=3 * LOOKS)
    watching(silent, talking).begin()
    assert silent.gone.wait(PATIENCE)
    assert silent.looks == 4 * LOOKS


def test_nobody_is_looked_after_when_nothing_is_built() -> None:
    peer = Peer()
    watch = watching(peer, busy=False)
    watch.begin()
    assert watch._thread is not None
    watch._thread.join(PATIENCE)
    assert peer.looks == 0


def test_stopping() -> None:
    peer = Peer(talkative=10**9)
    watch = watching(peer)
    watch.begin()
    first = watch._thread
    watch.begin()
    assert first is not None
    assert watch._thread is first
    watch.stop()
    first.join(PATIENCE)
    assert not first.is_alive()


def test_what_begins_while_another_look_ends_is_looked_after() -> None:
    peer, late = Peer(), threading.Event()

    def is_busy() -> bool:
        if late.is_set():
            return not peer.gone.is_set()
        late.set()
        threading.Thread(target=watch.begin).start()
        return False

    connections = cast("Sequence[Connection]", [peer])
    watch = Watch(lambda: connections, is_busy, tick=0.0001)
    watch.begin()
    assert peer.gone.wait(PATIENCE)


def test_what_begins_after_a_stop_is_looked_after() -> None:
    peer = Peer()
    watch = watching(peer)
    watch.stop()
    watch.begin()
    assert peer.gone.wait(PATIENCE)
