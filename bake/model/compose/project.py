"""A compose model → services and secrets, checked for consistency, their variables resolved.

Rules and messages are those of compose-go 2.13 (loader/validate.go, types/project.go), so far as they
are about what bake looks at.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.errors import DefinitionError, raise_all
from bake.goquote import quoted
from bake.model.compose import files
from bake.model.compose.casts import to_boolean
from bake.model.compose.nodes import Node, fault, scalar
from bake.model.compose.shapes import MODEL, check
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bake.host import Host
    from bake.model.compose.interpolate import Lookup

_INVALID = "invalid compose project"
_SERVICE_KEYS = ("image", "build", "environment", "env_file")


@record
class Project:
    """The services by name, the secrets by name, and the variables."""

    services: Mapping[str, Node]
    secrets: Mapping[str, Node]
    variables: Mapping[str, str] = field(repr=False)


def project_of(model: Node | None, variables: Mapping[str, str]) -> Project:
    """The project that `model` describes. Raises DefinitionErrors for what does not have the shape of one."""
    kept = _kept(model) if model else None
    if kept is None or not kept.items:
        raise DefinitionError("empty compose file", model.span if model else None)
    raise_all(check(kept, MODEL), "faults in compose files")
    services, secrets = kept.get("services"), kept.get("secrets")
    return Project(services.items if services else {}, secrets.items if secrets else {}, variables)


def _kept(model: Node) -> Node:
    """What a build is made of, a service without a value as an empty one; of `services` that is no mapping
    nothing is left, nor of a service that is none."""
    services = model.get("services")
    if services is None or not isinstance(services.value, dict):
        return model.only("secrets")
    mappings = {
        name: service.only(*_SERVICE_KEYS)
        for name, service in services.items.items()
        if isinstance(service.value, dict) or service.value is None
    }
    return model.only("services", "secrets").with_items({"services": services.with_value(mappings)})


def check_consistency(project: Project) -> None:
    """Raise what is wrong between services, and between services and secrets."""
    faults = [
        found for name, service in project.services.items() for found in _faults(name, service, project)
    ]
    faults += [found for name, secret in project.secrets.items() for found in _secret_faults(name, secret)]
    raise_all(faults, "faults in compose files")


def _faults(name: str, service: Node, project: Project) -> Iterator[DefinitionError]:
    build, image = service.get("build"), service.get("image")
    if build is None:
        if image is None or not image.text:
            problem = f"service {quoted(name)} has neither an image nor a build context specified"
            yield fault(f"{problem}: {_INVALID}", service)
        return
    inline, dockerfile = build.get("dockerfile_inline"), build.get("dockerfile")
    if inline and inline.text and dockerfile and dockerfile.text:
        problem = f"service {quoted(name)} declares mutualy exclusive dockerfile and dockerfile_inline"
        yield fault(f"{problem}: {_INVALID}", inline)
    yield from _context_faults(name, build, project)
    for mount in _elements(build, "secrets"):
        source = mount.get("source")
        if source is None or source.text not in project.secrets:
            problem = (
                f"service {quoted(name)} refers to undefined build secret {source.text if source else ''}"
            )
            hint = "name it in the file's top-level `secrets`"
            yield fault(f"{problem}: {_INVALID}", source or mount, hint=hint)


def _context_faults(name: str, build: Node, project: Project) -> Iterator[DefinitionError]:
    contexts = build.get("additional_contexts")
    for key, context in contexts.items.items() if contexts else ():
        other = context.text.removeprefix("service:")
        if other == context.text:
            continue
        service = project.services.get(other)
        if service is None or service.get("build") is None:
            kind = "unknown" if service is None else "non-buildable"
            declared = f"{kind} service {quoted(other)} as additional contexts {key}"
            yield fault(f"service {quoted(name)} declares {declared}", context)


def _secret_faults(name: str, secret: Node) -> Iterator[DefinitionError]:
    given = [secret.get(key) for key in ("file", "environment")]
    if not is_external(secret) and not any(node and node.text for node in given):
        problem = f"secret {quoted(name)} must declare either `file` or `environment`"
        yield fault(f"{problem}: {_INVALID}", secret)


def is_external(secret: Node) -> bool:
    """Whether a secret is somebody else's to make. Raises DefinitionError for what is no boolean."""
    external = secret.get("external")
    if external is None:
        return False
    return flag(external)


def flag(node: Node) -> bool:
    """A boolean, or a text that stands for one. Raises DefinitionError."""
    if isinstance(node.value, str):
        try:
            return to_boolean(node.value)
        except ValueError as exc:
            raise fault(str(exc), node, hint="write `true` or `false`") from exc
    return bool(node.value)


def _elements(build: Node, key: str) -> list[Node]:
    found = build.get(key)
    return found.elements if found else []


def service_variables(service: Node, project: Project, host: Host) -> dict[str, str | None]:
    """A service's environment: what `environment` says, without a value taken from outside, before what
    its `env_file`s say. Raises DefinitionError."""
    own = {
        key: project.variables.get(key) if value is None else value
        for key, value in pairs(service.get("environment")).items()
    }
    found = {key: value for key, value in own.items() if value is not None}

    def lookup(name: str) -> str | None:
        return project.variables.get(name, own.get(name))

    for env_file in _elements(service, "env_file"):
        _read_env_file(env_file, host, lookup, found)
    return {**found, **own}


def _read_env_file(env_file: Node, host: Host, lookup: Lookup, found: dict[str, str]) -> None:
    path, required, kind = env_file.get("path"), env_file.get("required"), env_file.get("format")
    if path is None:
        return
    if not path.text or not files.exists(host, path.text):
        if required is None or flag(required):
            raise fault(f"env file {path.text} not found", path, hint="`required: false` makes it optional")
        return
    if kind is not None and kind.text not in ("", ".env"):
        raise fault(f"unsupported env_file format {quoted(kind.text)}", kind)
    files.read_variables(host, path.text, path.span, lookup, found)


def pairs(node: Node | None) -> dict[str, str | None]:
    """A mapping, or a list of `KEY=VALUE`; None for what has no value. Raises DefinitionError."""
    return {key: None if value.value is None else scalar(value) for key, value in pair_nodes(node).items()}


def pair_nodes(node: Node | None) -> dict[str, Node]:
    """The same with each value's place."""
    if node is None or isinstance(node.value, dict):
        return dict(node.items) if node else {}
    found: dict[str, Node] = {}
    for item in node.elements:
        key, separator, value = scalar(item).partition("=")
        if key and key[-1].isspace():
            raise fault(f"environment variable {key} is declared with a trailing space", item)
        found[key] = item.with_value(value if separator else None)
    return found
