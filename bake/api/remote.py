"""Remote definitions: which words of a command name them, and their files, fetched by BuildKit."""

from __future__ import annotations

import posixpath
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bake.errors import UsageError
from bake.read.lookup import CWD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bake.api.building import Connection
    from bake.buildkit.browse import Browser, Tree
    from bake.buildkit.stream import Methods
    from bake.host import Host
    from bake.model.target import Definition
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

    def work(browser: Browser) -> Fetched:
        from bake.read import remote

        tree = _tree(browser, url)
        if tree is None:
            return Fetched(remote.single(url, _download(browser, url), names, reader), "")
        return Fetched(remote.lookup(url, names, _reading(tree), reader), url)

    with _served(url, reader.host) as methods:
        return connection.nodes[0].client.browse(methods, work)


def _tree(browser: Browser, url: str) -> Tree | None:
    """The tree behind `url`, None if that is a single file. Raises UsageError for a URL that is none."""
    from bake.buildkit import giturl, llb
    from bake.read.remote import is_archive

    try:
        git = giturl.parse(url)
    except ValueError as exc:
        raise UsageError(f"`{url}` is no Git reference", detail=str(exc)) from exc
    if git:
        return browser.tree(llb.repository(git))
    head = browser.tree(llb.download(url)).read(llb.DOWNLOAD, HEAD)
    return browser.tree(llb.unpacked(url)) if is_archive(head) else None


def _download(browser: Browser, url: str) -> bytes:
    from bake.buildkit import llb
    from bake.read.remote import LARGEST

    return browser.tree(llb.download(url)).read(llb.DOWNLOAD, LARGEST + 1)


def _reading(tree: Tree) -> Callable[[str], bytes | None]:
    return lambda name: None if tree.size(name) is None else tree.read(name)


def download(url: str, connection: Connection, host: Host) -> bytes:
    """The file behind `url`, one byte too many if it is larger than `read.remote.LARGEST`.

    Raises BuilderError for what BuildKit cannot fetch.
    """
    with _served(url, host) as methods:
        return connection.nodes[0].client.browse(methods, lambda browser: _download(browser, url))


def policies(definition: Definition, connection: Connection, host: Host) -> dict[str, tuple[str, ...]]:
    """By remote context, those Dockerfiles in it that have a policy beside them.

    Contexts that only targets without policies have are not looked at. Raises BuilderError.
    """
    from bake.buildkit.services.upload import URL
    from bake.plan.contexts import Surroundings
    from bake.plan.policies import ignores_default

    around = Surroundings(host)
    wanted: dict[str, set[str]] = {}
    for target in definition.targets.values():
        # an inline Dockerfile, and one of this machine, do not come with the context
        local = target.dockerfile_inline or target.dockerfile.startswith((CWD, "/"))
        local = local or target.context.startswith(URL)
        where = around.locate(target.context)
        if not posixpath.isabs(where) and not local and not ignores_default(target):
            wanted.setdefault(where, set()).add(posixpath.normpath(target.dockerfile))
    return {url: _with_policies(url, sorted(names), connection, host) for url, names in wanted.items()}


def _with_policies(url: str, names: Sequence[str], connection: Connection, host: Host) -> tuple[str, ...]:
    from bake.plan.policies import SUFFIX

    def work(browser: Browser) -> tuple[str, ...]:
        tree = _tree(browser, url)
        return tuple(name for name in names if tree and tree.size(f"{name}{SUFFIX}") is not None)

    with _served(url, host) as methods:
        return connection.nodes[0].client.browse(methods, work)


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
