"""Secrets, SSH agents and entitlements: what a build may use of this machine.

Takes a target, gives references only; values are read when BuildKit asks. What a reference names must
exist before anything is built.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bake.plan import remotes
from bake.plan.faults import Collector, fault
from bake.solve import Secret, SSHAgent

if TYPE_CHECKING:
    from bake.host import Host
    from bake.model.secrets import Secret as SecretEntry
    from bake.model.target import Target

AGENT_VARIABLE = "SSH_AUTH_SOCK"
DEFAULT_AGENT = "default"
_ARMOUR = re.compile(
    rb"^-----BEGIN (?P<kind>(?:(?:RSA|EC|DSA|OPENSSH) )?PRIVATE KEY)-----$.*?^-----END (?P=kind)-----",
    re.MULTILINE | re.DOTALL,
)
"""The kinds of keys that Go's x/crypto/ssh.ParseRawPrivateKey takes, with the headers of their armour."""
GIT_SECRETS = {
    "GIT_AUTH_TOKEN": "BUILDX_BAKE_GIT_AUTH_TOKEN",
    "GIT_AUTH_HEADER": "BUILDX_BAKE_GIT_AUTH_HEADER",
}
"""Secrets that BuildKit asks for on behalf of a Git server, and the variables that have them."""


def secrets(target: Target, host: Host) -> tuple[Secret, ...]:
    """The target's secrets, the last of each id. Raises DefinitionError, or a group of them."""
    found: dict[str, Secret] = {}
    with Collector() as collect:
        for index, entry in enumerate(target.secret):
            with collect.piece():
                found[entry.id] = _secret(target, f"secret[{index}]", entry, host)
    return tuple(found.values())


def _secret(target: Target, path: str, entry: SecretEntry, host: Host) -> Secret:
    if not entry.id:
        raise fault(
            target,
            path,
            "A secret needs an id",
            detail=f"`{entry}`",
            hint=f"write `id=NAME,{entry}`: NAME is what `RUN --mount=type=secret,id=NAME` asks for",
        )
    variable = entry.env or (entry.id if not entry.src and entry.id in host.environment else "")
    file = host.absolute(entry.src or entry.id)
    if (entry.src or not variable) and not host.exists(file):
        raise fault(
            target,
            path,
            "Secret not found",
            detail=f"secret `{entry.id}`: there is no file `{file}`"
            + (" and no variable of its name" if not entry.src else ""),
            hint=f"give it with `--set {target.name}.secrets=id={entry.id},src=FILE` or `env=VARIABLE`",
        )
    return Secret(entry.id, env=variable) if variable else Secret(entry.id, path=file)


def git_secrets(url: str, host: Host) -> tuple[Secret, ...]:
    """What a Git server may ask for to let us read `url`, as far as the environment has it."""
    server = remotes.git_host(url)
    if not server:
        return ()
    variables = {name.upper(): name for name in reversed([*host.environment])}
    return tuple(
        Secret(f"{identity}.{server}", env=variables[variable])
        for identity, variable in GIT_SECRETS.items()
        if variable in variables
    )


def with_git_secrets(found: tuple[Secret, ...], remote: str, context: str, host: Host) -> tuple[Secret, ...]:
    """`found`, and for a context on the server of the remote definition what that server may ask for."""
    if remotes.git_host(remote).lower() != remotes.git_host(context).lower():
        return found
    return tuple({secret.id: secret for secret in (*found, *git_secrets(remote, host))}.values())


def agents(target: Target, context: str, host: Host) -> tuple[SSHAgent, ...]:
    """The target's agents; a context fetched over SSH brings the default one."""
    written = [(entry.id or DEFAULT_AGENT, tuple(p for p in entry.paths if p)) for entry in target.ssh]
    if not written and remotes.is_git_ssh(context):
        written = [(DEFAULT_AGENT, ())]
    found: dict[str, SSHAgent] = {}
    with Collector() as collect:
        for index, (name, paths) in enumerate(written):
            with collect.piece():
                if name in found:
                    raise fault(target, f"ssh[{index}]", "SSH agent given twice", detail=f"`{name}`")
                found[name] = SSHAgent(name, _paths(target, index, paths, host))
    return tuple(found.values())


def _paths(target: Target, index: int, paths: tuple[str, ...], host: Host) -> tuple[str, ...]:
    absolute = tuple(host.absolute(path) for path in paths)
    for path in absolute:
        if not host.exists(path):
            raise fault(target, f"ssh[{index}]", "SSH key or socket not found", detail=f"`{path}`")
        reason = _no_key(path, host)
        if reason:
            hint = f"name a private key without a passphrase, or add it to an agent: `ssh-add {path}`"
            raise fault(target, f"ssh[{index}]", "Unusable SSH key", detail=f"`{path}`: {reason}", hint=hint)
    if not absolute:
        _default_agent(target, index, host)
    return absolute


def _default_agent(target: Target, index: int, host: Host) -> None:
    socket = host.environment.get(AGENT_VARIABLE, "")
    if not socket or not host.exists(socket):
        raise fault(
            target,
            f"ssh[{index}]",
            "No SSH agent",
            detail=f"{AGENT_VARIABLE} names `{socket}`, which is not there"
            if socket
            else f"{AGENT_VARIABLE} is not set",
            hint='start one (`eval $(ssh-agent)`, `ssh-add`), or name a key: ssh = ["default=PATH"]',
        )


def _no_key(path: str, host: Host) -> str:
    """What is wrong with a key file, "" for nothing that shows. What cannot be read may be a socket."""
    try:
        text = host.read(path)
    except OSError:
        return ""
    armour = _ARMOUR.search(text)
    if armour is None:
        return "no private key found in it"
    return "it is protected by a passphrase" if b"ENCRYPTED" in armour[0] else ""


def entitlements(target: Target) -> tuple[str, ...]:
    """What BuildKit has to grant, each once."""
    network = ("network.host",) if target.network == "host" else ()
    return tuple(dict.fromkeys((*target.entitlements, *network)))
