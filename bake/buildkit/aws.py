"""The keys for AWS that this machine has, by the rules of AWS's own SDKs.

Takes an environment and a home, gives `Keys`. Asked in order: the variables, a web identity of the
variables, the profile (`AWS_PROFILE`) of the shared files with its roles, its process and its web
identity, a container's endpoint. Left out are sign-ins by browser (SSO, `aws login`), and the metadata of
EC2: an engine there asks for those by itself. Nothing found is None; what is found and fails is an error.
"""

from __future__ import annotations

import json
import os
from dataclasses import field
from threading import Lock
from typing import TYPE_CHECKING, Final

from bake.buildkit import aws_tokens
from bake.buildkit.aws_tokens import Keys, Role
from bake.buildkit.web import WebError, ask
from bake.errors import UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

_PATIENCE: Final = 60
"""Seconds that a credential process may take; the SDKs' own limit."""

_CONTAINER: Final = "http://169.254.170.2"
_LOCAL_HOSTS: Final = frozenset({"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "[::1]"})
"""Where a container's token may be sent without TLS, besides 127.0.0.0/8."""

_SIGN_INS: Final = ("sso_session", "sso_start_url", "login_session")


@record(frozen=False, eq=False)
class KeyChain:
    """The keys of one user, looked for once; any thread may ask."""

    environment: Mapping[str, str] = field(repr=False)
    home: str
    _found: list[Keys | None] = field(default_factory=list, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def find(self) -> Keys | None:
        """Raises UsageError for a profile, a process or a service that fails."""
        with self._lock:
            if not self._found:
                self._found.append(_find(self.environment, self.home))
            return self._found[0]


def _find(environment: Mapping[str, str], home: str) -> Keys | None:
    return _of_environment(environment) or _of_profiles(_Profiles(environment, home))


def _of_environment(environment: Mapping[str, str]) -> Keys | None:
    identifier = environment.get("AWS_ACCESS_KEY_ID") or environment.get("AWS_ACCESS_KEY")
    secret = environment.get("AWS_SECRET_ACCESS_KEY") or environment.get("AWS_SECRET_KEY")
    if identifier and secret:
        return Keys(identifier, secret, environment.get("AWS_SESSION_TOKEN", ""))
    if token_file := environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        role = Role(environment.get("AWS_ROLE_ARN", ""), environment.get("AWS_ROLE_SESSION_NAME", ""))
        return _by_web_identity(token_file, role, environment, "")
    return None


class _Profiles:
    """The shared files: profiles by name. A profile may stand in both; credentials' keys count first."""

    def __init__(self, environment: Mapping[str, str], home: str) -> None:
        self.environment = environment
        folder = os.path.join(home, ".aws")
        self.config = environment.get("AWS_CONFIG_FILE") or os.path.join(folder, "config")
        credentials = environment.get("AWS_SHARED_CREDENTIALS_FILE") or os.path.join(folder, "credentials")
        self.by_name: dict[str, dict[str, str]] = {}
        for section, fields in _sections(self.config).items():
            kind, _, name = section.partition(" ")
            if section == "default" or kind == "profile":
                self.by_name[name.strip() or "default"] = fields
        for name, fields in _sections(credentials).items():
            self.by_name[name] = self.by_name.get(name, {}) | fields

    @property
    def chosen(self) -> str:
        return self.environment.get("AWS_PROFILE") or self.environment.get("AWS_DEFAULT_PROFILE") or "default"


def _sections(path: str) -> dict[str, dict[str, str]]:
    import configparser

    parser = configparser.RawConfigParser(
        delimiters=("=",), comment_prefixes=("#", ";"), inline_comment_prefixes=("#", ";"), strict=False,
        default_section="", allow_no_value=True,
    )  # fmt: skip
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            parser.read_file(file)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as exc:
        raise UsageError("cannot read AWS's configuration", detail=f"`{path}`: {exc.strerror}") from exc
    except configparser.Error:
        # without the cause: it quotes lines
        raise UsageError("cannot read AWS's configuration", detail=f"`{path}` has broken lines") from None
    return {
        name: {key: value.strip() for key, value in parser[name].items() if value is not None}
        for name in parser.sections()
    }


def _of_profiles(profiles: _Profiles) -> Keys | None:
    name = profiles.chosen
    if name not in profiles.by_name and (
        profiles.environment.get("AWS_PROFILE") or profiles.environment.get("AWS_DEFAULT_PROFILE")
    ):
        known = ", ".join(sorted(profiles.by_name)) or "none"
        raise UsageError(
            "unknown AWS profile", detail=f"`{name}` is not in {profiles.config}; there is {known}"
        )
    return _of_profile(profiles, name, ())


def _of_profile(profiles: _Profiles, name: str, above: tuple[str, ...]) -> Keys | None:
    """The keys of a profile, by its role if it has one. `above` are the profiles that led to it."""
    profile, environment = profiles.by_name.get(name, {}), profiles.environment
    region = profile.get("region", "")
    role = Role(
        profile.get("role_arn", ""), profile.get("role_session_name", ""), profile.get("external_id", "")
    )
    source = profile.get("source_profile")
    if role.arn and source and source != name:
        if source in above:
            _fail(name, f"its sources lead in a circle, {' → '.join((*above, name, source))}")
        if source not in profiles.by_name:
            _fail(name, f"there is no source_profile `{source}`")
        keys = _of_profile(profiles, source, (*above, name))
    elif profile.get("aws_access_key_id") and profile.get("aws_secret_access_key"):
        keys = Keys(
            profile["aws_access_key_id"],
            profile["aws_secret_access_key"],
            profile.get("aws_session_token", ""),
        )
    elif kind := profile.get("credential_source"):
        keys = _of_source(name, kind, environment)
    elif token_file := profile.get("web_identity_token_file"):
        return _by_web_identity(token_file, role, environment, region)
    elif any(key in profile for key in _SIGN_INS):
        _fail(
            name,
            "it is signed in to by browser, which pybake does not do",
            hint='eval "$(aws configure export-credentials --format env)"',
        )
    elif command := profile.get("credential_process"):
        keys = _of_process(name, command, environment)
    else:
        keys = _of_container(environment)
    return _assumed(name, keys, role, environment, region) if role.arn else keys


def _assumed(name: str, keys: Keys | None, role: Role, environment: Mapping[str, str], region: str) -> Keys:
    if keys is None:
        _fail(name, f"there are no keys to take on the role {role.arn} with")
    return aws_tokens.assume_role(role, keys, environment, region)


def _of_source(name: str, kind: str, environment: Mapping[str, str]) -> Keys | None:
    found = _SOURCES.get(kind)
    if found is None:
        _fail(name, f"credential_source `{kind}` is not known here; {' and '.join(_SOURCES)} are")
    return found(environment)


def _by_web_identity(path: str, role: Role, environment: Mapping[str, str], region: str) -> Keys:
    if not role.arn:
        raise UsageError("a web identity for AWS needs a role", hint="set AWS_ROLE_ARN, or role_arn")
    return aws_tokens.assume_role_with_web_identity(role, _token(path), environment, region)


def _of_process(name: str, command: str, environment: Mapping[str, str]) -> Keys:
    """What a program says, which the user has named in a file of its own."""
    import shlex
    import subprocess

    try:
        ran = subprocess.run(
            shlex.split(command), env=dict(environment), capture_output=True, check=False, timeout=_PATIENCE
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        # without the cause: it quotes the command
        _fail(name, "its credential_process cannot be run, or does not answer")
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip()[:200]
        _fail(name, f"its credential_process failed with {ran.returncode}: {said}")
    return _keys(ran.stdout, f"the credential_process of profile {name}")


def _of_container(environment: Mapping[str, str]) -> Keys | None:
    """The endpoint that ECS and EKS tell containers of."""
    from urllib.parse import urlsplit
    from urllib.request import Request

    path, whole = (environment.get(f"AWS_CONTAINER_CREDENTIALS_{name}_URI") for name in ("RELATIVE", "FULL"))
    url = f"{_CONTAINER}{path}" if path else whole
    if not url:
        return None
    parts = urlsplit(url)
    host = parts.netloc.rpartition(":")[0] if parts.netloc.rpartition(":")[2].isdecimal() else parts.netloc
    if parts.scheme != "https" and host not in _LOCAL_HOSTS and not host.startswith("127."):
        raise UsageError("AWS's endpoint for containers is not of this machine", detail=f"`{host}`")
    token = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
    if token_file := environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
        token = _token(token_file)
    request = Request(url)
    if token:
        request.add_unredirected_header("Authorization", token)
    try:
        return _keys(ask(request, environment), "AWS's endpoint for containers")
    except WebError as exc:
        raise UsageError("AWS's endpoint for containers gave no keys", detail=str(exc)) from None


def _token(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError as exc:
        raise UsageError("cannot read the token for AWS", detail=f"`{path}`: {exc.strerror}") from exc


_SOURCES: Final = {"Environment": _of_environment, "EcsContainer": _of_container}


def _keys(said: bytes, whose: str) -> Keys:
    """The SDKs' JSON: `AccessKeyId`, `SecretAccessKey`, and `SessionToken` or `Token`."""
    try:
        fields = json.loads(said)
        token = fields.get("SessionToken") or fields.get("Token") or ""
        return Keys(str(fields["AccessKeyId"]), str(fields["SecretAccessKey"]), str(token))
    except (ValueError, KeyError, AttributeError):
        raise UsageError("no keys for AWS", detail=f"{whose} gave none") from None


def _fail(profile: str, why: str, hint: str | None = None) -> NoReturn:
    raise UsageError("the AWS profile cannot be used", detail=f"`{profile}`: {why}", hint=hint)
