from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.buildkit.messages.secrets_pb2 import GetSecretRequest, GetSecretResponse
from bake.buildkit.services import secrets
from bake.buildkit.stream import (
    FAILED_PRECONDITION,
    INVALID_ARGUMENT,
    NOT_FOUND,
    RpcError,
)
from bake.solve import Secret
from tests.fakes.streams import Call, ask

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATH = "/moby.buildkit.secrets.v1.Secrets/GetSecret"


def get(name: str, *known: Secret, environment: Mapping[str, str] | None = None) -> bytes:
    handler = secrets.methods(known, environment or {})[PATH]
    return GetSecretResponse.FromString(ask(handler, GetSecretRequest(id=name).SerializeToString())).data


def test_values_come_from_files_and_variables(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"\x00binary\n")
    known = (Secret("file", path=str(path)), Secret("env", env="TOKEN"))
    assert get("file", *known) == b"\x00binary\n"
    assert get("env", *known, environment={"TOKEN": "välue\udcff"}) == "välue".encode() + b"\xff"
    assert get("env", *known) == b""


def test_values_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "token"
    handler = secrets.methods([Secret("x", path=str(path))], {})[PATH]
    path.write_bytes(b"late")
    assert (
        GetSecretResponse.FromString(ask(handler, GetSecretRequest(id="x").SerializeToString())).data
        == b"late"
    )


@pytest.mark.parametrize("name", ["unknown", "", "absent"])
def test_what_is_not_there_is_not_found(name: str) -> None:
    with pytest.raises(RpcError) as caught:
        get(name, Secret("absent", path="/absent/file"))
    assert caught.value.code == NOT_FOUND


@pytest.mark.parametrize(("size", "fits"), [(secrets.MAX_SIZE, True), (secrets.MAX_SIZE + 1, False)])
def test_the_limit(tmp_path: Path, size: int, fits: bool) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"s" * size)
    for known in (Secret("x", path=str(path)), Secret("x", env="X")):
        if fits:
            assert len(get("x", known, environment={"X": "s" * size})) == size
        else:
            with pytest.raises(RpcError) as caught:
                get("x", known, environment={"X": "s" * size})
            assert caught.value.code == INVALID_ARGUMENT
            assert "sss" not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RpcError) as caught:
        get("x", Secret("x", path=str(tmp_path)))
    assert caught.value.code == FAILED_PRECONDITION


def test_requests_must_be_requests() -> None:
    handler = secrets.methods([], {})[PATH]
    with pytest.raises(RpcError) as caught:
        ask(handler, b"\xff")
    assert caught.value.code == INVALID_ARGUMENT
    call = Call(handler)
    call.stream.close_send()
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == INVALID_ARGUMENT
