"""A network that cuts, delays and corrupts at chosen bytes: a clear end, and a next run that works."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import define, tree
from tools.engine.relay import Disturbance, Harm, Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command, Result
    from tools.engine.dockerd import Engine

PLACES = [
    pytest.param(at, to_engine, id=f"{'to' if to_engine else 'from'} the engine at {at}")
    for to_engine, places in ((True, (30, 2_000, 300_000)), (False, (0, 300_000)))
    for at in places
]
"""Bytes in the handshake, in the first frames, among the first calls, in the middle of the files."""


@pytest.fixture
def bad(engine: Engine) -> Iterator[Relay]:
    with Relay(engine.socket) as relay:
        yield relay


@pytest.fixture
def far(pybake: Command, reference: Command, bad: Relay) -> Command:
    """pybake with a builder behind the relay."""
    reference("create", "--name=far", "--driver=remote", bad.endpoint).ok()
    return pybake.where(BUILDX_BUILDER="far")


@pytest.fixture
def moving(project: Path) -> Path:
    """A target that takes 1 MB to the engine and back."""
    (project / "data").mkdir()
    (project / "data/file").write_bytes(os.urandom(1 << 20))
    define(
        project,
        app={
            "context": "data",
            "dockerfile": "FROM scratch\nCOPY file /\n",
            "output": ["type=tar,dest=o.tar"],
        },
    )
    return project


def is_clear(told: Result) -> bool:
    """Whether it is an error for a person, with a code of its own."""
    return told.code in (1, 100, 102) and "\nERROR: " in f"\n{told.stderr}" and "Traceback" not in told.stderr


@pytest.mark.parametrize(("at", "to_engine"), PLACES)
def test_a_cut(moving: Path, far: Command, bad: Relay, at: int, to_engine: bool) -> None:
    before = tree(moving)
    bad.disturb(Disturbance(Harm.CUT, at, to_engine))
    told = far("app")
    assert bad.is_calm
    assert is_clear(told), told
    assert "nothing was heard" not in told.stderr, "it took minutes to notice"
    assert tree(moving) == before
    far("app").ok()


def test_a_cut_is_survived_with_retries(moving: Path, far: Command, bad: Relay) -> None:
    bad.disturb(Disturbance(Harm.CUT, 300_000))
    told = far("app", "--retries=2", "--progress=plain").ok()
    assert "`app` is tried again in" in told.stderr
    assert (moving / "o.tar").stat().st_size > 1 << 20


@pytest.mark.parametrize("to_engine", [True, False])
def test_a_delay(moving: Path, far: Command, bad: Relay, to_engine: bool) -> None:
    bad.disturb(Disturbance(Harm.DELAY, 300_000, to_engine, seconds=2.0))
    far("app").ok()
    assert bad.is_calm
    assert (moving / "o.tar").stat().st_size > 1 << 20


@pytest.mark.usefixtures("moving")
@pytest.mark.parametrize(("at", "to_engine"), PLACES)
def test_corruption(far: Command, bad: Relay, at: int, to_engine: bool) -> None:
    """What the protocol does not notice is what nobody could: bytes within a file, or a log."""
    bad.disturb(Disturbance(Harm.CORRUPT, at, to_engine))
    told = far("app")
    bad.calm()
    assert told.code == 0 or is_clear(told), told
    assert "did not answer" not in told.stderr, "it took long to notice"
    far("app").ok()
