"""What is pushed once the builds of a target have ended: the index of what several nodes built, and the
images of engines that cannot push while they build.

Takes a target's results, gives the response of the whole. Rules and words are buildx's
(BuildWithResultHandler of build/build.go, 0.36.1).
"""

from __future__ import annotations

import json
import threading
from base64 import b64encode, urlsafe_b64encode
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bake.api.steps import step
from bake.buildkit.credentials import DockerCredentials
from bake.errors import ExportError, Failure
from bake.gojson import nonempty
from bake.plan.exporters import pushed_by_engine
from bake.solve import IMAGE_CONFIG_DIGEST, IMAGE_DESCRIPTOR, IMAGE_DIGEST, Destination

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bake.api.building import Connection
    from bake.builder.engine_api import EngineApi
    from bake.buildkit.credentials import CredentialSource
    from bake.buildkit.services.sinks import Sink
    from bake.descriptor import Descriptor
    from bake.engine.attachments import Means
    from bake.plan.records import Join, Plan
    from bake.progress import Emit
    from bake.result.registry.images import Images
    from bake.solve import Export, SolveResult


@contextmanager
def publishing(plan: Plan, connection: Connection, means: Means, emit: Emit) -> Iterator[Publisher]:
    """What publishes the targets of one run; its connections to registries are closed when left."""
    publisher = Publisher(plan, connection, means, emit)
    try:
        yield publisher
    finally:
        publisher.close()


class Publisher:
    """Publishes the targets of one run; called by several threads. `emit` is told of steps."""

    def __init__(self, plan: Plan, connection: Connection, means: Means, emit: Emit) -> None:
        self._plan = plan
        self._connection = connection
        self._means = means
        self._credentials = means.credentials or DockerCredentials(connection.site.folder, {})
        self._emit = emit
        self._registries: list[Images] = []
        self._lock = threading.Lock()

    def __call__(self, join: Join, results: Sequence[SolveResult]) -> Mapping[str, str]:
        """The response of `join`'s target. Raises RegistryError, ExportError or BuilderError."""
        gathered = self._gather(join, results) if join.gathers else {}
        if join.names:
            return self._push_index(join, results)
        if gathered:
            return gathered
        for result in results:
            names = self._engines_names(result)
            if names:
                return self._push_by_engine(result, names)
        return results[0].response

    def close(self) -> None:
        for one in self._registries:
            one.close()
        parts = [export for solve in self._plan.solves.values() for export in solve.exports if export.whole]
        if parts:
            from bake.api import gathering

            gathering.remove(parts)

    def _gather(self, join: Join, results: Sequence[SolveResult]) -> Mapping[str, str]:
        from bake.api.gathering import Parts

        exports = [export for one in results for export in self._plan.solves[one.key].exports]
        parts = [export for export in exports if export.whole]
        whole = parts[0].whole
        assert whole is not None
        with step(f"gathering {join.target}", self._emit):
            return _response(Parts(parts, whole).gather(self._sink))

    def _sink(self, whole: Export) -> Sink:
        """Where an archive goes: into an engine, or a file."""
        from bake.buildkit.services.sinks import FileSink

        if whole.destination is Destination.LOAD:
            return self._means.load(whole.context)
        return FileSink(whole.path or "")

    def _push_index(self, join: Join, results: Sequence[SolveResult]) -> Mapping[str, str]:
        from bake.result import index
        from bake.result.registry.location import parse

        images = self._images(join)
        places = [parse(name) for name in join.names]
        with step(f"merging manifest list {','.join(join.names)}", self._emit):
            first = images.at(places[0])
            found = [index.Source(index.described(one), first, str(places[0])) for one in results]
            made = index.combine(found, index.annotations_of(join.annotations), prefer_index=False)
            for place in places:
                images.at(place).write_manifest(made.descriptor, made.data, place.tag)
        return _response(made.descriptor)

    def _images(self, join: Join) -> Images:
        from bake.result.registry.hosts import INSECURE, settings_of
        from bake.result.registry.images import Images
        from bake.result.registry.location import parse
        from bake.result.registry.transport import Transport

        node = self._connection.builder.nodes[0]
        settings = {parse(join.names[0]).domain: INSECURE} if join.insecure else settings_of(node.files)
        images = Images(self._credentials, settings, Transport(self._connection.site.host.environment))
        with self._lock:
            self._registries.append(images)
        return images

    def _engines_names(self, result: SolveResult) -> tuple[str, ...]:
        """What the engine has to push of a Solve's result."""
        solve = self._plan.solves[result.key]
        node = next(one.facts for one in self._connection.nodes if one.node.name == solve.node)
        return tuple(name for export in solve.exports for name in pushed_by_engine(export, node))

    def _push_by_engine(self, result: SolveResult, names: Sequence[str]) -> Mapping[str, str]:
        engine = self._engine()
        for name in names:
            with step(f"pushing {name} with docker", self._emit):
                push_by_engine(engine, name, self._credentials)
        digest = remote_digest(engine, names[0], self._credentials)
        if not digest:
            return result.response
        config = result.response.get(IMAGE_CONFIG_DIGEST) or result.response.get(IMAGE_DIGEST, "")
        return {**result.response, **({IMAGE_CONFIG_DIGEST: config} if config else {}), IMAGE_DIGEST: digest}

    def _engine(self) -> EngineApi:
        from bake.builder.docker import address
        from bake.builder.engine_api import EngineApi

        return EngineApi(address(self._connection.site, self._connection.builder.nodes[0].endpoint))


