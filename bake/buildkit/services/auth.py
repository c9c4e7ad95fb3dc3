"""moby.filesync.v1.Auth: who we are at a registry, and its tokens.

Takes a `CredentialSource`, asked at each call. Where registries work with tokens, this client fetches
them and BuildKit gets the tokens only; it keeps those for sessions that prove, with a signature by this
user's key, that they may use them. Registries without tokens get the password, through BuildKit.
BUILDKIT_NO_CLIENT_TOKEN leaves all to BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from bake.buildkit import stream as grpc
from bake.buildkit.services.calls import unary
from bake.errors import BakeError
from bake.goscalars import GO_TRUE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.buildkit.credentials import Credentials, CredentialSource
    from bake.buildkit.messages import auth_pb2
    from bake.buildkit.stream import Handler, Methods, Stream
    from bake.buildkit.token_seeds import TokenSeeds

_Answer = TypeVar("_Answer")
_SERVICE: Final = "/moby.filesync.v1.Auth"


def methods(
    source: CredentialSource, seeds: TokenSeeds | None = None, environment: Mapping[str, str] | None = None
) -> Methods:
    """Serves what `source` knows. Without `seeds`, BuildKit is to fetch its tokens by itself.

    `environment` may name proxies.
    """
    found: dict[str, Handler] = {f"{_SERVICE}/Credentials": _credentials(source)}
    if seeds is None or (environment or {}).get("BUILDKIT_NO_CLIENT_TOKEN") in GO_TRUE:
        names = ("GetTokenAuthority", "VerifyTokenAuthority", "FetchToken")
        return found | {f"{_SERVICE}/{name}": _unavailable for name in names}
    found[f"{_SERVICE}/GetTokenAuthority"] = _get_token_authority(source, seeds)
    found[f"{_SERVICE}/VerifyTokenAuthority"] = _verify_token_authority(source, seeds)
    found[f"{_SERVICE}/FetchToken"] = _fetch_token(source, environment or {})
    return found


def _credentials(source: CredentialSource) -> Handler:
    def answer(_stream: Stream, request: auth_pb2.CredentialsRequest) -> auth_pb2.CredentialsResponse:
        from bake.buildkit.messages.auth_pb2 import CredentialsResponse

        found = _told(lambda: source.credentials(request.host))
        if found.identity_token:
            return CredentialsResponse(secret=found.identity_token)
        return CredentialsResponse(username=found.username, secret=found.password)

    return unary(_message("CredentialsRequest"), answer)


def _get_token_authority(source: CredentialSource, seeds: TokenSeeds) -> Handler:
    def answer(
        _stream: Stream, request: auth_pb2.GetTokenAuthorityRequest
    ) -> auth_pb2.GetTokenAuthorityResponse:
        from bake.buildkit import ed25519
        from bake.buildkit.messages.auth_pb2 import GetTokenAuthorityResponse

        seed = _signing_seed(source, seeds, request.host, request.salt)
        return GetTokenAuthorityResponse(public_key=ed25519.public_key(seed))

    return unary(_message("GetTokenAuthorityRequest"), answer)


def _verify_token_authority(source: CredentialSource, seeds: TokenSeeds) -> Handler:
    """NaCl's signed message: the signature, then what was signed."""

    def answer(
        _stream: Stream, request: auth_pb2.VerifyTokenAuthorityRequest
    ) -> auth_pb2.VerifyTokenAuthorityResponse:
        from bake.buildkit import ed25519
        from bake.buildkit.messages.auth_pb2 import VerifyTokenAuthorityResponse

        seed = _signing_seed(source, seeds, request.host, request.salt)
        signed = ed25519.sign(seed, request.payload) + request.payload
        return VerifyTokenAuthorityResponse(signed=signed)

    return unary(_message("VerifyTokenAuthorityRequest"), answer)


def _fetch_token(source: CredentialSource, environment: Mapping[str, str]) -> Handler:
    def answer(_stream: Stream, request: auth_pb2.FetchTokenRequest) -> auth_pb2.FetchTokenResponse:
        from bake.buildkit.messages.auth_pb2 import FetchTokenResponse
        from bake.buildkit.registry_tokens import Challenge, fetch

        scopes = tuple(request.scopes)
        wanted = Challenge(request.host, request.realm, request.service, scopes)
        token = _told(lambda: fetch(wanted, source.credentials(request.host, scopes), environment))
        return FetchTokenResponse(token=token.value, expires_in=token.expires_in, issued_at=token.issued_at)

    return unary(_message("FetchTokenRequest"), answer)


def _signing_seed(source: CredentialSource, seeds: TokenSeeds, host: str, salt: bytes) -> bytes:
    def derive() -> bytes:
        known: Credentials = source.credentials(host)
        return seeds.signing_seed(host, salt, anonymous=not (known.password or known.identity_token))

    return _told(derive)


def _told(ask: Callable[[], _Answer]) -> _Answer:
    """What `ask` gives; its errors become BuildKit's, which quotes them."""
    try:
        return ask()
    except BakeError as exc:
        raise grpc.RpcError(grpc.UNKNOWN, str(exc) + (f" ({exc.hint})" if exc.hint else "")) from exc


def _message(name: str) -> Callable[[], Any]:
    """Gives the message class of that name, when it is needed."""

    def load() -> Any:
        from bake.buildkit.messages import auth_pb2

        return getattr(auth_pb2, name)

    return load


def _unavailable(_stream: Stream) -> None:
    raise grpc.RpcError(grpc.UNAVAILABLE, "tokens are not fetched by this client")
