"""Traces of real runs: what a collector gets, and that BuildKit's own spans hang below."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bake.buildkit import Query, Update
from tests.engine.bakefile import ROOT, define, word
from tests.engine.building import connected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.commands import Command
    from tools.engine.dockerd import Engine

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector:
    """An OTLP collector on a loopback port, which keeps what it is sent."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        kept = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def spans(self) -> dict[str, Span]:
        return {
            span.name: span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    yield found
    found.close()


def test_a_run_is_a_trace_with_a_span_for_each_target(
    project: Path, pybake: Command, collector: Collector
) -> None:
    define(
        project,
        base={"dockerfile": f"{ROOT}RUN echo {word()}\n", "output": ["type=cacheonly"]},
        app={"contexts": {"base": "target:base"}, "dockerfile": "FROM base\nRUN exit 5\n"},
    )
    traced = pybake.where(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address, TRACEPARENT=PARENT)

    assert traced("base", "app", "--metadata-file=meta.json").code == 1

    root, base, app = (collector.spans[name] for name in ("bake base app", "base", "app"))
    assert root.parent_span_id.hex() == "b7ad6b7169203331"
    assert {span.trace_id.hex() for span in (root, base, app)} == {"0af7651916cd43dd8448eb211c80319c"}
    assert base.parent_span_id == app.parent_span_id == root.span_id
    assert app.status.code == root.status.code == 2
    attributes = {one.key: one.value.string_value for one in app.attributes}
    assert (attributes["bake.target"], attributes["bake.phase"]) == ("app", "failed")


def test_a_single_build_is_a_trace_as_well(pybake: Command, collector: Collector) -> None:
    traced = pybake.where(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address)

    assert traced("build", "-", stdin=f"{ROOT}RUN exit 5\n").code == 1

    root, build = collector.spans["build -"], collector.spans["default"]
    assert build.parent_span_id == root.span_id
    assert build.status.code == root.status.code == 2


def test_buildkit_is_told_of_the_span(
    project: Path, pybake: Command, collector: Collector, engine: Engine
) -> None:
    define(project, app={"dockerfile": f"{ROOT}RUN echo {word()}\n", "output": ["type=cacheonly"]})

    traced = pybake.where(
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.address}/v1/traces", TRACEPARENT=PARENT
    )
    traced("app", "--metadata-file=meta.json").ok()

    ref = json.loads((project / "meta.json").read_text())["app"]["buildx.build.ref"].split("/")[-1]
    with connected(engine) as client:
        client.update_history(Update(ref, finalize=True))
        record = next(iter(client.history(Query(ref=ref)))).record
        assert record.trace is not None
        recorded = client.read_blob(record.trace.digest).decode()
    assert "0af7651916cd43dd8448eb211c80319c" in recorded
    assert collector.spans["app"].span_id.hex() in recorded


def test_without_a_wish_nothing_of_it_is_loaded(project: Path, pybake: Command, collector: Collector) -> None:
    define(project, app={"dockerfile": ROOT, "output": ["type=cacheonly"]})

    pybake.where(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address, OTEL_TRACES_EXPORTER="none")("app").ok()

    assert collector.requests == []
