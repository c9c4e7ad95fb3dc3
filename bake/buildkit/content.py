"""A content store on disk: blobs by digest, and blobs on their way in.

`blobs/ALGORITHM/HEX` holds what is complete, `ingest/HASH-OF-REF/` what is being written; containerd's
local store has the same layout, so caches made by buildx can be read and continued, and the other way
round. The rule: a blob appears under its digest by one rename, after its bytes were hashed; it is
never changed. Several processes may share a store.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from bake import files
from bake.buildkit import locking, times
from bake.errors import BakeError
from bake.record import record
from bake.reference import check_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHUNK: Final = 1 << 20
"""Bytes read at once."""
NOTES: Final = ("ref", "startedat", "updatedat", "total")
"""The files beside an ingest's `data`."""


class ContentError(BakeError):
    """Something a content store cannot do."""


class MissingError(ContentError):
    """No such blob, or no such ref."""


class ExistsError(ContentError):
    """The blob is there already."""


class MismatchError(ContentError):
    """What was written is not what was announced."""


class BusyError(ContentError):
    """Another writer holds the ref."""


class InvalidError(ContentError):
    """A digest or a ref that is none."""


@record
class Blob:
    """A complete blob; times in seconds since the epoch."""

    digest: str
    size: int
    created: float
    updated: float


@record
class Ingest:
    """A blob on its way in: `offset` bytes of `total` (0 if unknown) are there."""

    ref: str
    offset: int
    total: int
    started: float
    updated: float


