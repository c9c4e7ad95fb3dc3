"""What is probably not meant in a selected definition, and what its Dockerfiles do not bear out.

Takes targets, gives findings: errors where BuildKit would refuse, else warnings. Its rule: nothing is said
that a look at the files does not prove. A Dockerfile that is not on this machine, or for another frontend,
proves nothing; what several targets inherit is wrong only if it is wrong for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bake import platforms, reference
from bake.errors import DefinitionError, flatten
from bake.plan import caches, exporters, graph
from bake.plan.contexts import Surroundings, dockerfile_text
from bake.plan.dockerfile import OFFICIAL, DockerfileError, frontend, parse, predefined
from bake.plan.faults import did_you_mean, fault, span_of
from bake.source import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from bake.host import Host
    from bake.model.entries import CacheEntry
    from bake.model.target import Target
    from bake.plan.dockerfile import Dockerfile

SYNTAX = "BUILDKIT_SYNTAX"
REPLACED_ARGUMENTS = {
    "BUILDKIT_INLINE_CACHE": 'use `cache-to = ["type=inline"]`',
    "BUILDKIT_INLINE_BUILDINFO_ATTRS": "use provenance attestations: `attest`",
}
"""Build arguments that other fields replace, and what does."""


class Finding(NamedTuple):
    """A fault, and whether it keeps its target from being built."""

    fault: DefinitionError
    is_error: bool = False


def lint(targets: Mapping[str, Target], host: Host, doubtful: Collection[str] = ()) -> Iterator[Finding]:
    """All findings in `targets` (selected), in no order that means anything.

    `doubtful` are those that lack values because of other faults: nothing is said of their Dockerfiles.
    """
    for target in targets.values():
        yield from _refused(target)
        yield from _odd_platforms(target)
        yield from _pushed_to_docker(target)
        yield from _ignored_dockerfile(target)
        yield from _unset_secrets(target, host)
        yield from _replaced(target)
        yield from _linked_platforms(target, targets)
    yield from _duplicate_caches(targets)
    sure = {name: target for name, target in targets.items() if name not in doubtful}
    yield from _against_dockerfiles(sure, host)


def _refused(target: Target) -> Iterator[Finding]:
    """What building would refuse on any builder. A tag is no error: mostly a variable is empty here that is
    set where images are built."""
    for index, output in enumerate(target.output):
        yield from _faults(True, exporters.check_type, target, index, output)
    for side, entries in (("cache_from", target.cache_from), ("cache_to", target.cache_to)):
        for index, entry in enumerate(entries):
            yield from _faults(True, caches.check_entry, target, side, index, entry)
    yield from _faults(False, exporters.names_of, target)


def _faults(is_error: bool, check: Callable[..., object], *arguments: object) -> Iterator[Finding]:
    """What a check of the plan raises, as findings."""
    try:
        check(*arguments)
    except (DefinitionError, ExceptionGroup) as error:
        for one in flatten(error):
            if isinstance(one, DefinitionError):
                yield Finding(one, is_error)


def _pushed_to_docker(target: Target) -> Iterator[Finding]:
    """`app:latest` is Docker's own image of that name; few may push those."""
    for index, tag in enumerate(target.tags if exporters.pushes(target) else ()):
        try:
            name = reference.normalize(tag)
        except ValueError:  # that is told by another check
            continue
        if name.name.startswith("docker.io/library/"):
            yield Finding(
                fault(
                    target,
                    f"tags[{index}]",
                    "Tag without a registry",
                    detail=f"`{tag}` is pushed to {name.name}, where only Docker's own images are",
                    hint=f"write ACCOUNT/{name.familiar}, or REGISTRY/{name.familiar}",
                )
            )


def _odd_platforms(target: Target) -> Iterator[Finding]:
    """Any words make a platform, but no image is there for those that nobody else uses."""
    for index, text in enumerate(target.platforms):
        try:
            platform = platforms.parse(text)
        except ValueError:  # that is told by another check
            continue
        for word, known in (
            (platform.os, platforms.KNOWN_SYSTEMS),
            (platform.architecture, platforms.KNOWN_ARCHITECTURES),
        ):
            if word not in known:
                yield Finding(
                    fault(
                        target,
                        f"platforms[{index}]",
                        "Unknown platform",
                        detail=f"there is no `{word}`, as in `{text}`",
                        hint=did_you_mean(word, sorted(known))
                        or "write it as linux/amd64, linux/arm64 or linux/arm/v7",
                    )
                )


