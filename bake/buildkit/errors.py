"""The border for failures: gRPC's become errors a person can act on, classed by what broke.

BuildKit puts typed details into a status: JSON inside Any, such as `…/errdefs.Vertex+json` (which step)
and `…/errdefs.Source+json` (which lines of which file). The class of a failure is read from a table of
patterns, first match wins, since BuildKit itself only has messages.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bake.buildkit.stream import CANCELED, INVALID_ARGUMENT, UNAVAILABLE, UNKNOWN, RpcError, parsed
from bake.errors import BakeError, BuilderError, CanceledError, Failure, SolveError, SourceExcerpt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bake.buildkit.status import Steps

_UNAUTHORIZED = (
    r"authorization failed|insufficient_scope|authentication required|no basic auth credentials"
    r"|pull access denied|requested access to the resource is denied|failed to authorize"
    r"|failed to fetch (?:oauth|anonymous) token|40[13] (?:Unauthorized|Forbidden)"
)
_PATTERNS: tuple[tuple[Failure, str], ...] = (
    (
        Failure.CONNECTION,
        r"no active session|session healthcheck failed|transport is closing|error reading from server: EOF"
        r"|only one connection allowed",
    ),
    (Failure.CONTEXT, r"error from sender"),
    (Failure.EXPORT, r"content store /"),
    (Failure.REGISTRY, _UNAUTHORIZED),
    (Failure.DEFINITION, r"invalid reference format"),
    (
        Failure.REGISTRY,
        r"failed to push|failed to resolve source metadata for|failed to resolve reference"
        r"|unexpected status (?:code|from \w+ request)|failed to do request|failed to copy:"
        r"|toomanyrequests|manifest unknown|server gave HTTP response to HTTPS client"
        r"|failed to configure registry cache (?:im|ex)porter|error writing manifest blob",
    ),
    (
        Failure.STEP,
        r"did not complete successfully|executor failed running|failed to calculate checksum of ref",
    ),
    (
        Failure.EXPORT,
        r"exporter .* could not be found|failed to export|error from receiver|error writing layer"
        r"|local exporter|not supported by .* exporter|rename .*: |no space left on device",
    ),
    (
        Failure.DEFINITION,
        r"dockerfile parse error|failed to read dockerfile|unknown instruction"
        r"|target stage .* could not be found|is not allowed|failed to parse|unknown request"
        r"|unsupported request|unknown cache |invalid ",
    ),
)
_PERMANENT = (
    f"{_UNAUTHORIZED}|manifest unknown|name unknown|name invalid|: not found|server gave HTTP response"
    r"|certificate|40[045] |repository does not exist"
)
"""What a registry would say again."""

_SUMMARIES = {
    Failure.CONNECTION: "BuildKit lost its session",
    Failure.REGISTRY: "A registry refused",
    Failure.STEP: "A step failed",
    Failure.EXPORT: "The export failed",
    Failure.CONTEXT: "The build context could not be sent",
    Failure.DEFINITION: "BuildKit refused the build",
}
_REFUSED = r"insufficient_scope|authentication required|(?<![Pp]ermission )denied|401 Unauth"
"""What a registry says to somebody who has to log in, or who may not."""
LOG_IN = "log in with"
"""How the hint begins that such a refusal gets, where nothing more is known."""
_HINTS: tuple[tuple[str, str], ...] = (
    (
        r"failed to push docker\.io/library/",
        "a tag without a registry or an account means Docker's own images: "
        "write ACCOUNT/NAME for Docker Hub, REGISTRY/NAME for another",
    ),
    (
        _REFUSED,
        LOG_IN + " `docker login{registry}`",
    ),
    (r"toomanyrequests", "the registry limits its rate: log in, or wait"),
    (
        r"server gave HTTP response to HTTPS client",
        "it speaks no TLS: is it an insecure registry? List it under `insecure-registries` in the engine's "
        "daemon.json, or with `http = true` in buildkitd.toml",
    ),
    (
        r"failed to verify certificate|certificate signed by unknown authority",
        "give the engine the authority's certificate: /etc/docker/certs.d/{host}/ca.crt on its machine, "
        "or `ca` in buildkitd.toml",
    ),
    (
        r"failed to resolve source metadata for (?P<image>\S+): no match for platform in manifest",
        "it is not made for that platform: `pybake imagetools inspect {image}` lists those that it has",
    ),
    (
        r"failed to resolve source metadata for .*: not found",
        "is the image's name spelled correctly, and is there such a tag?",
    ),
    (
        r"dial tcp: lookup .*: (?:no such host|server misbehaving|i/o timeout)",
        "the engine's machine finds no address for that name: is it spelled correctly, is the engine online?",
    ),
    (
        r"dial tcp .*: connect: connection refused",
        "nothing listens there: is the address right for the engine's machine, and does the server run?",
    ),
    (
        r"multiple platforms|Multi-platform build is not supported",
        "enable the containerd image store, or use another driver",
    ),
    (r"changed while it was sent", "build again, or leave it out with .dockerignore"),
    (r"cannot read the build context", "fix its permissions, or leave it out with .dockerignore"),
    (r"No space left on device", "free space where the output goes"),
    (r"no space left on device", "free space on the engine's machine, with `pybake prune` for one"),
    (
        r"failed to read dockerfile: .*no such file",
        "`dockerfile` is a path in the context: is the file there, and spelled like that?",
    ),
    (r"target stage .* could not be found", "`pybake --call=targets` lists the stages of a Dockerfile"),
    (
        r"failed to calculate checksum of ref .*: not found",
        "is it in the context, spelled like that, and not left out by .dockerignore?",
    ),
    (
        r"unknown cache (?:ex|im)porter",
        "the engine itself has inline, local, registry and gha; a builder of its own has s3 and azblob too: "
        "pybake create --driver docker-container --use",
    ),
    (
        r"^secret (?P<name>.+): not found",
        'give the target that secret: `secret = ["id={name},env=VARIABLE"]`',
    ),
    (
        r"did not complete successfully: exit code: 126$",
        "126 means that a file could not be run: is it executable?",
    ),
    (
        r"did not complete successfully: exit code: 127$",
        "127 means that a program is not there: is it in the image?",
    ),
    (
        r"did not complete successfully: exit code: 137$",
        "137 means that it was killed: does the engine have enough memory?",
    ),
)
"""What a message is like → the next step. Groups of the pattern, `registry` and `host` may be named in it."""
_REGISTRY = r"(?:failed to push|source metadata for|reference) \"?([^/\s]+)/|://([^/\s]+)/v2/"
_HUB = ("docker.io", "registry-1.docker.io")
_EXIT_CODE = r"exit code: (\d+)"


def solve_error(error: RpcError, steps: Steps) -> BakeError:
    """The error of a failed build, with all that the details and the build's steps tell."""
    if error.code == CANCELED:
        failed = steps.failed()
        if not failed:
            return CanceledError()
        # BuildKit now and then answers with what became of the other steps when one had failed
        error = RpcError(UNKNOWN, steps.error(failed))
    details = typed_details(error.details)
    digest = next((str(value.get("digest", "")) for kind, value in details if kind == "Vertex"), "")
    digest = digest or steps.failed()
    failure = classify(error, steps.name(digest))
    exit_code = re.search(_EXIT_CODE, error.message) if failure is Failure.STEP else None
    found = SolveError(
        _SUMMARIES[failure],
        failure=failure,
        detail=error.message,
        hint=_hint(error.message),
        vertex=digest,
        vertex_name=steps.name(digest),
        sources=list(_excerpts(value for kind, value in details if kind == "Source")),
        exit_status=int(exit_code[1]) if exit_code else None,
        log=steps.tail(digest),
        grpc_code=error.code,
    )
    found.permanent = failure is Failure.REGISTRY and bool(
        re.search(_PERMANENT, error.message, re.IGNORECASE)
    )
    return found


