"""Paths relative to the file that they stand in (BUILDX_BAKE_FILE_RELATIVE_PATHS), and what becomes of
a target's context in the end.

Which file a path stands in is known by its origin. Rules are those of `rebaseContextPaths` and
`toBuildOpt` of buildx 0.36.1. Settings from outside stay relative to the working directory.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from bake.errors import UsageError
from bake.goquote import quoted
from bake.goscalars import parse_bool
from bake.model import gopath
from bake.model.held import HEADER, Held, draft_of, header_of, target_of
from bake.model.origins import Mark, marks_for
from bake.model.target import DEFAULT_CONTEXT, Definition
from bake.source import Cause, Origin, Span
from bake.syntax.tree import AttrStep, ScopeTraversal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.host import Host
    from bake.model.target import Target
    from bake.source import Source

VARIABLE = "BUILDX_BAKE_FILE_RELATIVE_PATHS"


def is_wanted(host: Host) -> bool:
    """Whether paths are relative to their files; UsageError where the variable is no boolean."""
    text = host.environment.get(VARIABLE, "").strip()
    try:
        return parse_bool(text) if text else False
    except ValueError as exc:
        raise UsageError(f"failed to parse {VARIABLE} value {quoted(text)}: {exc}") from exc


def rebased(definition: Definition) -> Definition:
    """The definition with its contexts relative to the working directory."""
    targets = {name: _rebased(target, definition.targets) for name, target in definition.targets.items()}
    return definition.model_copy(update={"targets": targets})


def rebased_on(source: Source, definition: Definition) -> Definition:
    """The definition with the contexts of all its targets relative to the folder of one file: so it is
    for compose files, whose first one counts (setComposeContextBase)."""
    mark = Mark(Origin(Cause.COMPOSE, Span(source, 0, 0)))
    targets = {name: _on(_base(mark), target) for name, target in definition.targets.items()}
    return definition.model_copy(update={"targets": targets})


def _on(base: str, target: Target) -> Target:
    draft = draft_of(target)
    if context := draft.get("context"):
        draft["context"] = Held(_joined(base, context.value), context.marks)
    if contexts := draft.get("contexts"):
        paths = {key: _joined(base, path) for key, path in contexts.value.items()}
        draft["contexts"] = Held(paths, contexts.marks)
    return target_of(target.name, draft, header_of(target))


def _rebased(target: Target, targets: Mapping[str, Target]) -> Target:
    draft = draft_of(target)
    context, contexts = draft.get("context"), draft.get("contexts")
    if context:
        base = _base(_referred(context.marks, targets) or context.marks)
        draft["context"] = Held(_joined(base, context.value), context.marks)
    if contexts:
        paths = {key: _joined(_base(contexts.marks[key]), path) for key, path in contexts.value.items()}
        draft["contexts"] = Held(paths, contexts.marks)
    return target_of(target.name, draft, header_of(target))


def default_context(header: Mark, relative: bool) -> str:
    """The context of a target that has none: the working directory, or the target's file's folder."""
    return _joined(_base(header), DEFAULT_CONTEXT) if relative else DEFAULT_CONTEXT


def _base(mark: Mark) -> str:
    """The folder of the file that a value stands in; "" for a file in no folder."""
    origin = mark.origin()
    source = origin.span.source if origin and origin.span else None
    if source is None or source.directory is None or gopath.is_remote(source.name):
        return ""
    return posixpath.dirname(source.name) or "."


def _referred(mark: Mark, targets: Mapping[str, Target]) -> Mark | None:
    """The mark of the context that `context = target.NAME.context` takes over."""
    syntax = getattr(mark.written, "syntax", None)
    reference = syntax.value if syntax else None
    if not isinstance(reference, ScopeTraversal) or reference.root.text != "target":
        return None
    match reference.steps:
        case (step, AttrStep(name="context")):
            other = targets.get(step.name if isinstance(step, AttrStep) else str(step.key))
        case _:
            return None
    if other is None:
        return None
    field = "context" if "context" in other.model_fields_set else HEADER
    found = marks_for(field, other.name, other.origins)
    return found if isinstance(found, Mark) else None


def _joined(base: str, path: str) -> str:
    if not base or not path or path.startswith("/") or gopath.is_special_context(path):
        return path
    return gopath.join(base, path)


def final_context(path: str, remote: str) -> str:
    """A resolved target's context: cleaned, or inside the remote definition that it came with.

    Raises ValueError for a folder of a remote archive: BuildKit has no address for it.
    """
    if gopath.is_remote(path):
        return path
    if path.startswith(gopath.CWD):
        return gopath.clean(path.removeprefix(gopath.CWD))
    path = gopath.clean(path)
    if not remote:
        return path
    if path != "." and not _GIT_REMOTE.match(remote):
        raise ValueError("a folder inside a remote archive cannot be a context")
    return remote if path == "." else with_folder(remote, path)


_GIT_REMOTE = re.compile(
    r"(?:https?://[^?#]*\.git(?=[?#]|$)|git://|ssh://|github\.com/|[\w-]+@[\w.-]+:)", re.ASCII
)
_SUBDIR = re.compile(r"([?&]subdir=)([^&#]*)")


def with_folder(url: str, folder: str) -> str:
    """The Git reference `url` with `folder` below the one it names (remoteURLWithSubdir); other URLs
    stay as they are."""
    folder = gopath.clean(folder)
    if folder == "." or not _GIT_REMOTE.match(url):
        return url
    base, _, fragment = url.partition("#")
    ref, _, inside = fragment.partition(":")
    if not fragment and (query := _SUBDIR.search(base)):
        joined = gopath.join(query[2], folder)
        return base[: query.start(2)] + joined.replace("/", "%2F") + base[query.end(2) :]
    if inside.strip("/"):
        folder = gopath.join(inside.strip("/"), folder)
    return f"{base}#{ref}:{folder}"
