from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from bake.errors import ExportError
from bake.progress import VertexWarning
from bake.result import metadata

if TYPE_CHECKING:
    from pathlib import Path


def encoded(value: object) -> str:
    return b64encode(json.dumps(value).encode()).decode()


def test_json_in_base64_is_opened_and_all_else_stays_text() -> None:
    response = {
        "containerimage.digest": "sha256:1",
        "containerimage.descriptor": encoded({"digest": "sha256:1"}),
        "list": encoded([{"a": 1}]),
        "empty": encoded({}),
        "numbers": encoded([1]),
        "cache.manifest": '{"digest": "sha256:2"}',
        "result.json": '{"warnings": []}',
        "image.name": "abcd",
    }
    assert metadata.opened(response) == {
        "cache.manifest": '{"digest": "sha256:2"}',
        "containerimage.descriptor": {"digest": "sha256:1"},
        "containerimage.digest": "sha256:1",
        "empty": encoded({}),
        "image.name": "abcd",
        "list": [{"a": 1}],
        "numbers": encoded([1]),
        "result.json": {"warnings": []},
    }


def test_the_file(tmp_path: Path) -> None:
    path = tmp_path / "meta.json"
    metadata.write(str(path), metadata.document({"b": {"k": "<&>"}, "a": {}}))
    assert path.read_text() == '{\n  "a": {},\n  "b": {\n    "k": "\\u003c\\u0026\\u003e"\n  }\n}'
    assert [one.name for one in tmp_path.iterdir()] == ["meta.json"]


def test_warnings_are_in_it_when_they_are_wanted() -> None:
    warning = VertexWarning("sha256:v", 1, "short", ("d",), "url", "Dockerfile", "FROM x", ((1, 2),))
    (found,) = metadata.document({}, [warning])[metadata.WARNINGS_KEY]
    assert found == {
        "vertex": "sha256:v",
        "level": 1,
        "short": "c2hvcnQ=",
        "detail": ["ZA=="],
        "url": "url",
        "sourceInfo": {"filename": "Dockerfile", "data": "RlJPTSB4"},
        "range": [{"start": {"line": 1}, "end": {"line": 2}}],
    }


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be written"):
        metadata.write(str(tmp_path / "gone" / "meta.json"), {})


def test_build_refs() -> None:
    assert metadata.with_build({"k": "v"}, "b", "n", "r") == {"k": "v", "buildx.build.ref": "b/n/r"}
