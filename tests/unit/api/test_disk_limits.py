"""Limits that an old BuildKit would not understand."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bake.api.disk import check_limits
from bake.buildkit.client import Client
from bake.buildkit.control import Prune
from bake.buildkit.messages import control_pb2, gateway_pb2, worker_pb2
from bake.errors import BuilderError
from tests.fakes.buildkit import BRIDGE, CONTROL, PATIENCE, FakeBuildKit

if TYPE_CHECKING:
    from bake.buildkit.stream import Stream


def buildkit(*capabilities: str) -> FakeBuildKit:
    """A BuildKit that can what `capabilities` say, and one thing that is switched off."""
    returned = threading.Event()

    def solve(stream: Stream) -> None:
        assert returned.wait(PATIENCE)
        stream.send(control_pb2.SolveResponse().SerializeToString())

    def ping(stream: Stream) -> None:
        caps = [worker_pb2.Capability(id=one, enabled=True) for one in capabilities]
        off = worker_pb2.Capability(id="gc.freespacefilter")
        stream.send(gateway_pb2.PongResponse(llb_caps=caps or [off]).SerializeToString())

    def give_back(stream: Stream) -> None:
        returned.set()
        stream.send(b"")

    return FakeBuildKit({f"{CONTROL}Solve": solve, f"{BRIDGE}Ping": ping, f"{BRIDGE}Return": give_back})


@pytest.mark.parametrize("limits", [Prune(max_used_space=1), Prune(min_free_space=1)])
def test_a_buildkit_that_does_not_know_a_limit_prunes_nothing(limits: Prune) -> None:
    with (
        closing(buildkit()) as fake,
        closing(Client(fake)) as client,
        pytest.raises(BuilderError, match=r"v0\.17\.0\+ is required") as caught,
    ):
        check_limits(client, limits)
    assert "--reserved-space" in (caught.value.hint or "")


def test_a_buildkit_that_knows_it() -> None:
    with closing(buildkit("gc.freespacefilter")) as fake, closing(Client(fake)) as client:
        check_limits(client, Prune(max_used_space=1))


def test_nothing_is_asked_for_limits_that_all_know() -> None:
    with closing(FakeBuildKit({})) as fake, closing(Client(fake)) as client:
        check_limits(client, Prune(reserved_space=1))
