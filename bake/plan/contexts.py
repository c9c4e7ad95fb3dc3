"""Contexts and Dockerfiles: what BuildKit reads, from here or from afar.

Takes a target, gives `Inputs`: the frontend attributes that name the contexts, the folders BuildKit may
ask this client for, and links to other targets. The rules are buildx's loadInputs and updateContext
(build/opt.go, bake/bake.go, 0.36.1). Its own rule: every path it gives is absolute.
"""

from __future__ import annotations

import posixpath
from dataclasses import field, replace
from typing import TYPE_CHECKING

from bake import descriptor, ids, reference
from bake.errors import DefinitionError, reason
from bake.plan import graph, remotes
from bake.plan.faults import fault
from bake.record import record
from bake.solve import InlineTree, LocalTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.host import Host
    from bake.model.target import Target

RESERVED = ("context", "dockerfile")
"""Local names of the main context and the Dockerfile's folder; a named context called so gets a `_`."""
OCI_LAYOUT = "oci-layout://"
DOCKER_IMAGE = "docker-image://"
CONTEXTS_CAP = "moby.buildkit.frontend.contexts+forward"
GIT_QUERY_CAP = "moby.buildkit.frontend.gitquerystring"
_HOW_LAYOUTS_ARE_MADE = 'an output makes a layout: output = ["type=oci,tar=false,dest=FOLDER"]'
_CONTAINERD_NAME = "io.containerd.image.name"


@record(frozen=False)
class Inputs:
    """What a Solve reads. `links` maps context names to targets; `caps` are demands on the frontend."""

    attrs: dict[str, str] = field(default_factory=dict)
    locals: dict[str, LocalTree | InlineTree] = field(default_factory=dict)
    oci_layouts: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    caps: set[str] = field(default_factory=set)
    shared_key: str = ""
    context: str = ""
    """The context as planned: an absolute folder or a URL."""


@record
class Surroundings:
    """What contexts are resolved against: the machine, a remote definition's URL, this client's id."""

    host: Host
    remote: str = ""
    node_id: str = ""

    def shared_key(self, path: str) -> str:
        """What the engine calls its copy of the folder `path`, which may be no UTF-8."""
        name = posixpath.basename(path).encode(errors="replace").decode()
        return f"{name}:{self.node_id}"

    def locate(self, written: str) -> str:
        """A context as written, as a URL or an absolute folder of this machine."""
        if remotes.is_remote(written) and not self._is_directory(written):
            return written
        if written.startswith(remotes.CWD):
            return self.host.absolute(written.removeprefix(remotes.CWD))
        if self.remote:
            return remotes.with_subdirectory(self.remote, written)
        return self.host.absolute(written)

    def _is_directory(self, written: str) -> bool:
        return self.host.is_dir(self.host.absolute(written))


def prepare(target: Target, around: Surroundings) -> Inputs:
    """All inputs of `target`. Raises DefinitionError."""
    refuse_standard_input(target)
    inputs = Inputs()
    _main_context(target, around, inputs)
    _dockerfile(target, around, inputs)
    for name in target.contexts:
        _named_context(target, name, around, inputs)
    if inputs.caps:
        inputs.attrs["frontend.caps"] = ",".join(sorted(inputs.caps))
    return inputs


def refuse_standard_input(target: Target) -> None:
    """Raises DefinitionError for a context or a Dockerfile called `-`."""
    for name in ("context", "dockerfile"):
        if getattr(target, name) == "-":
            raise fault(target, name, f"A {name} cannot come from standard input in a bake file")


def local_directories(targets: Iterable[Target], around: Surroundings) -> list[str]:
    """The folders that are main contexts of `targets`, each once: those Git is asked about."""
    located = (around.locate(target.context) for target in targets)
    return list(dict.fromkeys(path for path in located if posixpath.isabs(path)))


