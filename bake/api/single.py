"""`pybake build`: one build, made on the command line, as a definition of one target.

Takes what was given as options, gives a `Definition` that goes the way of every other. The rules are
buildx's (toOptions and RunBuild of commands/build.go, loadInputs of build/opt.go, 0.36.1). What is wrong
with an option is a UsageError.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from bake import ids
from bake.errors import UsageError
from bake.model.entries import Attest, CacheEntry, Output
from bake.model.policy import Policy
from bake.model.resources import Resources
from bake.model.secrets import SSH, Secret
from bake.model.target import DEFAULT_DOCKERFILE, Definition, Target
from bake.plan import remotes
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from bake.api.library import Builder
    from bake.host import Host

T = TypeVar("T")

NAME = "default"
"""What the one target is called, as in buildx."""
STDIN = "-"
EPOCH = "SOURCE_DATE_EPOCH"
DELETE = "buildx.local.delete"
ENTITLEMENTS = ("security.insecure", "network.host", "device")
_FILES = ("local", "tar")


@record
class Build:
    """What was asked for; each field is an option of `buildx build`, its texts as they were written."""

    context: str
    file: str = ""
    add_host: Sequence[str] = ()
    allow: Sequence[str] = ()
    annotation: Sequence[str] = ()
    attest: Sequence[str] = ()
    build_arg: Sequence[str] = ()
    build_context: Sequence[str] = ()
    cache_from: Sequence[str] = ()
    cache_to: Sequence[str] = ()
    call: str = ""
    iidfile: str = ""
    label: Sequence[str] = ()
    load: bool = False
    network: str = ""
    no_cache: bool = False
    no_cache_filter: Sequence[str] = ()
    output: Sequence[str] = ()
    platform: Sequence[str] = ()
    policy: Sequence[str] = ()
    provenance: str = ""
    pull: bool = False
    push: bool = False
    resource: Sequence[str] = ()
    sbom: str = ""
    secret: Sequence[str] = ()
    shm_size: str = ""
    ssh: Sequence[str] = ()
    tag: Sequence[str] = ()
    target: str = ""
    ulimit: Sequence[str] = ()


@record
class Single:
    """The definition of one build, and the archives that this process gives away for it, by id.

    `dockerfile` is what messages call the Dockerfile.
    """

    definition: Definition
    uploads: Mapping[str, BinaryIO]
    dockerfile: str


@contextmanager
def made(asked: Build, host: Host, stdin: BinaryIO) -> Iterator[Single]:
    """The build as a definition; what had to be put somewhere for it is gone when left.

    Reads standard input if the context or the Dockerfile is `-`. Raises UsageError.
    """
    with _sources(asked, host, stdin) as (sources, uploads, name):
        target = Target.trusted(name=NAME, **sources, **_fields(asked, host))
        yield Single(Definition.trusted(targets={NAME: target}, selected=True), uploads, name)


def with_remote_dockerfile(single: Single, builder: Builder) -> Single:
    """`single` with the Dockerfile that its `-f` names by a URL. Raises UsageError, BuilderError."""
    from bake.api.remote import download
    from bake.read.remote import LARGEST

    target = single.definition.targets[NAME]
    if not remotes.is_http(target.dockerfile):
        return single
    data = download(target.dockerfile, builder.connection, builder.host)
    if len(data) > LARGEST:
        raise UsageError("Dockerfile too large", detail=f"`{target.dockerfile}` has over {LARGEST} bytes")
    found = target.model_copy(update={"dockerfile_inline": _text(data), "dockerfile": DEFAULT_DOCKERFILE})
    return replace(single, definition=single.definition.model_copy(update={"targets": {NAME: found}}))


# where the build's files come from


@contextmanager
def _sources(
    asked: Build, host: Host, stdin: BinaryIO
) -> Iterator[tuple[dict[str, str], dict[str, BinaryIO], str]]:
    """The target's `context`, `dockerfile` and `dockerfile_inline`, uploads, the Dockerfile's name."""
    if asked.context == STDIN:
        with _from_stdin(asked, host, stdin) as found:
            yield found
        return
    _check_context(asked.context, host)
    name = asked.file or os.path.normpath(os.path.join(asked.context, DEFAULT_DOCKERFILE))
    if asked.file == STDIN:
        yield {"context": asked.context, "dockerfile_inline": _dockerfile(stdin.read())}, {}, "stdin"
    else:
        yield {"context": asked.context, "dockerfile": _dockerfile_path(asked, host)}, {}, name


@contextmanager
def _from_stdin(
    asked: Build, host: Host, stdin: BinaryIO
) -> Iterator[tuple[dict[str, str], dict[str, BinaryIO], str]]:
    from bake.api.stdin import recognizable, rejoined
    from bake.buildkit.services.upload import URL
    from bake.read.archives import BLOCK, is_archive

    if asked.file == STDIN:
        raise UsageError("invalid argument: can't use stdin for both build context and dockerfile")
    head = stdin.read(2 * BLOCK)
    if is_archive(head):
        upload = ids.new(host.random)
        # of the archive's files, also where it is written like one of this machine
        file = asked.file if remotes.is_http(asked.file) else asked.file.lstrip("/")
        dockerfile = file or DEFAULT_DOCKERFILE
        archive = rejoined(recognizable(head), stdin)
        yield {"context": URL + upload, "dockerfile": dockerfile}, {upload: archive}, dockerfile
        return
    if asked.file:
        raise UsageError("ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles")
    text = _dockerfile(head + stdin.read())
    with _empty_folder() as empty:
        yield {"context": empty, "dockerfile_inline": text}, {}, "stdin"


def _empty_folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="pybake-empty-")
    except OSError as exc:
        raise UsageError(
            "There is no folder for temporary files",
            detail=exc.strerror or "",
            hint="set TMPDIR to a folder that can be written to",
        ) from exc


def _dockerfile(data: bytes) -> str:
    if not data.strip():
        raise UsageError(
            "There is no Dockerfile on standard input",
            detail="it is empty",
            hint="pybake build -f - . < Dockerfile",
        )
    return _text(data)


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _check_context(context: str, host: Host) -> None:
    if not context:
        raise UsageError('please specify build context (e.g. "." for the current directory)')
    path = os.path.join(host.working_directory, context)
    if not host.is_dir(path) and not remotes.is_remote(context):
        what = "is not a folder" if host.exists(path) else "not found"
        raise UsageError(f'unable to prepare context: path "{context}" {what}')


def _dockerfile_path(asked: Build, host: Host) -> str:
    """For a local context the Dockerfile is named from the working directory, not from the context."""
    local = host.is_dir(os.path.join(host.working_directory, asked.context))
    if not asked.file or remotes.is_http(asked.file) or not local:
        return asked.file or DEFAULT_DOCKERFILE
    return os.path.join(host.working_directory, asked.file)


# the other fields of the target


def _fields(asked: Build, host: Host) -> dict[str, Any]:
    if asked.no_cache and asked.no_cache_filter:
        raise UsageError("--no-cache and --no-cache-filter cannot currently be used together")
    return {
        "annotations": _given(asked.annotation),
        "args": _arguments(asked, host),
        "attest": _attests(asked),
        "cache_from": _caches("--cache-from", asked.cache_from),
        "cache_to": _caches("--cache-to", asked.cache_to),
        "call": _call(asked.call),
        "contexts": dict(_context("--build-context", text) for text in _given(asked.build_context)),
        "entitlements": _entitlements(asked.allow),
        "extra_hosts": _hosts(asked.add_host),
        "labels": dict(_pair(text) for text in asked.label),
        "network": asked.network,
        "no_cache": asked.no_cache,
        "no_cache_filter": tuple(asked.no_cache_filter),
        "output": _outputs(asked, host),
        "platforms": tuple(asked.platform or filter(None, [host.environment.get("DOCKER_DEFAULT_PLATFORM")])),
        "policy": _parsed("--policy", Policy.parse, asked.policy),
        "pull": asked.pull,
        "resources": _resources(asked.resource),
        "secret": _parsed("--secret", Secret.parse, _given(asked.secret)),
        "shm_size": asked.shm_size or None,
        "ssh": _parsed("--ssh", SSH.parse, _given(asked.ssh)),
        "tags": tuple(asked.tag),
        "target": asked.target or None,
        "ulimits": tuple(asked.ulimit),
    }


def _given(texts: Sequence[str]) -> tuple[str, ...]:
    """Options that a script may give without a value, `--secret "$SECRET"`: they count as not given."""
    return tuple(filter(None, texts))


def _read(option: str, read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except ValueError as exc:
        raise UsageError(str(exc), detail=f"in `{option} {text}`") from exc


def _parsed(option: str, read: Callable[[str], T], texts: Sequence[str]) -> tuple[T, ...]:
    return tuple(_read(option, read, text) for text in texts)


def _pair(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    if not key:
        raise UsageError(f'invalid key-value pair "{text}": empty key')
    return key, value


def _arguments(asked: Build, host: Host) -> dict[str, str]:
    """Build arguments; one without a value takes the environment's, or is left out."""
    found = {}
    for text in asked.build_arg:
        key, value = _pair(text)
        if "=" in text:
            found[key] = value
        elif key in host.environment:
            found[key] = host.environment[key]
    epoch = host.environment.get(EPOCH, "")
    return {EPOCH: epoch, **found} if epoch else found


