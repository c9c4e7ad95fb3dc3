"""fsutil's packets as messages of a stream.

The packets with content are put together by hand, so that the content is not copied; protobuf writes
all others as fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.message import DecodeError

from bake.buildkit import stream as grpc
from bake.buildkit.fsutil.stat import NO_XATTRS, Stat
from bake.buildkit.messages import fsutil_pb2

if TYPE_CHECKING:
    from bake.buildkit.stream import Message

Packet = fsutil_pb2.Packet

MAX_DATA: Final = 1 << 20
"""Content in one packet: 32 times Go's, well below the 16 MiB that BuildKit accepts."""

END_OF_STATS: Final = b""
FIN: Final = Packet(type=Packet.FIN).SerializeToString()

_DATA_OF: Final = b"\x08\x02\x18"
"""type = DATA and the tag of `id`; an id of 0 is written too, which proto3 allows."""
_DATA: Final = b"\x22"

_PLAIN: Final = Stat(b"", 0)[4:]
"""What most entries have of the rarer facts."""


def stat_packet(stat: Stat) -> bytes:
    message = Packet()
    told = message.stat
    told.path, told.mode, told.size, told.mod_time = stat[:4]
    if stat[4:] != _PLAIN:
        told.linkname, told.devmajor, told.devminor, xattrs = stat[4:]
        told.xattrs.update(xattrs)
    return message.SerializeToString()


def data_packet(number: int, data: memoryview) -> Message:
    return _DATA_OF + varint(number) + _DATA + varint(len(data)), data


def end_of_data(number: int) -> bytes:
    return _DATA_OF + varint(number)


def request_packet(number: int) -> bytes:
    return Packet(type=Packet.REQ, id=number).SerializeToString()


def error_packet(message: str) -> bytes:
    return Packet(type=Packet.ERR, data=message.encode(errors="replace")).SerializeToString()


def read_packet(message: bytes) -> fsutil_pb2.Packet:
    """Raises `RpcError` for bytes that are no packet."""
    try:
        return Packet.FromString(message)
    except DecodeError as exc:
        raise grpc.RpcError(grpc.INVALID_ARGUMENT, "not a packet of a file transfer") from exc


def read_stat(stat: fsutil_pb2.Stat) -> Stat:
    return Stat(
        stat.path,
        stat.mode,
        stat.size,
        stat.mod_time,
        stat.linkname,
        stat.devmajor,
        stat.devminor,
        dict(stat.xattrs) if stat.xattrs else NO_XATTRS,
    )


def varint(value: int) -> bytes:
    """Protobuf's variable-length form of a number that is not negative."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
