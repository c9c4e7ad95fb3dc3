"""One build against a BuildKit in memory: its phases, its links, and every way it can end."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from bake.buildkit import solve as solves
from bake.buildkit.client import Client
from bake.buildkit.messages import common_pb2, gateway_pb2, llb_pb2, status_pb2
from bake.buildkit.solve import Request, RunningSolve
from bake.buildkit.stream import INVALID_ARGUMENT, UNKNOWN, RpcError
from bake.errors import BuilderError, CanceledError, Failure, SolveError
from bake.solve import CacheEntry, Export, Link, Solve, SolveKey
from tests.fakes.buildkit import BRIDGE, CONTROL, PATIENCE, FakeBuildKit, Script, awaited, until_reset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.buildkit.stream import Stream
    from bake.progress import SolveStatus

LLB = llb_pb2.Definition(ops=[b"op"]).SerializeToString()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No status is given up because the machine has other things to do."""
    for name in ("QUIET", "SILENT", "OVERDUE"):
        monkeypatch.setattr(solves, name, PATIENCE)


@contextmanager
def running(script: Script, request: Request) -> Iterator[RunningSolve]:
    buildkit = FakeBuildKit(script.methods())
    client = Client(buildkit)
    try:
        yield client.start(request)
    finally:
        script.finish.set()
        client.close()
        buildkit.close()


def named(name: str, **fields: object) -> Solve:
    return Solve(SolveKey(name), name, "node", **fields)  # type: ignore[arg-type]


def single(config: bytes = b"{}") -> gateway_pb2.Result:
    return gateway_pb2.Result(
        ref=gateway_pb2.Ref(id="r1", definition=llb_pb2.Definition(ops=[b"op"])),
        metadata={"containerimage.config": config},
    )


def test_a_plain_build_is_one_control_solve() -> None:
    script = Script(statuses=[status_pb2.StatusResponse(vertexes=[status_pb2.Vertex(digest="d", name="n")])])
    script.finish.set()
    seen: list[SolveStatus] = []
    solve = named(
        "app",
        attrs={"target": "x"},
        exports=(Export("image", {"name": "a"}), Export("tar")),
        cache_imports=(CacheEntry("registry", {"ref": "c"}),),
        entitlements=("network.host",),
    )
    with running(
        script, Request(solve, files={"local-sessionid:context": "s"}, on_status=seen.append)
    ) as run:
        result = run.wait()
    assert (result.key, result.ref, dict(result.response)) == ("app", run.ref, {"k": "v"})
    assert 0 < result.started <= result.completed
    assert [vertex.name for status in seen for vertex in status.vertexes] == ["n"]
    assert sorted(script.log) == ["Control.Solve", "Control.Status"]
    request = script.request
    assert (request.frontend, request.exporter_deprecated, list(request.entitlements)) == (
        "dockerfile.v0",
        "image",
        ["network.host"],
    )
    assert json.loads(request.frontend_attrs["cache-imports"]) == [
        {"Type": "registry", "Attrs": {"ref": "c"}}
    ]
    assert request.cache.imports[0].type == "registry"
    assert request.frontend_attrs["local-sessionid:context"] == "s"


def test_a_build_without_a_session_gets_its_own_until_it_ends() -> None:
    script = Script()
    buildkit = FakeBuildKit(script.methods())
    client = Client(buildkit)
    run = client.start(Request(named("app", shared_key="dir:me"), methods={"/a/B": lambda _stream: None}))
    headers, channel = buildkit.sessions[0]
    awaited(script.solving)
    assert script.request.session == headers["X-Docker-Expose-Session-Uuid"][0]
    assert headers["X-Docker-Expose-Session-Sharedkey"] == ["dir:me"]
    assert headers["X-Docker-Expose-Session-Grpc-Method"] == ["/a/B", "/grpc.health.v1.Health/Check"]
    assert channel.unary("/grpc.health.v1.Health/Check", b"") == b"\x08\x01"
    script.finish.set()
    run.wait()
    channel.connection.join()
    client.close()
    buildkit.close()


def test_an_answer_that_cannot_be_read_ends_the_build() -> None:
    script = Script()

    def garble(stream: Stream) -> None:
        script.over.set()
        stream.send(b"\xff")

    buildkit = FakeBuildKit({**script.methods(), f"{CONTROL}Solve": garble})
    client = Client(buildkit)
    with pytest.raises(SolveError, match="an answer that cannot be read"):
        client.start(Request(named("app"))).wait()
    client.close()
    buildkit.close()


