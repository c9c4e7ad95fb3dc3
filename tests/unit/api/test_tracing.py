"""What of OpenTelemetry's environment asks for traces, and what is refused."""

from __future__ import annotations

import pytest

from bake.api.tracing import is_wanted, traced
from bake.errors import UsageError
from bake.host import Host

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, False),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_the_environment_asks_for_traces(environment: dict[str, str], wanted: bool) -> None:
    assert is_wanted(environment) is wanted


def test_without_a_wish_there_is_no_tracing() -> None:
    with traced(Host(), "bake") as tracing:
        assert tracing is None


def test_what_is_not_there_is_refused_with_the_next_step() -> None:
    def refused(**environment: str) -> UsageError:
        host = Host(environment={**ENDPOINT, **environment})
        with pytest.raises(UsageError) as fault, traced(host, "bake"):
            pass
        return fault.value

    assert "http/protobuf or grpc" in str(refused(OTEL_EXPORTER_OTLP_PROTOCOL="http/json"))
    missing = refused(OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    assert "pip install 'opentelemetry-exporter-otlp-proto-grpc'" in (missing.hint or "")
