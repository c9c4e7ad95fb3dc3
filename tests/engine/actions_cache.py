"""GitHub's cache service on loopback, as far as BuildKit speaks it: version 1, and version 2 with Azure's
blobs behind it.

Entries are found by the beginning of their keys, the newest first; a key that is taken stays so. Every
request has to carry the token, but those to signed URLs.
"""

from __future__ import annotations

import base64
import json
import os
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TWIRP = "/twirp/github.actions.results.api.v1.CacheService/"
FIRST = "/_apis/artifactcache/"


def token() -> str:
    """A token as a runner gets it, for the scope `refs/heads/main`; the signature is not looked at."""
    scopes = json.dumps([{"Scope": "refs/heads/main", "Permission": 3}])
    now = int(time.time())
    claims = {"ac": scopes, "exp": now + 3600, "nbf": now - 60, "nonce": os.urandom(8).hex()}
    parts = (json.dumps({"alg": "HS256", "typ": "JWT"}).encode(), json.dumps(claims).encode(), b"signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@dataclass
class Entry:
    """One key's data; blocks are pieces of it that were not put together yet."""

    key: str
    data: bytearray = field(default_factory=bytearray)
    blocks: dict[str, bytes] = field(default_factory=dict)
    complete: bool = False


@dataclass
class ActionsCache:
    """A context manager. `requests` are methods and paths, queries left out."""

    token: str = field(default_factory=token)
    entries: list[Entry] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> ActionsCache:
        service = self

        class Bound(_Handler):
            cache = service

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def environment(self, version: int) -> dict[str, str]:
        """The variables that a runner gives to actions."""
        found = {"ACTIONS_RUNTIME_TOKEN": self.token, "ACTIONS_RESULTS_URL": self.url}
        return found | (
            {"ACTIONS_CACHE_SERVICE_V2": "true"} if version == 2 else {"ACTIONS_CACHE_URL": self.url}
        )

    def reserve(self, key: str) -> int | None:
        """The new entry's number, from 1; None if the key is taken."""
        with self.lock:
            if any(entry.key == key for entry in self.entries):
                return None
            self.entries.append(Entry(key))
            return len(self.entries)

    def find(self, key: str) -> int | None:
        """The number of the newest complete entry whose key begins so."""
        with self.lock:
            for number, entry in reversed([*enumerate(self.entries, 1)]):
                if entry.complete and entry.key.startswith(key):
                    return number
        return None

    def named(self, key: str) -> Entry:
        return next(entry for entry in self.entries if entry.key == key)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cache: ActionsCache

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        path = urlsplit(self.path).path
        self.cache.requests.append(f"{self.command} {path}")
        body = self._body()
        blob = re.fullmatch(r"/blobs/(\d+)", path)
        if blob:
            self._blob(self.cache.entries[int(blob[1]) - 1], body)
        elif self.headers.get("Authorization") != f"Bearer {self.cache.token}":
            self._reply(401, {"message": "bad credentials"})
        elif path.startswith(TWIRP):
            self._second(path.removeprefix(TWIRP), json.loads(body))
        else:
            self._first(path.removeprefix(FIRST), body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _first(self, what: str, body: bytes) -> None:
        number = re.fullmatch(r"caches/(\d+)", what)
        if what == "cache":
            found = self.cache.find(parse_qs(urlsplit(self.path).query)["keys"][0])
            fields = found and {
                "cacheKey": self.cache.entries[found - 1].key,
                "archiveLocation": self._blob_url(found),
            }
            self._reply(200 if fields else 204, fields)
        elif what == "caches":
            reserved = self.cache.reserve(json.loads(body)["key"])
            taken = {"message": "taken", "typeKey": "ArtifactCacheItemAlreadyExistsException"}
            self._reply(201 if reserved else 409, {"cacheId": reserved} if reserved else taken)
        elif number and self.command == "PATCH":
            entry = self.cache.entries[int(number[1]) - 1]
            start = int(self.headers["Content-Range"].split()[1].partition("-")[0])
            with self.cache.lock:
                entry.data.extend(bytes(max(0, start + len(body) - len(entry.data))))
                entry.data[start : start + len(body)] = body
            self._reply(204)
        elif number:
            self.cache.entries[int(number[1]) - 1].complete = True
            self._reply(204)

    def _second(self, call: str, asked: dict[str, Any]) -> None:
        if call == "CreateCacheEntry":
            reserved = self.cache.reserve(asked["key"])
            if reserved:
                self._reply(200, {"ok": True, "signed_upload_url": self._blob_url(reserved)})
            else:
                self._reply(409, {"code": "already_exists", "msg": "taken"})
        elif call == "FinalizeCacheEntryUpload":
            entry = self.cache.named(asked["key"])
            entry.complete = len(entry.data) == int(asked["size_bytes"])
            self._reply(200, {"ok": entry.complete, "entry_id": "1"})
        elif call == "GetCacheEntryDownloadURL":
            found = self.cache.find(asked["key"])
            if found:
                key = self.cache.entries[found - 1].key
                url = self._blob_url(found)
                self._reply(200, {"ok": True, "signed_download_url": url, "matched_key": key})
            else:
                self._reply(200, {"ok": False})

    def _blob_url(self, number: int) -> str:
        return f"{self.cache.url}blobs/{number}?sig=signed"

    def _blob(self, entry: Entry, body: bytes) -> None:
        """Azure's Get Blob, Put Blob, Put Block and Put Block List."""
        query = parse_qs(urlsplit(self.path).query)
        if self.command == "PUT":
            match query.get("comp"):
                case None:
                    entry.data[:] = body
                case ["block"]:
                    entry.blocks[query["blockid"][0]] = body
                case _:
                    names = re.findall(r"<Latest>([^<]+)</Latest>", body.decode())
                    entry.data[:] = b"".join(entry.blocks[name] for name in names)
            self._reply(201)
            return
        wanted = self.headers.get("x-ms-range") or self.headers.get("Range") or "bytes=0-"
        start, _, end = wanted.removeprefix("bytes=").partition("-")
        data = bytes(entry.data)[int(start) : int(end) + 1 if end else None]
        total = len(entry.data)
        span = f"bytes {start}-{int(start) + len(data) - 1}/{total}"
        self._reply(206 if int(start) or end else 200, data, **{"Content-Range": span})

    def _reply(self, status: int, said: Any = None, **headers: str) -> None:
        body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        headers |= {"Content-Length": str(len(body)), "x-ms-request-id": "1", "ETag": '"1"'}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
