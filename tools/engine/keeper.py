"""The process that stands between an owner and a daemon, so that nothing outlives the owner.

Takes one line of JSON on standard input (`number`, `command`, `environment`), then waits. When standard
input ends, because the owner closed it or died in whatever way, the keeper kills the daemon and sweeps
the place. When the daemon ends by itself, standard output is closed to say so. The daemon runs in mount
and process namespaces of its own: the kernel kills all its processes and drops all its mounts with the
first one. Should the keeper itself be killed, the death signals below take the daemon along, and the
place's next owner sweeps.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import subprocess
import sys

from tools.engine.slot import Slot

PR_SET_CHILD_SUBREAPER = 36
CONFINED = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"),
)


def main() -> None:
    """Keep one daemon for as long as standard input is open."""
    order = json.loads(sys.stdin.buffer.readline())
    slot = Slot(order["number"])
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with slot.log.open("wb") as log:
        daemon = subprocess.Popen(
            [*CONFINED, *order["command"]],
            env=order["environment"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    ended = os.pidfd_open(daemon.pid)
    if ended in select.select([sys.stdin, ended], [], [])[0]:
        os.close(sys.stdout.fileno())
        select.select([sys.stdin], [], [])
    daemon.kill()
    _reap()
    slot.sweep()


def _reap() -> None:
    """Wait for the namespace's first process too: it ends only after all others in it."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
