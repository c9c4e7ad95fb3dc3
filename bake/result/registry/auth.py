"""Signing in to registries: basic credentials and bearer tokens (distribution's token specification).

Takes a registry's challenges and the person's credentials, gives the header for a scope. A token is kept
until shortly before it expires, and asked for anew when a registry refuses it.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from dataclasses import field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from bake.buildkit.credentials import ANONYMOUS, DOCKER_HUB_HOST
from bake.record import record
from bake.result.registry.errors import RegistryError
from bake.result.registry.hosts import Host
from bake.result.registry.transport import Call, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bake.buildkit.credentials import Credentials, CredentialSource
    from bake.result.registry.transport import Answer, Transport

CLIENT = "pybake"
LONGEST_ANSWER = 1 << 20
DEFAULT_LIFE = 60.0
"""Seconds that a token holds if its server does not say."""
EARLY = 10.0

_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z]+)\s+(?=[A-Za-z]+\s*=)")
_PARAMETER = re.compile(r'([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


@record
class Challenge:
    """One way to sign in, of a WWW-Authenticate header; `scheme` is in lower case."""

    scheme: str
    parameters: dict[str, str]


def challenges(header: str) -> list[Challenge]:
    """The challenges of a header."""
    found = list(_SCHEME.finditer(header))
    ends = [match.start() for match in found[1:]] + [len(header)]
    return [
        Challenge(match[1].lower(), _parameters(header[match.end() : end]))
        for match, end in zip(found, ends, strict=True)
    ] or ([Challenge(header.strip().lower(), {})] if header.strip() else [])


def _parameters(text: str) -> dict[str, str]:
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(text)
    }


@record(frozen=False)
class _Token:
    text: str = field(repr=False)
    expires: float


class SignIn:
    """What one server was signed in with. Safe for several threads."""

    def __init__(self, transport: Transport, source: CredentialSource, host: Host) -> None:
        self._transport = transport
        self._source = source
        self._host = host
        self._lock = threading.RLock()
        self._challenge: Challenge | None = None
        self._tokens: dict[str, _Token] = {}

    def header(self, scopes: Sequence[str]) -> str:
        """The Authorization for `scopes` as far as it is known what the server wants; "" for none."""
        with self._lock:
            if self._challenge is None:
                return ""
            if self._challenge.scheme == "basic":
                return _basic(self._credentials(scopes))
            return f"Bearer {self._token(self._challenge, tuple(scopes))}"

    def learn(self, answer: Answer, scopes: Sequence[str]) -> None:
        """Take what a 401 says; a token that was refused is forgotten. Raises RegistryError for a server
        that wants what is not known, or a person who has nothing to sign in with."""
        found = {one.scheme: one for one in challenges(answer.headers.get("WWW-Authenticate", ""))}
        challenge = found.get("bearer") or found.get("basic")
        if challenge is None:
            raise self._refused("it does not say how to sign in")
        if challenge.scheme == "basic" and not self._credentials(scopes).username:
            raise self._refused("it wants a user and a password, and there are none")
        with self._lock:
            self._challenge = challenge
            self._tokens.pop(_key(scopes), None)

    def _refused(self, why: str) -> RegistryError:
        return RegistryError(
            "A registry refused access",
            detail=f"`{self._host.name}`: {why}",
            hint=f"sign in: {self._login}",
            status=401,
        )

    @property
    def _login(self) -> str:
        return "docker login" + ("" if self._host.name == DOCKER_HUB_HOST else f" {self._host.name}")

    def _credentials(self, scopes: Sequence[str]) -> Credentials:
        return self._source.credentials(self._host.name, scopes)

    def _token(self, challenge: Challenge, scopes: tuple[str, ...]) -> str:
        key = _key(scopes)
        known = self._tokens.get(key)
        if known is None or known.expires <= time.monotonic():
            credentials = self._credentials(scopes)
            if credentials.registry_token:
                return credentials.registry_token
            known = self._tokens[key] = self._fetch(challenge, scopes, credentials)
        return known.text

    def _fetch(self, challenge: Challenge, scopes: tuple[str, ...], credentials: Credentials) -> _Token:
        realm = challenge.parameters.get("realm", "")
        if urlsplit(realm).scheme not in ("http", "https"):
            raise self._refused("it names no server that gives tokens")
        asked = [one for one in challenge.parameters.get("scope", "").split(" ") if one]
        fields = [("scope", one) for one in dict.fromkeys([*scopes, *asked])]
        if challenge.parameters.get("service"):
            fields.append(("service", challenge.parameters["service"]))
        answer = self._transport.send(self._call(realm, fields, credentials))
        data = answer.read(LONGEST_ANSWER)
        if answer.status != 200:
            raise RegistryError(
                "A registry refused access",
                detail=f"`{self._host.name}`: {answer.status} from {place(realm)}",
                hint=f"check the sign-in: {self._login}",
                status=answer.status,
            )
        return _parse(data, realm, time.monotonic())

    def _call(self, realm: str, fields: list[tuple[str, str]], credentials: Credentials) -> Call:
        """GET with basic credentials, or OAuth's POST for an identity token."""
        server = Host(
            urlsplit(realm).netloc, urlsplit(realm).scheme, self._host.verify, self._host.authorities
        )
        if credentials.identity_token:
            scopes = " ".join(value for name, value in fields if name == "scope")
            service = next((value for name, value in fields if name == "service"), "")
            form = {"grant_type": "refresh_token", "client_id": CLIENT, "service": service, "scope": scopes}
            body = urlencode({**form, "refresh_token": credentials.identity_token}).encode()
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            return Call("POST", realm, server, kind, open=lambda: [body], length=len(body))
        joined = f"{realm}{'&' if urlsplit(realm).query else '?'}{urlencode(fields)}"
        if credentials == ANONYMOUS:
            return Call("GET", joined, server)
        return Call("GET", joined, server, {"Authorization": _basic(credentials)})


def _key(scopes: Iterable[str]) -> str:
    return " ".join(sorted(scopes))


def _basic(credentials: Credentials) -> str:
    pair = f"{credentials.username}:{credentials.password}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _parse(data: bytes, realm: str, now: float) -> _Token:
    try:
        found: Any = json.loads(data)
        text = found.get("token") or found.get("access_token")
        life = float(found.get("expires_in") or DEFAULT_LIFE)
    except (ValueError, AttributeError, TypeError):
        text, life = None, 0.0
    if not isinstance(text, str) or not text:
        # without the cause: it may hold the text
        raise RegistryError("A registry's token server gave no token", detail=place(realm)) from None
    return _Token(text, now + max(life - EARLY, life / 2))
