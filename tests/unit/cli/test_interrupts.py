"""Ctrl-C that Python alone would lose, in processes of their own: a test may not take the tests' SIGALRM."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, signal, sys, threading, weakref
from bake.cli.interrupts import heard

class Thing: ...

def in_a_callback():
    thing = Thing()
    callback = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
    del thing
    os.read(os.pipe()[0], 1)

def waking_nobody():
    def take():
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    threading.Timer(0.05, take).start()
    os.read(os.pipe()[0], 1)

def fault_in_a_callback():
    thing = Thing()
    callback = weakref.ref(thing, lambda _: 1 / 0)
    del thing

try:
    with heard():
        {name}()
        print("ended")
except KeyboardInterrupt:
    print("interrupted")
print(*signal.getitimer(signal.ITIMER_REAL))
"""


def run(name: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.replace("{name}", name)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )


@pytest.mark.parametrize("name", ["in_a_callback", "waking_nobody"])
def test_a_lost_interrupt_is_heard(name: str) -> None:
    done = run(name)
    assert (done.stdout, done.stderr) == ("interrupted\n0.0 0.0\n", "")


def test_other_faults_of_callbacks_are_still_told() -> None:
    done = run("fault_in_a_callback")
    assert done.stdout == "ended\n0.0 0.0\n"
    assert "ZeroDivisionError" in done.stderr


BROKEN = """
import bake.api.machine
from bake.cli.main import main

def read():
    try:
        raise KeyboardInterrupt
    finally:
        raise RuntimeError("release unlocked lock")

bake.api.machine.read_stdin = read
main(["-f", "-", "--print"])
"""


def test_a_lock_that_an_interrupt_broke_is_an_interrupt() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKEN], input="", capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
