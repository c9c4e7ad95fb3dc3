"""What builds made, as plain values that can be compared: images, archives, folders, metadata files.

What no two builds have in common (ids of builds, times, and all digests that depend on them) is named
instead of shown.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import stat
import tarfile
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Read = Callable[[str], bytes]

REFERENCE_TYPE = "vnd.docker.reference.type"
STATEMENT = "application/vnd.in-toto+json"
_TIMES = ("buildInvocationID", "buildStartedOn", "buildFinishedOn", "invocationId", "startedOn", "finishedOn")
_PASSING = ("sysUsage", "resourceUsage", "layers", "local-sessionid:", "definition")
"""What the machine did meanwhile, the layers that there were by then (also what others have compressed), and
the ids of sessions, which LLB definitions hold too."""
_REF = re.compile(r"\b[a-z0-9]{25}\b")


class Images:
    """Reads images by descriptor; `volatile` are the digests that no two builds have in common."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.volatile: set[str] = set()

    def described(self, descriptor: Mapping[str, Any]) -> dict[str, Any]:
        """A descriptor with what it stands for."""
        try:
            content = self._read(descriptor["digest"])
        except KeyError:
            return {**descriptor, "content": "absent"}
        kind = descriptor["mediaType"]
        if kind == STATEMENT:
            self.volatile.add(descriptor["digest"])
            return _unsized({**descriptor, "statement": statement(content)})
        if not kind.endswith("+json"):
            return {**descriptor, "read": len(content)}
        if "config" in kind or "container.image" in kind:
            return {**descriptor, "config": json.loads(content)}
        return self._with_parts(descriptor, json.loads(content))

    def _with_parts(self, descriptor: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        is_attested = (descriptor.get("annotations") or {}).get(REFERENCE_TYPE)
        for key in ("manifests", "layers"):
            if body.get(key):
                body[key] = [self.described(one) for one in body[key]]
                is_attested = is_attested or any(one["digest"] in self.volatile for one in body[key])
        if "config" in body:
            if is_attested:
                self.volatile.add(body["config"]["digest"])
            body["config"] = self.described(body["config"])
            body["config"] = _unsized(body["config"]) if is_attested else body["config"]
        found = {**descriptor, "body": body}
        if is_attested:
            self.volatile.add(descriptor["digest"])
            return _unsized(found)
        return found


def _unsized(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in descriptor.items() if key != "size"}


def statement(content: bytes) -> Any:
    """An in-toto statement, or a predicate, without the build's own id and times."""
    return _timeless(json.loads(content))


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        if "digestMapping" in value:
            # a local source's digest holds its session's id
            value = {**value, "digestMapping": sorted(value["digestMapping"].values())}
        kept = {key: one for key, one in value.items() if not key.startswith(_PASSING)}
        return {key: "time" if key in _TIMES else _timeless(one) for key, one in kept.items()}
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def archive(data: bytes, volatile: set[str]) -> dict[str, Any]:
    """A tar archive: an image's as its images, any other as its members."""
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        members = {one.name: (one, _content(opened, one)) for one in opened}
    if "index.json" not in members:
        return {name: _member(one, content) for name, (one, content) in members.items()}
    blobs = {name: content for name, (one, content) in members.items() if one.isreg()}
    found = {"index.json": index(json.loads(blobs["index.json"]), blobs.__getitem__, volatile)}
    for name in ("manifest.json", "oci-layout", "repositories"):
        if name in blobs:
            found[name] = json.loads(blobs[name])
    return {
        **found,
        "heads": sorted({(one.mode, one.uid, one.gid, one.mtime) for one, _ in members.values()}),
    }


def _content(opened: tarfile.TarFile, one: tarfile.TarInfo) -> bytes:
    file = opened.extractfile(one) if one.isreg() else None
    return file.read() if file else b""


def _member(one: tarfile.TarInfo, content: bytes) -> dict[str, Any]:
    attributes = {key: value for key, value in one.pax_headers.items() if key.startswith("SCHILY")}
    return {
        "type": one.type.decode(),
        "mode": oct(one.mode),
        "owner": (one.uid, one.gid),
        "time": one.mtime,
        "link": one.linkname,
        "attributes": attributes,
        "content": _sum(one.name, content),
    }


def index(document: dict[str, Any], read: Read, volatile: set[str]) -> dict[str, Any]:
    """An index as a layout's `index.json` holds it, `read` giving the layout's files by path."""
    images = Images(lambda digest: read(f"blobs/{digest.replace(':', '/')}"))
    found = {**document, "manifests": [images.described(one) for one in document["manifests"]]}
    volatile |= images.volatile
    return found


def text(output: bytes) -> Any:
    """Standard output: JSON as what it says, anything else in lines."""
    said = output.decode()
    return _timeless(json.loads(said)) if said.startswith("{") else said.splitlines()


def tree(folder: Path, without: set[Path], volatile: set[str]) -> dict[str, Any]:
    """All that is in `folder` but `without`: entries by path; archives and layouts as what they hold."""
    found: dict[str, Any] = {}
    layouts = {path.parent for path in folder.rglob("oci-layout")}
    for path in _below(folder):
        if path in without or any(layout in path.parents for layout in layouts):
            continue
        name = str(path.relative_to(folder))
        if path in layouts:
            found[name] = _layout(path, volatile)
        elif path.is_file() and not path.is_symlink() and tarfile.is_tarfile(path):
            found[name] = {"mode": oct(path.lstat().st_mode), **archive(path.read_bytes(), volatile)}
        else:
            found[name] = _entry(path)
    return found


def _below(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.rglob("*")))


