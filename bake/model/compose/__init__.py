"""Compose files → `Definition`: each service with a build is a target.

    definition(files, host, variables) -> Definition

The stages, each a module: `environment` (what variables are set), `loading` (files to one model, with
`interpolate`, `include`, `extends`, `reset`, `merge`, `canonical`), `project` (shape and consistency),
`services` and `xbake` (a service to a target). Rules are those of buildx 0.36.1 with compose-go 2.13;
all profiles count, and of a service only image, build, environment and env_file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import BakeError, DefinitionError, flatten, raise_all
from bake.model import relative
from bake.model.compose.environment import variables_of, with_project_name
from bake.model.compose.interpolate import Interpolation
from bake.model.compose.loading import Reading, load
from bake.model.compose.nodes import Node, documents
from bake.model.compose.project import check_consistency, project_of, service_variables
from bake.model.compose.services import target_from
from bake.model.compose.values import mark
from bake.model.held import HEADER
from bake.model.merge import merge_targets
from bake.model.origins import Origins
from bake.model.target import Definition, Group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.host import Host
    from bake.model.compose.project import Project
    from bake.model.target import Target
    from bake.syntax.tree import File

DEFAULT_GROUP = "default"


def definition(files: Sequence[File], host: Host, variables: Mapping[str, str]) -> Definition:
    """The targets of all services with a build, and the group of all of them.

    `variables` are those of `--var`; they go before the environment, which goes before `.env`.
    Raises DefinitionErrors, or groups of them.
    """
    given = variables_of(host, variables)
    roots = [(file.source.name, documents(file.body)) for file in files if file.source.text]
    if not roots:
        return Definition.trusted()
    if len(roots) > 1:
        _check_each(roots, host, given)
    project, warnings = _project(roots, host, given)
    check_consistency(project)
    targets = _targets(project, host)
    group = Group.trusted(
        name=DEFAULT_GROUP,
        targets=tuple(targets),
        origins=Origins({HEADER: mark(_first(roots))}),
    )
    groups = {DEFAULT_GROUP: group} if project.services else {}
    found = Definition.trusted(targets=targets, groups=groups, warnings=tuple(warnings))
    return relative.rebased_on(files[0].source, found) if relative.is_wanted(host) else found


def _first(roots: Sequence[tuple[str, Sequence[Node]]]) -> Node:
    return next(document for _, found in roots for document in found)


def _check_each(roots: Sequence[tuple[str, list[Node]]], host: Host, given: Mapping[str, str]) -> None:
    """Each file has to make sense alone, but for what its services want of one another."""
    faults: list[BakeError] = []
    for root in roots:
        try:
            _project([root], host, given)
        except (BakeError, ExceptionGroup) as error:
            faults += flatten(error)
    raise_all(faults, "faults in compose files")


def _project(
    roots: Sequence[tuple[str, list[Node]]], host: Host, given: Mapping[str, str]
) -> tuple[Project, list[DefinitionError]]:
    variables = with_project_name(given, [document for _, found in roots for document in found])
    interpolation = Interpolation(variables)
    model = load(roots, Reading(host, interpolation))
    return project_of(model, variables), interpolation.warnings()


def _targets(project: Project, host: Host) -> dict[str, Target]:
    targets: dict[str, Target] = {}
    faults: list[BakeError] = []
    for name, service in project.services.items():
        try:
            environment = service_variables(service, project, host)
            if service.get("build") is not None:
                target = target_from(name, service, environment, project)
                # `web.app` and `web_app` are one target
                twin = targets.get(target.name)
                targets[target.name] = target if twin is None else merge_targets(twin, target)
        except (BakeError, ExceptionGroup) as error:
            faults += flatten(error)
    raise_all(faults, "faults in compose files")
    return targets
