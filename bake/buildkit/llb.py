"""LLB for what lies elsewhere: a Git repository, what a URL gives, an archive unpacked.

Gives serialized-ready Definitions; identifiers and attributes are those of BuildKit's own client
(client/llb/source.go, v0.32), so that its cache is met.
"""

from __future__ import annotations

import hashlib
import posixpath
from typing import TYPE_CHECKING

from bake.buildkit.messages.llb_pb2 import Definition
from bake.buildkit.messages.ops_pb2 import Input, Op

if TYPE_CHECKING:
    from bake.buildkit.giturl import GitReference

DOWNLOAD = "context"
"""The name of the file that `download` makes."""
TOKEN = "GIT_AUTH_TOKEN"
HEADER = "GIT_AUTH_HEADER"
"""Ids of the secrets that BuildKit asks for when a Git server wants to know who we are."""


def repository(git: GitReference) -> Definition:
    """The tree of a Git reference."""
    identity = git.host + posixpath.join("/", git.path)
    if git.ref or git.folder:
        identity += f"#{git.ref}" + (f":{git.folder}" if git.folder else "")
    attrs = {
        "git.fullurl": git.remote,
        "git.authtokensecret": TOKEN,
        "git.authheadersecret": HEADER,
        "git.mountsshsock": "default" if git.scheme == "ssh" else "",
        "git.keepgitdir": "true" if git.keep_git_dir else "",
        "git.checksum": git.checksum,
        "git.skipsubmodules": "" if git.submodules else "true",
        "git.mtime": git.mtime,
        "git.fetchbycommit": "true" if git.fetch_by_commit else "",
    }
    return _definition(_source(f"git://{identity}", attrs))


def download(url: str) -> Definition:
    """What `url` gives, as the file DOWNLOAD."""
    return _definition(_download(url))


def unpacked(url: str) -> Definition:
    """The archive behind `url`, as the tree that is in it."""
    source = _download(url)
    op = Op(inputs=[Input(digest=_digest(source))])
    action = op.file.actions.add(input=-1, secondary_input=0, output=0)
    action.copy.src, action.copy.dest = posixpath.join("/", DOWNLOAD), "/"
    action.copy.mode = action.copy.timestamp = -1
    action.copy.attempt_unpack_docker_compatibility = True
    return _definition(source, op.SerializeToString(deterministic=True))


def _download(url: str) -> bytes:
    return _source(url, {"http.filename": DOWNLOAD})


def _source(identifier: str, attrs: dict[str, str]) -> bytes:
    op = Op()
    op.source.identifier = identifier
    op.source.attrs.update({key: value for key, value in attrs.items() if value})
    return op.SerializeToString(deterministic=True)


def _definition(*ops: bytes) -> Definition:
    """`ops` in order, the last one's output being the result."""
    result = Op(inputs=[Input(digest=_digest(ops[-1]))])
    definition = Definition()
    definition.ops.extend([*ops, result.SerializeToString(deterministic=True)])
    return definition


def _digest(op: bytes) -> str:
    return f"sha256:{hashlib.sha256(op).hexdigest()}"