def _hint(message: str) -> str | None:
    for pattern, hint in _HINTS:
        if found := re.search(pattern, message):
            host = _login_argument(message)
            return hint.format(registry=host, host=host.strip() or "HOST", **found.groupdict())
    return None


def refusing_registry(message: str) -> str:
    """The registry that has refused whoever asked, "" where `message` says something else."""
    return _registry(message) if re.search(_REFUSED, message) else ""


def _registry(message: str) -> str:
    """The registry that `message` is about."""
    found = re.search(_REGISTRY, message)
    return found[1] or found[2] if found else ""


def _login_argument(message: str) -> str:
    """The registry that `message` is about, as `docker login` takes it: nothing for Docker's own."""
    name = _registry(message)
    return f" {name}" if name and name not in _HUB else ""


def classify(error: RpcError, step: str = "") -> Failure:
    """What broke. `step` is the name of the failed step, "" if no step failed."""
    if error.code == UNAVAILABLE:
        return Failure.CONNECTION
    for failure, pattern in _PATTERNS:
        if re.search(pattern, error.message, re.IGNORECASE):
            return failure
    if step.startswith(("exporting", "pushing")):
        return Failure.EXPORT
    if error.code == INVALID_ARGUMENT or not step:
        return Failure.DEFINITION
    return Failure.STEP


