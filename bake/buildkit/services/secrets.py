"""moby.buildkit.secrets.v1.Secrets: the values of secrets, read when BuildKit asks for them.

The rule: a value goes from its file or variable into the answer and nowhere else; it is in no error, no
repr and no cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.buildkit import stream as grpc
from bake.buildkit.services.calls import unary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.buildkit.messages import secrets_pb2
    from bake.buildkit.stream import Methods, Stream
    from bake.solve import Secret

MAX_SIZE: Final = 500 * 1024
"""BuildKit's own limit, in bytes."""


def methods(secrets: Iterable[Secret], environment: Mapping[str, str]) -> Methods:
    """Serves `secrets`; variables are looked up in `environment`.

    A secret that is not there is answered with NOT_FOUND: BuildKit goes on without it, unless the step
    requires it.
    """
    known = {secret.id: secret for secret in secrets}

    def get_secret(_stream: Stream, request: secrets_pb2.GetSecretRequest) -> secrets_pb2.GetSecretResponse:
        from bake.buildkit.messages.secrets_pb2 import GetSecretResponse

        secret = known.get(request.id)
        if secret is None:
            raise grpc.RpcError(grpc.NOT_FOUND, f"secret {request.id}: not found")
        return GetSecretResponse(data=_read(secret, environment))

    return {"/moby.buildkit.secrets.v1.Secrets/GetSecret": unary(_request, get_secret)}


def _request() -> type[secrets_pb2.GetSecretRequest]:
    from bake.buildkit.messages.secrets_pb2 import GetSecretRequest

    return GetSecretRequest


def _read(secret: Secret, environment: Mapping[str, str]) -> bytes:
    data = _read_file(secret, secret.path) if secret.path else _read_variable(secret, environment)
    if len(data) > MAX_SIZE:
        raise grpc.RpcError(
            grpc.INVALID_ARGUMENT, f"secret {secret.id} is larger than the {MAX_SIZE} bytes allowed"
        )
    return data


def _read_file(secret: Secret, path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MAX_SIZE + 1)
    except FileNotFoundError as exc:
        raise grpc.RpcError(grpc.NOT_FOUND, f"secret {secret.id}: no file {path}") from exc
    except OSError as exc:
        message = f"secret {secret.id}: cannot read {path}: {exc.strerror}"
        raise grpc.RpcError(grpc.FAILED_PRECONDITION, message) from exc


def _read_variable(secret: Secret, environment: Mapping[str, str]) -> bytes:
    """An unset variable is an empty secret, as in the reference."""
    return environment.get(secret.env or "", "").encode(errors="surrogateescape")
