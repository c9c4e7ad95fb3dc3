"""Functions of byte buffers. No other function gives a buffer, so every call of these is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.types import NUMBER, Capsule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.evaluate.values import Value
    from bake.host import Host

_BYTES: Final = Capsule("bytes")


def _unreachable(_arguments: Sequence[Value], _host: Host) -> Value:
    raise FunctionError("bytes required", 0)


_BUFFER: Final = Parameter("buf", _BYTES, allow_dynamic=True)
FUNCTIONS: Final = {
    "byteslen": Function(_unreachable, (_BUFFER,), returns=NUMBER),
    "bytesslice": Function(
        _unreachable,
        (
            _BUFFER,
            Parameter("offset", NUMBER, allow_dynamic=True),
            Parameter("length", NUMBER, allow_dynamic=True),
        ),
        returns=_BYTES,
    ),
}
