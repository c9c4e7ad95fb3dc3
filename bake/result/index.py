"""One index of the images that several nodes built.

Takes descriptors, and a function that fetches what an index of theirs lists; gives the index. Its rule is
`imagetools create`'s: indexes are flattened, each manifest stands once, first come first, and one OCI
manifest among Docker's makes it an OCI index.
"""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from typing import TYPE_CHECKING

from bake import descriptor as words
from bake import platforms
from bake.descriptor import Descriptor, Index
from bake.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bake.solve import SolveResult

    Fetch = Callable[[Descriptor], bytes]

DESCRIPTOR_KEY = "containerimage.descriptor"


def described(result: SolveResult) -> Descriptor:
    """What the Solve exported. Raises ExportError if BuildKit did not say it."""
    try:
        return words.descriptor_from_json(json.loads(b64decode(result.response[DESCRIPTOR_KEY])))
    except (KeyError, ValueError) as exc:
        raise ExportError(
            "BuildKit did not say which image it exported", detail=f"solve `{result.key}`"
        ) from exc


def join(
    descriptors: Iterable[Descriptor], fetch: Fetch, annotations: Mapping[str, str] | None = None
) -> Index:
    """The index of all images behind `descriptors`. `fetch` gives a manifest, an index or a config.

    Raises ExportError for what is none of these.
    """
    found: dict[str, Descriptor] = {}
    for one in descriptors:
        for manifest in _flatten(one, fetch):
            found.setdefault(manifest.digest, manifest)
    manifests = tuple(found.values())
    docker_only = all(one.media_type == words.DOCKER_MANIFEST for one in manifests)
    media_type = words.DOCKER_LIST if docker_only and not annotations else words.OCI_INDEX
    return Index(manifests, media_type, dict(annotations or {}))


def _flatten(one: Descriptor, fetch: Fetch) -> Iterator[Descriptor]:
    try:
        if one.is_index:
            yield from words.index_from_json(fetch(one)).manifests
        elif one.media_type in words.MANIFESTS:
            yield one if one.platform else replace(one, platform=_platform_of(one, fetch))
        else:
            raise ValueError(f"`{one.media_type}` is no image")
    except ValueError as exc:
        raise ExportError("Not an image", detail=f"`{one.digest}`: {exc}") from exc


def _platform_of(manifest: Descriptor, fetch: Fetch) -> platforms.Platform:
    """A manifest does not say for which platform it is; its config does."""
    config = words.manifest_from_json(fetch(manifest)).config
    return platforms.from_json(json.loads(fetch(config)))


def index_annotations(attrs: Mapping[str, str]) -> dict[str, str]:
    """The annotations of the index itself among exporter attributes."""
    prefix = "annotation-index."
    return {key.removeprefix(prefix): value for key, value in attrs.items() if key.startswith(prefix)}
