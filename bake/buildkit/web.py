"""One HTTP request and its answer, through the proxies that an environment names.

Takes a `urllib` request, gives the answer's bytes. The rule: no secret of the request comes up in an
error; its query is left out. Go's rules of proxies: none for loopback addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.request import Request

LARGEST: Final = 1 << 20
"""Bytes of an answer that are read."""

PATIENCE: Final = 30
"""Seconds that a server may be silent."""


class WebError(Exception):
    """No answer, or one that is no success: `status` is 0 or HTTP's, `body` what came with it."""

    def __init__(self, asked: str, status: int, said: str, body: bytes = b"") -> None:
        super().__init__(f"{asked}: {said}")
        self.status = status
        self.body = body


def ask(request: Request, environment: Mapping[str, str]) -> bytes:
    """What is answered. Raises WebError."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError

    request.add_header("User-Agent", "pybake")
    asked = f"{request.get_method()} {request.full_url.partition('?')[0]}"
    try:
        with _opener(request, environment).open(request, timeout=PATIENCE) as answer:
            return bytes(answer.read(LARGEST))
    except HTTPError as exc:
        with exc:
            body = exc.read(LARGEST)
        # without the cause: it holds the request
        raise WebError(asked, exc.code, f"{exc.code} {exc.reason}", body) from None
    except (URLError, HTTPException, OSError) as exc:
        raise WebError(asked, 0, str(getattr(exc, "reason", exc))) from None


def _opener(request: Request, environment: Mapping[str, str]) -> Any:
    from urllib.request import ProxyHandler, build_opener, proxy_bypass_environment  # type: ignore[attr-defined]

    named = {name.lower(): value for name, value in environment.items() if value}
    proxies = {name[: -len("_proxy")]: value for name, value in named.items() if name.endswith("_proxy")}
    bypass = _is_loopback(request.host) or proxy_bypass_environment(request.host, proxies)
    return build_opener(ProxyHandler({} if bypass else proxies))


def _is_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return name == "localhost" or name.startswith("127.") or name == "[::1]"
