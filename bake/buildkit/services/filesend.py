"""moby.filesync.v1.FileSend: BuildKit hands over what the exporters made.

Takes sinks by the index of their exporter in the Solve request. BuildKit waits for our answer, so a
sink that fails makes the build fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.buildkit import stream as grpc
from bake.buildkit.services.calls import frames, header
from bake.buildkit.services.sinks import TreeSink
from bake.errors import BakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.buildkit.services.sinks import Sink
    from bake.buildkit.stream import Methods, Stream

_EXPORTER: Final = "buildkit-attachable-exporter-id"
_METADATA: Final = "exporter-md-"
_MULTI_PLATFORM: Final = "buildkit-exporter-multi-platform"


def _ignore(_fault: BakeError) -> None:
    pass


def methods(sinks: Mapping[int, Sink | TreeSink], on_fault: Callable[[BakeError], None] = _ignore) -> Methods:
    """Serves `sinks`; a call that names no exporter is for number 0, as older daemons have but one.

    `on_fault` is told why a sink failed; the daemon may pass on no more than that it did.
    """

    def diff_copy(stream: Stream) -> None:
        name = header(stream, _EXPORTER, "0")
        sink = sinks.get(int(name)) if name.isdecimal() else None
        if sink is None:
            raise grpc.RpcError(grpc.NOT_FOUND, f"exporter {name} not found")
        try:
            _receive_tree(stream, sink) if isinstance(sink, TreeSink) else _receive_bytes(stream, sink)
        except BakeError as exc:
            on_fault(exc)
            raise grpc.RpcError(grpc.FAILED_PRECONDITION, str(exc)) from exc

    return {"/moby.filesync.v1.FileSend/DiffCopy": diff_copy}


def _receive_bytes(stream: Stream, sink: Sink) -> None:
    metadata = {
        name.removeprefix(_METADATA): ",".join(values)
        for name, values in stream.metadata.items()
        if name.startswith(_METADATA)
    }
    try:
        sink.open(metadata)
        for data in frames(stream):
            sink.write(data)
        sink.commit()
    except BaseException:
        sink.abort()
        raise


def _receive_tree(stream: Stream, sink: TreeSink) -> None:
    """A daemon that sends each platform in a call of its own cannot be told what is left over."""
    from bake.buildkit.fsutil.receiver import receive

    if sink.clean and header(stream, _MULTI_PLATFORM) != "1":
        message = (
            "mode=delete of the local exporter needs a newer BuildKit, which sends all platforms at once"
        )
        raise grpc.RpcError(grpc.FAILED_PRECONDITION, message)
    receive(stream, sink.path, accept=sink.accept)
