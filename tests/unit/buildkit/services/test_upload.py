from __future__ import annotations

import io

import pytest

from bake.buildkit.services import upload
from bake.buildkit.services.calls import CHUNK, frames
from bake.buildkit.stream import NOT_FOUND, RpcError
from tests.fakes.streams import Call


@pytest.mark.parametrize("size", [0, 1, CHUNK, 3 * CHUNK + 5])
def test_an_upload_is_pulled_once(size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    source = io.BytesIO(data[:size])
    (handler,) = upload.methods({"id": source}).values()
    call = Call(handler, {"urlpath": ["/id"]})
    pieces = list(frames(call.stream))
    assert b"".join(pieces) == data[:size]
    assert all(len(piece) <= CHUNK for piece in pieces)
    assert source.closed
    again = Call(handler, {"urlpath": ["/id"]})
    again.wait()
    assert isinstance(again.error, RpcError)
    assert again.error.code == NOT_FOUND
