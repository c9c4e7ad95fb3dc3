"""What the registries' users are: docker's config.json, credential helpers and DOCKER_AUTH_CONFIG.

Takes the folder of docker's configuration and the environment, gives `Credentials` by registry. The
rules are those of Docker's CLI (cli/config): DOCKER_AUTH_CONFIG before a helper before the file; a
helper named for the registry before the one for all; Docker Hub stands under its old address.

Read with the standard library, as every build that pulls an image asks: the docker SDK takes a fifth of
a second to import. Files are read when they are asked for; what a helper said counts for as long as in
the reference, as some take seconds to answer, and is kept in memory only.

buildx has configurations for a part of a registry besides: `config/HOST[/REPOSITORY][@ACTION,…]/config.json`
in its folder, looked up by what a token is wanted for.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import time
from dataclasses import field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

from bake.buildkit import docker_config
from bake.errors import UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

DOCKER_HUB_HOST: Final = "registry-1.docker.io"
DOCKER_HUB_KEY: Final = "https://index.docker.io/v1/"
"""What Docker Hub is called in configurations."""

_HUB_ACCOUNTS: Final = frozenset({"dhi.io", "registry.scout.docker.com"})
"""Registries where a Docker Hub account counts, unless there is another (buildx 0.30)."""

_IDENTITY_TOKEN_USER: Final = "<token>"
"""The user name by which a helper says that its secret is an identity token."""


@record
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
    """Gives a registry's credentials, by its host name (and port); `ANONYMOUS` if there are none.

    `scopes` are those of a token that the credentials are for (`repository:NAME:pull,push`).
    """

    def credentials(self, host: str, scopes: Sequence[str] = ()) -> Credentials: ...


@record
class HelperTimes:
    """In seconds: how long a helper may take, and for how long its answer counts.

    BuildKit waits a minute for us. Tokens of Google's registry end after five minutes, which is why the
    reference asks anew ten seconds before.
    """

    patience: float = 50
    validity: float = 290


class DockerCredentials:
    """Docker's own configuration: `folder` holds config.json, and may not exist. `buildx_folder` is that of
    buildx's configuration, "" to have none.

    `credentials` raises `UsageError` for a helper that is broken; a configuration or a login that is, is left
    out with a BakeWarning.
    """

    def __init__(
        self,
        folder: str,
        environment: Mapping[str, str],
        buildx_folder: str = "",
        *,
        times: HelperTimes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.environment = environment
        self._scoped = os.path.join(buildx_folder, "config") if buildx_folder else ""
        self._times = times or HelperTimes()
        self._clock = clock
        self._answers: dict[tuple[str, str], tuple[float, Credentials]] = {}
        self._lock = Lock()
        """Helpers are asked one at a time: some (osxkeychain) hang otherwise."""

    def credentials(self, host: str, scopes: Sequence[str] = ()) -> Credentials:
        with self._lock:
            found = self._of_host(host, scopes)
            if found == ANONYMOUS and host in _HUB_ACCOUNTS:
                return self._of_host(DOCKER_HUB_HOST, scopes)
            return found

    def _of_host(self, host: str, scopes: Sequence[str]) -> Credentials:
        folder = (_narrowest(self._scoped, host, scopes) if scopes and self._scoped else "") or self.folder
        return self._find(
            os.path.join(folder, "config.json"), DOCKER_HUB_KEY if host == DOCKER_HUB_HOST else host
        )

    def _find(self, path: str, key: str) -> Credentials:
        given = _parse(self.environment.get("DOCKER_AUTH_CONFIG") or "{}", "DOCKER_AUTH_CONFIG")
        found = _from_file(_mapping(given, "auths"), key, exact=True)
        if found != ANONYMOUS:
            return found
        config = docker_config.read(path)
        helper = _mapping(config, "credHelpers").get(key) or config.get("credsStore")
        if helper:
            return self._remembered(str(helper), key, path)
        return _from_file(_mapping(config, "auths"), key)

    def _remembered(self, helper: str, key: str, path: str) -> Credentials:
        asked, answer = self._answers.get((helper, key), (-self._times.validity, ANONYMOUS))
        if self._clock() - asked >= self._times.validity:
            answer = self._ask(helper, key, path)
            self._answers[helper, key] = (self._clock(), answer)
        return answer

    def _ask(self, helper: str, key: str, path: str) -> Credentials:
        """What `docker-credential-HELPER get` says; "credentials not found" is how it says no."""
        import subprocess

        program = f"docker-credential-{helper}"
        try:
            ran = subprocess.run(
                [program, "get"],
                input=key.encode(),
                capture_output=True,
                env=dict(self.environment),
                check=False,
                timeout=self._times.patience,
            )
        except subprocess.TimeoutExpired:
            # without the cause: it may hold what the helper has said so far
            raise UsageError(
                "the credential helper does not answer",
                detail=f"`{program}`, asked for `{key}`: nothing in {self._times.patience:g} seconds",
                hint=f"try `echo {key} | {program} get`: does it wait to be unlocked?",
            ) from None
        except OSError as exc:
            raise UsageError(
                "cannot run the credential helper",
                detail=f"`{program}`: {exc.strerror}",
                hint=f"install it, or fix credsStore and credHelpers in {path}",
            ) from exc
        if ran.returncode:
            said = (ran.stdout + ran.stderr).decode(errors="replace").strip()
            if "credentials not found" in said:
                return ANONYMOUS
            raise UsageError(
                "the credential helper failed",
                detail=f"`{program}`, asked for `{key}`: {said}",
                hint=f"fix it, or credsStore and credHelpers in {path}",
            )
        answer = _parse(ran.stdout, program)
        username, secret = str(answer.get("Username", "")), str(answer.get("Secret", ""))
        if username == _IDENTITY_TOKEN_USER:
            return Credentials(identity_token=secret)
        return Credentials(username, secret)


def _narrowest(base: str, host: str, scopes: Sequence[str]) -> str:
    """The folder below `base` that is for `host` and these scopes, "" if there is none.

    One for the repository comes before one for all; more actions before fewer (buildx 0.30). What is
    wanted for several repositories at once is for none of these folders.
    """
    wanted = _actions(scopes)
    if len(wanted) != 1:
        return ""
    [(resource, actions)] = wanted.items()
    found = []
    for folder in _configured(base):
        part, _, needed = os.path.relpath(folder, base).partition("@")
        name, _, repository = part.partition("/")
        needs = {action for one in needed.split(",") if (action := one.strip())}
        fits = repository in ("", resource.removeprefix("repository:")) and needs <= actions
        if name == host and fits:
            found.append((repository, len(needs), folder))
    return max(found, default=("", 0, ""))[2]


def _actions(scopes: Sequence[str]) -> dict[str, set[str]]:
    """What may be done to what: `repository:NAME` to `pull`, `push`."""
    found: dict[str, set[str]] = {}
    for scope in " ".join(scopes).split():
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.partition(":")
        found.setdefault(f"{kind}:{name}", set()).update(filter(None, actions.split(",")))
    return found


def _configured(base: str) -> Iterator[str]:
    """Every folder below `base` with a config.json."""
    for folder, _, names in os.walk(base):
        if "config.json" in names:
            yield folder


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
        # without the text, which may be a secret
        docker_config.leave_out(f"`auth` of `{key}`")
        return "", ""
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