def _response(whole: Descriptor) -> dict[str, str]:
    from bake import descriptor as words

    described = json.dumps(words.descriptor_to_json(whole), separators=(",", ":"))
    return {IMAGE_DIGEST: whole.digest, IMAGE_DESCRIPTOR: b64encode(described.encode()).decode()}


def push_by_engine(engine: EngineApi, name: str, credentials: CredentialSource) -> None:
    """Have the engine push an image of its store. Raises BuilderError, or ExportError with its words."""
    from urllib.parse import quote, urlencode

    from bake import reference

    found = reference.with_default_tag(reference.normalize(name))
    path = f"/images/{quote(found.name, safe='/')}/push?{urlencode({'tag': found.tag})}"
    headers = {"X-Registry-Auth": authorization(found.domain, credentials)}
    for message in engine.call("POST", path, headers).messages():
        if message.get("error"):
            fault = ExportError("The engine could not push", detail=f"`{name}`: {message['error']}")
            fault.failure = Failure.REGISTRY
            raise fault


def remote_digest(engine: EngineApi, name: str, credentials: CredentialSource) -> str:
    """What the registry has under `name` now, "" if the engine does not know. Raises BuilderError."""
    from urllib.parse import quote

    from bake import reference

    found = reference.with_default_tag(reference.normalize(name))
    if not engine.get(f"/images/{quote(str(found), safe='/:')}/json").json().get("RepoDigests"):
        return ""
    headers = {"X-Registry-Auth": authorization(found.domain, credentials)}
    answer: Any = engine.call("GET", f"/distribution/{quote(str(found), safe='/:')}/json", headers).json()
    return str((answer.get("Descriptor") or {}).get("digest") or "")


def authorization(domain: str, credentials: CredentialSource) -> str:
    """The header by which the engine is told how to sign in."""
    from bake.buildkit.credentials import DOCKER_HUB_HOST, DOCKER_HUB_KEY

    hub = domain == "docker.io"
    found = credentials.credentials(DOCKER_HUB_HOST if hub else domain)
    fields = {
        "username": found.username,
        "password": found.password,
        "identitytoken": found.identity_token,
        "registrytoken": found.registry_token,
        "serveraddress": DOCKER_HUB_KEY if hub else domain,
    }
    text = json.dumps(nonempty(fields))
    return urlsafe_b64encode(text.encode()).decode()