def _ignored_dockerfile(target: Target) -> Iterator[Finding]:
    if not target.dockerfile_inline or "dockerfile" not in target.model_fields_set:
        return
    named, inline = (target.origins.get(path) for path in ("dockerfile", "dockerfile-inline"))
    if named is None or named.cause is Cause.DEFAULT:
        return
    # an heir may well put an inline one in the place of what it inherits
    if inline is not None and (named.cause is Cause.INHERITED) != (inline.cause is Cause.INHERITED):
        return
    yield Finding(
        fault(
            target,
            "dockerfile",
            "Dockerfile ignored",
            detail=f"`dockerfile-inline` takes precedence over `dockerfile = {target.dockerfile}`",
            hint="remove one of them",
        )
    )


def _unset_secrets(target: Target, host: Host) -> Iterator[Finding]:
    for index, secret in enumerate(target.secret):
        if secret.env and secret.env not in host.environment:
            yield Finding(
                fault(
                    target,
                    f"secret[{index}]",
                    "Secret not set",
                    detail=f"secret `{secret.id}`: there is no variable `{secret.env}` in this environment",
                    hint=f"export {secret.env}, or the build gets no such secret",
                )
            )


def _replaced(target: Target) -> Iterator[Finding]:
    for name in sorted(REPLACED_ARGUMENTS.keys() & target.args.keys()):
        detail, hint = f"the build argument `{name}`", REPLACED_ARGUMENTS[name]
        yield Finding(fault(target, f"args.{name}", "Deprecated form", detail=detail, hint=hint))


def _linked_platforms(target: Target, targets: Mapping[str, Target]) -> Iterator[Finding]:
    """Selecting refuses several platforms that are not covered; a single one fails while building."""
    for context, name in graph.links(target).items():
        theirs = targets[name].platforms if name in targets else ()
        if len(target.platforms) == 1 and len(theirs) > 1 and target.platforms[0] not in theirs:
            yield Finding(
                fault(
                    target,
                    f"contexts.{context}",
                    "Platform missing in a linked target",
                    detail=f"it is built for {target.platforms[0]}, `{name}` for {', '.join(theirs)}",
                )
            )


# Caches


class _Place(NamedTuple):
    """Where a cache goes, and what to call that."""

    key: tuple[str, ...]
    words: str


_KEYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "registry": (("ref", ""),),
    "local": (("dest", ""),),
    "gha": (("scope", "buildkit"),),
    "s3": (("bucket", ""), ("region", ""), ("prefix", ""), ("name", "buildkit")),
    "azblob": (("account_url", ""), ("prefix", ""), ("name", "buildkit")),
}
"""What tells the places of caches of a type apart, and BuildKit's defaults."""


def _place(entry: CacheEntry) -> _Place | None:
    keys = _KEYS.get(entry.type)
    if keys is None:
        return None
    values = tuple(entry.attrs.get(key) or default for key, default in keys)
    told = [f"{key}={value}" for (key, _), value in zip(keys, values, strict=True) if value]
    return _Place((entry.type, *values), ",".join((f"type={entry.type}", *told)))


def _duplicate_caches(targets: Mapping[str, Target]) -> Iterator[Finding]:
    exports: dict[_Place, list[tuple[Target, str]]] = {}
    for target in targets.values():
        for index, entry in enumerate(target.cache_to):
            place = _place(entry)
            if place is not None:
                exports.setdefault(place, []).append((target, f"cache-to[{index}]"))
    for place, users in exports.items():
        apart = _written_apart(users)
        if len(apart) > 1:
            (first, _), (last, path) = apart[0], apart[-1]
            names = ", ".join(f"`{target.name}`" for target, _ in apart)
            yield Finding(
                DefinitionError(
                    "Cache exported twice",
                    span_of(last, path) or span_of(first, "cache-to"),
                    detail=f"{names} export to `{place.words}`",
                    hint="give each a place of its own",
                )
            )


