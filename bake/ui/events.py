"""What `--progress=json` writes: one of these records on each line, told apart by `type`.

The types are the documentation: `schemas/progress.schema.json` is made from them. Times are RFC 3339 in
UTC. A field that is not required is left out where there is nothing to say.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict


class Event(TypedDict):
    """What every record has."""

    time: Annotated[str, "When it was written."]
    target: NotRequired[Annotated[str, "The target it is about; none where it concerns the whole run."]]
    node: NotRequired[Annotated[str, "The node of the builder that it happens on."]]
    platforms: NotRequired[Annotated[list[str], "The platforms that this node builds the target for."]]


class Run(Event):
    """The first line of a run."""

    type: Literal["run"]
    version: Annotated[Literal[1], "The version of this format; fields may be added within one."]
    description: Annotated[str, "Which builder is used."]


class TargetPhase(Event):
    """A target has entered a phase of its life, on one node."""

    type: Literal["target"]
    phase: Literal["waiting", "started", "retrying", "finished", "failed", "skipped", "canceled"]
    reason: NotRequired[Annotated[str, "Why it is skipped, or tried again."]]
    error: NotRequired[Annotated[str, "What failed."]]


class Step(Event):
    """A step of a Dockerfile, or one of BuildKit's own, has changed. Targets may share a step."""

    type: Literal["step"]
    step: Annotated[str, "The digest that other records name the step by."]
    name: str
    targets: Annotated[list[str], "The targets that have reported it so far."]
    inputs: NotRequired[Annotated[list[str], "The digests of the steps it builds on."]]
    cached: bool
    started: NotRequired[str]
    completed: NotRequired[str]
    seconds: NotRequired[Annotated[float, "For how long it ran, once it is completed."]]
    error: NotRequired[str]


class Transfer(Event):
    """How far a piece of work within a step is: what is uploaded, pulled, pushed or exported."""

    type: Literal["transfer"]
    step: str
    id: Annotated[str, "The name of the piece of work within its step."]
    current: Annotated[int, "Bytes so far, where it counts bytes."]
    total: NotRequired[Annotated[int, "Bytes in all, where that is known."]]
    started: NotRequired[str]
    completed: NotRequired[str]


class Log(Event):
    """A piece of a step's output; it may end in the middle of a line."""

    type: Literal["log"]
    step: str
    stream: Literal["stdout", "stderr"]
    text: str
    logged: NotRequired[Annotated[str, "When the step wrote it."]]


class Warning(Event):  # noqa: A001 - the name of the record
    """Something in a file that should be fixed."""

    type: Literal["warning"]
    step: str
    text: str
    detail: NotRequired[list[str]]
    url: NotRequired[Annotated[str, "Where to read more."]]
    file: NotRequired[str]
    lines: NotRequired[Annotated[list[list[int]], "First and last lines, from 1."]]


class Note(Event):
    """Something a person should read once."""

    type: Literal["note"]
    level: Literal["note", "warning"]
    text: str
    hint: NotRequired[Annotated[str, "The next step."]]


class Ending(TypedDict):
    """How one target ended."""

    target: str
    result: Literal["finished", "failed", "skipped", "canceled"]
    platforms: list[str]
    seconds: NotRequired[Annotated[float, "For how long it was built."]]
    cached: Annotated[int, "Steps of its Dockerfile that were in the cache."]
    steps: Annotated[int, "Steps of its Dockerfile that were reached."]
    size: NotRequired[Annotated[int, "Bytes of the image in a registry, or of what came to this machine."]]
    digest: NotRequired[Annotated[str, "The image's."]]
    error: NotRequired[Annotated[str, "What failed."]]
    place: NotRequired[Annotated[str, "Where the fault stands, `FILE:LINE`."]]
    reason: NotRequired[Annotated[str, "Why it was skipped."]]
    same_as: NotRequired[Annotated[str, "The target that was built in its place, being the same build."]]


class Summary(Event):
    """The last line of a run, if it came so far as to build."""

    type: Literal["summary"]
    targets: list[Ending]


RECORDS = (Run, TargetPhase, Step, Transfer, Log, Warning, Note, Summary)
"""All of them."""
