"""What the registries' users are: docker's config.json, credential helpers and DOCKER_AUTH_CONFIG.

Takes the folder of docker's configuration and the environment, gives `Credentials` by registry. The
rules are those of Docker's CLI (cli/config): DOCKER_AUTH_CONFIG before a helper before the file; a
helper named for the registry before the one for all; Docker Hub stands under its old address.

Read with the standard library, as every build that pulls an image asks: the docker SDK takes a fifth of
a second to import. Everything is read when it is asked for, and nothing is kept.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import subprocess
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCKER_HUB_HOST: Final = "registry-1.docker.io"
DOCKER_HUB_KEY: Final = "https://index.docker.io/v1/"
"""What Docker Hub is called in configurations."""

_HUB_ACCOUNTS: Final = frozenset({"dhi.io", "registry.scout.docker.com"})
"""Registries where a Docker Hub account counts, unless there is another (buildx 0.30)."""

_IDENTITY_TOKEN_USER: Final = "<token>"
"""The user name by which a helper says that its secret is an identity token."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to sign in to a registry: user and password, or a token. Empty for nobody.

    `identity_token` is an OAuth refresh token, `registry_token` a bearer token to be used as it is.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)


ANONYMOUS: Final = Credentials()


class CredentialSource(Protocol):
    """Gives a registry's credentials, by its host name (and port); `ANONYMOUS` if there are none."""

    def credentials(self, host: str) -> Credentials: ...


class DockerCredentials:
    """Docker's own configuration: `folder` holds config.json, and may not exist.

    `credentials` raises `UsageError` for a configuration or a helper that is broken.
    """

    def __init__(self, folder: str, environment: Mapping[str, str]) -> None:
        self._path = os.path.join(folder, "config.json")
        self._environment = environment
        self._lock = Lock()
        """Helpers are asked one at a time: some (osxkeychain) hang otherwise."""

    def credentials(self, host: str) -> Credentials:
        with self._lock:
            found = self._find(DOCKER_HUB_KEY if host == DOCKER_HUB_HOST else host)
            if found == ANONYMOUS and host in _HUB_ACCOUNTS:
                return self._find(DOCKER_HUB_KEY)
            return found

    def _find(self, key: str) -> Credentials:
        given = _parse(self._environment.get("DOCKER_AUTH_CONFIG") or "{}", "DOCKER_AUTH_CONFIG")
        found = _from_file(_mapping(given, "auths"), key, exact=True)
        if found != ANONYMOUS:
            return found
        config = self._read()
        helper = _mapping(config, "credHelpers").get(key) or config.get("credsStore")
        if helper:
            return self._ask(str(helper), key)
        return _from_file(_mapping(config, "auths"), key)

    def _read(self) -> dict[str, Any]:
        try:
            with open(self._path, "rb") as file:
                return _parse(file.read(), self._path)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as exc:
            raise UsageError(
                "cannot read docker's configuration", detail=f"`{self._path}`: {exc.strerror}"
            ) from exc

    def _ask(self, helper: str, key: str) -> Credentials:
        """What `docker-credential-HELPER get` says; "credentials not found" is how it says no."""
        program = f"docker-credential-{helper}"
        try:
            ran = subprocess.run(
                [program, "get"],
                input=key.encode(),
                capture_output=True,
                env=dict(self._environment),
                check=False,
            )
        except OSError as exc:
            raise UsageError(
                "cannot run the credential helper",
                detail=f"`{program}`: {exc.strerror}",
                hint=f"install it, or mend credsStore and credHelpers in {self._path}",
            ) from exc
        if ran.returncode:
            said = (ran.stdout + ran.stderr).decode(errors="replace").strip()
            if "credentials not found" in said:
                return ANONYMOUS
            raise UsageError("the credential helper failed", detail=f"`{program}`, asked for `{key}`: {said}")
        answer = _parse(ran.stdout, program)
        username, secret = str(answer.get("Username", "")), str(answer.get("Secret", ""))
        if username == _IDENTITY_TOKEN_USER:
            return Credentials(identity_token=secret)
        return Credentials(username, secret)


def _from_file(auths: Mapping[str, Any], key: str, *, exact: bool = False) -> Credentials:
    entry = auths.get(key)
    if entry is None and not exact:
        entry = next((value for name, value in auths.items() if _host_of(name) == key), None)
    if not isinstance(entry, dict):
        return ANONYMOUS
    username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    if entry.get("auth"):
        username, password = _decode(str(entry["auth"]), key)
    return Credentials(
        username, password, str(entry.get("identitytoken") or ""), str(entry.get("registrytoken") or "")
    )


def _decode(auth: str, key: str) -> tuple[str, str]:
    try:
        username, colon, password = base64.b64decode(auth).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if not colon:
        # without the cause: it would show the text
        raise UsageError(
            "broken credentials in docker's configuration", detail=f"`auth` of `{key}`"
        ) from None
    return username, password.strip("\0")


def _host_of(name: str) -> str:
    """The host in a registry's address, as old configurations have them."""
    return name.removeprefix("http://").removeprefix("https://").partition("/")[0]


def _parse(text: str | bytes, source: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except ValueError as exc:
        # without the cause: it may hold the text
        where = f" in line {exc.lineno}" if isinstance(exc, json.JSONDecodeError) else ""
        raise UsageError("broken docker configuration", detail=f"`{source}`: not JSON{where}") from None
    if not isinstance(fields, dict):
        raise UsageError("broken docker configuration", detail=f"`{source}`: no JSON object")
    return fields


def _mapping(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = fields.get(name)
    return found if isinstance(found, dict) else {}
