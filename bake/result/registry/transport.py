"""HTTP to registries: pooled connections, proxies, retries, redirects. urllib3 does the HTTP.

Takes a `Call`, gives an `Answer` of any status that trying again would not change. Its rules: what can be
repeated is, later each time, after a refused or broken connection and after 408, 429 and 5xx, as late as
Retry-After says; a redirect is followed, and another server is not told the authorization. No header and no
query of a redirect's address is ever part of a message: both may sign people in.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import field, replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin, urlsplit

from bake.record import record
from bake.result.registry.errors import RegistryError
from bake.result.registry.hosts import Host

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from urllib3 import BaseHTTPResponse, PoolManager

    Opener: TypeAlias = Callable[[], Iterable[bytes]]

ATTEMPTS = 5
FIRST_DELAY = 0.5
LONGEST_DELAY = 60.0
TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 10
CONNECT_TIMEOUT = 30.0
READ_TIMEOUT = 300.0
PIECE = 1 << 20
CONNECTIONS = 8


@record
class Call:
    """One request. `open` gives the pieces of its body anew each time, `length` bytes of them."""

    method: str
    url: str
    host: Host
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    open: Opener | None = None
    length: int = 0
    repeatable: bool = True

    def with_header(self, name: str, value: str) -> Call:
        return replace(self, headers={**self.headers, name: value})


class Answer:
    """A response: `url` is where it came from after all redirects."""

    def __init__(self, response: BaseHTTPResponse, url: str) -> None:
        self._response = response
        self.url = url
        self.status = response.status
        self.headers = response.headers

    def read(self, limit: int) -> bytes:
        """The body. Raises RegistryError if it is longer than `limit` bytes or breaks off."""
        return b"".join(self.pieces(limit))

    def pieces(self, limit: int | None = None) -> Iterator[bytes]:
        """The body as it comes. Raises RegistryError."""
        from urllib3.exceptions import HTTPError

        seen, whole = 0, False
        try:
            for piece in self._response.stream(PIECE):
                seen += len(piece)
                if limit is not None and seen > limit:
                    raise RegistryError("A registry's answer is too long", detail=place(self.url))
                yield piece
            whole = True
        except HTTPError as exc:
            raise RegistryError("A registry's answer broke off", detail=f"{place(self.url)}: {exc}") from exc
        finally:
            if not whole:
                self._response.close()
            self._response.release_conn()

    def close(self) -> None:
        """Read what is left, if that is little, so that the connection can be used again."""
        self._response.drain_conn()
        self._response.release_conn()


class Transport:
    """The connections of one command. `environment` has the proxies; `sleep` waits some seconds."""

    def __init__(
        self, environment: Mapping[str, str] | None = None, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._proxies = _proxies(environment or {})
        self._sleep = sleep
        self._pools: dict[tuple[object, ...], PoolManager] = {}
        self._lock = threading.Lock()

    def send(self, call: Call) -> Answer:
        """The answer to `call`. Raises RegistryError if there is none."""
        for attempt in range(ATTEMPTS if call.repeatable else 1):
            last = attempt == ATTEMPTS - 1 or not call.repeatable
            try:
                answer = self._follow(call)
            except RegistryError as exc:
                if last or (attempt and _is_nobody_there(exc)):
                    raise
                self._sleep(_delay(attempt))
                continue
            if answer.status not in TRANSIENT or last:
                return answer
            answer.close()
            self._sleep(_delay(attempt, answer.headers.get("Retry-After", "")))
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        for pool in self._pools.values():
            pool.clear()

    def _follow(self, call: Call) -> Answer:
        for _ in range(MOST_REDIRECTS):
            answer = self._once(call)
            target = answer.headers.get("Location")
            if answer.status not in REDIRECTS or not target:
                return answer
            answer.close()
            call = _redirected(call, urljoin(call.url, target), answer.status)
        raise RegistryError("Too many redirects", detail=place(call.url))

    def _once(self, call: Call) -> Answer:
        from urllib3.exceptions import HTTPError

        headers = {"User-Agent": "pybake", **call.headers}
        body = call.open() if call.open else None
        if body is not None:
            headers["Content-Length"] = str(call.length)
        try:
            response = self._pool(call).urlopen(
                call.method,
                call.url,
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
        except (HTTPError, OSError) as exc:
            proxy = _proxy_for(call.url, self._proxies)
            raise RegistryError(
                f"failed to do request: {call.method} {place(call.url)}",
                detail=f"by the proxy {place(proxy)}: {_cause(exc)}" if proxy else _cause(exc),
                hint="HTTPS_PROXY names the proxy; NO_PROXY, what goes without it" if proxy else None,
            ) from exc
        return Answer(response, call.url)

    def _pool(self, call: Call) -> PoolManager:
        """One pool for each way to connect."""
        proxy = _proxy_for(call.url, self._proxies)
        key = (proxy, call.host.verify, call.host.authorities, call.host.key_pairs)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = _new_pool(call.host, proxy)
            return self._pools[key]


def place(url: str) -> str:
    """An address without user and query: messages may have it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _redirected(call: Call, url: str, status: int) -> Call:
    headers = dict(call.headers)
    if urlsplit(url)[:2] != urlsplit(call.url)[:2]:
        headers = {
            name: value for name, value in headers.items() if name.lower() not in ("authorization", "cookie")
        }
        other = urlsplit(url).netloc.rpartition("@")[2]
        call = replace(
            call,
            host=Host(
                other, urlsplit(url).scheme, verify=call.host.verify, authorities=call.host.authorities
            ),
        )
    if status == 303 and call.method not in ("GET", "HEAD"):
        call = replace(call, method="GET", open=None)
    return replace(call, url=url, headers=headers)


