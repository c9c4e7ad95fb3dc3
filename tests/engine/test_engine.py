"""The tools that the other engine tests stand on: they start, build, push, and leave nothing behind."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bake.builder.local import bridge
from tests.engine.processes import until
from tools.engine.daemon import PROJECT
from tools.engine.dockerd import Engine, has_image_store, request
from tools.engine.locks import locked
from tools.engine.machine import STATE, ToolError
from tools.engine.registry import PASSWORD, USER, Registry
from tools.engine.slot import PLACES, Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.commands import Command
    from tools.engine.packages import Tools
    from tools.engine.relay import Relay

INDEX = "application/vnd.oci.image.index.v1+json"
PLATFORMS = "--platform=linux/amd64,linux/arm64"

OWNER = """
import sys
from tools.engine.dockerd import Engine
from tools.engine.packages import obtain

engine = Engine(obtain())
engine.places = [int(sys.argv[1])]
with engine:
    print(engine.slot.number, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def reserved() -> Iterator[int]:
    """A place that is ours alone: any other is taken again, the moment it is free, by whoever needs one."""
    number = PLACES.stop
    with locked(STATE / f"{number}.tests"):
        with locked(STATE / f"{number}.lock"):
            pass  # whoever died here has swept
        yield number


@pytest.fixture
def lonely(tools: Tools, reserved: int) -> Engine:
    """An engine, not started, for that place."""
    engine = Engine(tools)
    engine.places = [reserved]
    return engine


def running(word: str) -> list[str]:
    """The command lines that hold `word`."""
    return [line for line in _read("cmdline") if word in line]


def mounted(word: str) -> list[str]:
    """The mounts of any process, in any namespace, that hold `word`."""
    return [line for text in _read("mountinfo") for line in text.splitlines() if word in line]


def _read(name: str) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            yield (process / name).read_text(errors="replace").replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError, PermissionError, OSError):
            continue


def test_an_engine_answers_and_has_the_image_store(engine: Engine) -> None:
    version = json.loads(request(engine.socket, "/version"))

    assert version["Os"] == "linux"
    assert int(version["Version"].split(".")[0]) >= 28
    assert has_image_store(engine.socket)


def test_what_is_no_engine_has_no_image_store(tmp_path: Path) -> None:
    assert not has_image_store(tmp_path / "nothing.sock")


def test_an_engine_that_cannot_start_says_why(lonely: Engine) -> None:
    lonely.settings["no-such-setting"] = True

    with pytest.raises(ToolError, match="no-such-setting"):
        lonely.start()
    assert not lonely.folder.exists()


def test_both_platforms_build_and_the_registry_serves_the_index(
    project: Path, reference: Command, registry: Registry
) -> None:
    with (project / "Dockerfile").open("a") as file:
        file.write("RUN uname -m\n")
    image = f"{registry.address}/both:latest"

    built = reference("build", "--progress=plain", PLATFORMS, "--push", "-t", image, ".").ok()

    machines = re.findall(r"^#\d+ [\d.]+ (x86_64|aarch64)$", built.stderr, re.MULTILINE)
    assert sorted(machines) == ["aarch64", "x86_64"]
    index = registry.get("/v2/both/manifests/latest", Accept=INDEX)
    assert index["mediaType"] == INDEX
    platforms = [manifest["platform"]["architecture"] for manifest in index["manifests"]]
    assert platforms[:2] == ["amd64", "arm64"]


def test_a_build_step_reaches_the_machines_loopback_only_when_it_may(
    project: Path, reference: Command, registry: Registry
) -> None:
    with (project / "Dockerfile").open("a") as file:
        file.write(f"RUN wget -q -O- http://{registry.address}/v2/\n")

    refused = reference("build", ".")
    reference("build", "--network=host", "--allow=network.host", ".").ok()

    assert refused.code == 1
    assert "wget" in refused.stderr


def test_a_relayed_engine_is_a_remote_builder(project: Path, reference: Command, relay: Relay) -> None:
    reference("create", "--name=far", "--driver=remote", relay.endpoint).ok()

    reference("build", "--builder=far", "--output=out", ".").ok()

    assert (project / "out/bin/busybox").stat().st_size > 100_000


def test_the_private_registry_asks_who_is_there(private_registry: Registry) -> None:
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    with pytest.raises(http.client.HTTPException, match="401"):
        private_registry.get("/v2/")
    assert private_registry.get("/v2/", Authorization=f"Basic {pair}") == {}


def test_every_engine_has_a_place_of_its_own(engine: Engine, second_engine: Engine) -> None:
    first, second = (json.loads(request(one.socket, "/info")) for one in (engine, second_engine))

    assert first["ID"] != second["ID"]
    assert engine.slot.bridge != second_engine.slot.bridge


def test_a_killed_engine_has_ended_and_leaves_nothing_once_stopped(lonely: Engine) -> None:
    with lonely as engine:
        slot = engine.slot
        assert engine.running
        engine.kill()
        assert not engine.running
        assert slot.log.exists()

    assert_nothing_left(slot)


def test_a_stopped_engine_leaves_nothing(lonely: Engine) -> None:
    with lonely as engine:
        slot = engine.slot
        assert_all_there(slot)

    assert_nothing_left(slot)


def test_an_engine_whose_owner_is_killed_leaves_nothing(reserved: int) -> None:
    with owner(reserved) as process:
        slot = started(process)
        assert_all_there(slot)
        os.kill(process.pid, signal.SIGKILL)

    # The keeper holds the place's lock until it has swept.
    with locked(STATE / f"{slot.number}.lock"):
        assert_nothing_left(slot)


def test_an_engine_whose_keeper_is_killed_dies_and_its_place_is_swept(reserved: int) -> None:
    with owner(reserved) as process:
        slot = started(process)
        assert_all_there(slot)
        for keeper in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.kill(int(keeper), signal.SIGKILL)
        with locked(STATE / f"{slot.number}.lock"):
            until(lambda: not running(f"{slot.folder}/") and not mounted(f"{slot.folder}/"))
            slot.sweep()
            assert_nothing_left(slot)
        process.kill()


def owner(place: int) -> subprocess.Popen[str]:
    """A process that owns an engine at `place` until its standard input ends."""
    command, pipe = [sys.executable, "-c", OWNER, str(place)], subprocess.PIPE
    return subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True)


def started(process: subprocess.Popen[str]) -> Slot:
    """The place of the engine of an owner, once the engine answers."""
    assert process.stdout is not None
    return Slot(int(process.stdout.readline()))


def assert_all_there(slot: Slot) -> None:
    """That what `assert_nothing_left` looks for can be seen while the engine runs."""
    assert bridge.exists(slot.bridge)
    assert slot.folder.exists()
    assert running(f"{slot.folder}/daemon.json")
    assert running(f"{slot.folder}/exec/containerd")
    assert mounted(f"{slot.folder}/")


def assert_nothing_left(slot: Slot) -> None:
    """That no process, mount, bridge, folder or control group of the place is left."""
    assert not running(f"{slot.folder}/")
    assert not mounted(f"{slot.folder}/")
    assert not bridge.exists(slot.bridge)
    assert not slot.folder.exists()
    assert not list(Path("/sys/fs/cgroup").glob(f"**{slot.cgroup}"))
