"""Remote definitions: which words of a command name them, and their files, fetched by BuildKit."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bake.errors import UsageError
from bake.read.lookup import CWD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bake.api.building import Connection
    from bake.buildkit.browse import Browser, Tree
    from bake.buildkit.giturl import GitReference
    from bake.buildkit.stream import Methods
    from bake.host import Host
    from bake.read.lookup import Reader
    from bake.source import Source

SSH_VARIABLE = "BUILDX_BAKE_GIT_SSH"
HEAD = 1024
"""Bytes of a file that tell whether it is an archive."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A remote definition's sources. `root` is what its contexts are inside of, "" for a single file, whose
    contexts are local."""

    sources: list[Source]
    root: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a command: the URL of a remote definition, BAKE_CMD_CONTEXT, and the targets."""

    url: str
    command_context: str
    targets: tuple[str, ...]


def split(words: Sequence[str]) -> Words:
    """`[URL [CMD_CONTEXT_URL]] [TARGET…]`, as buildx reads them."""
    from bake.model.gopath import is_remote

    urls = [word for word in words[:2] if is_remote(word)] if words and is_remote(words[0]) else []
    return Words(urls[0] if urls else "", urls[1] if len(urls) > 1 else CWD, tuple(words[len(urls) :]))


def fetch(url: str, names: Sequence[str], connection: Connection, reader: Reader) -> Fetched:
    """The sources behind `url`, read through the first node of `connection`.

    Raises UsageError for a URL that is none and files that are not there, BuilderError for what BuildKit
    cannot fetch.
    """
    from bake.buildkit import giturl

    try:
        git = giturl.parse(url)
    except ValueError as exc:
        raise UsageError(f"`{url}` is no Git reference", detail=str(exc)) from exc

    def work(browser: Browser) -> Fetched:
        if git:
            return _of_git(browser, git, url, names, reader)
        return _of_url(browser, url, names, reader)

    with _served(url, reader.host) as methods:
        return connection.nodes[0].client.browse(methods, work)


def _of_git(browser: Browser, git: GitReference, url: str, names: Sequence[str], reader: Reader) -> Fetched:
    from bake.buildkit import llb
    from bake.read import remote

    tree = browser.tree(llb.repository(git))
    return Fetched(remote.lookup(url, names, _reading(tree), reader), url)


def _of_url(browser: Browser, url: str, names: Sequence[str], reader: Reader) -> Fetched:
    from bake.buildkit import llb
    from bake.read import remote

    downloaded = browser.tree(llb.download(url))
    if remote.is_archive(downloaded.read(llb.DOWNLOAD, HEAD)):
        tree = browser.tree(llb.unpacked(url))
        return Fetched(remote.lookup(url, names, _reading(tree), reader), url)
    data = downloaded.read(llb.DOWNLOAD, remote.LARGEST + 1)
    return Fetched(remote.single(url, data, names, reader), "")


def _reading(tree: Tree) -> Callable[[str], bytes | None]:
    return lambda name: None if tree.size(name) is None else tree.read(name)


@contextmanager
def _served(url: str, host: Host) -> Iterator[Methods]:
    """What a Git server may need: our tokens, and an SSH agent if there is one to offer."""
    from bake.buildkit.services import secrets, ssh
    from bake.buildkit.ssh_agent import Agents
    from bake.plan.attachments import DEFAULT_AGENT, git_secrets
    from bake.plan.remotes import is_git_ssh
    from bake.solve import SSHAgent

    methods = dict(secrets.methods(git_secrets(url, host), host.environment))
    if not is_git_ssh(url):
        yield methods
        return
    paths = tuple(filter(None, host.environment.get(SSH_VARIABLE, "").split(",")))
    with Agents([SSHAgent(DEFAULT_AGENT, paths)], host.environment) as agents:
        yield {**methods, **ssh.methods(agents.by_id)}