def test_a_linked_build_passes_its_phases_in_order() -> None:
    script = Script(result=single())
    with running(script, Request(named("app", linked=True))) as run:
        linked = run.linked()
        assert dict(linked.definitions) == {"": LLB}
        assert dict(linked.configs) == {"": b"{}"}
        assert "Evaluate r1" not in script.log
        run.release()
        run.wait()
    assert [line for line in script.log if not line.startswith("Control")] == [
        "Solve",
        "Evaluate r1",
        "Return",
    ]
    assert script.request.frontend == ""
    assert script.gateway_request.frontend == "dockerfile.v0"
    assert script.returned.result.ref.id == "r1"
    assert dict(script.returned.result.metadata) == {"containerimage.config": b"{}"}


def test_a_call_that_others_link_to_runs_nothing_and_gives_them_what_would_be_built() -> None:
    script = Script(result=single())
    solve = named("app", linked=True, call="frontend.lint", attrs={"requestid": "frontend.lint"})
    with running(script, Request(solve)) as run:
        assert dict(run.linked().definitions) == {"": LLB}
        run.release()
        run.wait()
    assert [line for line in script.log if not line.startswith("Control")] == ["Solve", "Solve", "Return"]
    assert script.request.frontend_attrs["requestid"] == "frontend.lint"
    assert "requestid" not in script.gateway_request.frontend_opt


def test_links_to_several_platforms_replace_the_context() -> None:
    refs = {
        platform: gateway_pb2.Ref(id=platform, definition=llb_pb2.Definition(ops=[platform.encode()]))
        for platform in ("linux/amd64", "linux/arm64")
    }
    metadata = {f"containerimage.config/{platform}": platform.encode() for platform in refs}
    parent_script = Script(result=gateway_pb2.Result(refs=gateway_pb2.RefMap(refs=refs), metadata=metadata))
    child_script = Script(result=single())
    child_solve = named("child", links=(Link("base", SolveKey("p")),), attrs={"context:base": "target:p"})
    with running(parent_script, Request(named("p", linked=True))) as parent:
        parent.linked()
        with running(child_script, Request(child_solve, inputs={"base": parent})) as child:
            child.linked()
            parent.release()
            child.wait()
        parent.wait()
    attrs = child_script.gateway_request.frontend_opt
    assert "context:base" not in attrs
    assert attrs["context:base::linux/arm64"] == "input:base::linux/arm64"
    # base64 of the config
    assert json.loads(attrs["input-metadata:base::linux/arm64"]) == {
        "containerimage.config": "bGludXgvYXJtNjQ="
    }
    inputs = child_script.gateway_request.frontend_inputs
    assert {key: list(value.ops) for key, value in inputs.items()} == {
        "base::linux/amd64": [b"linux/amd64"],
        "base::linux/arm64": [b"linux/arm64"],
    }


def test_a_child_evaluates_after_its_parent_and_the_parent_returns_after_its_child() -> None:
    log: list[str] = []
    scripts = [Script(result=single(), log=_Prefixed(name, log)) for name in ("parent", "child")]
    child_solve = named("child", links=(Link("base", SolveKey("p")),))
    with running(scripts[0], Request(named("p", linked=True))) as parent:
        parent.linked()
        with running(scripts[1], Request(child_solve, inputs={"base": parent})) as child:
            child.linked()
            parent.release()
            child.wait()
        parent.wait()
    order = [line for line in log if "Evaluate" in line or line == "parent Return"]
    assert order == ["parent Evaluate r1", "child Evaluate r1", "parent Return"]


class _Prefixed(list[str]):
    def __init__(self, name: str, log: list[str]) -> None:
        super().__init__()
        self._name, self._log = name, log

    def append(self, line: str) -> None:
        self._log.append(f"{self._name} {line}")


def test_a_child_that_fails_lets_its_parent_go() -> None:
    parent_script = Script(result=single())
    child_script = Script(result=single(), gateway_errors={"Evaluate": RpcError(UNKNOWN, "child broke")})
    child_solve = named("child", links=(Link("base", SolveKey("p")),))
    with running(parent_script, Request(named("p", linked=True))) as parent:
        parent.linked()
        with running(child_script, Request(child_solve, inputs={"base": parent})) as child:
            child.linked()
            parent.release()
            with pytest.raises(SolveError, match=r"A step failed|refused") as caught:
                child.wait()
        assert caught.value.detail == "child broke"
        assert parent.wait().key == "p"


