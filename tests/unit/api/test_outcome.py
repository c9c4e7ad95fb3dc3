"""Results for programs: what BuildKit answered, as digests, descriptors and times."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from bake.api.outcome import result_of
from bake.descriptor import OCI_INDEX
from bake.engine.outcome import Outcome, TargetResult
from bake.errors import CanceledError
from bake.plan.records import Join, Plan
from bake.platforms import parse
from bake.solve import Solve, SolveKey, SolveResult

KEY, OTHER = SolveKey("app@one"), SolveKey("app@two")
DESCRIPTOR = {"mediaType": OCI_INDEX, "digest": "sha256:aa", "size": 7}
RESPONSE = {
    "containerimage.digest": "sha256:aa",
    "containerimage.descriptor": b64encode(json.dumps(DESCRIPTOR).encode()).decode(),
    "image.name": "a:1,a:2",
}
PLAN = Plan(
    {
        KEY: Solve(KEY, "app", "one", (parse("linux/amd64"),)),
        OTHER: Solve(OTHER, "app", "two", (parse("linux/arm64"),)),
    },
    {"app": Join("app", (KEY, OTHER))},
)


def outcome(*solves: SolveResult, response: dict[str, str] | None = None) -> Outcome:
    return Outcome({"app": TargetResult("app", solves, RESPONSE if response is None else response)}, {}, {})


def test_a_target_has_a_digest_a_descriptor_names_and_times() -> None:
    app = result_of(outcome(SolveResult(KEY, "ref1", RESPONSE, {}, 10.0, 12.5)), PLAN, "b", ())["app"]

    assert app.digest == "sha256:aa"
    assert app.descriptor is not None
    assert (app.descriptor.media_type, app.descriptor.size) == (OCI_INDEX, 7)
    assert app.image_names == ("a:1", "a:2")
    assert (app.started, app.completed, app.seconds) == (10.0, 12.5, 2.5)
    assert app.metadata["buildx.build.ref"] == "b/one/ref1"


def test_several_parts_span_the_time_of_all_of_them() -> None:
    parts = (SolveResult(KEY, "r1", {}, {}, 10.0, 12.0), SolveResult(OTHER, "r2", {}, {}, 11.0, 15.0))
    app = result_of(outcome(*parts), PLAN, "b", ())["app"]

    assert [(part.node, part.platforms) for part in app.parts] == [
        ("one", ("linux/amd64",)),
        ("two", ("linux/arm64",)),
    ]
    assert app.seconds == 5.0


def test_without_an_image_there_is_no_digest() -> None:
    app = result_of(outcome(SolveResult(KEY, "r"), response={}), PLAN, "b", ())["app"]

    assert (app.digest, app.descriptor, app.image_names) == ("", None, ())


def test_a_canceled_run_is_not_ok_and_says_so() -> None:
    result = result_of(Outcome({}, {}, {}, canceled=True), PLAN, "b", ())

    assert not result.ok
    with pytest.raises(CanceledError):
        result.raise_errors()
