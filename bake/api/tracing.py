"""A run as OpenTelemetry spans, joined with BuildKit's: one for the run, one below it for each Solve.

Takes the OTEL_… environment as buildx does (util/tracing and BuildKit's detect/otlp.go, 0.36.1), gives
a `Tracing` that is told a run's events. BuildKit is told the span of each Solve, so that its own spans hang
below; and it is handed ours, so that its history shows them. The SDK is the extra `otel`, loaded only when
the environment asks for traces. Where buildx speaks gRPC unless told otherwise, this speaks http/protobuf.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from bake import __version__
from bake.errors import BakeError, UsageError
from bake.progress import Phase, TargetPhase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

    from bake.buildkit.client import Client
    from bake.host import Host
    from bake.progress import Event
    from bake.solve import Solve

EXPORTER = "OTEL_TRACES_EXPORTER"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
DISABLED = "OTEL_SDK_DISABLED"
PARENT = "TRACEPARENT"
HTTP, GRPC = "http/protobuf", "grpc"
ENDS = (Phase.FINISHED, Phase.FAILED, Phase.SKIPPED, Phase.CANCELED)


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the environment asks for traces."""
    if environment.get(DISABLED, "").lower() == "true" or environment.get(EXPORTER) == "none":
        return False
    return environment.get(EXPORTER) == "otlp" or any(environment.get(name) for name in ENDPOINTS)


@contextlib.contextmanager
def traced(host: Host, name: str) -> Iterator[Tracing | None]:
    """A tracing of what is done inside, whose root span is called `name`; None if nobody asks for traces.

    Raises UsageError for an exporter or a protocol that is not there.
    """
    if not is_wanted(host.environment):
        yield None
        return
    tracing = Tracing(_provider(_exporter(host.environment)), name, host.environment.get(PARENT, ""))
    try:
        yield tracing
    except BaseException as error:
        tracing.close(error)
        raise
    tracing.close()


class Tracing:
    """The spans of one run. It is told events by one thread at a time, and asked for spans by any."""

    def __init__(self, provider: TracerProvider, name: str, parent: str = "") -> None:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._propagator = TraceContextTextMapPropagator()
        self._tracer = provider.get_tracer("pybake", __version__)
        above = self._propagator.extract({"traceparent": parent}) if parent else None
        self._root = self._tracer.start_span(name, above)
        self._below = trace.set_span_in_context(self._root)
        self._spans: dict[tuple[str, str, tuple[str, ...]], Span] = {}

    def delegate(self, clients: Sequence[Client]) -> None:
        """Hand the spans to these BuildKits too; one that does not take them is left alone."""
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor

        self._provider.add_span_processor(SimpleSpanProcessor(_delegated(clients)))

    def traceparent(self, solve: Solve) -> str:
        """The W3C text that names the span of `solve`, which begins with this."""
        from opentelemetry import trace

        platforms = tuple(map(str, solve.platforms))
        attributes = {"bake.target": solve.target, "bake.node": solve.node, "bake.platforms": platforms}
        span = self._tracer.start_span(solve.target, self._below, attributes=attributes)
        self._spans[solve.target, solve.node, platforms] = span
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier, trace.set_span_in_context(span))
        return carrier.get("traceparent", "")

    def __call__(self, event: Event) -> None:
        """Learn how a Solve goes on."""
        body = event.body
        span = self._spans.get((event.target, event.node, event.platforms))
        if span is None or not isinstance(body, TargetPhase):
            return
        if body.phase is Phase.RETRYING:
            span.add_event("retrying", {"error": str(body.error or "")})
        elif body.phase in ENDS:
            span.set_attribute("bake.phase", body.phase.value)
            _end(span, body.error)

    def close(self, error: BaseException | None = None) -> None:
        """End the root span, and send what has not been sent."""
        for span in self._spans.values():
            if span.is_recording():
                span.end()
        _end(self._root, error)
        self._provider.shutdown()


def _end(span: Span, error: BaseException | None) -> None:
    from opentelemetry.trace import Status, StatusCode

    if error is not None:
        span.record_exception(error if isinstance(error, Exception) else Exception(str(error)))
        span.set_status(Status(StatusCode.ERROR, str(error)))
    span.end()


def _provider(exporter: SpanExporter) -> TracerProvider:
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say counts more
    own = Resource({SERVICE_NAME: "pybake", SERVICE_VERSION: __version__})
    provider = TracerProvider(resource=own.merge(Resource.create()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _exporter(environment: Mapping[str, str]) -> SpanExporter:
    name = environment.get(EXPORTER) or "otlp"
    protocol = next((environment[one] for one in PROTOCOLS if environment.get(one)), HTTP)
    if name != "otlp":
        raise UsageError(f"unsupported opentelemetry exporter {name}", detail="expected otlp or none")
    if protocol not in (HTTP, GRPC):
        raise UsageError(f"unsupported otlp protocol {protocol}", detail=f"expected {HTTP} or {GRPC}")
    try:
        if protocol == GRPC:
            return _over_grpc()
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as exc:
        package = "opentelemetry-exporter-otlp-proto-grpc" if protocol == GRPC else "pybake[otel]"
        raise UsageError(
            "OpenTelemetry is not installed",
            detail=f"the environment asks for traces by {protocol}",
            hint=f"pip install '{package}', or set {EXPORTER}=none",
        ) from exc
    return OTLPSpanExporter()


def _over_grpc() -> SpanExporter:
    from importlib import import_module

    module: Any = import_module("opentelemetry.exporter.otlp.proto.grpc.trace_exporter")
    exporter: SpanExporter = module.OTLPSpanExporter()
    return exporter


def _delegated(clients: Sequence[Client]) -> SpanExporter:
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class Delegated(SpanExporter):
        def export(self, spans: Sequence[Any]) -> SpanExportResult:
            data = encode_spans(spans).SerializeToString()
            for client in clients:
                with contextlib.suppress(BakeError):
                    client.export_spans(data)
            return SpanExportResult.SUCCESS

    return Delegated()