def test_a_parent_that_fails_before_it_registers_fails_its_child_at_the_start() -> None:
    script = Script(gateway_errors={"Solve": RpcError(INVALID_ARGUMENT, "dockerfile parse error on line 1")})
    with running(script, Request(named("p", linked=True))) as parent:
        with pytest.raises(SolveError) as caught:
            parent.linked()
        assert caught.value.failure is Failure.DEFINITION
        child_solve = named("child", links=(Link("base", SolveKey("p")),))
        with (
            pytest.raises(SolveError, match="parse error"),
            running(Script(), Request(child_solve, inputs={"base": parent})),
        ):
            raise AssertionError("it must not start")


def test_the_gateways_error_goes_through_return_with_its_details() -> None:
    vertex = common_pb2.Any(type_url="github.com/moby/buildkit/errdefs.Vertex+json", value=b'{"digest":"d1"}')
    details = common_pb2.Status(code=2, message="m", details=[vertex]).SerializeToString()
    script = Script(
        gateway_errors={"Solve": RpcError(UNKNOWN, "exit code: 7 did not complete successfully", details)}
    )
    script.statuses = [
        status_pb2.StatusResponse(
            vertexes=[status_pb2.Vertex(digest="d1", name="RUN exit 7")],
            logs=[status_pb2.VertexLog(vertex="d1", msg=b"one\ntwo\n", stream=1)],
        )
    ]
    with (
        running(script, Request(named("app", call="frontend.outline"))) as run,
        pytest.raises(SolveError) as caught,
    ):
        run.wait()
    error = caught.value
    assert (error.vertex, error.vertex_name, error.exit_status, error.log) == (
        "d1",
        "RUN exit 7",
        7,
        ("one", "two"),
    )
    assert [one.value for one in script.returned.error.details] == [b'{"digest":"d1"}']


def test_a_call_gives_the_results_metadata() -> None:
    script = Script(result=gateway_pb2.Result(metadata={"result.json": b"{}"}))
    with running(script, Request(named("app", call="frontend.outline"))) as run:
        assert dict(run.wait().metadata) == {"result.json": b"{}"}
    assert script.gateway_request.frontend_opt["requestid"] == "frontend.outline"
    assert (
        script.gateway_request.frontend_opt["frontend.caps"] == "moby.buildkit.frontend.subrequests+forward"
    )


def test_an_early_refusal_does_not_wait_for_the_gateway() -> None:
    script = Script(error=RpcError(UNKNOWN, "granting entitlement x is not allowed"))
    script.finish.set()
    buildkit = FakeBuildKit({**script.methods(), f"{BRIDGE}Solve": until_reset})
    client = Client(buildkit)
    run = client.start(Request(named("app", linked=True)))
    with pytest.raises(SolveError, match="is not allowed"):
        run.linked()
    client.close()
    buildkit.close()


def test_cancel_resets_solve_and_ends_every_wait() -> None:
    script = Script(result=single())
    with running(script, Request(named("app", linked=True))) as run:
        run.linked()
        run.cancel()
        with pytest.raises(CanceledError):
            run.wait()
        awaited(script.over)
    assert "canceled" in script.log


def test_a_status_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solves, "QUIET", 0.01)
    monkeypatch.setattr(solves, "SILENT", 0.01)
    script = Script(status_never_ends=True)
    script.finish.set()
    with running(script, Request(named("app"))) as run:
        assert dict(run.wait().response) == {"k": "v"}


def test_a_killed_daemon_ends_every_wait_with_an_error_that_names_it() -> None:
    script = Script(result=single())
    buildkit = FakeBuildKit(script.methods())
    client = Client(buildkit)
    parent = client.start(Request(named("p", linked=True)))
    parent.linked()
    plain = client.start(Request(named("q")))
    buildkit.kill()
    for run in (parent, plain):
        with pytest.raises(BuilderError, match="Lost the connection") as caught:
            run.wait()
        assert "memory://buildkit" in caught.value.detail
    script.finish.set()
    script.over.set()
    client.close()
    buildkit.close()
