"""OCI layouts: the index.json and oci-layout beside a content store's blobs.

Takes the folder of a `bake.buildkit.content.Store`. BuildKit writes the blobs; the client writes the
index once the Solve has told the manifest's descriptor. The rules are those of BuildKit's own client
(client/ociindex): a name or tag stands in the index once, the newest wins; what else is in the index
stays as it is, known or not. The index is replaced by one rename, under the lock that BuildKit's client
takes too.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from bake.buildkit.content import ContentError, MissingError
from bake.descriptor import INDEXES, MANIFESTS, OCI_INDEX, REFERENCE_NAME, Descriptor, descriptor_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bake.buildkit.content import Store

IMAGE_NAME: Final = "io.containerd.image.name"
"""The annotation with a manifest's whole name; `REFERENCE_NAME` holds but its tag."""


def find(layout: str, tag: str = "latest") -> Descriptor | None:
    """What the index has under a whole name, else under a tag; None for neither.

    Raises `MissingError` if there is no index, `ContentError` if it cannot be read.
    """
    listed = _entries(_read(layout))
    for annotation in (IMAGE_NAME, REFERENCE_NAME):
        for entry in listed:
            if _annotations(entry).get(annotation) == tag:
                return _descriptor(layout, entry)
    return None


def entries(layout: str) -> list[Descriptor]:
    """All that the index lists. Raises like `find`."""
    return [_descriptor(layout, entry) for entry in _entries(_read(layout))]


def put(
    layout: str, descriptor: Mapping[str, Any], *, tags: Iterable[str] = (), names: Iterable[str] = ()
) -> None:
    """Enter a manifest, given as the JSON object BuildKit returns, under `tags` and whole image `names`.

    Raises `ContentError`.
    """
    labels = [{REFERENCE_NAME: tag} for tag in tags]
    labels += [{IMAGE_NAME: name, REFERENCE_NAME: _tag_of(name)} for name in names]
    try:
        with _locked(layout):
            index = _read_or_new(layout)
            listed = _entries(index)
            for label in labels:
                listed = [entry for entry in listed if not _is_under(entry, label)]
                listed.append({**descriptor, "annotations": {**_annotations(descriptor), **label}})
            index["manifests"] = listed if labels else [*listed, dict(descriptor)]
            _write(layout, "oci-layout", {"imageLayoutVersion": "1.0.0"})
            _write(layout, "index.json", index)
    except OSError as exc:
        raise ContentError(
            "cannot write the index", detail=f"`{exc.filename or layout}`: {exc.strerror}"
        ) from exc


def reset(store: Store) -> None:
    """Delete every blob that nothing in the index leads to (a local cache's `reset=true`).

    Raises `ContentError`; then nothing was deleted.
    """
    waiting: list[dict[str, Any]] = _entries(_read(store.path))
    needed: set[str] = set()
    while waiting:
        entry = waiting.pop()
        digest = str(entry.get("digest"))
        if digest not in needed:
            needed.add(digest)
            waiting += _children(store, digest) if entry.get("mediaType") in INDEXES | MANIFESTS else ()
    for blob in store.blobs():
        if blob.digest not in needed:
            store.delete(blob.digest)


def _children(store: Store, digest: str) -> list[dict[str, Any]]:
    """The descriptors in a manifest or index; none if it is not there."""
    try:
        fields = json.loads(b"".join(store.read(digest)))
    except MissingError:
        return []
    except ValueError as exc:
        raise ContentError("broken manifest", detail=f"`{digest}`: {exc}") from exc
    if not isinstance(fields, dict):
        return []
    named = [fields.get("config"), *(fields.get("layers") or ()), *(fields.get("manifests") or ())]
    return [one for one in named if isinstance(one, dict)]


def _is_under(entry: Mapping[str, Any], label: Mapping[str, str]) -> bool:
    found = _annotations(entry)
    return all(found.get(key, "") == label.get(key, "") for key in (IMAGE_NAME, REFERENCE_NAME))


def _tag_of(name: str) -> str:
    """What follows the repository in a whole image name: its tag, its digest, or both."""
    found = re.search(r"[:@]", name.partition("/")[2])
    return name.partition("/")[2][found.end() :] if found else ""


def _read(layout: str) -> dict[str, Any]:
    path = os.path.join(layout, "index.json")
    try:
        with open(path, "rb") as file:
            index = json.load(file)
    except FileNotFoundError as exc:
        raise MissingError("not an OCI layout", detail=f"`{layout}` has no index.json") from exc
    except OSError as exc:
        raise ContentError("cannot read the index", detail=f"`{path}`: {exc.strerror}") from exc
    except ValueError as exc:
        raise ContentError("broken index", detail=f"`{path}`: {exc}") from exc
    if not isinstance(index, dict):
        raise ContentError("broken index", detail=f"`{path}` is no JSON object")
    return index


def _read_or_new(layout: str) -> dict[str, Any]:
    with suppress(MissingError):
        return {"schemaVersion": 2, "mediaType": OCI_INDEX, **_read(layout)}
    return {"schemaVersion": 2, "mediaType": OCI_INDEX}


def _entries(index: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = index.get("manifests")
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _annotations(entry: Mapping[str, Any]) -> dict[str, str]:
    found = entry.get("annotations")
    return found if isinstance(found, dict) else {}


def _descriptor(layout: str, entry: Mapping[str, Any]) -> Descriptor:
    try:
        return descriptor_from_json(entry)
    except ValueError as exc:
        raise ContentError("broken index", detail=f"`{layout}/index.json`: {exc}") from exc


def _write(layout: str, name: str, value: object) -> None:
    """One JSON file, replaced as a whole."""
    temporary = os.path.join(layout, f".{name}.{os.urandom(6).hex()}")
    try:
        with open(temporary, "x", encoding="utf-8") as file:
            json.dump(value, file, separators=(",", ":"))
        os.replace(temporary, os.path.join(layout, name))
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


@contextmanager
def _locked(layout: str) -> Iterator[None]:
    """Hold `index.json.lock`, and take it away again. Waits for whoever holds it."""
    os.makedirs(layout, exist_ok=True)
    path = os.path.join(layout, "index.json.lock")
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_current(file, path):
                try:
                    yield
                finally:
                    os.unlink(path)
                return
        finally:
            os.close(file)


def _is_current(file: int, path: str) -> bool:
    """Whether the locked file still has its name; whoever held it before has taken it away."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False