def _attests(asked: Build) -> tuple[Attest, ...]:
    written = _parsed("--attest", Attest.parse, asked.attest)
    short = [
        _read(f"--{kind}", partial(Attest.shorthand, kind), text)
        for kind, text in (("provenance", asked.provenance), ("sbom", asked.sbom))
    ]
    return (*written, *filter(None, short))


def _caches(option: str, texts: Sequence[str]) -> tuple[CacheEntry, ...]:
    return tuple(entry for text in texts for entry in _read(option, CacheEntry.parse_all, text))


def _call(text: str) -> str | None:
    from bake.model.flags import parse_call

    call = parse_call(text)
    return call.method if call else None


def _context(option: str, text: str) -> tuple[str, str]:
    """A named context; its name is that of an image, as `FROM` would write it."""
    from bake import reference

    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"invalid context value: {text}, expected key=value")
    if value.startswith("target:"):
        raise UsageError(
            "There is no other target here", detail=f"in `{option} {text}`", hint="write a bake file for it"
        )
    return _read(option, reference.normalize, name).familiar.removesuffix(":latest"), value


def _entitlements(allowed: Sequence[str]) -> tuple[str, ...]:
    found = []
    for text in _given(allowed):
        key, equals, _ = text.partition("=")
        if key == DELETE and equals:
            raise UsageError(f"{DELETE} does not accept a value")
        if key not in (*ENTITLEMENTS, DELETE) or (equals and key != "device"):
            known = ", ".join((*ENTITLEMENTS, DELETE))
            raise UsageError(f"unknown entitlement {text}", detail=f"`--allow` takes {known}")
        if key != DELETE:
            found.append(text)
    return tuple(found)


