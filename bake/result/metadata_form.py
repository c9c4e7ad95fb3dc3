"""The form of the metadata file, as types: `schemas/metadata.schema.json` is made from them.

BuildKit's exporters may say more than stands here; what stands here is what they say today.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict

Target = TypedDict(
    "Target",
    {
        "buildx.build.ref": NotRequired[Annotated[str, "The build's id: builder/node/id."]],
        "buildx.build.provenance": NotRequired[Annotated[dict[str, Any], "Its provenance."]],
        "containerimage.digest": NotRequired[Annotated[str, "The digest of the image or its index."]],
        "containerimage.config.digest": NotRequired[Annotated[str, "The digest of the image's config."]],
        "containerimage.descriptor": NotRequired[Annotated[dict[str, Any], "Its descriptor."]],
        "image.name": NotRequired[Annotated[str, "Its names, separated by commas."]],
        "result.json": NotRequired[Annotated[dict[str, Any], "What a call (`--call`) gave."]],
    },
)
"""What one target gave."""


class SourceInfo(TypedDict):
    """The file that a warning is about."""

    filename: NotRequired[str]
    data: NotRequired[Annotated[str, "Its text, in base64."]]
    language: NotRequired[str]


class Warning(TypedDict):  # noqa: A001 - BuildKit's word
    """A warning of BuildKit's (VertexWarning)."""

    vertex: NotRequired[Annotated[str, "The digest of the step."]]
    level: NotRequired[int]
    short: NotRequired[Annotated[str, "The warning in a line, in base64."]]
    detail: NotRequired[Annotated[list[str], "More of it, in base64."]]
    url: NotRequired[str]
    sourceInfo: NotRequired[SourceInfo]
    range: NotRequired[list[dict[str, Any]]]
