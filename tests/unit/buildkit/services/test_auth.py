from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.buildkit.credentials import ANONYMOUS, Credentials
from bake.buildkit.ed25519 import public_key, sign
from bake.buildkit.messages.auth_pb2 import (
    CredentialsRequest,
    CredentialsResponse,
    FetchTokenRequest,
    FetchTokenResponse,
    GetTokenAuthorityRequest,
    GetTokenAuthorityResponse,
    VerifyTokenAuthorityRequest,
    VerifyTokenAuthorityResponse,
)
from bake.buildkit.services import auth
from bake.buildkit.stream import UNAVAILABLE, UNKNOWN, RpcError
from bake.buildkit.token_seeds import TokenSeeds
from bake.errors import UsageError
from tests.fakes.streams import ask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SERVICE = "/moby.filesync.v1.Auth"


class Source:
    """Credentials by host; asking for `broken` raises."""

    def __init__(self, **known: Credentials) -> None:
        self.known = known
        self.scopes: list[tuple[str, ...]] = []

    def credentials(self, host: str, scopes: Sequence[str] = ()) -> Credentials:
        self.scopes.append(tuple(scopes))
        if host == "broken":
            raise UsageError("helper failed", detail="why")
        return self.known.get(host, ANONYMOUS)


def asked(source: Source, host: str) -> tuple[str, str]:
    handler = auth.methods(source)["/moby.filesync.v1.Auth/Credentials"]
    answer = CredentialsResponse.FromString(ask(handler, CredentialsRequest(host=host).SerializeToString()))
    return answer.username, answer.secret


def test_credentials_by_host() -> None:
    source = Source(a=Credentials("me", "pw"), b=Credentials(identity_token="token"))
    assert asked(source, "a") == ("me", "pw")
    assert asked(source, "b") == ("", "token")
    assert asked(source, "c") == ("", "")


def test_a_broken_source_is_told() -> None:
    with pytest.raises(RpcError) as caught:
        asked(Source(), "broken")
    assert (caught.value.code, caught.value.message) == (UNKNOWN, "helper failed; why")


def is_refused(method: str, **served: object) -> bool:
    with pytest.raises(RpcError) as caught:
        ask(auth.methods(Source(), **served)[f"{SERVICE}/{method}"], b"")  # type: ignore[arg-type]
    return caught.value.code == UNAVAILABLE


@pytest.mark.parametrize("method", ["GetTokenAuthority", "VerifyTokenAuthority", "FetchToken"])
def test_the_daemon_may_be_left_to_fetch_its_tokens(tmp_path: Path, method: str) -> None:
    seeds = TokenSeeds(str(tmp_path))
    assert is_refused(method)
    assert is_refused(method, seeds=seeds, environment={"BUILDKIT_NO_CLIENT_TOKEN": "true"})


@pytest.mark.parametrize("known", [Credentials("me", "pw"), Credentials(identity_token="t"), ANONYMOUS])
def test_the_authority_signs_what_it_is_given(tmp_path: Path, known: Credentials) -> None:
    seeds = TokenSeeds(str(tmp_path))
    served = auth.methods(Source(a=known), seeds)
    wanted = GetTokenAuthorityRequest(host="a", salt=b"salt")
    answer = ask(served[f"{SERVICE}/GetTokenAuthority"], wanted.SerializeToString())
    seed = seeds.signing_seed("a", b"salt", anonymous=known == ANONYMOUS)
    assert GetTokenAuthorityResponse.FromString(answer).public_key == public_key(seed)

    request = VerifyTokenAuthorityRequest(host="a", salt=b"salt", payload=b"payload")
    answer = ask(served[f"{SERVICE}/VerifyTokenAuthority"], request.SerializeToString())
    assert VerifyTokenAuthorityResponse.FromString(answer).signed == sign(seed, b"payload") + b"payload"


def test_a_token_is_fetched_for_its_scopes(tmp_path: Path) -> None:
    source = Source(a=Credentials(registry_token="bearer"))
    served = auth.methods(source, TokenSeeds(str(tmp_path)))
    request = FetchTokenRequest(host="a", realm="http://127.0.0.1:1/", scopes=["repository:x:pull"])
    answer = FetchTokenResponse.FromString(ask(served[f"{SERVICE}/FetchToken"], request.SerializeToString()))
    assert (answer.token, answer.expires_in) == ("bearer", 60)
    assert source.scopes == [("repository:x:pull",)]


def test_a_token_that_is_refused_is_told(tmp_path: Path) -> None:
    served = auth.methods(Source(), TokenSeeds(str(tmp_path)))
    request = FetchTokenRequest(host="a", realm="http://127.0.0.1:1/").SerializeToString()
    with pytest.raises(RpcError, match="failed to fetch anonymous token for a"):
        ask(served[f"{SERVICE}/FetchToken"], request)
