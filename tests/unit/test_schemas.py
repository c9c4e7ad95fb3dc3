"""The published schemas: fresh, valid, and of one mind with what is written and read."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from bake.progress import VertexWarning
from bake.result import metadata
from tools import schemas


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((schemas.FOLDER / name).read_text()))


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_a_schema_is_fresh_and_one(name: str) -> None:
    text = (schemas.FOLDER / name).read_text()
    assert text == schemas.SCHEMAS[name](), "run `make schemas`"
    Draft202012Validator.check_schema(json.loads(text))


def test_every_schema_in_the_folder_is_generated() -> None:
    assert {path.name for path in schemas.FOLDER.iterdir()} == schemas.SCHEMAS.keys()


def compose(text: str) -> list[str]:
    return [error.message for error in validator("compose.schema.json").iter_errors(yaml.safe_load(text))]


@pytest.mark.parametrize(
    "build",
    [
        ".",
        "{context: ., args: [A=1], tags: [x]}",
        "{context: ., args: {A: 1, B: null}, x-bake: {tags: [a, b], pull: true, output: type=docker}}",
        "{context: ., x-bake: {contexts: {a: 'docker-image://b'}, platforms: linux/amd64 linux/arm64}}",
        "{context: ., x-other: {y: z}}",
    ],
)
def test_compose_files_that_bake_reads(build: str) -> None:
    text = f"name: x\nservices:\n  a:\n    build: {build}\n    ports: ['1:1']\nvolumes: {{v: }}\n"
    assert compose(text) == []


@pytest.mark.parametrize(
    "build", ["{contexts: .}", "{x-bake: {tagz: [a]}}", "{x-bake: {contexts: [a]}}", "[a]", "{tags: a}"]
)
def test_compose_files_that_it_does_not(build: str) -> None:
    assert compose(f"services:\n  a:\n    build: {build}\n")


def written() -> dict[str, Any]:
    digest = {"digest": "sha256:1", "size": 1, "mediaType": "x"}
    response = {
        "containerimage.digest": "sha256:1",
        "containerimage.descriptor": b64encode(json.dumps(digest).encode()).decode(),
        "buildx.build.provenance/linux/amd64": b64encode(b'{"a": 1}').decode(),
        "something.new": "x",
    }
    warning = VertexWarning("sha256:v", 1, "short", ("d",), "url", "Dockerfile", "FROM x", ((1, 2),))
    return metadata.document({"app": metadata.with_build(response, "b", "n", "r")}, [warning])


def test_the_metadata_file() -> None:
    assert list(validator("metadata.schema.json").iter_errors(written())) == []


@pytest.mark.parametrize("value", [1, {"containerimage.digest": 1}, {"containerimage.descriptor": "x"}])
def test_what_is_no_metadata(value: object) -> None:
    assert list(validator("metadata.schema.json").iter_errors({"app": value}))
