"""The generated messages: fresh, lean, and keeping what they do not know."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.messages import control_pb2, llb_pb2, ops_pb2
from tools import messages

if TYPE_CHECKING:
    from pathlib import Path


def test_generated_files_are_fresh() -> None:
    assert messages.stale() == []


def test_a_changed_and_a_leftover_file_are_stale(tmp_path: Path) -> None:
    folder = tmp_path / messages.FOLDER
    folder.mkdir(parents=True)
    (folder / "one.proto").write_text('syntax = "proto3"; package one; message One { int32 a = 1; }')
    messages.generate(tmp_path, tmp_path)
    assert messages.stale(tmp_path) == []
    (folder / "one.proto").write_text('syntax = "proto3"; package one; message One { int64 a = 1; }')
    (folder / "two_pb2.py").write_text("")
    assert messages.stale(tmp_path) == [f"{messages.FOLDER}/one_pb2.py", f"{messages.FOLDER}/two_pb2.py"]


def test_unknown_fields_survive_reading_and_writing() -> None:
    exec_op = b"\x12\x0a\x0a\x08\x0a\x06/bin/x"
    op = ops_pb2.Op.FromString(exec_op)
    assert op.WhichOneof("op") == "exec"
    assert op.SerializeToString() == exec_op
    definition = llb_pb2.Definition(ops=[exec_op]).SerializeToString() + b"\xfa\x01\x03new"
    assert llb_pb2.Definition.FromString(definition).SerializeToString() == definition


@pytest.mark.parametrize(
    ("message", "wire"),
    [
        (control_pb2.SolveRequest(ref="r", session="s"), b"\x0a\x01r\x2a\x01s"),
        (control_pb2.SolveRequest(proxy_network=True), b"\x88\x01\x01"),
        (llb_pb2.Platform(architecture="a", os="o"), b"\x0a\x01a\x12\x01o"),
    ],
)
def test_field_numbers_are_buildkits(
    message: control_pb2.SolveRequest | llb_pb2.Platform, wire: bytes
) -> None:
    assert message.SerializeToString() == wire


def test_a_plain_build_does_not_load_the_gateways_messages() -> None:
    code = "import sys; from bake.buildkit.messages import control_pb2, status_pb2; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    ours = {name.removeprefix("bake.buildkit.messages.") for name in loaded if name.endswith("_pb2")}
    assert ours == {"common_pb2", "control_pb2", "llb_pb2", "policy_pb2", "status_pb2"}