def typed_details(details: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The JSON objects among a status's details, each behind its type's short name (`Vertex`). What cannot be
    read tells nothing: the status has a message, too."""
    if not details:
        return []
    import json

    from bake.buildkit.messages.common_pb2 import Status

    found = []
    with suppress(RpcError, ValueError):
        for one in parsed(Status, details).details:
            name = one.type_url.rpartition("/")[2]
            if name.endswith("+json"):
                value = json.loads(one.value)
                if isinstance(value, dict):
                    found.append((name.removesuffix("+json").rpartition(".")[2], value))
    return found


def recorded(status: bytes) -> tuple[str, list[SourceExcerpt]]:
    """The digest of the step that failed and the lines it came from, of a serialized google.rpc.Status as
    the history keeps it."""
    details = typed_details(status)
    digest = next((str(value.get("digest", "")) for kind, value in details if kind == "Vertex"), "")
    return digest, list(_excerpts(value for kind, value in details if kind == "Source"))


def unsupported_request(error: RpcError) -> str:
    """The request id that the frontend does not know, "" if the error is another."""
    for kind, value in typed_details(error.details):
        if kind == "Subrequest":
            return str(value.get("name", ""))
    # BuildKit 0.8, in Engine 20.10, had no typed errors
    found = re.search(r"unsupported request (frontend\.[\w.]+)", error.message)
    return found[1] if found else ""


def _excerpts(sources: Iterable[dict[str, Any]]) -> Iterable[SourceExcerpt]:
    from binascii import a2b_base64

    for source in sources:
        info = source.get("info") or {}
        text = a2b_base64(info.get("data") or "").decode(errors="replace")
        yield SourceExcerpt(info.get("filename", ""), text, list(map(_lines, source.get("ranges") or ())))


def _lines(found: dict[str, Any]) -> tuple[int, int]:
    start, end = ((found.get(side) or {}).get("line", 0) for side in ("start", "end"))
    return start, max(start, end)


def lost(endpoint: str, why: str, hint: str = "") -> BuilderError:
    """The error when the connection to `endpoint` broke; `hint` says what to do, where that is known."""
    plain = endpoint.startswith("tcp://")
    return BuilderError(
        "Lost the connection to BuildKit",
        detail=f"`{endpoint}`: {why}",
        hint=hint
        or "has the engine been stopped or restarted? Its log says why"
        + ("; and if it speaks TLS, it wants certificates" if plain else ""),
    )


def refused(endpoint: str, what: str, error: RpcError) -> BuilderError:
    """The error when a call other than a build failed; `what` is the call in words."""
    if error.code == UNAVAILABLE:
        return lost(endpoint, error.message)
    return BuilderError(f"BuildKit could not {what}", detail=f"`{endpoint}`: {error.message}")
