"""This user's secret for each registry, by which BuildKit tells that two sessions are of one user.

Takes docker's configuration folder, gives the key that signs for a host. The file is the reference's
(`.token_seed`, session/auth/authprovider, 0.32), so tokens are reused across pybake and buildx. A
folder that cannot be written gives a seed for this process alone.
"""

from __future__ import annotations

import base64
import binascii
import errno
import fcntl
import json
import os
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEED_SIZE: Final = 16
_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR})


class TokenSeeds:
    """The seeds in `folder`, which is made if need be."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._lock = Lock()
        self._known: dict[str, bytes] = {}

    def signing_seed(self, host: str, salt: bytes, *, anonymous: bool) -> bytes:
        """The seed of the key for `host` towards the BuildKit that has chosen `salt`. All anonymous users
        have the same. Raises UsageError for a folder that fails."""
        import hmac

        return hmac.digest(salt, b"" if anonymous else self._of(host), "sha256")

    def _of(self, host: str) -> bytes:
        with self._lock:
            try:
                with _locked(os.path.join(self._folder, ".token_seed.lock")):
                    return self._read_or_make(host)
            except OSError as exc:
                if exc.errno not in _READ_ONLY:
                    raise UsageError(
                        "cannot keep the secret for registry tokens",
                        detail=f"`{exc.filename or self._folder}`: {exc.strerror}",
                    ) from exc
                return self._known.setdefault(host, os.urandom(_SEED_SIZE))

    def _read_or_make(self, host: str) -> bytes:
        path = os.path.join(self._folder, ".token_seed")
        stored = _read(path)
        found = _seed(stored.get(host)) or self._known.get(host)
        if found is None:
            found = self._known[host] = os.urandom(_SEED_SIZE)
            _write(path, {**stored, host: {"Seed": base64.b64encode(found).decode()}})
        return found


def _read(path: str) -> dict[str, Any]:
    """What is stored; nothing if that is damaged, as in the reference."""
    try:
        with open(path, "rb") as file:
            stored = json.load(file)
    except (FileNotFoundError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def _seed(entry: object) -> bytes | None:
    try:
        return base64.b64decode(entry["Seed"], validate=True) if isinstance(entry, dict) else None
    except (KeyError, TypeError, binascii.Error):
        return None


def _write(path: str, stored: dict[str, Any]) -> None:
    temporary = f"{path}.{os.urandom(6).hex()}"
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        json.dump(stored, opened, indent=2)
    os.replace(temporary, path)


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Hold the lock that the reference takes."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
