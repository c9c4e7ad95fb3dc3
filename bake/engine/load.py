"""An image archive on its way into an Engine's image store: what `docker load` does, as a sink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import BuilderError, ExportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.builder.engine_api import EngineApi, Request
    from bake.buildkit.stream import Buffer


class LoadSink:
    """Pipes a stream straight into `POST /images/load`; the Engine keeps it only if all of it came."""

    def __init__(self, engine: EngineApi) -> None:
        self._engine = engine
        self._request: Request | None = None

    def open(self, metadata: Mapping[str, str]) -> None:  # noqa: ARG002
        try:
            self._request = self._engine.upload("/images/load?quiet=1", "application/x-tar")
        except BuilderError as exc:
            raise self._failed(exc) from exc

    def write(self, data: Buffer) -> None:
        assert self._request is not None
        try:
            self._request.write(data)
        except BuilderError as exc:
            # an Engine that refuses says why before it closes
            raise self._failed(self._last_words() or exc) from exc

    def commit(self) -> None:
        """Raises ExportError with what the Engine says."""
        assert self._request is not None
        try:
            self._request.end()
            reply = self._request.reply()
        except BuilderError as exc:
            raise self._failed(exc) from exc
        for message in reply.messages():
            if "error" in message:
                raise ExportError(
                    "The engine could not load the image",
                    detail=f"`{self._engine.address.name}`: {message['error']}",
                )

    def abort(self) -> None:
        if self._request:
            self._request.close()

    def _last_words(self) -> BuilderError | None:
        assert self._request is not None
        try:
            self._request.reply()
        except BuilderError as exc:
            return exc
        return None

    def _failed(self, exc: BuilderError) -> ExportError:
        return ExportError("The engine could not load the image", detail=exc.detail, hint=exc.hint)