def dockerfile_text(target: Target, around: Surroundings) -> tuple[str, str | None] | None:
    """The Dockerfile of `target`, its name and text; no text if it is not of this machine, None if it is, and
    is not there."""
    if target.dockerfile_inline:
        return "dockerfile-inline", target.dockerfile_inline
    inputs = Inputs(context=replace(around, remote="").locate(target.context))
    try:
        _dockerfile(target, around, inputs)
    except DefinitionError:
        return None
    tree = inputs.locals.get("dockerfile")
    if not isinstance(tree, LocalTree):
        return target.dockerfile, None
    path = posixpath.join(tree.path, inputs.attrs["filename"])
    try:
        text = around.host.read(path).decode("utf-8", "replace")
    except OSError:
        return None
    inside = posixpath.relpath(path, around.host.working_directory)
    return (path if inside.startswith("../") else inside), text


def _main_context(target: Target, around: Surroundings, inputs: Inputs) -> None:
    # selecting has put it inside the remote definition already, or has said that it is local
    inputs.context = where = replace(around, remote="").locate(target.context)
    if posixpath.isabs(where):
        if not around.host.is_dir(where):
            raise _no_folder(target, "context", target.context, around)
        inputs.locals["context"] = LocalTree(where)
        inputs.shared_key = around.shared_key(where)
        return
    inputs.attrs["context"] = where
    if remotes.has_query(where):
        inputs.caps.add(GIT_QUERY_CAP)


def _check_archive(target: Target, path: str, written: str) -> None:
    """An archive has no address for one of its folders; only the whole of it is a context."""
    if posixpath.normpath(written) != ".":
        raise fault(
            target,
            path,
            "A folder inside a remote archive cannot be a context",
            detail=f"`{written}` is not the whole archive",
            hint="use the Git URL of the definition instead",
        )


def _dockerfile(target: Target, around: Surroundings, inputs: Inputs) -> None:
    if target.dockerfile_inline is not None and target.dockerfile_inline != "":
        _own_dockerfile(inputs, InlineTree({"Dockerfile": target.dockerfile_inline.encode()}), "Dockerfile")
        return
    written = target.dockerfile
    if remotes.is_http(written):
        raise fault(
            target,
            "dockerfile",
            "A Dockerfile cannot be a URL in a bake file",
            detail=f"`{written}`",
            hint="make its repository the context, or copy it into `dockerfile-inline`",
        )
    local = posixpath.isabs(inputs.context)
    if written.startswith(remotes.CWD):
        path = around.host.absolute(written.removeprefix(remotes.CWD))
    elif local or posixpath.isabs(written):
        if local:
            _refuse_remote_dockerfile(target, around, inputs.context)
        path = posixpath.normpath(posixpath.join(inputs.context if local else "/", written))
    else:
        inputs.attrs["filename"] = posixpath.normpath(written)
        return
    folder, name = posixpath.split(path)
    if local:
        inputs.locals["dockerfile"] = LocalTree(folder)
        inputs.attrs["filename"] = _as_on_disk(folder, name, around.host)
    else:
        _own_dockerfile(inputs, LocalTree(folder), _as_on_disk(folder, name, around.host))


def _own_dockerfile(inputs: Inputs, tree: LocalTree | InlineTree, name: str) -> None:
    """A Dockerfile that does not come with the context."""
    inputs.locals["dockerfile"] = tree
    inputs.attrs |= {"dockerfilekey": "dockerfile", "filename": name}


def _refuse_remote_dockerfile(target: Target, around: Surroundings, context: str) -> None:
    """With a remote definition and a local context the Dockerfile would come from the wrong side."""
    if remotes.is_git(around.remote) and around.host.exists(posixpath.join(context, target.dockerfile)):
        raise fault(
            target,
            "dockerfile",
            "A remote definition's Dockerfile cannot be used with a local context",
            detail=f"`{target.dockerfile}`",
            hint=f"write `{remotes.CWD}{target.dockerfile}` for the local one",
        )


def _as_on_disk(folder: str, name: str, host: Host) -> str:
    """`dockerfile` in lower case serves where `Dockerfile` is missing (moby/moby#10858)."""
    if name != "Dockerfile" or host.exists(posixpath.join(folder, name)):
        return name
    return "dockerfile" if host.exists(posixpath.join(folder, "dockerfile")) else name