def _written_apart(users: Sequence[tuple[Target, str]]) -> list[tuple[Target, str]]:
    """Without those that have the entry from the same place and build the same: variants of one target."""
    found: dict[object, tuple[Target, str]] = {}
    for target, path in users:
        found.setdefault((str(span_of(target, path)), _build_of(target)), (target, path))
    names = {target.name: (target, path) for target, path in found.values()}
    return list(names.values())


def _build_of(target: Target) -> tuple[object, ...]:
    return (
        *(target.context, target.dockerfile, target.dockerfile_inline, target.target),
        tuple(sorted(target.args.items())),
    )


# Dockerfiles


def _against_dockerfiles(targets: Mapping[str, Target], host: Host) -> Iterator[Finding]:
    read: dict[str, Dockerfile | DockerfileError] = {}
    known: dict[str, tuple[Dockerfile | None, str]] = {}
    for target in targets.values():
        found = dockerfile_text(target, Surroundings(host))
        if found is None:
            continue
        name, text = found
        if text is None or not _is_read_here(target, text):
            known[target.name] = (None, name)
            continue
        if text not in read:
            read[text] = _parsed(text)
        dockerfile = read[text]
        if isinstance(dockerfile, DockerfileError):
            yield Finding(_unreadable(target, name, dockerfile), is_error=True)
            continue
        known[target.name] = (dockerfile, name)
        if target.target and not dockerfile.has_stage(target.target):
            yield Finding(_unknown_stage(target, dockerfile, name), is_error=True)
    yield from _unknown_arguments(targets, known)


def _is_read_here(target: Target, text: str) -> bool:
    image = target.args.get(SYNTAX) or frontend(text)
    return not image or OFFICIAL.fullmatch(image) is not None


def _parsed(text: str) -> Dockerfile | DockerfileError:
    try:
        return parse(text)
    except DockerfileError as problem:
        return problem


def _unreadable(target: Target, name: str, problem: DockerfileError) -> DefinitionError:
    path = "dockerfile-inline" if target.dockerfile_inline else "dockerfile"
    return fault(target, path, "Invalid Dockerfile", detail=f"{name}:{problem.line}: {problem}")


def _unknown_stage(target: Target, dockerfile: Dockerfile, name: str) -> DefinitionError:
    wanted = target.target or ""
    stages = [stage for stage in dockerfile.stages if stage]
    return fault(
        target,
        "target",
        "Unknown stage",
        detail=f"there is no stage `{wanted}` in {name}",
        hint=did_you_mean(wanted, stages)
        or (f"it has {', '.join(stages)}" if stages else "none of its stages has a name"),
    )


def _unknown_arguments(
    targets: Mapping[str, Target], known: Mapping[str, tuple[Dockerfile | None, str]]
) -> Iterator[Finding]:
    """For each argument as it is written: whether any of the targets that have it takes it."""
    written: dict[tuple[str, str], list[Target]] = {}
    for target in targets.values():
        for name in target.args.keys() - predefined(target.args):
            place = span_of(target, f"args.{name}")
            written.setdefault((name, str(place) if place else target.name), []).append(target)
    for (name, _), users in sorted(written.items()):
        seen = [known[target.name] for target in users if target.name in known]
        files = [dockerfile for dockerfile, _ in seen if dockerfile is not None]
        # a Dockerfile that is not there (no entry in `known`) belongs to a target that is not built itself
        if not files or len(files) < len(seen) or any(name in one.arguments for one in files):
            continue
        target = next(target for target in users if target.name in known)
        yield Finding(_unknown_argument(target, name, files, known[target.name][1]))


def _unknown_argument(
    target: Target, name: str, files: Sequence[Dockerfile], dockerfile: str
) -> DefinitionError:
    others = len({id(one) for one in files}) - 1
    there = dockerfile + (f" and {others} other Dockerfile{'s' if others > 1 else ''}" if others else "")
    return fault(
        target,
        f"args.{name}",
        "Unknown build argument",
        detail=f"there is no `ARG {name}` in {there}",
        hint=did_you_mean(name, sorted({argument for one in files for argument in one.arguments})),
    )
