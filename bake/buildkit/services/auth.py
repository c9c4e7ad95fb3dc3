"""moby.filesync.v1.Auth: the daemon asks who we are at a registry.

Takes a `CredentialSource`, asked at each call. The daemon first offers to have tokens fetched by us
(GetTokenAuthority), which needs signatures that Python's library has not; the answer UNAVAILABLE makes
it ask for the credentials themselves and fetch its tokens on its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.buildkit import stream as grpc
from bake.buildkit.services.calls import unary
from bake.errors import BakeError

if TYPE_CHECKING:
    from bake.buildkit.credentials import CredentialSource
    from bake.buildkit.messages import auth_pb2
    from bake.buildkit.stream import Methods, Stream

_SERVICE = "/moby.filesync.v1.Auth"


def methods(source: CredentialSource) -> Methods:
    def credentials(_stream: Stream, request: auth_pb2.CredentialsRequest) -> auth_pb2.CredentialsResponse:
        from bake.buildkit.messages.auth_pb2 import CredentialsResponse

        try:
            found = source.credentials(request.host)
        except BakeError as exc:
            raise grpc.RpcError(grpc.UNKNOWN, str(exc)) from exc
        if found.identity_token:
            return CredentialsResponse(secret=found.identity_token)
        return CredentialsResponse(username=found.username, secret=found.password)

    return {
        f"{_SERVICE}/Credentials": unary(_request, credentials),
        f"{_SERVICE}/GetTokenAuthority": _unavailable,
        f"{_SERVICE}/VerifyTokenAuthority": _unavailable,
        f"{_SERVICE}/FetchToken": _unavailable,
    }


def _request() -> type[auth_pb2.CredentialsRequest]:
    from bake.buildkit.messages.auth_pb2 import CredentialsRequest

    return CredentialsRequest


def _unavailable(_stream: Stream) -> None:
    raise grpc.RpcError(grpc.UNAVAILABLE, "tokens are not fetched by this client")
