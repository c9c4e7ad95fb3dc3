from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bake.buildkit import giturl, llb
from bake.buildkit.messages.ops_pb2 import Op

if TYPE_CHECKING:
    from bake.buildkit.messages.llb_pb2 import Definition


def ops(definition: Definition) -> list[Op]:
    """The operations, each of whose inputs has to be the one before."""
    found = [Op.FromString(each) for each in definition.ops]
    for before, op in zip(definition.ops, found[1:], strict=False):
        assert [each.digest for each in op.inputs] == [f"sha256:{hashlib.sha256(before).hexdigest()}"]
    return found


def source(text: str) -> tuple[str, dict[str, str]]:
    git = giturl.parse(text)
    assert git is not None
    first, last = ops(llb.repository(git))
    assert last.WhichOneof("op") is None
    return first.source.identifier, dict(first.source.attrs)


def test_a_repository() -> None:
    identifier, attrs = source("https://host/a/b.git#main:sub")
    assert identifier == "git://host/a/b.git#main:sub"
    assert attrs == {
        "git.fullurl": "https://host/a/b.git",
        "git.authtokensecret": "GIT_AUTH_TOKEN",
        "git.authheadersecret": "GIT_AUTH_HEADER",
    }


def test_one_repository_has_one_identity_whatever_the_protocol() -> None:
    by_ssh, attrs = source("git@host:a/b.git")
    assert by_ssh == source("https://host/a/b.git")[0] == "git://host/a/b.git"
    assert attrs["git.mountsshsock"] == "default"


def test_wishes_of_a_query() -> None:
    _, attrs = source(
        "https://h/b.git?keep-git-dir=1&submodules=0&checksum=ab&mtime=commit&fetch-by-commit=1"
    )
    assert attrs.items() >= {
        ("git.keepgitdir", "true"),
        ("git.skipsubmodules", "true"),
        ("git.checksum", "ab"),
        ("git.mtime", "commit"),
        ("git.fetchbycommit", "true"),
    }


def test_a_download() -> None:
    first, _ = ops(llb.download("https://host/x.hcl"))
    assert first.source.identifier == "https://host/x.hcl"
    assert dict(first.source.attrs) == {"http.filename": "context"}


def test_an_archive_is_unpacked_into_nothing() -> None:
    _, copying, _ = ops(llb.unpacked("https://host/x.tgz"))
    (action,) = copying.file.actions
    assert (action.input, action.secondary_input, action.output) == (-1, 0, 0)
    assert (action.copy.src, action.copy.dest) == ("/context", "/")
    assert action.copy.attempt_unpack_docker_compatibility
