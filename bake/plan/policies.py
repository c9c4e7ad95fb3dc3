"""What a build may read: the source policy of the environment, and policies in Rego.

A source policy goes to BuildKit as it is. Policies in Rego are judged on this machine while BuildKit
asks; building without one that was asked for would be worse than not building.
"""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING

from bake.errors import UsageError
from bake.plan.faults import fault

if TYPE_CHECKING:
    from bake.host import Host
    from bake.model.target import Target

SOURCE_POLICY_VARIABLE = "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY"


def of_sources(host: Host) -> str:
    """The source policy that the environment names, "" for none. Raises UsageError."""
    path = host.environment.get(SOURCE_POLICY_VARIABLE)
    if not path:
        return ""
    try:
        text = host.read(posixpath.join(host.working_directory, path)).decode()
        json.loads(text)
    except (OSError, ValueError) as exc:
        raise UsageError("Source policy cannot be read", detail=f"`{path}`: {exc}") from exc
    return text


def refuse(target: Target) -> None:
    """Raises DefinitionError for a target that asks for policies in Rego."""
    if any(policy.files and not policy.disabled for policy in target.policy):
        raise fault(
            target,
            "policy",
            "Policies in Rego are not supported",
            hint="check sources with a source policy instead: EXPERIMENTAL_BUILDKIT_SOURCE_POLICY=FILE",
        )
