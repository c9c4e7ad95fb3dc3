from __future__ import annotations

from bake.buildkit.messages.health_pb2 import HealthCheckRequest, HealthCheckResponse
from bake.buildkit.services import health
from tests.fakes.streams import ask


def test_it_serves() -> None:
    (handler,) = health.methods().values()
    answer = HealthCheckResponse.FromString(ask(handler, HealthCheckRequest().SerializeToString()))
    assert answer.status == HealthCheckResponse.SERVING
