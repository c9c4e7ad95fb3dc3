"""moby.upload.v1.Upload: BuildKit pulls an archive that was given to us on standard input.

Takes uploads by their id; a build's context names one as `http://buildkit-session/ID`. The rule: each is
pulled once, as it cannot be read again.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from bake.buildkit import stream as grpc
from bake.buildkit.services.calls import CHUNK, frame, header

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from bake.buildkit.stream import Methods, Stream

URL: Final = "http://buildkit-session/"


def methods(uploads: Mapping[str, BinaryIO]) -> Methods:
    """Serves `uploads`, each of them closed after its one pull."""
    left = dict(uploads)

    def pull(stream: Stream) -> None:
        name = posixpath.basename(header(stream, "urlpath"))
        upload = left.pop(name, None)
        if upload is None:
            raise grpc.RpcError(grpc.NOT_FOUND, f"no upload {name}")
        try:
            with upload:
                while piece := upload.read(CHUNK):
                    stream.send(frame(piece))
        except OSError as exc:
            raise grpc.RpcError(grpc.UNKNOWN, f"cannot read the upload: {exc.strerror}") from exc

    return {"/moby.upload.v1.Upload/Pull": pull}