def _delay(attempt: int, retry_after: str = "") -> float:
    """Seconds before the next attempt; a date in Retry-After is taken as no answer."""
    asked = float(retry_after) if retry_after.isdigit() else FIRST_DELAY * 2**attempt
    return min(asked, LONGEST_DELAY)


def _is_nobody_there(fault: RegistryError) -> bool:
    """Whether nobody listens, or the name is unknown: waiting long for that helps nobody."""
    from urllib3.exceptions import NewConnectionError

    return isinstance(fault.__cause__, NewConnectionError)


def _cause(exc: BaseException) -> str:
    """The innermost reason, without the object that urllib3 puts before it."""
    reason = getattr(exc, "original_error", None) or getattr(exc, "reason", None) or exc
    return re.sub(r"^.*?[>)]: ", "", str(reason)) or type(reason).__name__


def _new_pool(host: Host, proxy: str) -> PoolManager:
    import urllib3

    timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)
    context = _context(host)
    if proxy:
        return urllib3.ProxyManager(proxy, ssl_context=context, timeout=timeout, maxsize=CONNECTIONS)
    return urllib3.PoolManager(ssl_context=context, timeout=timeout, maxsize=CONNECTIONS)


def _context(host: Host) -> ssl.SSLContext:
    import ssl
    import tempfile

    context = ssl.create_default_context()
    if not host.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    for authority in host.authorities:
        context.load_verify_locations(cadata=authority.decode())
    for pair in host.key_pairs:
        # the standard library takes client certificates from files alone
        with tempfile.NamedTemporaryFile(prefix="pybake-") as file:
            file.write(pair.certificate + b"\n" + pair.key)
            file.flush()
            context.load_cert_chain(file.name)
    return context


def _proxies(environment: Mapping[str, str]) -> dict[str, str]:
    names = ("http", "https", "no", "all")
    found = {
        name: environment.get(f"{name}_proxy") or environment.get(f"{name.upper()}_PROXY") for name in names
    }
    return {name: value for name, value in found.items() if value}


def _proxy_for(url: str, proxies: Mapping[str, str]) -> str:
    """Go's rule: loopback is never asked through a proxy."""
    from bake.result.registry.hosts import is_loopback

    parts = urlsplit(url)
    proxy = proxies.get(parts.scheme) or proxies.get("all", "")
    if not proxy or is_loopback(parts.netloc) or _is_excepted(parts.hostname or "", proxies.get("no", "")):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_excepted(name: str, exceptions: str) -> bool:
    """Whether NO_PROXY names the host, or a domain that it is in."""
    found = [
        one.strip().lower().partition(":")[0].removeprefix("*").lstrip(".") for one in exceptions.split(",")
    ]
    everything = any(one.strip() == "*" for one in exceptions.split(","))
    return everything or any(one and (name == one or name.endswith(f".{one}")) for one in found)