def _layout(folder: Path, volatile: set[str]) -> dict[str, Any]:
    def read(name: str) -> bytes:
        try:
            return (folder / name).read_bytes()
        except FileNotFoundError as exc:
            raise KeyError(name) from exc

    files = sorted(str(path.relative_to(folder)) for path in folder.iterdir() if path.name != "blobs")
    return {"files": files, "index.json": index(json.loads(read("index.json")), read, volatile)}


def _entry(path: Path) -> dict[str, Any]:
    status = path.lstat()
    is_link = stat.S_ISLNK(status.st_mode)
    regular = stat.S_ISREG(status.st_mode)
    content = _sum(path.name, path.read_bytes()) if regular else ""
    return {
        "mode": stat.filemode(status.st_mode),
        "owner": (status.st_uid, status.st_gid),
        "time": status.st_mtime_ns if _has_its_time(status, content) else "now",
        "links": status.st_nlink if regular else 0,
        "link": os.readlink(path) if is_link else "",
        "attributes": {
            name: os.getxattr(path, name, follow_symlinks=False).hex()
            for name in os.listxattr(path, follow_symlinks=False)
        },
        "content": content,
    }


def _has_its_time(status: os.stat_result, content: Any) -> bool:
    """Whether the time of an entry was sent, and is not that of the export itself."""
    if stat.S_ISREG(status.st_mode):
        return isinstance(content, str)
    return stat.S_ISDIR(status.st_mode) and status.st_mtime < time.time() - 3600


def _sum(name: str, content: bytes) -> Any:
    """The digest of a file; a provenance is taken apart, short texts are shown."""
    if name.endswith(".json") and b"in-toto" in content[:400]:
        return statement(content)
    if len(content) < 200:
        return content.decode(errors="backslashreplace")
    return hashlib.sha256(content).hexdigest()


def metadata(path: Path) -> Any:
    """The metadata file; warnings come in no certain order, of a step whose digest holds its session's id."""
    found = json.loads(path.read_bytes())
    warnings = [{**one, "vertex": ""} for one in found.pop("buildx.build.warnings", [])]
    return _timeless({**found, "warnings": sorted(warnings, key=json.dumps)} if warnings else found)


def settled(facts: Any, volatile: set[str]) -> Any:
    """`facts` with the names of what no two builds share in place of its digests and ids."""
    if isinstance(facts, dict):
        loose = str(facts.get("digest")) in volatile
        return {
            settled(key, volatile): "now" if _is_now(key, value) else settled(value, volatile)
            for key, value in facts.items()
            if not (loose and key == "size")
        }
    if isinstance(facts, list | tuple):
        return [settled(one, volatile) for one in facts]
    if isinstance(facts, str):
        for digest in volatile:
            facts = facts.replace(digest, "<digest>").replace(digest.partition(":")[2], "<digest>")
        return _REF.sub("<ref>", facts)
    return facts


def _is_now(key: str, value: Any) -> bool:
    """Whether it is the time at which an archive was written."""
    yesterday = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    return key == "org.opencontainers.image.created" and str(value) > yesterday


def flat(facts: Any, path: str = "") -> dict[str, Any]:
    """Nested facts as one mapping of paths to values."""
    if isinstance(facts, dict) and facts:
        return {key: one for name in facts for key, one in flat(facts[name], f"{path} > {name}").items()}
    if isinstance(facts, list) and facts:
        return {key: one for at, each in enumerate(facts) for key, one in flat(each, f"{path}[{at}]").items()}
    return {path: facts}
