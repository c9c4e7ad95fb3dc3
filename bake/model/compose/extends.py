"""`extends`: services that take over what another service says (compose-go 2.13, loader/extends.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bake.evaluate.functions.quoting import quoted
from bake.model.compose.merge import merge
from bake.model.compose.nodes import Node, fault
from bake.model.compose.reset import without

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.model.compose.reset import Resets

MAX_DEPTH = 200
"""How many services may extend one another in a row."""
Trail: TypeAlias = "tuple[tuple[str, str], ...]"


@dataclass(frozen=True, slots=True)
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
        done = dict(services.items)
        for name in services.items:
            done[name] = self._service(name, done, (), resets)
        return document.with_items({"services": services.with_value(done)})

    def _service(self, name: str, services: dict[str, Node], trail: Trail, resets: Resets) -> Node:
        """The service called `name`, extended; it is kept in `services`."""
        service = services[name]
        if service.value is None:
            return service
        if not isinstance(service.value, dict):
            raise fault(f"services.{name} must be a mapping", service)
        extends = service.get("extends")
        if extends is None:
            return service
        base = self._base(name, extends, services, trail, resets)
        if base.value is None:
            return service
        kept = without(base, resets, ("services", name))
        services[name] = merge(kept, service, ("services", name)).without("extends")
        return services[name]

    def _base(
        self, name: str, extends: Node, services: dict[str, Node], trail: Trail, resets: Resets
    ) -> Node:
        wanted, file = _reference(name, extends)
        where = self.name
        if file is not None:
            found, resets = self.base_file(file)
            services, where = dict(found.items), file.text
        if wanted not in services:
            there = f" in {where}" if file is not None else ""
            message = (
                f"cannot extend service {quoted(name)} in {self.name}: service {quoted(wanted)} not found"
            )
            raise fault(message + there, extends)
        return self._service(wanted, services, _longer(trail, (where, name), extends), resets)


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
        (file, service), *others = (*trail, step)
        lines = [f"  {service} in {file}", *(f"  extends {service} in {file}" for file, service in others)]
        raise fault("\n".join(["Circular reference:", *lines]), extends)
    return (*trail, step)
