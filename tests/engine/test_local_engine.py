"""The `local` driver: an engine that pybake starts, shares between runs, and stops."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bake.builder.local import bridge
from bake.builder.local.keeper import connections
from tests.commands import Command, Result
from tests.engine.processes import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.engine.dockerd import Engine
    from tools.engine.packages import Tools

PROJECT = Path(__file__).parents[2]
PROGRAMS = ("dockerd", "containerd", "containerd-shim-runc-v2", "runc", "tini-static")
STAND_IN = """#!{python}
import signal, sys
from pathlib import Path
sys.path.insert(0, {project!r})
from tools.engine.relay import Relay
address = sys.argv[sys.argv.index("--addr") + 1].removeprefix("unix://")
print(*sys.argv[1:], flush=True)
with Relay(Path({engine!r}), Path(address)):
    signal.sigwait([signal.SIGTERM])
"""
HIDING = '"$0" -t tmpfs none /run && exec "$@"'
"""For a shell in a mount namespace of its own: no engine is at the usual place, whatever runs here."""


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A short folder: sockets have 108 characters."""
    with tempfile.TemporaryDirectory(prefix="pb", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def alone(tools: Tools, environment: Mapping[str, str], tmp_path: Path, runtime: Path) -> Iterator[Command]:
    """pybake where nothing but the programs of an engine is on PATH, and no engine runs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        (programs / name).symlink_to(tools.program(name))
    project = tmp_path / "project"
    project.mkdir()
    (project / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    (project / "docker-bake.hcl").write_text('target "default" { tags = ["mine:1"] }\n')
    seen = {
        **{name: value for name, value in environment.items() if name != "DOCKER_HOST"},
        "PATH": str(programs),
        "LD_LIBRARY_PATH": str(tools.folder / "lib"),
        "XDG_RUNTIME_DIR": str(runtime),
    }
    unshare, shell, mount = (shutil.which(name) or name for name in ("unshare", "sh", "mount"))
    pybake = str(Path(sys.executable).with_name("pybake"))
    command = Command([unshare, "--mount", shell, "-c", HIDING, mount, pybake], seen, project)
    yield command
    command("stop", "local")


def kept(runtime: Path) -> list[Path]:
    return list(runtime.glob("pybake/*/keeper"))


def test_it_is_started_shared_and_stopped(alone: Command, runtime: Path) -> None:
    first = alone("--progress=plain").ok()
    assert "starting an engine of pybake's own" in first.stderr
    assert "it stops after 10m without work, `pybake stop` ends it" in first.stderr
    assert 'building with "local" instance using local driver' in first.stderr
    (keeper,) = kept(runtime)
    record = keeper.read_text()
    second = alone("--progress=plain").ok()
    assert "starting an engine" not in second.stderr
    assert "CACHED" in second.stderr
    assert keeper.read_text() == record
    assert "running" in alone("ls").ok().stdout
    alone("stop").ok()
    assert kept(runtime) == []
    assert not list(runtime.glob("pybake/*/engine.sock"))
    assert not list(Path("/sys/class/net").glob(f"pybake{keeper.parent.name[-8:]}"))
    assert "stopped" in alone("ls").ok().stdout
    assert "CACHED" in alone("--progress=plain").ok().stderr, "its cache has stayed"


def test_runs_that_begin_together_start_one(alone: Command, runtime: Path) -> None:
    done: list[Result] = []

    def bake(number: int) -> None:
        done.append(alone(f"--set=default.tags=mine:{number}"))

    threads = [threading.Thread(target=bake, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.ok().code for one in done] == [0, 0, 0]
    assert len(kept(runtime)) == 1


def test_it_stops_when_nobody_uses_it(alone: Command, runtime: Path) -> None:
    """That it takes longer to start than it may be idle does not count."""
    program = Path(alone.environment["PATH"]) / "dockerd"
    engine = program.readlink()
    program.unlink()
    program.write_text(f'#!/bin/sh\n{shutil.which("sleep")} 5\nexec {engine} "$@"\n')
    program.chmod(0o755)
    alone("create", "--name", "short", "--driver", "local", "--driver-opt", "idle-timeout=4s").ok()
    alone("--builder", "short", "--progress=plain").ok()
    until(lambda: kept(runtime) == [])
    assert "stopped" in alone("inspect", "short").ok().stdout
    alone("rm", "short").ok()
    assert list(runtime.glob("pybake/short*")) == []


def test_an_engine_that_lost_its_keeper_is_found_and_stopped(alone: Command, runtime: Path) -> None:
    """Another's process may have the keeper's number by then."""
    alone().ok()
    (keeper,) = kept(runtime)
    network = f"pybake{keeper.parent.name[-8:]}"
    record = json.loads(keeper.read_text())
    os.kill(record["pids"][0], signal.SIGKILL)
    assert "starting an engine" not in alone("--progress=plain").ok().stderr
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as another:
        keeper.write_text(json.dumps({**record, "pids": [another.pid, *record["pids"][1:]]}))
        alone("stop").ok()
        assert another.poll() is None
        another.kill()
    assert not connections(str(keeper.with_name("engine.sock")))
    assert not keeper.with_name("dockerd.pid").exists(), "it was hurried, and has not tidied up"
    assert not bridge.exists(network)
    assert "stopped" in alone("ls").ok().stdout
    bridge.create(network, "198.18.255.1")
    keeper.with_name("dockerd.pid").write_text(str(os.getpid()))
    assert "starting an engine" in alone("--progress=plain").ok().stderr


def test_one_that_does_not_start_shows_its_log(alone: Command) -> None:
    broken = alone.folder / "buildkitd"
    broken.write_text("#!/bin/sh\necho out of luck\nexit 7\n")
    broken.chmod(0o755)
    alone("create", "--name", "broken", "--driver", "local", "--driver-opt", f"program={broken}").ok()
    done = alone("--builder", "broken")
    assert done.code == 1
    assert "The private engine did not start; its log ends with:\nout of luck" in done.stderr
    assert "another engine: DOCKER_HOST, --builder" in done.stderr


def test_buildkitd_is_run_as_buildkit_wants_it(alone: Command, engine: Engine, runtime: Path) -> None:
    """No buildkitd is to be had here: a stand-in passes its socket on to an engine's BuildKit."""
    program = Path(alone.environment["PATH"]) / "buildkitd"
    text = STAND_IN.format(python=sys.executable, project=str(PROJECT), engine=str(engine.socket))
    program.write_text(text)
    program.chmod(0o755)
    flags = "--debug"
    alone("create", "--name", "kit", "--driver", "local", "--buildkitd-flags", flags, "--use").ok()
    shown = alone("--progress=plain").ok().stderr
    assert f"buildkitd from {program.parent}" in shown
    (log,) = runtime.glob("pybake/kit*/log")
    words = log.read_text().split()
    assert words[:1] == ["--root"]
    assert words[4:] == ["--oci-worker=true", "--containerd-worker=false", "--debug"]
    alone("stop", "kit").ok()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("colour=blue", "invalid driver option colour for local driver"),
        ("idle-timeout=soon", "invalid value 'soon' for idle-timeout"),
        ("root=here", "non-absolute path 'here' provided for root"),
        ("program=nothing-of-this-name", "no engine can be started: nothing-of-this-name cannot be run here"),
    ],
)
def test_options_that_cannot_be(alone: Command, options: str, message: str) -> None:
    made = alone("create", "--name", "odd", "--driver", "local", "--driver-opt", options)
    done = alone("--builder", "odd")
    assert done.code == 1
    assert message in made.stderr + done.stderr


def test_other_engines_come_first(alone: Command) -> None:
    done = alone(DOCKER_HOST="unix:///nowhere.sock")
    assert done.code == 1
    assert "unix:///nowhere.sock" in done.stderr
    nothing = alone(PATH="/nowhere", HOME="/nowhere", XDG_CACHE_HOME="/nowhere")
    assert nothing.code == 1
    assert "/var/run/docker.sock" in nothing.stderr
