"""Git references as BuildKit reads them: `URL[?query][#REF[:FOLDER]]`, `USER@HOST:PATH`, `github.com/…`.

Takes text, gives a `GitReference`. The rules are BuildKit's (util/gitutil, frontend/dockerfile/dfgitutil,
v0.32); ValueError carries its messages.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from bake.record import record

_SCP = re.compile(r"(?:[a-zA-Z0-9_.-]+)@(?P<host>[a-zA-Z0-9.-]+):(?P<path>[^#?]*)(?P<rest>.*)")
_PATH = re.compile(r"[?#]")
_SCHEMES = ("http", "https", "git", "ssh")
_FLAGS = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}
_BARE = ("submodules", "keep-git-dir", "fetch-by-commit")


@record
class GitReference:
    """`remote` is the repository as Git takes it, `folder` one inside it; `ref` and `checksum` may be "".

    `submodules` says whether they are fetched too, `mtime` is "", `checkout` or `commit`.
    """

    scheme: str
    remote: str
    host: str
    path: str
    ref: str = ""
    folder: str = ""
    checksum: str = ""
    keep_git_dir: bool = False
    submodules: bool = True
    mtime: str = ""
    fetch_by_commit: bool = False


def parse(text: str) -> GitReference | None:
    """The reference that `text` is, None if it is none. Raises ValueError for a bad query."""
    if text.startswith(("./", "../")):
        return None
    if text.startswith("github.com/"):
        return _from_url(f"https://{text}")
    if "://" in text:
        is_page = text.startswith(("http://", "https://")) and not _PATH.split(text)[0].endswith(".git")
        return None if is_page else _from_url(text)
    scp = _SCP.fullmatch(text)
    if scp is None:
        return None
    return _with_options("ssh", text[: scp.start("rest")], scp["host"], scp["path"], scp["rest"])


def _from_url(text: str) -> GitReference | None:
    parts = urlsplit(text)
    if parts.scheme not in _SCHEMES:
        return None
    remote = parts._replace(query="", fragment="").geturl()
    host = parts.netloc.rpartition("@")[2]
    return _with_options(parts.scheme, remote, host, parts.path, text[len(remote) :])


def _with_options(scheme: str, remote: str, host: str, path: str, rest: str) -> GitReference:
    query, _, fragment = rest.partition("#")
    ref, _, folder = fragment.partition(":")
    found = GitReference(scheme, remote, host, path, ref, _inside(folder))
    for key, values in parse_qs(query.removeprefix("?"), keep_blank_values=True).items():
        if len(values) > 1:
            raise ValueError(f'query "{key}" has multiple values')
        if not values[0] and key not in _BARE:
            raise ValueError(f'query "{key}" has no value')
        found = _with_query(found, key, values[0])
    return found


def _with_query(found: GitReference, key: str, value: str) -> GitReference:
    match key:
        case "ref" | "tag" | "branch":
            return _with_ref(found, key, value)
        case "subdir":
            if found.folder not in ("", value):
                raise ValueError(f'subdir conflicts: "{found.folder}" vs "{value}"')
            return replace(found, folder=_inside(value))
        case "checksum" | "commit":
            return replace(found, checksum=value)
        case "keep-git-dir":
            return replace(found, keep_git_dir=_flag(key, value))
        case "submodules":
            return replace(found, submodules=_flag(key, value))
        case "fetch-by-commit":
            return replace(found, fetch_by_commit=_flag(key, value))
        case "mtime":
            if value not in ("checkout", "commit"):
                raise ValueError(f'invalid mtime value: "{value}" (must be "checkout" or "commit")')
            return replace(found, mtime=value)
    raise ValueError(f'unexpected query "{key}"')


def _inside(folder: str) -> str:
    """`folder` as a path of the repository, which it cannot leave; "" for all of it."""
    return posixpath.normpath(posixpath.join("/", folder)).strip("/")


_KINDS = {"ref": "", "tag": "refs/tags/", "branch": "refs/heads/"}


def _with_ref(found: GitReference, key: str, value: str) -> GitReference:
    ref = _KINDS[key] + value.removeprefix(_KINDS[key])
    if found.ref not in ("", ref):
        raise ValueError(f'ref conflicts: "{found.ref}" vs "{ref}"')
    return replace(found, ref=ref)


def _flag(key: str, value: str) -> bool:
    if not value:
        return True
    try:
        return _FLAGS[value.lower()]
    except KeyError:
        raise ValueError(f'invalid {key} value: "{value}"') from None