class Store:
    """The store in the folder `path`, which is made when something is written.

    `patience` is how many seconds to wait for a ref that someone else writes. Methods raise
    `ContentError`s, and OSError where the disk fails.
    """

    def __init__(self, path: str, *, patience: float = 1.0) -> None:
        self.path = path
        self.patience = patience
        self._begun: set[str] = set()
        self._written: dict[str, int] = {}
        """Blobs that were written here, with the times of their files."""
        self._made: list[str] = []
        """Folders that were made here, the outermost first."""

    def blob_path(self, digest: str) -> str:
        """Where the blob is, or would be. Raises `InvalidError`."""
        try:
            algorithm, _, encoded = check_digest(digest).partition(":")
        except ValueError as exc:
            raise InvalidError("bad digest", detail=str(exc)) from exc
        return os.path.join(self.path, "blobs", algorithm, encoded)

    def info(self, digest: str) -> Blob:
        """Raises `MissingError`."""
        try:
            found = os.stat(self.blob_path(digest))
        except (FileNotFoundError, NotADirectoryError) as exc:
            raise _missing(digest) from exc
        return Blob(digest, found.st_size, found.st_mtime, found.st_mtime)

    def has(self, digest: str) -> bool:
        return os.path.exists(self.blob_path(digest))

    def read(self, digest: str, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
        """The blob's bytes from `offset` on, `size` of them or all, in pieces. Raises `MissingError`."""
        try:
            file = open(self.blob_path(digest), "rb", buffering=0)  # noqa: SIM115
        except (FileNotFoundError, NotADirectoryError) as exc:
            raise _missing(digest) from exc
        with file:
            file.seek(offset)
            left = size
            while left is None or left > 0:
                piece = file.read(CHUNK if left is None else min(CHUNK, left))
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece

    def blobs(self) -> list[Blob]:
        """Every complete blob."""
        found = []
        for algorithm in _list(os.path.join(self.path, "blobs")):
            for encoded in _list(os.path.join(self.path, "blobs", algorithm)):
                with suppress(ContentError):
                    found.append(self.info(f"{algorithm}:{encoded}"))
        return found

    def delete(self, digest: str) -> None:
        """Raises `MissingError`."""
        try:
            os.unlink(self.blob_path(digest))
        except FileNotFoundError as exc:
            raise _missing(digest) from exc

    def ingests(self) -> list[Ingest]:
        """Everything on its way in, or left there by a transfer that broke off."""
        found = []
        for name in _list(os.path.join(self.path, "ingest")):
            with suppress(OSError):
                found.append(_ingest(os.path.join(self.path, "ingest", name)))
        return found

    def ingest(self, ref: str) -> Ingest:
        """Raises `MissingError`."""
        try:
            return _ingest(self._ingest_path(ref))
        except (FileNotFoundError, NotADirectoryError) as exc:
            raise MissingError("unknown ref", detail=f"`{ref}`: not found") from exc

    def abort(self, ref: str) -> None:
        """Give up what was written under `ref`. Raises `MissingError`."""
        self.ingest(ref)
        _remove(self._ingest_path(ref))

    def write(self, ref: str, *, total: int = 0, expected: str = "") -> Writer:
        """Begin to write under `ref`, or go on where an earlier writer stopped.

        Raises `ExistsError` if the blob `expected` is there, `BusyError` if someone else writes `ref`.
        """
        if not ref:
            raise InvalidError("bad ref", detail="a write needs a name to be continued under")
        if expected and self.claim(expected):
            raise exists(expected)
        self._make("ingest")
        writer = Writer(self, ref, self._ingest_path(ref), total)
        self._begun.add(ref)
        return writer

    def claim(self, digest: str) -> bool:
        """Whether the blob is there, to stay: another run that wrote it, and fails, sees by its new time that
        it is needed."""
        if digest in self._written:
            return True
        with locking.held(self.blob_path(digest), locking.SHARED) as file:
            if file is not None:
                with suppress(PermissionError):
                    os.utime(file, ns=(time.time_ns(),) * 2)
            return file is not None

    def keep(self) -> None:
        """What was written is wanted: `sweep` will leave it."""
        self._written, self._made = {}, []

    def sweep(self) -> None:
        """Give up whatever was begun here and not committed, and the blobs that were written here, unless
        they are to be kept or were claimed by others. Raises nothing."""
        for ref in self._begun:
            with suppress(ContentError, OSError):
                self.abort(ref)
        self._begun.clear()
        for digest, changed in self._written.items():
            with suppress(OSError), locking.held(self.blob_path(digest), locking.ALONE) as file:
                if file is not None and os.fstat(file).st_mtime_ns == changed:
                    os.unlink(self.blob_path(digest))
        for folder in reversed(self._made):
            with suppress(OSError):
                os.rmdir(folder)
        self.keep()

    def add(self, path: str, digest: str) -> bool:
        """Make the file at `path` the blob `digest`; False if that is there already."""
        if self.claim(digest):
            return False
        target = self.blob_path(digest)
        self._make(os.path.relpath(os.path.dirname(target), self.path))
        self._written[digest] = os.stat(path).st_mtime_ns
        os.rename(path, target)
        return True

    def _make(self, name: str) -> None:
        """Make a folder of the store, and remember what of it was not there."""
        folder = os.path.join(self.path, name)
        self._made += reversed(files.missing(folder))
        os.makedirs(folder, exist_ok=True)

    def put(self, data: bytes) -> str:
        """Store `data`; gives its digest."""
        from bake.descriptor import digest_of

        digest = digest_of(data)
        if not self.has(digest):
            with self.write(f"put-{digest}-{os.urandom(4).hex()}") as writer:
                writer.append(data)
                with suppress(ExistsError):
                    writer.commit(digest)
        return digest

    def _ingest_path(self, ref: str) -> str:
        from hashlib import sha256

        return os.path.join(self.path, "ingest", sha256(ref.encode()).hexdigest())


class Writer:
    """One writer of one ref, held by a lock on its data; also a context manager.

    Closing without `commit` keeps what was written, to be continued.
    """

    def __init__(self, store: Store, ref: str, path: str, total: int) -> None:
        from hashlib import sha256

        self.ref = ref
        self.total = total
        self._store = store
        self._path = path
        self._new_hash = sha256
        self._file = self._lock(store.patience)
        self.started = self._describe(ref, total)
        self._hash = sha256()
        self.offset = 0
        while piece := os.pread(self._file, CHUNK, self.offset):
            self._hash.update(piece)
            self.offset += len(piece)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def digest(self) -> str:
        """Of what has been written so far."""
        return f"sha256:{self._hash.hexdigest()}"

    def append(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._file, rest, self.offset)
            self._hash.update(rest[:written])
            self.offset += written
            rest = rest[written:]

    def restart(self) -> None:
        """Forget what has been written."""
        os.ftruncate(self._file, 0)
        self._hash = self._new_hash()
        self.offset = 0

    def commit(self, expected: str = "", total: int = 0) -> str:
        """Make what was written a blob; gives its digest. Nothing is left under the ref but after a
        `MismatchError`.

        Raises `MismatchError` if it is not `expected` or not `total` bytes, `ExistsError` if the blob is
        there already.
        """
        if total and total != self.offset:
            raise MismatchError("wrong size", detail=f"`{self.ref}`: {self.offset} bytes, expected {total}")
        digest = self._digest_like(expected)
        if expected and digest != expected:
            raise MismatchError("wrong digest", detail=f"`{self.ref}`: {digest}, expected {expected}")
        os.fchmod(self._file, 0o444)
        is_new = self._store.add(os.path.join(self._path, "data"), digest)
        # data that has become a blob is gone: what has its name belongs to the next writer
        _remove(self._path, NOTES if is_new else ("data", *NOTES))
        self.close()
        if not is_new:
            raise exists(digest)
        return digest

    def close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _lock(self, patience: float) -> int:
        try:
            return locking.take(os.path.join(self._path, "data"), patience)
        except BlockingIOError as exc:
            raise BusyError("ref in use", detail=f"`{self._path}` is being written by another build") from exc

    def _digest_like(self, expected: str) -> str:
        """The digest by the algorithm of `expected`; sha256's is at hand."""
        algorithm = expected.partition(":")[0] or "sha256"
        if algorithm == "sha256":
            return self.digest
        import hashlib

        self._store.blob_path(expected)  # refuses an algorithm that is unknown
        other = hashlib.new(algorithm)
        offset = 0
        while piece := os.pread(self._file, CHUNK, offset):
            other.update(piece)
            offset += len(piece)
        return f"{algorithm}:{other.hexdigest()}"

    def _describe(self, ref: str, total: int) -> float:
        """Note what is being written, if it is new; gives when it was begun."""
        with suppress(OSError, ValueError):
            return times.from_text(_read(os.path.join(self._path, "startedat")))
        now = times.as_text(time.time())
        for name, text in (("ref", ref), ("startedat", now), ("updatedat", now), ("total", str(total or ""))):
            if text:
                _write(os.path.join(self._path, name), text)
        return time.time()


def exists(digest: str) -> ExistsError:
    return ExistsError("blob exists", detail=f"`{digest}` is in the store already")


def _missing(digest: str) -> MissingError:
    return MissingError("unknown blob", detail=f"`{digest}`: not found")


def _ingest(path: str) -> Ingest:
    data = os.stat(os.path.join(path, "data"))
    total = 0
    with suppress(OSError, ValueError):
        total = int(_read(os.path.join(path, "total")))
    try:
        started = times.from_text(_read(os.path.join(path, "startedat")))
    except (OSError, ValueError):
        started = data.st_mtime
    return Ingest(_read(os.path.join(path, "ref")), data.st_size, total, started, data.st_mtime)


def _remove(path: str, names: Sequence[str] = ("data", *NOTES)) -> None:
    """An ingest's folder; its data first, so that what is left can never be taken for a beginning."""
    for name in names:
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(path, name))
    with suppress(OSError):
        os.rmdir(path)


def _list(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
