"""What is told of mistakes, word for word, where an engine is needed to make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.certificates import Authority
from tests.engine.secured import Secured
from tests.errors.golden import Case, cases, judge, told
from tools.engine.dockerd import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.commands import Command
    from tools.engine.packages import Tools
    from tools.engine.registry import Registry

FOUND = cases(engine=True)


@pytest.fixture(scope="module")
def graph(tools: Tools) -> Iterator[Engine]:
    """An engine without the containerd image store."""
    with Engine(tools, {"features": {"containerd-snapshotter": False}}) as running:
        yield running


@pytest.fixture(scope="module")
def names(
    registry: Registry, private_registry: Registry, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """What a case may name. 0.0.0.0 leads to this machine, but is no loopback address: TLS is a must."""
    pair = Authority(tmp_path_factory.mktemp("authority") / "own").sign("registry", alternative="IP:0.0.0.0")
    with Secured(f"tcp://{registry.address}", pair, protocol="http/1.1") as secured:
        yield {
            "private": private_registry.address,
            "registry": registry.address,
            "http": registry.address.replace("127.0.0.1", "0.0.0.0"),
            "tls": secured.endpoint.replace("tcp://127.0.0.1", "0.0.0.0"),
        }


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND)
def test_a_mistake_is_told_with_the_next_step(
    case: Case,
    pybake: Command,
    names: Mapping[str, str],
    pytestconfig: pytest.Config,
    request: pytest.FixtureRequest,
) -> None:
    engine: Engine = request.getfixturevalue(case.engine)
    here = pybake.where(DOCKER_HOST=engine.host, BUILDKIT_PROGRESS="quiet")

    judge(case, told(case, here, names), rewrite=pytestconfig.getoption("--rewrite-errors"))
