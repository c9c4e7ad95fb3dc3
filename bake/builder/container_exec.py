"""BuildKit behind a container's standard streams: `buildctl dial-stdio`, run by the Engine's exec.

Takes the Engine's address and the container, is an `Address`. The Engine hands its connection over; what
we send is the command's standard input, what comes back is cut into frames of both output streams
(API: "Attach to a container", stream format). Standard error is kept to say why the command ended.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bake.builder.driver import DIAL
from bake.builder.engine_api import EngineApi, RefusedError
from bake.buildkit.endpoint import hijack
from bake.errors import BuilderError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.buildkit.endpoint import Address
    from bake.buildkit.pipe import Pipe
    from bake.buildkit.stream import Buffer

HEADER = 8
STDERR = 2
_NOT_RUNNING = (404, 409)
"""What the Engine answers for a container that is not there, or stopped."""
_SAID = 4096


@record
class ContainerAddress:
    """`command` in `container` of the Engine at `engine`."""

    engine: Address
    container: str
    command: tuple[str, ...] = DIAL

    @property
    def name(self) -> str:
        return f"docker-container://{self.container}"

    @property
    def hint(self) -> str:
        return f"look at its log: docker logs {self.container}"

    def dial(self) -> Pipe:
        """Raises OSError, BuilderError in the Engine's words."""
        made = self._make()
        start = json.dumps({"Detach": False, "Tty": False}).encode()
        pipe = self.engine.dial()
        try:
            headers = (("Content-Type", "application/json"),)
            return FramedPipe(hijack(pipe, f"/exec/{made['Id']}/start", headers, "tcp", start))
        except (OSError, KeyError, TypeError) as exc:
            pipe.close()
            raise BuilderError("Cannot run a command in the container", detail=f"`{self.container}`") from exc
        except BaseException:
            pipe.close()
            raise

    def _make(self) -> Any:
        streams = {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True}
        path = f"/containers/{self.container}/exec"
        try:
            return EngineApi(self.engine).post(path, {"Cmd": list(self.command), **streams}).json()
        except RefusedError as exc:
            if exc.status not in _NOT_RUNNING:
                raise
            raise BuilderError(
                "The builder's container does not run",
                detail=f"`{self.container}` on `{self.engine.name}`",
                hint="start it: pybake inspect --bootstrap BUILDER",
            ) from exc


class FramedPipe:
    """A pipe whose incoming bytes are frames; gives standard output's, keeps standard error's."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._head = b""
        self._stream, self._left = 0, 0
        self._rest = b""
        self._said = b""
        self.sendv: Sender = pipe.sendv
        self.writable, self.close = pipe.writable, pipe.close
        self.finish = getattr(pipe, "finish", pipe.close)

    def recv(self) -> bytes:
        while True:
            data = self._rest or self._pipe.recv()
            self._rest = b""
            if not data:
                return self._end()
            found = self._take(data)
            if found:
                return found

    def _take(self, data: bytes) -> bytes:
        """Standard output's part of the next frame in `data`; what is behind it is kept."""
        if not self._left:
            missing = HEADER - len(self._head)
            self._head += data[:missing]
            self._rest = data[missing:]
            if len(self._head) == HEADER:
                self._stream, self._left = self._head[0], int.from_bytes(self._head[4:], "big")
                self._head = b""
            return b""
        part, self._rest = data[: self._left], data[self._left :]
        self._left -= len(part)
        if self._stream != STDERR:
            return part
        self._said = (self._said + part)[-_SAID:]
        return b""

    def _end(self) -> bytes:
        said = self._said.decode(errors="replace").strip()
        if said:
            raise ConnectionError(said)
        return b""


if TYPE_CHECKING:
    from collections.abc import Callable

    Sender = Callable[[Sequence[Buffer]], None]
