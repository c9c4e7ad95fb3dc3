"""A registry's tokens, fetched by this client, so that passwords never leave the machine.

Takes a registry's challenge and credentials, gives a `Token`. The rules are those of the reference
(session/auth/authprovider, 0.32): with credentials first OAuth's POST, then GET where the server does not
know it; without, GET alone. Credentials are sent to the realm only, not to where it redirects.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Final

from bake.buildkit import times
from bake.buildkit.web import WebError, ask
from bake.errors import UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.request import Request

    from bake.buildkit.credentials import Credentials

CLIENT_ID: Final = "buildkit-client"
_DEFAULT_VALIDITY: Final = 60

_WITHOUT_OAUTH: Final = frozenset({401, 404, 405})
"""Answers of servers that know no POST, Artifactory's and Google's among them."""


@record
class Challenge:
    """What a registry asks for: a token from `realm` (a URL) for a `service` and `scopes`."""

    host: str
    realm: str
    service: str = ""
    scopes: tuple[str, ...] = ()


@record
class Token:
    """A bearer token; `expires_in` in seconds, `issued_at` in seconds since the epoch, 0 if unknown."""

    value: str = field(repr=False)
    expires_in: int = _DEFAULT_VALIDITY
    issued_at: int = 0


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
        except WebError as refused:
            if refused.status not in _WITHOUT_OAUTH or (refused.status == 405 and credentials.identity_token):
                raise
            return _send(_get(challenge, credentials), environment)
    except WebError as refused:
        kind = "oauth" if secret else "anonymous"
        said = f"{refused}{_explained(refused.body)}"
        said = said.replace(secret, "…") if secret else said
        raise UsageError(
            f"failed to fetch {kind} token for {challenge.host}",
            detail=said + _advice(challenge, credentials, refused),
        ) from None  # the cause may hold the secret


def _advice(challenge: Challenge, credentials: Credentials, refused: WebError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(refused):
        return "; SSL_CERT_FILE names certificates to trust, BUILDKIT_NO_CLIENT_TOKEN=1 leaves it to BuildKit"
    if refused.status not in (400, 401, 403) or not (credentials.identity_token or credentials.password):
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
    return _token(request.full_url.partition("?")[0], ask(request, environment))


def _token(asked: str, body: bytes) -> Token:
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise WebError(asked, 0, "the answer is no JSON object")
    value = str(fields.get("access_token") or fields.get("token") or "")
    if not value:
        raise WebError(asked, 0, "authorization server did not include a token in the response")
    expires_in = fields.get("expires_in")
    valid = expires_in if isinstance(expires_in, int) and expires_in > 0 else _DEFAULT_VALIDITY
    return Token(value, valid, _seconds(fields.get("issued_at")))


def _seconds(text: object) -> int:
    """A time of RFC 3339, 0 for what is none."""
    try:
        return int(times.from_text(str(text)))
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
