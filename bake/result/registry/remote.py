"""A repository of a registry, by the distribution specification (v1.1).

Takes a name, the servers that stand for its registry, and how to sign in to each. Reading asks the servers in
turn; writing goes to the registry itself, at the first of its addresses that answers.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

from bake import descriptor as words
from bake.descriptor import Descriptor
from bake.reference import check_digest
from bake.result.registry.errors import NotFoundError, RegistryError
from bake.result.registry.hosts import Host
from bake.result.registry.repository import LARGEST_MANIFEST, checked, media_type_of
from bake.result.registry.transport import Call, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bake.result.registry.auth import SignIn
    from bake.result.registry.repository import Repository
    from bake.result.registry.transport import Answer, Opener, Transport

MANIFEST_TYPES = (words.DOCKER_MANIFEST, words.DOCKER_LIST, words.OCI_MANIFEST, words.OCI_INDEX)
ACCEPT = ", ".join((*MANIFEST_TYPES, "*/*"))
UPLOAD_ATTEMPTS = 4
LONGEST_FAULT = 1 << 16


class RemoteRepository:
    """`domain/path`, spoken to by `transport`; `sign_ins` are by server."""

    def __init__(
        self,
        domain: str,
        path: str,
        hosts: Sequence[Host],
        transport: Transport,
        sign_ins: Mapping[Host, SignIn],
    ) -> None:
        self.domain = domain
        self.path = path
        self._hosts = hosts
        self._transport = transport
        self._sign_ins = sign_ins

    def __repr__(self) -> str:
        return f"<RemoteRepository {self.name}>"

    @property
    def name(self) -> str:
        return f"{self.domain}/{self.path}"

    def resolve(self, tag_or_digest: str) -> Descriptor:
        try:
            answer = self._ask("HEAD", f"manifests/{tag_or_digest}", Accept=ACCEPT)
        except NotFoundError:
            if ":" not in tag_or_digest:
                raise self._missing(tag_or_digest) from None
            answer = self._ask("HEAD", f"blobs/{tag_or_digest}")
        answer.close()
        digest = tag_or_digest if ":" in tag_or_digest else answer.headers.get("Docker-Content-Digest", "")
        size = answer.headers.get("Content-Length", "")
        if not digest or not size.isdigit():
            return self._resolve_by_content(tag_or_digest)
        self._check_digest(digest)
        return Descriptor(_media_type(answer), digest, int(size))

    def _resolve_by_content(self, tag_or_digest: str) -> Descriptor:
        """Some registries tell a manifest's digest and size with the manifest only."""
        answer = self._ask("GET", f"manifests/{tag_or_digest}", Accept=ACCEPT)
        data = answer.read(LARGEST_MANIFEST)
        return words.describe(_media_type(answer) or media_type_of(data), data)

    def read(self, wanted: Descriptor) -> bytes:
        return checked(b"".join(self._content(wanted).pieces(LARGEST_MANIFEST)), wanted.digest)

    def pieces(self, wanted: Descriptor) -> Iterator[bytes]:
        algorithm, _, encoded = self._check_digest(wanted.digest).partition(":")
        seen = hashlib.new(algorithm)
        for piece in self._content(wanted).pieces():
            seen.update(piece)
            yield piece
        if seen.hexdigest() != encoded:
            raise RegistryError(
                "Content is not what its digest says", detail=f"`{wanted.digest}` of {self.name}"
            )

    def _content(self, wanted: Descriptor) -> Answer:
        """Manifests have a place of their own; what calls itself something else may still be one."""
        kinds = ["manifests", "blobs"]
        if wanted.media_type and wanted.media_type not in words.INDEXES | words.MANIFESTS:
            kinds.reverse()
        digest = self._check_digest(wanted.digest)
        try:
            return self._ask("GET", f"{kinds[0]}/{digest}", Accept=wanted.media_type or ACCEPT)
        except NotFoundError:
            try:
                return self._ask("GET", f"{kinds[1]}/{digest}", Accept=ACCEPT)
            except NotFoundError:
                raise self._missing(digest) from None

    def has(self, wanted: Descriptor) -> bool:
        kind = "manifests" if wanted.media_type in words.INDEXES | words.MANIFESTS else "blobs"
        try:
            self._ask("HEAD", f"{kind}/{self._check_digest(wanted.digest)}", Accept=ACCEPT).close()
        except NotFoundError:
            return False
        return True

    def referrers(self, digest: str) -> list[Descriptor]:
        """By the specification's endpoint, or by its tag where a registry has none."""
        for resource in (f"referrers/{digest}", f"manifests/{digest.replace(':', '-', 1)}"):
            try:
                answer = self._ask("GET", resource, Accept=words.OCI_INDEX)
                return list(words.index_from_json(answer.read(LARGEST_MANIFEST)).manifests)
            except NotFoundError:
                continue
            except ValueError as exc:
                raise RegistryError(
                    "Not a list of referrers", detail=f"{self.name}, `{digest}`: {exc}"
                ) from exc
        return []

    def write_manifest(self, wanted: Descriptor, data: bytes, tag: str = "") -> None:
        answer = self._write(
            lambda host: Call(
                "PUT",
                self._url(host, f"manifests/{tag or wanted.digest}"),
                host,
                {"Content-Type": wanted.media_type},
                lambda: [data],
                len(data),
            )
        )
        self._expect(answer, 201, 202)

    def write_blob(self, wanted: Descriptor, open_content: Opener, origin: Repository) -> None:
        """By mounting, if `origin` is of the same registry and it lets us; else by uploading."""
        if self.has(wanted):
            return
        source = origin if isinstance(origin, RemoteRepository) and origin.domain == self.domain else None
        for attempt in range(UPLOAD_ATTEMPTS):
            try:
                self._upload(wanted, open_content, source)
                return
            except RegistryError as exc:
                if attempt == UPLOAD_ATTEMPTS - 1 or (exc.status and exc.status < 500 and exc.status != 416):
                    raise

    def _upload(self, wanted: Descriptor, open_content: Opener, source: RemoteRepository | None) -> None:
        query = {"mount": wanted.digest, "from": source.path} if source else {}
        started = self._write(
            lambda host: Call("POST", self._url(host, "blobs/uploads/", query), host, open=list, length=0),
            *(source._scopes("pull") if source else ()),
        )
        if started.status == 201:
            started.close()
            return
        if source and started.status in (400, 401, 403, 404):
            # a registry that does not like the mount may take the content
            started.close()
            self._upload(wanted, open_content, None)
            return
        self._expect(started, 202)
        url = urljoin(started.url, started.headers.get("Location", ""))
        self._expect(self._put(_with_digest(url, wanted.digest), wanted, open_content), 201, 204)

    def _put(self, url: str, wanted: Descriptor, open_content: Opener) -> Answer:
        """The content goes where the registry says; to another server without signing in."""
        headers = {"Content-Type": "application/octet-stream"}
        elsewhere = Host(urlsplit(url).netloc, urlsplit(url).scheme)
        host = next((one for one in self._own() if url.startswith(f"{one.base}/")), elsewhere)
        call = Call("PUT", url, host, headers, open_content, wanted.size, repeatable=False)
        return (
            self._send(call, self._scopes("pull", "push"))
            if host is not elsewhere
            else self._transport.send(call)
        )

    def _own(self) -> list[Host]:
        return [host for host in self._hosts if not host.is_mirror]

    def _write(self, call_at: _CallAt, *more_scopes: str) -> Answer:
        """The answer of the first of the registry's own addresses that gives one."""
        scopes = (*self._scopes("pull", "push"), *more_scopes)
        own = self._own()
        for host in own[:-1]:
            try:
                return self._send(call_at(host), scopes)
            except RegistryError as exc:
                if exc.status:
                    raise
        return self._send(call_at(own[-1]), scopes)

    def _ask(self, method: str, resource: str, **headers: str) -> Answer:
        """The first good answer. Raises NotFoundError, or the first other fault, if no server gives one."""
        faults: list[RegistryError] = []
        for host in self._hosts:
            try:
                answer = self._send(
                    Call(method, self._url(host, resource), host, headers), self._scopes("pull")
                )
                return self._expect(answer, 200)
            except RegistryError as exc:
                faults.append(exc)
        raise next((one for one in faults if not isinstance(one, NotFoundError)), faults[-1])

    def _send(self, call: Call, scopes: Iterable[str]) -> Answer:
        """Send signed in as far as known; once more, when the server says how to. Raises RegistryError."""
        scopes = tuple(scopes)
        sign_in = self._sign_ins[call.host]
        answer = self._transport.send(_signed(call, sign_in.header(scopes)))
        if answer.status != 401:
            return answer
        answer.close()
        sign_in.learn(answer, scopes)
        return self._transport.send(_signed(call, sign_in.header(scopes)))

    def _expect(self, answer: Answer, *statuses: int) -> Answer:
        if answer.status in statuses:
            if 201 in statuses or 202 in statuses:
                answer.close()
            return answer
        said = _said(answer)
        where = place(answer.url)
        if answer.status == 404:
            raise NotFoundError(f"{where}: not found", status=404)
        denied = answer.status in (401, 403)
        raise RegistryError(
            f"unexpected status from {where}: {answer.status}",
            detail=said,
            hint=f"sign in with an account that may: docker login {self.domain}" if denied else None,
            status=answer.status,
        )

    def _url(self, host: Host, resource: str, query: Mapping[str, str] | None = None) -> str:
        """Mirrors are told whose content is meant (containerd's `ns`)."""
        asked = {**(query or {}), **({"ns": self.domain} if host.is_mirror else {})}
        return f"{host.base}/v2/{self.path}/{resource}" + (f"?{urlencode(asked)}" if asked else "")

    def _scopes(self, *actions: str) -> tuple[str, ...]:
        return (f"repository:{self.path}:{','.join(actions)}",)

    def _missing(self, wanted: str) -> NotFoundError:
        return NotFoundError(f"{self.name}{'@' if ':' in wanted else ':'}{wanted}: not found", status=404)

    def _check_digest(self, digest: str) -> str:
        try:
            return check_digest(digest)
        except ValueError as exc:
            raise RegistryError("A registry gave a bad digest", detail=f"{self.name}: {exc}") from exc


if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    _CallAt: TypeAlias = Callable[[Host], Call]


def _signed(call: Call, authorization: str) -> Call:
    return call.with_header("Authorization", authorization) if authorization else call


def _media_type(answer: Answer) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip()


def _with_digest(url: str, digest: str) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode({'digest': digest})}"


def _said(answer: Answer) -> str:
    """A registry's own words about a fault, "" if it has none."""
    try:
        found = json.loads(answer.read(LONGEST_FAULT))
        first = found["errors"][0]
        return ": ".join(filter(None, (str(first.get("code", "")).lower(), str(first.get("message", "")))))
    except (ValueError, LookupError, TypeError, AttributeError, RegistryError):
        return ""
