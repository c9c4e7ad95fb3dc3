"""`extends`: services that take over what another service says (compose-go 2.13, loader/extends.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bake.goquote import quoted
from bake.model.compose.merge import merge
from bake.model.compose.nodes import Node, fault
from bake.model.compose.reset import without
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.model.compose.reset import Resets

MAX_DEPTH = 200
"""How many services may extend one another in a row."""
Trail: TypeAlias = "tuple[tuple[str, str], ...]"


@record
class _Scope:
    """The services of one file, those that are extended already as they are then; and its resets."""

    services: dict[str, Node]
    resets: Resets


@record
class Extending:
    """Resolves `extends` in the file called `name`; `base_file` gives another file's services and resets."""

    name: str
    base_file: Callable[[Node], tuple[Node, Resets]]

    def document(self, document: Node, resets: Resets) -> Node:
        """`document` with its services extended. Raises DefinitionError."""
        services = document.get("services")
        if services is None:
            return document
        if not isinstance(services.value, dict):
            raise fault("services must be a mapping", services)
        scope = _Scope(dict(services.items), resets)
        for name in services.items:
            self._service(name, scope, ())
        return document.with_items({"services": services.with_value(scope.services)})

    def _service(self, name: str, scope: _Scope, trail: Trail) -> Node:
        """The service called `name`, extended, which the scope keeps."""
        service = scope.services[name]
        if service.value is None:
            return service
        if not isinstance(service.value, dict):
            raise fault(f"services.{name} must be a mapping", service)
        extends = service.get("extends")
        base = self._base(name, extends, scope, trail) if extends else None
        if base is None or base.value is None:
            return service
        path = ("services", name)
        scope.services[name] = merge(without(base, scope.resets, path), service, path).without("extends")
        return scope.services[name]

    def _base(self, name: str, extends: Node, scope: _Scope, trail: Trail) -> Node:
        """What the service called `name` extends, itself extended."""
        wanted, file = _reference(name, extends)
        where = self.name
        if file is not None:
            services, resets = self.base_file(file)
            scope, where = _Scope(dict(services.items), resets), file.text
        if wanted not in scope.services:
            there = f" in {where}" if file is not None else ""
            message = (
                f"cannot extend service {quoted(name)} in {self.name}: service {quoted(wanted)} not found"
            )
            raise fault(message + there, extends)
        return self._service(wanted, scope, _longer(trail, (where, name), extends))


def _reference(name: str, extends: Node) -> tuple[str, Node | None]:
    """The service that is extended, and the node that names its file."""
    if not isinstance(extends.value, dict):
        return extends.text, None
    service, file = extends.get("service"), extends.get("file")
    if service is None or not isinstance(service.value, str):
        raise fault(f"extends.{name}.service is required", extends)
    return service.value, file if file is not None and file.value is not None else None


def _longer(trail: Trail, step: tuple[str, str], extends: Node) -> Trail:
    if len(trail) >= MAX_DEPTH:
        detail = f"{MAX_DEPTH} services may extend one another in a row."
        raise fault("Too many services extend one another", extends, detail=detail)
    if step in trail:
        detail = " extends ".join(f"`{service}` in {file}" for file, service in (*trail, step))
        raise fault("Circular reference", extends, detail=detail)
    return (*trail, step)
