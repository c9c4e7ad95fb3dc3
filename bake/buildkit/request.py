"""A `Solve` as BuildKit's messages. Pure: it knows no connection.

Takes a `Solve`, the results of the solves it links to and the sessions that serve its trees; gives the
frontend's attributes and inputs, and the SolveRequests of Control and of the gateway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.buildkit.messages import control_pb2
from bake.errors import UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.buildkit.messages import gateway_pb2, llb_pb2, policy_pb2
    from bake.solve import CacheEntry, Link, Solve

IMAGE_CONFIG = "containerimage.config"
_SUBREQUESTS = "moby.buildkit.frontend.subrequests+forward"


@record
class LinkedResult:
    """What one solve hands to those that link to it: by platform (`linux/amd64`), or for "" alone if it
    was made for one platform without an index, the serialized llb.Definition and the image's config."""

    definitions: Mapping[str, bytes]
    configs: Mapping[str, bytes]


@record
class Inputs:
    """What links add to a solve: attributes, and serialized definitions by the keys these name.
    `replaced` are attributes that a link to several platforms takes the place of."""

    attrs: Mapping[str, str]
    definitions: Mapping[str, bytes]
    replaced: frozenset[str] = frozenset()


def link(results: Mapping[str, LinkedResult], links: Iterable[Link] = ()) -> Inputs:
    """The inputs made of `results`, which are given by the name of the context they stand for; `links` tell
    what each is called. Raises UsageError for an image without files, which BuildKit does not take."""
    names = {one.context: one.input or one.context for one in links}
    attrs: dict[str, str] = {}
    definitions: dict[str, bytes] = {}
    replaced = set()
    for context, result in results.items():
        for platform, definition in result.definitions.items():
            if not definition:
                raise UsageError(
                    "An image without files cannot be a context",
                    detail=f"`{context}`: nothing but `FROM scratch` and settings",
                    hint="copy a file into it, or write its settings into the Dockerfile that wants them",
                )
            suffix = f"::{platform}" if platform else ""
            key = f"{names.get(context, context)}{suffix}"
            attrs[f"context:{context}{suffix}"] = f"input:{key}"
            definitions[key] = definition
            if config := result.configs.get(platform):
                attrs[f"input-metadata:{key}"] = _metadata(config)
            if platform:
                replaced.add(f"context:{context}")
    return Inputs(attrs, definitions, frozenset(replaced))


def _metadata(config: bytes) -> str:
    from binascii import b2a_base64

    return f'{{"{IMAGE_CONFIG}":"{b2a_base64(config, newline=False).decode()}"}}'


def frontend_attrs(solve: Solve, inputs: Inputs, files: Mapping[str, str]) -> dict[str, str]:
    """All attributes of the frontend: the solve's own, its links, the sessions of its trees, its call."""
    attrs = {key: value for key, value in solve.attrs.items() if key not in inputs.replaced}
    attrs.update(inputs.attrs)
    attrs.update(files)
    if solve.cache_imports:
        attrs["cache-imports"] = _cache_imports(solve.cache_imports)
    if solve.call:
        caps = attrs.get("frontend.caps", "")
        if _SUBREQUESTS not in caps:
            attrs["frontend.caps"] = f"{caps},{_SUBREQUESTS}".lstrip(",")
        attrs["requestid"] = solve.call
    return attrs


def without_call(attrs: Mapping[str, str]) -> dict[str, str]:
    """The attributes of a build, for those of a call."""
    return {key: value for key, value in attrs.items() if key != "requestid"}


def _cache_imports(entries: Iterable[CacheEntry]) -> str:
    import json

    return json.dumps([{"Type": entry.type, "Attrs": dict(entry.attrs)} for entry in entries])


def control_request(
    solve: Solve, ref: str, session: str, attrs: Mapping[str, str], *, gateway: bool
) -> control_pb2.SolveRequest:
    """Control.Solve's request. Through the gateway the frontend is left out: it is solved there.

    Raises UsageError for a source policy that is none.
    """
    request = control_pb2.SolveRequest(
        ref=ref,
        session=session,
        frontend="" if gateway else solve.frontend,
        frontend_attrs=dict(attrs),
        entitlements=list(solve.entitlements),
        internal=solve.internal,
        exporters=[
            control_pb2.Exporter(type=export.type, attrs=dict(export.attrs)) for export in solve.exports
        ],
        cache=control_pb2.CacheOptions(
            exports=_cache_entries(solve.cache_exports), imports=_cache_entries(solve.cache_imports)
        ),
    )
    if solve.exports:
        # daemons before 0.13 know one exporter only
        request.exporter_deprecated = solve.exports[0].type
        request.exporter_attrs_deprecated.update(solve.exports[0].attrs)
    if solve.source_policy:
        request.source_policy.CopyFrom(source_policy(solve.source_policy))
    return request


def _cache_entries(entries: Iterable[CacheEntry]) -> list[control_pb2.CacheOptionsEntry]:
    return [control_pb2.CacheOptionsEntry(type=entry.type, attrs=dict(entry.attrs)) for entry in entries]


def source_policy(text: str) -> policy_pb2.Policy:
    """A source policy from its JSON form, read as Go's decoder does it. Raises UsageError."""
    import json

    from google.protobuf import json_format

    from bake.buildkit.messages.policy_pb2 import Policy

    try:
        return json_format.ParseDict(_known(json.loads(text), Policy.DESCRIPTOR), Policy())
    except (json_format.ParseError, ValueError) as exc:
        raise UsageError("Malformed source policy", detail=str(exc)) from exc


def _known(written: Any, kind: Any) -> Any:
    """The fields of `kind`, a descriptor, in a JSON object, names in any case; others are passed over."""
    if isinstance(written, list):
        return [_known(one, kind) for one in written]
    if not isinstance(written, dict):
        return written
    fields = {key.lower(): value for key, value in written.items() if key.lower() in kind.fields_by_name}
    for key, value in fields.items():
        inner = kind.fields_by_name[key].message_type
        if inner is not None and not inner.GetOptions().map_entry:
            fields[key] = _known(value, inner)
    return fields


def gateway_request(solve: Solve, attrs: Mapping[str, str], inputs: Inputs) -> gateway_pb2.SolveRequest:
    """The gateway's Solve: the frontend makes LLB, nothing runs yet."""
    from bake.buildkit.messages import gateway_pb2

    return gateway_pb2.SolveRequest(
        frontend=solve.frontend,
        frontend_opt=dict(attrs),
        frontend_inputs={key: _definition(data) for key, data in inputs.definitions.items()},
        allow_result_return=True,
        allow_result_array_ref=True,
    )


def _definition(data: bytes) -> llb_pb2.Definition:
    from bake.buildkit.messages.llb_pb2 import Definition

    return Definition.FromString(data)


def linked_result(result: gateway_pb2.Result) -> LinkedResult:
    """What others may link to, from a gateway's result. A reference without definition is scratch."""
    refs = references(result)
    platforms = {platform: f"{IMAGE_CONFIG}/{platform}" if platform else IMAGE_CONFIG for platform in refs}
    return LinkedResult(
        {platform: ref.definition.SerializeToString() for platform, ref in refs.items()},
        {platform: result.metadata[key] for platform, key in platforms.items() if key in result.metadata},
    )


def references(result: gateway_pb2.Result) -> dict[str, gateway_pb2.Ref]:
    """A result's references by platform; a single one has the platform ""."""
    if result.WhichOneof("result") == "refs":
        return dict(result.refs.refs)
    return {"": result.ref}
