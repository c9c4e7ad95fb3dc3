"""Fixtures for every room: the installed command in a clean environment; how property tests choose.

Property tests try the same examples in every run, and none is judged by its time.
`--hypothesis-profile=search` looks for new ones.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tests.commands import Command
from tests.privileges import put_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

settings.register_profile(
    "search", settings.get_profile("default"), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("same", settings.get_profile("search"), derandomize=True, database=None)
settings.load_profile("same")


def _constants(found: Callable[[], Constants] = providers._get_local_constants) -> Constants:
    """Those that Hypothesis takes from our modules, besides its own. Which are loaded hangs on the tests
    that the process had before: where every run is to be the same, there are none."""
    default = settings.default
    return Constants() if default and default.derandomize else found()


providers._get_local_constants = _constants

LONGEST = 20
"""Characters of the folder for temporary files: a socket's name has 104, and pytest takes 75 of them."""
ENGINE_TESTS = Path(__file__).parent / "engine"


def pytest_addoption(parser: pytest.Parser) -> None:
    """What `python -m tests.errors` asks for."""
    parser.addoption("--rewrite-errors", action="store_true", help="expect from now on what is told today")


def pytest_configure() -> None:
    """Have SIGINT, which a shell has its background commands ignore: what tests start inherits that. And
    have short names: in the folder that macOS gives to each person, that of a socket would be too long."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if len(tempfile.gettempdir()) > LONGEST:
        tempfile.tempdir = "/tmp"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes a real engine: `-m 'not engine'` leaves what runs on any machine."""
    for item in items:
        if item.path.is_relative_to(ENGINE_TESTS):
            item.add_marker(pytest.mark.engine)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home folder."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def environment(home: Path) -> Mapping[str, str]:
    """All that a command gets to see of the environment: nothing of the person who runs the tests."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "DOCKER_CONFIG": str(home / "docker"),
        "BUILDX_CONFIG": str(home / "buildx"),
        "DOCKER_HOST": f"unix://{home}/no-engine.sock",
    }


@pytest.fixture
def pybake(environment: Mapping[str, str], tmp_path: Path) -> Command:
    """The installed `pybake`, run in `tmp_path`; without an engine unless a folder's fixture gives one."""
    return Command([str(Path(sys.executable).with_name("pybake"))], environment, tmp_path)


@pytest.fixture
def bound() -> Iterator[None]:
    """The test is bound by permissions, also when root runs it."""
    if os.geteuid():
        yield
    elif sys.platform == "linux":
        with put_aside():
            yield
    else:
        pytest.skip("root's privileges can be put aside on Linux only")
