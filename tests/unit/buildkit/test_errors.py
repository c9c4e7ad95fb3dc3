"""Failures: their class, and what their details say."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from bake.buildkit import errors
from bake.buildkit.messages.common_pb2 import Any, Status
from bake.buildkit.status import Steps
from bake.buildkit.stream import (
    CANCELED,
    INTERNAL,
    INVALID_ARGUMENT,
    RESOURCE_EXHAUSTED,
    UNAVAILABLE,
    UNKNOWN,
    RpcError,
)
from bake.errors import BakeError, CanceledError, Failure, SolveError
from bake.progress import SolveStatus, Vertex, VertexLog

CLASSES = [
    (
        UNKNOWN,
        'process "/bin/sh -c false" did not complete successfully: exit code: 1',
        "RUN false",
        Failure.STEP,
    ),
    (
        UNKNOWN,
        'failed to compute cache key: failed to calculate checksum of ref x: "/a": not found',
        "",
        Failure.STEP,
    ),
    (UNKNOWN, "failed to solve: x: pull access denied, repository does not exist", "", Failure.REGISTRY),
    (
        UNKNOWN,
        "failed to push 127.0.0.1:5/x: server message: insufficient_scope",
        "exporting",
        Failure.REGISTRY,
    ),
    (UNKNOWN, "unexpected status from HEAD request to https://r/v2/: 500", "", Failure.REGISTRY),
    (UNKNOWN, "429 Too Many Requests - toomanyrequests: slow down", "", Failure.REGISTRY),
    (
        UNKNOWN,
        "failed to configure registry cache exporter: invalid reference format: repository name (A) must be",
        "",
        Failure.DEFINITION,
    ),
    (UNKNOWN, "no active session for abc: context deadline exceeded", "", Failure.CONNECTION),
    (UNAVAILABLE, "whatever", "", Failure.CONNECTION),
    (UNKNOWN, 'exporter "nope" could not be found', "", Failure.EXPORT),
    (UNKNOWN, "write /x: no space left on device", "RUN x", Failure.EXPORT),
    (UNKNOWN, "something odd", "exporting to image", Failure.EXPORT),
    (UNKNOWN, "something odd", "[2/3] COPY a b", Failure.STEP),
    (UNKNOWN, "something odd", "", Failure.DEFINITION),
    (INVALID_ARGUMENT, "something odd", "[2/3] COPY a b", Failure.DEFINITION),
    (UNKNOWN, "dockerfile parse error on line 5: unknown instruction: BLA", "", Failure.DEFINITION),
    (
        UNKNOWN,
        "failed to read dockerfile: open Dockerfile: no such file or directory",
        "",
        Failure.DEFINITION,
    ),
    (UNKNOWN, "granting entitlement security.insecure is not allowed", "", Failure.DEFINITION),
    (UNKNOWN, 'target stage "x" could not be found', "", Failure.DEFINITION),
]


@pytest.mark.parametrize(
    ("message", "permanent"),
    [
        ("failed to push r/x: unexpected status from POST request to http://r/v2/: 500 Internal", False),
        ("failed to push r/x: failed to do request: connection reset by peer", False),
        ("429 Too Many Requests - toomanyrequests: slow down", False),
        ("failed to resolve source metadata for docker.io/x: pull access denied", True),
        ("failed to push r/x: unexpected status from PUT request to http://r/v2/: 401 Unauthorized", True),
        ("failed to resolve source metadata for r/x: r/x:none: not found", True),
        ("failed to do request: http: server gave HTTP response to HTTPS client", True),
        ('process "/bin/sh" did not complete successfully: 404 Not Found', False),
    ],
)
def test_what_a_registry_would_say_again(message: str, permanent: bool) -> None:
    assert errors.solve_error(RpcError(UNKNOWN, message), Steps()).permanent is permanent


@pytest.mark.parametrize(("code", "exit_code"), [(UNKNOWN, 1), (INTERNAL, 100), (RESOURCE_EXHAUSTED, 102)])
def test_exit_codes(code: int, exit_code: int) -> None:
    assert errors.solve_error(RpcError(code, "something odd"), Steps()).exit_code == exit_code


@pytest.mark.parametrize(("code", "message", "step", "failure"), CLASSES)
def test_classes(code: int, message: str, step: str, failure: Failure) -> None:
    assert errors.classify(RpcError(code, message), step) is failure


def details(*found: tuple[str, object]) -> bytes:
    packed = [
        Any(type_url=f"github.com/moby/buildkit/{name}+json", value=json.dumps(value).encode())
        for name, value in found
    ]
    return Status(code=2, message="m", details=packed).SerializeToString()


def test_everything_the_details_tell() -> None:
    steps = Steps()
    steps.add(SolveStatus(vertexes=(Vertex("d1", "RUN exit 7"), Vertex("d2", "other", error="broke"))))
    steps.add(
        SolveStatus(
            logs=(VertexLog("d1", 1, b"one\nt"), VertexLog("d2", 1, b"no"), VertexLog("d1", 2, b"wo\n"))
        )
    )
    source = {
        "info": {"filename": "Dockerfile", "data": b64encode(b"FROM a\nRUN exit 7\n").decode()},
        "ranges": [{"start": {"line": 2, "character": 3}, "end": {"line": 3}}, {"start": {"line": 4}}],
    }
    error = errors.solve_error(
        RpcError(
            UNKNOWN,
            "process did not complete successfully: exit code: 7",
            details(
                ("errdefs.Vertex", {"digest": "d1"}),
                ("errdefs.Source", source),
                ("stack.Stack", {"frames": []}),
            ),
        ),
        steps,
    )
    assert isinstance(error, SolveError)
    assert (error.failure, error.vertex, error.vertex_name, error.exit_status, error.log) == (
        Failure.STEP,
        "d1",
        "RUN exit 7",
        7,
        ("one", "two"),
    )
    assert [(one.filename, one.text, one.ranges) for one in error.sources] == [
        ("Dockerfile", "FROM a\nRUN exit 7\n", ((2, 3), (4, 4)))
    ]


def test_without_details_the_failed_step_is_taken_from_the_status() -> None:
    steps = Steps()
    steps.add(
        SolveStatus(vertexes=(Vertex("d1", "a", error="context canceled"), Vertex("d2", "b", error="broke")))
    )
    error = errors.solve_error(RpcError(UNKNOWN, "broke"), steps)
    assert isinstance(error, SolveError)
    assert error.vertex_name == "b"


@pytest.mark.parametrize("source", [{}, {"info": None, "ranges": None}, {"info": {}, "ranges": [{}]}])
def test_details_with_holes(source: dict[str, object]) -> None:
    error = errors.solve_error(RpcError(UNKNOWN, "x", details(("errdefs.Source", source))), Steps())
    assert isinstance(error, SolveError)
    assert [one.filename for one in error.sources] == [""]


def test_the_step_that_failed_counts_where_the_answer_is_that_of_another() -> None:
    steps = Steps()
    steps.add(
        SolveStatus(vertexes=(Vertex("d1", "a", error="context canceled"), Vertex("d2", "b", error="no")))
    )
    error = errors.solve_error(RpcError(CANCELED, "context canceled"), steps)
    assert isinstance(error, SolveError)
    assert (error.vertex_name, error.detail) == ("b", "no")


def test_a_canceled_call_is_no_failure_of_a_step() -> None:
    assert isinstance(errors.solve_error(RpcError(CANCELED, "canceled"), Steps()), CanceledError)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (RpcError(UNKNOWN, "x", details(("errdefs.Subrequest", {"name": "frontend.lint"}))), "frontend.lint"),
        (RpcError(UNKNOWN, "unsupported request frontend.outline"), "frontend.outline"),
        (RpcError(UNKNOWN, "else"), ""),
    ],
)
def test_unsupported_requests(error: RpcError, name: str) -> None:
    assert errors.unsupported_request(error) == name


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("pull access denied", "docker login"),
        ("server gave HTTP response to HTTPS client", "insecure registry"),
        ("failed to push docker.io/library/app:latest: insufficient_scope", "ACCOUNT/NAME for Docker Hub"),
        (
            "failed to push r.example:5/a:1: x509: certificate signed by unknown authority",
            "certs.d/r.example:5/",
        ),
        ("tls: failed to verify certificate", "certs.d/HOST/"),
        (
            "failed to resolve source metadata for r.example/a:1: r.example/a:1: not found",
            "is there such a tag",
        ),
        ("secret my token: not found", "id=my token,env=VARIABLE"),
        ('process "x" did not complete successfully: exit code: 126', "executable"),
        ('process "x" did not complete successfully: exit code: 127', "not there"),
        ('process "x" did not complete successfully: exit code: 137', "memory"),
        ('unknown cache exporter: "s3"', "s3 and azblob"),
        (
            "a:1: failed to resolve source metadata for r/a:1: no match for platform in manifest: not found",
            "imagetools inspect r/a:1`",
        ),
        ("error from sender: cannot read the build context; `a`: Permission denied", "fix its permissions"),
    ],
)
def test_hints(message: str, word: str) -> None:
    error: BakeError = errors.solve_error(RpcError(UNKNOWN, message), Steps())
    assert word in (error.hint or "")


@pytest.mark.parametrize(
    "details",
    [b"\xff", Status(details=[Any(type_url="x/errdefs.Vertex+json", value=b"{")]).SerializeToString()],
)
def test_details_that_cannot_be_read_tell_nothing(details: bytes) -> None:
    assert errors.typed_details(details) == []


def test_refused_calls_name_endpoint_and_deed() -> None:
    refused = errors.refused("unix:///x", "list its workers", RpcError(UNKNOWN, "no"))
    assert str(refused) == "BuildKit could not list its workers; `unix:///x`: no"
    assert "Lost the connection" in str(errors.refused("unix:///x", "y", RpcError(UNAVAILABLE, "gone")))


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("failed to push r.example:5/a:1: server message: insufficient_scope", "`docker login r.example:5`"),
        ("failed to resolve source metadata for r.example/a:1: 401 Unauthorized", "`docker login r.example`"),
        (
            "unexpected status from GET request to https://r.example/v2/a: 401 Unauthorized",
            "login r.example`",
        ),
        ("failed to resolve source metadata for docker.io/a/b:1: pull access denied", "`docker login`"),
        ("pull access denied", "`docker login`"),
        ('target stage "x" could not be found', "--call=targets"),
        ("secret token: not found", "env=VARIABLE"),
        (
            'failed to do request: Head "https://r/v2/": dial tcp: lookup r on 10.0.0.1:53: no such host',
            "spelled",
        ),
        (
            'failed to do request: Head "https://r/v2/": dial tcp 10.0.0.2:5000: connect: connection refused',
            "run?",
        ),
    ],
)
def test_the_next_step_is_named(message: str, hint: str) -> None:
    found = errors.solve_error(RpcError(UNKNOWN, message), Steps())
    assert hint in (found.hint or "")
