"""Remote definitions: which words of a command name them, and their files, fetched by BuildKit."""

from __future__ import annotations

import posixpath
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bake.errors import UsageError
from bake.read.lookup import CWD
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bake.api.building import Connection
    from bake.buildkit.browse import Browser, Tree
    from bake.buildkit.stream import Methods
    from bake.host import Host
    from bake.model.target import Definition, Target
    from bake.read.lookup import Reader
    from bake.solve import Secret, SSHAgent
    from bake.source import Source

SSH_VARIABLE = "BUILDX_BAKE_GIT_SSH"
HEAD = 1024
"""Bytes of a file that tell whether it is an archive."""


@record
class Fetched:
    """A remote definition's sources. `root` is what its contexts are inside of, "" for a single file, whose
    contexts are local."""

    sources: list[Source]
    root: str


@record
class Words:
    """The words of a command: the URL of a remote definition, BAKE_CMD_CONTEXT, and the targets."""

    url: str
    command_context: str
    targets: tuple[str, ...]

    @property
    def shown_url(self) -> str:
        """The URL for people to see: without what it tells about the user."""
        from bake.read.git import without_credentials

        return without_credentials(self.url)


def split(words: Sequence[str]) -> Words:
    """`[URL [CMD_CONTEXT_URL]] [TARGET…]`, as buildx reads them."""
    from bake.model.gopath import is_remote

    urls = [word for word in words[:2] if is_remote(word)] if words and is_remote(words[0]) else []
    return Words(urls[0] if urls else "", urls[1] if len(urls) > 1 else CWD, tuple(words[len(urls) :]))


def fetch(url: str, names: Sequence[str], connection: Connection, reader: Reader) -> Fetched:
    """The sources behind `url`, read through the first node of `connection`.

    Raises UsageError for a malformed URL and files that are not there, BuilderError for what BuildKit
    cannot fetch.
    """

    def work(browser: Browser) -> Fetched:
        from bake.read import remote

        tree = _tree(browser, url)
        if tree is None:
            return Fetched(remote.single(url, _download(browser, url), names, reader), "")
        return Fetched(remote.lookup(url, names, _reading(tree), reader), url)

    with _served(url, reader.host) as methods:
        return connection.nodes[0].client.browse(methods, work, _shown(url))


def _shown(url: str) -> str:
    from bake.read.git import without_credentials

    return f"`{without_credentials(url)}`"


def _tree(browser: Browser, url: str) -> Tree | None:
    """The tree behind `url`, None if that is a single file. Raises UsageError for a malformed URL."""
    from bake.buildkit import giturl, llb
    from bake.read.archives import is_archive

    try:
        git = giturl.parse(url)
    except ValueError as exc:
        raise UsageError(f"`{url}` is not a Git reference", detail=str(exc)) from exc
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

    def work(browser: Browser) -> bytes:
        return _download(browser, url)

    with _served(url, host) as methods:
        return connection.nodes[0].client.browse(methods, work, _shown(url))


def policies(definition: Definition, connection: Connection, host: Host) -> dict[str, tuple[str, ...]]:
    """By remote context, those Dockerfiles in it that have a policy beside them.

    Contexts that only targets without policies have are not looked at. They are fetched with the secrets
    and agents of the targets that have them. Raises BuilderError, and DefinitionError for those.
    """
    from bake.buildkit.services.upload import URL
    from bake.plan.contexts import Surroundings
    from bake.plan.policies import ignores_default

    around = Surroundings(host)
    wanted: dict[str, list[Target]] = {}
    for target in definition.targets.values():
        # an inline Dockerfile, and one of this machine, do not come with the context
        local = target.dockerfile_inline or target.dockerfile.startswith((CWD, "/"))
        local = local or target.context.startswith(URL)
        where = around.locate(target.context)
        if not posixpath.isabs(where) and not local and not ignores_default(target):
            wanted.setdefault(where, []).append(target)
    return {url: _with_policies(url, targets, connection, host) for url, targets in wanted.items()}


def _with_policies(
    url: str, targets: Sequence[Target], connection: Connection, host: Host
) -> tuple[str, ...]:
    from bake.plan.policies import SUFFIX

    names = sorted({posixpath.normpath(target.dockerfile) for target in targets})

    def work(browser: Browser) -> tuple[str, ...]:
        tree = _tree(browser, url)
        return tuple(name for name in names if tree and tree.size(f"{name}{SUFFIX}") is not None)

    with _serving(*_of_targets(url, targets, host), host) as methods:
        return connection.nodes[0].client.browse(methods, work, _shown(url))


def _of_targets(
    url: str, targets: Sequence[Target], host: Host
) -> tuple[tuple[Secret, ...], tuple[SSHAgent, ...]]:
    """The secrets and agents that `targets`, whose context is `url`, have for it."""
    from bake.plan import attachments

    secrets = {one.id: one for target in targets for one in attachments.secrets(target, host)}
    agents = {one.id: one for target in targets for one in attachments.agents(target, url, host)}
    given = {one.id: one for one in attachments.git_secrets(url, host)}
    return tuple((given | secrets).values()), tuple(agents.values())


@contextmanager
def _served(url: str, host: Host) -> Iterator[Methods]:
    """What the server of a definition may need: our tokens, and an SSH agent if there is one to offer."""
    from bake.plan.attachments import DEFAULT_AGENT, git_secrets
    from bake.plan.remotes import is_git_ssh
    from bake.solve import SSHAgent

    paths = tuple(filter(None, host.environment.get(SSH_VARIABLE, "").split(",")))
    agents = (SSHAgent(DEFAULT_AGENT, paths),) if is_git_ssh(url) else ()
    with _serving(git_secrets(url, host), agents, host) as methods:
        yield methods


@contextmanager
def _serving(given: Sequence[Secret], forwarded: Sequence[SSHAgent], host: Host) -> Iterator[Methods]:
    from bake.buildkit.services import secrets, ssh
    from bake.buildkit.ssh_agent import Agents

    methods = secrets.methods(given, host.environment)
    with Agents(forwarded, host.environment) as agents:
        yield {**methods, **ssh.methods(agents.by_id)} if forwarded else methods
