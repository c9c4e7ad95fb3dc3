"""What a build may read: the source policy of the environment, and policies in Rego.

A source policy goes to BuildKit as it is. Policies in Rego are judged by the client while BuildKit asks;
building without one that was asked for would be worse than not building, so such targets are refused.

They are not evaluated because a wrong answer here is a permission. buildx compiles them with OPA, which
rejects a rule that names an unknown variable; rego-cpp 1.5.2 (`regopy`), the evaluator with wheels for
Python, takes `not blockd` for true and so allows what the misspelt rule was to deny. And BuildKit before
0.26 ignores the session that would judge (`source.policy.session`), Docker Engine 28.5 among them.
"""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING

from bake.errors import UsageError, reason
from bake.goscalars import GO_TRUE
from bake.plan.faults import fault

if TYPE_CHECKING:
    from bake.host import Host
    from bake.model.target import Target

SOURCE_POLICY_VARIABLE = "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY"
BUILTIN_VARIABLE = "BUILDX_DEFAULT_POLICY"
"""Turns on a policy that buildx brings along."""
SUFFIX = ".rego"


def of_sources(host: Host) -> str:
    """The source policy that the environment names, "" for none and for an empty file. Raises UsageError."""
    path = host.environment.get(SOURCE_POLICY_VARIABLE)
    if not path:
        return ""
    try:
        text = host.read(posixpath.join(host.working_directory, path)).decode()
        found = json.loads(text or "{}")
    except (OSError, ValueError) as exc:
        raise UsageError("Source policy cannot be read", detail=f"`{path}`: {reason(exc)}") from exc
    if not isinstance(found, dict):
        raise UsageError("Source policy cannot be read", detail=f"`{path}`: not a JSON object")
    return text


def refuse(target: Target, default: str, host: Host) -> None:
    """Raises DefinitionError for a target that has policies in Rego in force.

    `default` is the policy beside its Dockerfile, "" where there is none.
    """
    files = in_force(target, default)
    if host.environment.get(BUILTIN_VARIABLE) in GO_TRUE and not is_disabled(target):
        files = (f"{BUILTIN_VARIABLE}={host.environment[BUILTIN_VARIABLE]}", *files)
    if files:
        raise fault(
            target,
            "policy",
            "Policies in Rego are not supported",
            detail=", ".join(f"`{name}`" for name in files),
            hint="check sources with a source policy instead: EXPERIMENTAL_BUILDKIT_SOURCE_POLICY=FILE; "
            "to build unchecked: --policy disabled=true",
        )


def in_force(target: Target, default: str) -> tuple[str, ...]:
    """The files that judge a target's sources (withPolicyConfig, build/build.go of buildx 0.36.1): the one
    beside its Dockerfile, and those of its `policy`, from the last `reset` on.

    Raises DefinitionError where policies are disabled and asked for.
    """
    if is_disabled(target):
        (first, *others) = target.policy
        if others or first.reset or first.strict is not None or first.log_level or first.files:
            raise fault(target, "policy", "disabled policy cannot be combined with other policy flags")
        return ()
    files: tuple[str, ...] = (default,) if default else ()
    for policy in target.policy:
        files = (() if policy.reset else files) + policy.files
    return files


def ignores_default(target: Target) -> bool:
    """Whether the policy beside the Dockerfile, if there is one, is none of this target's."""
    return any(policy.disabled or policy.reset for policy in target.policy)


def is_disabled(target: Target) -> bool:
    return any(policy.disabled for policy in target.policy)


def beside(dockerfile: str, host: Host) -> str:
    """The policy that lies beside a Dockerfile of this machine, "" if none does."""
    policy = f"{dockerfile}{SUFFIX}"
    return policy if host.exists(policy) else ""
