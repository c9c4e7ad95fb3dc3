"""What a build gave, for programs: targets with their digests, timings and metadata; failures; warnings.

Takes a run's `Outcome` and its plan, gives frozen records. Keys of metadata are those of buildx's metadata
file, see `bake.result.metadata`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from bake.record import record
from bake.result import metadata
from bake.solve import IMAGE_CONFIG_DIGEST, IMAGE_DESCRIPTOR, IMAGE_DIGEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bake.descriptor import Descriptor
    from bake.engine.outcome import Outcome, TargetResult
    from bake.errors import BakeError
    from bake.plan.records import Plan
    from bake.progress import VertexWarning

NAMES = "image.name"


@record
class Part:
    """One of a target's builds: where it ran, for which platforms (none: the node's own), its id in the
    node's history, and when, in seconds since the epoch."""

    node: str
    platforms: tuple[str, ...]
    ref: str
    started: float
    completed: float


@record
class BuiltTarget:
    """A target that was built. `metadata` is what BuildKit answered, JSON in it opened up."""

    name: str
    parts: tuple[Part, ...]
    metadata: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """The digest of the image, or of the index of several; "" if no image was exported."""
        return str(self.metadata.get(IMAGE_DIGEST, ""))

    @property
    def config_digest(self) -> str:
        """The digest of the image's config; "" without an image, and for an index."""
        return str(self.metadata.get(IMAGE_CONFIG_DIGEST, ""))

    @property
    def descriptor(self) -> Descriptor | None:
        """The descriptor of the image, or of the index of several; None if none was exported."""
        from bake.descriptor import descriptor_from_json

        fields = self.metadata.get(IMAGE_DESCRIPTOR)
        return descriptor_from_json(fields) if fields else None

    @property
    def image_names(self) -> tuple[str, ...]:
        """The references that the image was given, with their tags."""
        return tuple(filter(None, str(self.metadata.get(NAMES, "")).split(",")))

    @property
    def started(self) -> float:
        """Seconds since the epoch."""
        return min(part.started for part in self.parts)

    @property
    def completed(self) -> float:
        """Seconds since the epoch."""
        return max(part.completed for part in self.parts)

    @property
    def seconds(self) -> float:
        """From the start of its first part to the end of its last."""
        return self.completed - self.started


@record
class Result:
    """What a run gave. `result["app"]` is the target `app`; `warnings` are BuildKit's, each once."""

    targets: Mapping[str, BuiltTarget]
    outcome: Outcome = field(repr=False)
    warnings: tuple[VertexWarning, ...] = ()

    @property
    def errors(self) -> Mapping[str, BakeError]:
        """What kept targets from being built, by target."""
        return self.outcome.errors

    @property
    def skipped(self) -> Mapping[str, str]:
        """The targets that were not built, and for each the one whose failure is the reason."""
        return self.outcome.skipped

    @property
    def canceled(self) -> bool:
        return self.outcome.canceled

    def __getitem__(self, name: str) -> BuiltTarget:
        return self.targets[name]

    def __iter__(self) -> Iterator[BuiltTarget]:
        return iter(self.targets.values())

    @property
    def ok(self) -> bool:
        """Whether everything was built."""
        return not (self.errors or self.skipped or self.canceled)

    def raise_errors(self) -> None:
        """Raise CanceledError after a cancel, a target's failure, or a group of them; nothing if `ok`."""
        self.outcome.raise_errors()


def result_of(outcome: Outcome, plan: Plan, builder: str, warnings: tuple[VertexWarning, ...]) -> Result:
    """`outcome` as a `Result`; `builder` is the name that the builds' ids begin with."""
    plan = outcome.plan or plan
    targets = {name: _target(one, plan, builder) for name, one in outcome.results.items()}
    return Result(targets, outcome, warnings)


def _target(result: TargetResult, plan: Plan, builder: str) -> BuiltTarget:
    parts = [
        Part(solve.node, tuple(map(str, solve.platforms)), one.ref, one.started, one.completed)
        for one in result.solves
        for solve in (plan.solves[one.key],)
    ]
    response = dict(result.response)
    if len(parts) == 1:
        response = metadata.with_build(response, builder, parts[0].node, parts[0].ref)
    return BuiltTarget(result.target, tuple(parts), metadata.opened(response))