def _hosts(texts: Sequence[str]) -> dict[str, str]:
    """Hosts by name; `HOST=IP` or `HOST:IP`, several in one text, several addresses for one host."""
    from bake.model import csvvalue

    found: dict[str, str] = {}
    for text in (field for one in _given(texts) for field in _read("--add-host", csvvalue.fields, one)):
        name, separator, address = text.partition("=" if "=" in text else ":")
        if not (separator and name and address):
            raise UsageError(f"invalid host {text}", hint="--add-host NAME:IP")
        found[name] = f"{found[name]},{address}" if name in found else address
    return found


def _resources(texts: Sequence[str]) -> Resources | None:
    found = Resources.trusted()
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f'invalid resource "{text}", expected key=value')
        found = _read(f"--resource {key}", partial(found.with_limit, key.strip()), value.strip())
    return found if texts else None


def _outputs(asked: Build, host: Host) -> tuple[Output, ...]:
    found = list(_parsed("--output", Output.parse, _given(asked.output)))
    if asked.iidfile and any(one.type in _FILES for one in found):
        raise UsageError("local and tar exporters are incompatible with image ID file")
    if asked.push:
        found = [_pushed(one) if one.type == "image" else one for one in found]
        if not any(one.type in ("image", "registry") for one in found):
            found.append(_pushed(Output.trusted(type="image", attrs={})))
    # also one that is written to a file counts, for its `dest` is no attribute any more (CreateExports)
    if asked.load and not any(one.type == "docker" for one in found):
        found.append(Output.trusted(type="docker", attrs={}))
    if DELETE not in asked.allow:
        _check_deletes(found, host)
    return tuple(found)


def _pushed(output: Output) -> Output:
    return output.model_copy(update={"attrs": {"unpack": "false", **output.attrs, "push": "true"}})


def _check_deletes(outputs: Sequence[Output], host: Host) -> None:
    """An output that deletes what it does not bring has to lie below the working directory."""
    here = host.resolve(host.working_directory)
    for output in outputs:
        if output.type == "local" and output.attrs.get("mode") == "delete":
            where = host.resolve(os.path.join(host.working_directory, output.dest))
            if not where.startswith(here.rstrip("/") + "/"):
                raise UsageError(
                    f'local output mode=delete for destination "{output.dest}" requires --allow={DELETE}'
                )
