"""AWS's security token service: roles taken on for a session.

Takes a role with keys or a web identity, gives `Keys` with a session token. Requests are signed by
Signature Version 4, as AWS's documentation describes it.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Final

from bake.buildkit.web import WebError, ask
from bake.errors import UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.request import Request

_SERVICE: Final = "sts"
_VERSION: Final = "2011-06-15"


@record
class Keys:
    """What signs for a user, or for a session if there is a token."""

    identifier: str
    secret: str = field(repr=False)
    session_token: str = field(default="", repr=False)

    def attrs(self) -> dict[str, str]:
        """As BuildKit's s3 cache takes them."""
        found = {"access_key_id": self.identifier, "secret_access_key": self.secret}
        return found | ({"session_token": self.session_token} if self.session_token else {})


@record
class Role:
    """A role by its ARN; "" for none."""

    arn: str
    session_name: str = ""
    external_id: str = ""


def assume_role(role: Role, keys: Keys, environment: Mapping[str, str], region: str) -> Keys:
    """Raises UsageError."""
    fields = _fields("AssumeRole", role)
    if role.external_id:
        fields["ExternalId"] = role.external_id
    request = _request(fields, environment, region)
    _sign(request, keys, _region(environment, region))
    return _session(request, role, environment)


def assume_role_with_web_identity(
    role: Role, token: str, environment: Mapping[str, str], region: str
) -> Keys:
    """Raises UsageError."""
    fields = _fields("AssumeRoleWithWebIdentity", role) | {"WebIdentityToken": token}
    return _session(_request(fields, environment, region), role, environment)


def _fields(action: str, role: Role) -> dict[str, str]:
    name = role.session_name or "pybake"
    return {"Action": action, "Version": _VERSION, "RoleArn": role.arn, "RoleSessionName": name}


def _region(environment: Mapping[str, str], region: str) -> str:
    return environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or region or "us-east-1"


def _request(fields: Mapping[str, str], environment: Mapping[str, str], region: str) -> Request:
    from urllib.parse import urlencode
    from urllib.request import Request

    domain = "amazonaws.com.cn" if _region(environment, region).startswith("cn-") else "amazonaws.com"
    url = (
        environment.get("AWS_ENDPOINT_URL_STS")
        or environment.get("AWS_ENDPOINT_URL")
        or f"https://{_SERVICE}.{_region(environment, region)}.{domain}"
    )
    form = "application/x-www-form-urlencoded; charset=utf-8"
    return Request(f"{url.rstrip('/')}/", urlencode(fields).encode(), {"Content-Type": form}, method="POST")


def _sign(request: Request, keys: Keys, region: str) -> None:
    """Add the headers that authorize a POST to the root."""
    import hmac
    from datetime import UTC, datetime
    from hashlib import sha256

    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = (moment[:8], region, _SERVICE, "aws4_request")
    body = request.data if isinstance(request.data, bytes) else b""
    headers = {"content-type": request.get_header("Content-type"), "host": request.host, "x-amz-date": moment}
    if keys.session_token:
        headers["x-amz-security-token"] = keys.session_token
        request.add_unredirected_header("X-Amz-Security-Token", keys.session_token)
    lines, signed = "".join(f"{name}:{value}\n" for name, value in headers.items()), ";".join(headers)
    canonical = "\n".join(("POST", "/", "", lines, signed, sha256(body).hexdigest()))
    hashed = sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(("AWS4-HMAC-SHA256", moment, "/".join(scope), hashed))
    key = f"AWS4{keys.secret}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    credential = f"{keys.identifier}/{'/'.join(scope)}"
    request.add_header("X-Amz-Date", moment)
    request.add_unredirected_header(
        "Authorization",
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}",
    )


def _session(request: Request, role: Role, environment: Mapping[str, str]) -> Keys:
    try:
        said = ask(request, environment).decode(errors="replace")
    except WebError as exc:
        message = _text("Message", exc.body.decode(errors="replace"))
        raise UsageError(
            "AWS does not give the role", detail=f"`{role.arn}`: {exc}" + (f" ({message})" if message else "")
        ) from None
    found = Keys(_text("AccessKeyId", said), _text("SecretAccessKey", said), _text("SessionToken", said))
    if not found.identifier or not found.secret:
        raise UsageError("AWS does not give the role", detail=f"`{role.arn}`: an answer without keys")
    return found


def _text(name: str, said: str) -> str:
    """An element's text. The answer's elements have no attributes, and what is looked for nests nothing."""
    from html import unescape

    found = re.search(f"<{name}>([^<]*)</{name}>", said)
    return unescape(found[1]).strip() if found else ""
