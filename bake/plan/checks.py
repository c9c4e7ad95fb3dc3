"""What can be said against a selected definition before any builder is asked: files of secrets and SSH
keys that are not there, sizes, limits and platforms that are none, outputs that cannot land.

Nothing that passes here is promised to build; what fails here cannot. These are the checks that buildx
makes before it prints (TargetsToBuildOpt, bake/bake.go 0.36.1). A target is checked only for what it was
given, and what a check needs is imported only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.plan.faults import Collector

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.host import Host
    from bake.model.target import Definition, Target

    Check = Callable[[Target, Host], object]


def check(definition: Definition, host: Host, *, terminal: bool = False) -> None:
    """Raise DefinitionError, or a group of them, for what cannot be built of `definition` (selected).

    `terminal` says that standard output is one. UsageError for a source policy that cannot be read.
    """
    with Collector() as collect:
        for target in definition.targets.values():
            for fields, one in _CHECKS:
                if any(_given(getattr(target, field)) for field in fields):
                    with collect.piece():
                        one(target, host)
            if target.output:
                with collect.piece():
                    _outputs(target, host, terminal)
        with collect.piece():
            _source_policy(host)


def _given(value: object) -> bool:
    return value == "" or bool(value)


def _standard_input(target: Target, _host: Host) -> None:
    if "-" in (target.context, target.dockerfile):
        from bake.plan.contexts import refuse_standard_input

        refuse_standard_input(target)


def _limits(target: Target, _host: Host) -> None:
    from bake.plan.attributes import limits

    limits(target)


def _platforms(target: Target, host: Host) -> None:
    from bake.plan.placement import platforms_of

    platforms_of(target, host)


def _secrets(target: Target, host: Host) -> None:
    from bake.plan.attachments import secrets

    secrets(target, host)


def _agents(target: Target, host: Host) -> None:
    from bake.plan.attachments import agents
    from bake.plan.remotes import is_git_ssh

    if target.ssh or is_git_ssh(target.context):
        agents(target, target.context, host)


def _annotations(target: Target, _host: Host) -> None:
    from bake.plan.exporters import annotation_attrs

    annotation_attrs(target)


def _outputs(target: Target, host: Host, terminal: bool) -> None:
    from bake.plan.landings import Ground, land_all

    land_all(Ground(target, host, terminal))


def _source_policy(host: Host) -> None:
    from bake.plan.policies import of_sources

    of_sources(host)


_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("context", "dockerfile"), _standard_input),
    (("shm_size", "ulimits", "resources"), _limits),
    (("platforms",), _platforms),
    (("secret",), _secrets),
    (("ssh", "context"), _agents),
    (("annotations",), _annotations),
)
"""The fields that call for a check, any of them given, and the check."""
