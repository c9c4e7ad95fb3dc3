"""`python -m tools.demo [COMMAND …]`: bake examples/linked for two platforms and show what came out.

Uses the Docker Engine that is running when it has the containerd image store, else one of its own; the
registry is its own. COMMAND replaces `pybake bake`, to see the reference do the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools.engine.__main__ import setup
from tools.engine.daemon import PROJECT
from tools.engine.dockerd import Engine, has_image_store
from tools.engine.locks import locked
from tools.engine.machine import ToolError
from tools.engine.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.engine.packages import Tools

EXAMPLE = PROJECT / "examples/linked"
WORK = PROJECT / "build/demo"
RUNNING = "unix:///var/run/docker.sock"
INDEX = "application/vnd.oci.image.index.v1+json"


def demo(command: Sequence[str]) -> int:
    """Bake the example and show its results; gives the exit code of `command`."""
    tools = setup()
    with locked(WORK.with_suffix(".lock")), _engine(tools) as host, Registry(tools) as registry:
        _prepare(tools)
        _title(f"{' '.join([Path(command[0]).name, *command[1:]])}    (in {WORK.relative_to(PROJECT)})")
        environment = {
            **os.environ,
            "DOCKER_HOST": host,
            "BUILDX_BUILDER": "default",
            "BUILDX_CONFIG": str(WORK / "buildx"),
            "REGISTRY": registry.address,
        }
        code = subprocess.run(command, cwd=WORK, env=environment, check=False).returncode
        if code == 0:
            _show_index(registry)
            _show_trees()
    return code


def _prepare(tools: Tools) -> None:
    """A fresh copy of the example, with the root file systems that its base is made of."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(EXAMPLE, WORK)
    shutil.copytree(tools.rootfs, WORK / "rootfs", symlinks=True)


@contextmanager
def _engine(tools: Tools) -> Iterator[str]:
    """The address of the running engine if it will do, else of one that lives as long as the demo."""
    host = os.environ.get("DOCKER_HOST") or RUNNING
    if host.startswith("unix://") and has_image_store(Path(host.removeprefix("unix://"))):
        print(f"Using the Docker Engine at {host}.", flush=True)
        yield host
        return
    with Engine(tools) as engine:
        print(f"Running a Docker Engine {tools.versions['docker.io']} at {engine.host}.", flush=True)
        yield engine.host


def _show_index(registry: Registry) -> None:
    """The image index, as the registry's API has it."""
    resource = "/v2/linked/base/manifests/latest"
    _title(f"GET {registry.address}{resource}")
    index = registry.get(resource, Accept=INDEX)
    print(index["mediaType"])
    for manifest in index["manifests"]:
        platform = "{os}/{architecture}".format(**manifest["platform"])
        print(f"  {manifest['digest'][:19]}…  {manifest['size']:5} bytes  {platform}")


def _show_trees() -> None:
    """The files of each platform's tree, and its program run on this machine."""
    _title("out/")
    for file in sorted(path for path in (WORK / "out").rglob("*") if path.is_file()):
        print(f"  {file.stat().st_size:9}  {file.relative_to(WORK)}")
    for tree in sorted((WORK / "out").iterdir()):
        _title(tree.name)
        print(f"in the build: {(tree / 'greeting').read_text().strip()}")
        machine = subprocess.check_output([tree / "bin/busybox", "uname", "-m"], text=True)
        print(f"its busybox, run here: uname -m says {machine.strip()}", flush=True)


def _title(text: str) -> None:
    print(f"\n--- {text}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Run the demo; gives the exit code."""
    command = arguments or [str(Path(sys.executable).with_name("pybake")), "bake"]
    try:
        return demo(command)
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
