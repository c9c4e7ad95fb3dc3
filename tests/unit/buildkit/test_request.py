"""Solves as messages."""

from __future__ import annotations

import json

import pytest

from bake.buildkit.messages import gateway_pb2, llb_pb2, policy_pb2
from bake.buildkit.request import (
    Inputs,
    LinkedResult,
    control_request,
    frontend_attrs,
    gateway_request,
    link,
    linked_result,
    references,
    source_policy,
)
from bake.errors import UsageError
from bake.solve import CacheEntry, Export, Link, Solve, SolveKey

NOTHING = Inputs({}, {})


def named(**fields: object) -> Solve:
    return Solve(SolveKey("a"), "a", "n", **fields)  # type: ignore[arg-type]


def test_a_solve_without_anything_asks_for_the_dockerfile_frontend_alone() -> None:
    request = control_request(named(), "ref", "session", {}, gateway=False)
    assert {field.name for field, _ in request.ListFields()} == {"ref", "session", "frontend", "cache"}
    assert request.frontend == "dockerfile.v0"


def test_every_part_of_a_solve_has_its_field() -> None:
    solve = named(
        exports=(Export("image", {"name": "x"}), Export("local")),
        cache_imports=(CacheEntry("local", {"src": "a"}),),
        cache_exports=(CacheEntry("inline"),),
        entitlements=("network.host",),
        internal=True,
        source_policy='{"version": 1, "rules": [{"action": "DENY", "selector": {"identifier": "docker-image://*"}}]}',
    )
    request = control_request(solve, "r", "s", {"k": "v"}, gateway=True)
    assert request.frontend == ""
    assert dict(request.frontend_attrs) == {"k": "v"}
    assert [(one.type, dict(one.attrs)) for one in request.exporters] == [
        ("image", {"name": "x"}),
        ("local", {}),
    ]
    assert (request.exporter_deprecated, dict(request.exporter_attrs_deprecated)) == ("image", {"name": "x"})
    assert [(one.type, dict(one.attrs)) for one in request.cache.imports] == [("local", {"src": "a"})]
    assert [one.type for one in request.cache.exports] == ["inline"]
    assert list(request.entitlements) == ["network.host"]
    assert request.internal
    assert request.source_policy.rules[0].action == policy_pb2.DENY


def test_a_policy_that_is_none() -> None:
    with pytest.raises(UsageError, match="Malformed source policy"):
        source_policy('{"rules": 3}')


def test_a_policy_is_read_as_go_reads_json() -> None:
    selector = {"Identifier": "a", "match_type": "EXACT", "matchType": "REGEX", "other": [1]}
    rule = {"action": "CONVERT", "selector": selector, "updates": {"attrs": {"Key": "v"}}}
    read = source_policy(json.dumps({"RULES": [rule], "comment": "none of its fields"})).rules[0]
    assert (read.selector.identifier, read.selector.match_type) == ("a", policy_pb2.EXACT)
    assert dict(read.updates.attrs) == {"Key": "v"}


def test_an_action_that_is_none_is_never_passed_over() -> None:
    with pytest.raises(UsageError, match="Malformed source policy"):
        source_policy('{"rules": [{"action": "deny"}]}')


def test_attributes_of_a_call_keep_what_the_plan_said() -> None:
    attrs = frontend_attrs(named(call="frontend.lint", attrs={"frontend.caps": "x"}), NOTHING, {})
    assert attrs == {
        "frontend.caps": "x,moby.buildkit.frontend.subrequests+forward",
        "requestid": "frontend.lint",
    }
    again = frontend_attrs(named(call="frontend.lint", attrs=attrs), NOTHING, {})
    assert again == attrs


def test_cache_imports_are_given_to_the_frontend_too() -> None:
    attrs = frontend_attrs(named(cache_imports=(CacheEntry("gha", {"scope": "ä"}),)), NOTHING, {"f": "1"})
    assert json.loads(attrs["cache-imports"]) == [{"Type": "gha", "Attrs": {"scope": "ä"}}]
    assert attrs["f"] == "1"


def test_links_to_one_platform_take_the_contexts_place() -> None:
    inputs = link({"base": LinkedResult({"": b"llb"}, {"": b"config"})})
    attrs = frontend_attrs(named(attrs={"context:base": "target:x", "context:other": "y"}), inputs, {})
    assert attrs == {
        "context:base": "input:base",
        "context:other": "y",
        "input-metadata:base": '{"containerimage.config":"Y29uZmln"}',
    }
    assert dict(inputs.definitions) == {"base": b"llb"}


def test_links_are_called_what_they_say() -> None:
    links = [Link("base", SolveKey("other"), "0-other")]
    inputs = link({"base": LinkedResult({"linux/amd64": b"llb"}, {"linux/amd64": b"{}"})}, links)
    assert inputs.attrs["context:base::linux/amd64"] == "input:0-other::linux/amd64"
    assert "input-metadata:0-other::linux/amd64" in inputs.attrs
    assert dict(inputs.definitions) == {"0-other::linux/amd64": b"llb"}


def test_a_result_without_config_has_no_metadata() -> None:
    inputs = link({"base": LinkedResult({"linux/amd64": b"llb"}, {})})
    assert dict(inputs.attrs) == {"context:base::linux/amd64": "input:base::linux/amd64"}
    assert inputs.replaced == {"context:base"}


def test_an_image_without_files_is_no_context() -> None:
    with pytest.raises(UsageError, match="An image without files cannot be a context; `base`"):
        link({"base": LinkedResult({"linux/amd64": b""}, {})})


def test_the_gateways_request_carries_definitions() -> None:
    definition = llb_pb2.Definition(ops=[b"op"]).SerializeToString()
    request = gateway_request(named(), {"k": "v"}, Inputs({}, {"base": definition, "empty": b""}))
    assert request.frontend_inputs["base"].ops == [b"op"]
    assert request.frontend_inputs["empty"].ops == []
    assert dict(request.frontend_opt) == {"k": "v"}


def test_scratch_is_an_empty_definition() -> None:
    result = gateway_pb2.Result(refs=gateway_pb2.RefMap(refs={"linux/amd64": gateway_pb2.Ref()}))
    assert linked_result(result) == LinkedResult({"linux/amd64": b""}, {})
    assert set(references(gateway_pb2.Result())) == {""}
