"""A registry's tokens, fetched by this client, so that passwords never leave the machine.

Takes a registry's challenge and credentials, gives a `Token`. The rules are those of the reference
(session/auth/authprovider, 0.32): with credentials first OAuth's POST, then GET where the server does not
know it; without, GET alone. Credentials are sent to the realm only, not to where it redirects.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.request import Request

    from bake.buildkit.credentials import Credentials

CLIENT_ID: Final = "buildkit-client"
LARGEST: Final = 1 << 20
"""Bytes of an answer that are read."""

_DEFAULT_VALIDITY: Final = 60
_PATIENCE: Final = 30
"""Seconds that a server may be silent."""

_WITHOUT_OAUTH: Final = frozenset({401, 404, 405})
"""Answers of servers that know no POST, Artifactory's and Google's among them."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a registry asks for: a token from `realm` (a URL) for a `service` and `scopes`."""

    host: str
    realm: str
    service: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; `expires_in` in seconds, `issued_at` in seconds since the epoch, 0 if unknown."""

    value: str = field(repr=False)
    expires_in: int = _DEFAULT_VALIDITY
    issued_at: int = 0


class _RefusedError(Exception):
    """An answer that is no token: the request in words, the status, what the server said."""

    def __init__(self, request: str, status: int, said: str) -> None:
        super().__init__(f"{request}: {said}")
        self.status = status


def fetch(challenge: Challenge, credentials: Credentials, environment: Mapping[str, str]) -> Token:
    """Raises UsageError, without any secret in it. `environment` may name proxies."""
    if credentials.registry_token:
        return Token(credentials.registry_token)
    secret = credentials.identity_token or credentials.password
    try:
        if not secret:
            return _send(_get(challenge, credentials), environment)
        try:
            return _send(_post(challenge, credentials), environment)
        except _RefusedError as refused:
            if refused.status not in _WITHOUT_OAUTH or (refused.status == 405 and credentials.identity_token):
                raise
            return _send(_get(challenge, credentials), environment)
    except _RefusedError as refused:
        kind = "oauth" if secret else "anonymous"
        said = str(refused).replace(secret, "…") if secret else str(refused)
        raise UsageError(
            f"failed to fetch {kind} token for {challenge.host}",
            detail=said + _advice(challenge, credentials, refused.status),
        ) from None  # the cause may hold the secret


def _advice(challenge: Challenge, credentials: Credentials, status: int) -> str:
    if status not in (400, 401, 403) or not (credentials.identity_token or credentials.password):
        return ""
    what = "login has expired or was revoked" if credentials.identity_token else "password is not accepted"
    return f"; the stored {what}: `docker login {challenge.host}` renews it"


def _post(challenge: Challenge, credentials: Credentials) -> Request:
    from urllib.parse import urlencode
    from urllib.request import Request

    form = {"service": challenge.service, "client_id": CLIENT_ID}
    if challenge.scopes:
        form["scope"] = " ".join(challenge.scopes)
    if credentials.identity_token:
        form |= {"grant_type": "refresh_token", "refresh_token": credentials.identity_token}
    else:
        form |= {
            "grant_type": "password",
            "username": credentials.username,
            "password": credentials.password,
        }
    return Request(challenge.realm, urlencode(form).encode(), method="POST")


def _get(challenge: Challenge, credentials: Credentials) -> Request:
    from base64 import b64encode
    from urllib.parse import parse_qsl, urlencode, urlsplit
    from urllib.request import Request

    parts = urlsplit(challenge.realm)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [("service", challenge.service)] if challenge.service else []
    query += [("scope", scope) for scope in challenge.scopes]
    request = Request(parts._replace(query=urlencode(query)).geturl())
    if credentials.identity_token or credentials.password:
        user = "" if credentials.identity_token else credentials.username
        pair = f"{user}:{credentials.identity_token or credentials.password}"
        request.add_unredirected_header("Authorization", f"Basic {b64encode(pair.encode()).decode()}")
    return request


def _send(request: Request, environment: Mapping[str, str]) -> Token:
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError

    request.add_header("User-Agent", "pybake")
    asked = f"{request.get_method()} {request.full_url.partition('?')[0]}"
    try:
        with _opener(request, environment).open(request, timeout=_PATIENCE) as answer:
            return _token(asked, answer.read(LARGEST))
    except HTTPError as exc:
        with exc:
            said = f"{exc.code} {exc.reason}{_explained(exc.read(LARGEST))}"
        raise _RefusedError(asked, exc.code, said) from None
    except (URLError, HTTPException, OSError) as exc:
        raise _RefusedError(asked, 0, str(getattr(exc, "reason", exc))) from None


def _opener(request: Request, environment: Mapping[str, str]) -> Any:
    """Through the proxies that `environment` names, unless it leaves this host out."""
    from urllib.request import ProxyHandler, build_opener, proxy_bypass_environment  # type: ignore[attr-defined]

    named = {name.lower(): value for name, value in environment.items() if value}
    proxies = {name[: -len("_proxy")]: value for name, value in named.items() if name.endswith("_proxy")}
    bypass = proxy_bypass_environment(request.host, proxies) or _is_loopback(request.host)
    return build_opener(ProxyHandler({} if bypass else proxies))


def _is_loopback(host: str) -> bool:
    """Go asks no proxy for these."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return name == "localhost" or name.startswith("127.") or name == "[::1]"


def _token(asked: str, body: bytes) -> Token:
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise _RefusedError(asked, 0, "the answer is no JSON object")
    value = str(fields.get("access_token") or fields.get("token") or "")
    if not value:
        raise _RefusedError(asked, 0, "authorization server did not include a token in the response")
    expires_in = fields.get("expires_in")
    valid = expires_in if isinstance(expires_in, int) and expires_in > 0 else _DEFAULT_VALIDITY
    return Token(value, valid, _seconds(fields.get("issued_at")))


def _seconds(text: object) -> int:
    """A time of RFC 3339, 0 for what is none."""
    from datetime import datetime

    try:
        return int(datetime.fromisoformat(str(text)).timestamp())
    except ValueError:
        return 0


def _explained(body: bytes) -> str:
    """What a server says besides its status: OAuth's, the registries', or Docker Hub's way."""
    try:
        fields = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(fields, dict):
        return ""
    errors = fields.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    candidates = ("error_description", "error", "details", "message")
    said = next((str(fields[key]) for key in candidates if fields.get(key)), "") or first.get("message", "")
    return f" ({said[:200]})" if said else ""