def _named_context(target: Target, name: str, around: Surroundings, inputs: Inputs) -> None:
    written, attr = target.contexts[name], f"context:{name}"
    inputs.caps.add(CONTEXTS_CAP)
    if written.startswith(graph.PREFIX):
        inputs.links[name] = written.removeprefix(graph.PREFIX)
    elif written.startswith(DOCKER_IMAGE):
        inputs.attrs[attr] = written
    elif written.startswith(OCI_LAYOUT):
        inputs.attrs[attr] = _oci_layout(target, name, around, inputs)
    else:
        _folder_or_url(target, name, around, inputs)


def _folder_or_url(target: Target, name: str, around: Surroundings, inputs: Inputs) -> None:
    written, attr = target.contexts[name], f"context:{name}"
    where = around.locate(written)
    if not posixpath.isabs(where):
        if around.remote and not remotes.is_git(where) and not remotes.is_remote(written):
            _check_archive(target, f"contexts.{name}", written)
        inputs.attrs[attr] = where
        if remotes.has_query(where):
            inputs.caps.add(f"{GIT_QUERY_CAP}+forward")
        return
    if not around.host.is_dir(where):
        raise _no_folder(target, f"contexts.{name}", written, around)
    local = f"_{name}" if name in RESERVED else name
    inputs.locals[local] = LocalTree(where)
    inputs.attrs[attr] = f"local:{local}"
    inputs.attrs[f"sharedkey:localdir:{name}"] = around.shared_key(where)


def _no_folder(target: Target, path: str, written: str, around: Surroundings) -> DefinitionError:
    where = around.host.absolute(written.removeprefix(remotes.CWD))
    what = "is not a folder" if around.host.exists(where) else "does not exist"
    return fault(
        target,
        path,
        "Context not found",
        detail=f"`{written}` ({where}) {what}",
        hint=f"paths are relative to {around.host.working_directory}",
    )


def _oci_layout(target: Target, name: str, around: Surroundings, inputs: Inputs) -> str:
    """`oci-layout://STORE@DIGEST`, the folder being registered as STORE for this session."""
    written = target.contexts[name].removeprefix(OCI_LAYOUT)
    path, tag, digest = _split_layout(written)
    folder = around.host.absolute(path.removeprefix(remotes.CWD))
    if not digest:
        try:
            digest = _resolve(around.host, folder, tag)
        except (OSError, ValueError) as exc:
            raise fault(
                target,
                f"contexts.{name}",
                "OCI layout cannot be used as a context",
                detail=f"`{OCI_LAYOUT}{written}`: {reason(exc)}",
                hint=_HOW_LAYOUTS_ARE_MADE if isinstance(exc, OSError) else None,
            ) from exc
    store = ids.new(around.host.random) if folder not in inputs.oci_layouts.values() else ""
    store = store or next(key for key, value in inputs.oci_layouts.items() if value == folder)
    inputs.oci_layouts[store] = folder
    return f"{OCI_LAYOUT}{store}{f':{tag}' if tag else ''}@{digest}"


def _split_layout(text: str) -> tuple[str, str, str]:
    """(path, tag, digest); with neither tag nor digest the tag is `latest`."""
    path, at, digest = text.rpartition("@")
    if not at or not reference.DIGEST.fullmatch(digest):
        path, digest = text, ""
    head, colon, tag = path.rpartition(":")
    if colon and reference.TAG.fullmatch(tag):
        path = head
    else:
        tag = ""
    return path, tag or ("" if digest else "latest"), digest


def _resolve(host: Host, folder: str, tag: str) -> str:
    """The digest that the layout's index has for `tag`; a lone manifest serves for every tag."""
    manifests = descriptor.index_from_json(host.read(posixpath.join(folder, "index.json"))).manifests
    for key in (_CONTAINERD_NAME, descriptor.REFERENCE_NAME):
        for one in manifests:
            if one.annotations.get(key) == tag:
                return one.digest
    if len(manifests) == 1:
        return manifests[0].digest
    names = sorted({name for one in manifests if (name := one.annotations.get(descriptor.REFERENCE_NAME))})
    raise ValueError(
        f"no image is tagged `{tag}` there" + (f"; tags are {', '.join(names)}" if names else "")
    )


def local_trees(inputs: Mapping[str, LocalTree | InlineTree]) -> dict[str, str]:
    """The folders among `inputs`, by local name."""
    return {name: tree.path for name, tree in inputs.items() if isinstance(tree, LocalTree)}
