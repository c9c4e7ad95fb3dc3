"""`python -m tools.engine COMMAND`: a real Docker Engine on a bare Debian machine.

setup   take what is missing: packages into a private folder, emulation of the second platform
run     run an engine and a registry until Ctrl-C; prints what to put into the environment
undo    take the registration of the emulator back
"""

from __future__ import annotations

import signal
import sys

from tools.engine import emulation
from tools.engine.dockerd import Engine
from tools.engine.machine import ToolError
from tools.engine.packages import Tools, obtain
from tools.engine.registry import Registry


def setup() -> Tools:
    """Have everything that an engine needs, and say what was changed on the machine."""
    tools = obtain()
    if changed := emulation.ensure(tools):
        print(f"Changed on this machine: {changed}. To undo: python -m tools.engine undo", file=sys.stderr)
    return tools


def run() -> None:
    """Run an engine and a registry until a signal."""
    tools = setup()
    with Engine(tools) as engine, Registry(tools) as registry:
        print(f"export DOCKER_HOST={engine.host} REGISTRY={registry.address}", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def undo() -> None:
    """Take the emulator's registration back."""
    print("Taken back." if emulation.undo() else "There was no registration of ours.")


def main(arguments: list[str]) -> int:
    """Run one command; gives the exit code."""
    commands = {"setup": setup, "run": run, "undo": undo}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        commands[arguments[0]]()
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
