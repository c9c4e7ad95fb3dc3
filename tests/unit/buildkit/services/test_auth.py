from __future__ import annotations

import pytest

from bake.buildkit.credentials import ANONYMOUS, Credentials
from bake.buildkit.messages.auth_pb2 import CredentialsRequest, CredentialsResponse
from bake.buildkit.services import auth
from bake.buildkit.stream import UNAVAILABLE, UNKNOWN, RpcError
from bake.errors import UsageError
from tests.fakes.streams import ask


class Source:
    """Credentials by host; asking for `broken` raises."""

    def __init__(self, **known: Credentials) -> None:
        self.known = known

    def credentials(self, host: str) -> Credentials:
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


@pytest.mark.parametrize("method", ["GetTokenAuthority", "VerifyTokenAuthority", "FetchToken"])
def test_the_daemon_is_to_fetch_its_tokens(method: str) -> None:
    with pytest.raises(RpcError) as caught:
        ask(auth.methods(Source())[f"/moby.filesync.v1.Auth/{method}"], b"")
    assert caught.value.code == UNAVAILABLE
