"""The metadata file: what was built, target by target, in buildx's form (commands/, 0.36.1).

Takes results, gives one JSON text. Keys are BuildKit's own exporter response (`containerimage.digest`,
`image.name`, `cache.manifest`, …), with what is base64 JSON opened up, and `buildx.build.ref`,
`buildx.build.provenance[/PLATFORM]`, `buildx.build.warnings`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bake.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.progress import VertexWarning

REF_KEY = "buildx.build.ref"
WARNINGS_KEY = "buildx.build.warnings"
CALL_RESULT = "result.json"


def build_ref(builder: str, node: str, ref: str) -> str:
    """A build's id among all builders: what `history` commands and `buildx.build.ref` name it by."""
    return f"{builder}/{node}/{ref}"


def with_build(response: Mapping[str, str], builder: str, node: str, ref: str) -> dict[str, str]:
    """A target's response with the id of the build that gave it."""
    return {**response, REF_KEY: build_ref(builder, node, ref)}


def opened(response: Mapping[str, str]) -> dict[str, Any]:
    """The response with JSON values as JSON: those that are base64 of it, and a call's result."""
    return {key: _open(key, response[key]) for key in sorted(response)}


def _open(key: str, value: str) -> Any:
    from base64 import b64decode

    try:
        data = value if key == CALL_RESULT else b64decode(value, validate=True)
        found = json.loads(data)
    except ValueError:
        return value
    if isinstance(found, dict) and found:
        return found
    objects = isinstance(found, list) and found and all(isinstance(one, dict) for one in found)
    return found if objects else value


def document(
    responses: Mapping[str, Mapping[str, str]], warnings: Sequence[VertexWarning] = ()
) -> dict[str, Any]:
    """The whole document: responses by target, and the warnings if they are wanted in it."""
    found: dict[str, Any] = {target: opened(response) for target, response in responses.items()}
    if warnings:
        found[WARNINGS_KEY] = [_warning(one) for one in warnings]
    return dict(sorted(found.items()))


def _warning(warning: VertexWarning) -> dict[str, Any]:
    """A warning as Go's encoder writes BuildKit's: bytes in base64."""
    from base64 import b64encode

    def encoded(text: str) -> str:
        return b64encode(text.encode()).decode()

    found: dict[str, Any] = {
        "vertex": warning.vertex,
        "level": warning.level,
        "short": encoded(warning.short),
        "detail": [encoded(line) for line in warning.detail],
        "url": warning.url,
    }
    if warning.filename:
        found["sourceInfo"] = {"filename": warning.filename, "data": encoded(warning.source)}
        if warning.language:
            found["sourceInfo"]["language"] = warning.language
        found["range"] = [{"start": {"line": first}, "end": {"line": last}} for first, last in warning.ranges]
    return {key: value for key, value in found.items() if value not in ("", 0, [])}


def text(document: Mapping[str, Any]) -> str:
    """The document as the file holds it: two blanks of indentation, `<`, `>` and `&` escaped, as Go does."""
    found = json.dumps(document, indent=2, ensure_ascii=False)
    return found.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def write(path: str, document: Mapping[str, Any]) -> None:
    """Write the file, whole or not at all. Raises ExportError."""
    from bake import files

    try:
        files.replace(path, text(document).encode())
    except OSError as exc:
        raise ExportError(
            "The metadata file cannot be written",
            detail=f"`{path}`: {exc.strerror or exc}",
            hint="make its folder first" if isinstance(exc, FileNotFoundError) else None,
        ) from exc
