"""What is said of a selected definition, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.codes import code_of
from bake.host import Host
from bake.model.flags import Selection
from bake.model.selection import select
from bake.plan.lint import lint
from tests.fakes.defining import defined

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCKERFILE = "ARG BASE=alpine\nFROM $BASE AS Build\nARG VERSION\nFROM build AS release\n"


def findings(
    text: str, files: Mapping[str, str] | None = None, **environment: str
) -> list[tuple[str, str, bool]]:
    """(code, text meant, whether it is an error) of all targets; the working directory is /w."""
    found = {f"/w/{name}": data.encode() for name, data in (files or {}).items()}

    def read(path: str) -> bytes:
        if path not in found:
            raise FileNotFoundError(2, "No such file or directory", path)
        return found[path]

    host = Host(environment=environment, working_directory="/w", read=read, exists=found.__contains__)
    definition = defined(text, host=host)
    selected = select(definition, Selection(targets=tuple(definition.targets)), host)
    told = [(one.fault, one.is_error) for one in lint(selected.targets, host)]
    return [(code_of(fault), fault.span.text if fault.span else "", bad) for fault, bad in told]


def test_a_stage_that_is_not_there_is_an_error() -> None:
    text = 'target "a" { target = "relase" }\n'
    assert findings(text, {"Dockerfile": DOCKERFILE}) == [("unknown-stage", '"relase"', True)]


@pytest.mark.parametrize("stage", ["release", "BUILD", ""])
def test_a_stage_that_is_there(stage: str) -> None:
    assert findings(f'target "a" {{ target = "{stage}" }}\n', {"Dockerfile": DOCKERFILE}) == []


def test_an_argument_that_is_not_there_is_a_warning() -> None:
    arguments = 'VERSION = "1", BASE = "x", VERSIO = "2", HTTP_PROXY = "p", TARGETOS = "x"'
    text = f'target "a" {{ args = {{ {arguments} }} }}\n'
    assert findings(text, {"Dockerfile": DOCKERFILE}) == [("unknown-build-arg", '"2"', False)]


@pytest.mark.parametrize(
    "target",
    [
        '{ target = "x" }',
        '{ context = "https://github.com/a/b.git" \n }',
        '{ dockerfile = "nope" }',
        '{ dockerfile-inline = "# syntax=me/mine\\nFROM a" }',
        '{ dockerfile-inline = "FROM a"\n args = { BUILDKIT_SYNTAX = "me/mine" }\n }',
    ],
)
def test_what_is_not_read_here_proves_nothing(target: str) -> None:
    body = target[1:-1].strip()
    text = f'target "a" {{\n{body}\n}}\ntarget "b" {{\n inherits = ["a"]\n target = "y"\n}}\n'
    assert findings(text) == []


def test_folders_are_those_of_the_context() -> None:
    text = 'target "a" {\n context = "sub"\n dockerfile = "x.Dockerfile"\n target = "x"\n}\n'
    assert findings(text, {"sub/x.Dockerfile": "FROM a AS y\n"}) == [("unknown-stage", '"x"', True)]
    assert findings(text, {"x.Dockerfile": "FROM a AS y\n"}) == []


def test_an_inherited_argument_is_told_if_none_takes_it() -> None:
    text = """
target "base" { args = { A = "1", B = "2" } }
target "one" {
  inherits = ["base"]
  dockerfile-inline = "FROM a\\nARG A"
}
target "two" {
  inherits = ["base"]
  dockerfile-inline = "FROM a"
}
"""
    assert findings(text) == [("unknown-build-arg", '"2"', False)]


def test_an_inherited_argument_may_be_for_what_cannot_be_read() -> None:
    text = """
target "base" { args = { A = "1" } }
target "one" {
  inherits = ["base"]
  dockerfile-inline = "FROM a"
}
target "two" {
  inherits = ["base"]
  context  = "https://github.com/a/b.git"
}
"""
    assert findings(text) == []


def test_a_dockerfile_that_buildkit_refuses() -> None:
    text = 'target "a" { dockerfile = "D" }\n'
    assert findings(text, {"D": "FROM a\nRUN <<EOF\n"}) == [("invalid-dockerfile", '"D"', True)]


def test_dockerfile_beside_inline() -> None:
    text = 'target "a" {\n dockerfile = "D"\n dockerfile-inline = "FROM a"\n}\n'
    assert findings(text) == [("dockerfile-ignored", '"D"', False)]


def test_an_inline_one_in_the_place_of_an_inherited_one() -> None:
    text = (
        'target "a" { dockerfile = "D" }\ntarget "b" {\n inherits = ["a"]\n dockerfile-inline = "FROM a"\n}\n'
    )
    assert findings(text) == []


def test_secrets_of_variables_that_are_not_set() -> None:
    text = 'target "a" { secret = ["id=a,env=A", "id=b,env=B", "type=file,id=c,src=c"] }\n'
    assert findings(text, B="") == [("secret-without-source", '"id=a,env=A"', False)]


def test_arguments_that_fields_replace() -> None:
    text = 'target "a" { args = { BUILDKIT_INLINE_CACHE = 1 } }\n'
    assert findings(text) == [("deprecated", "1", False)]


def test_a_platform_that_a_linked_target_lacks() -> None:
    text = """
target "a" {
  contexts  = { b = "target:b" }
  platforms = ["linux/arm64"]
}
target "b" { platforms = ["linux/amd64", "linux/s390x"] }
"""
    assert findings(text) == [("linked-platforms", '"target:b"', False)]
    assert findings(text.replace("s390x", "arm64")) == []
    assert findings(text.replace(', "linux/s390x"', "")) == []


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("type=registry,ref=x", "type=registry,ref=x", 1),
        ("x", "type=registry,ref=x,mode=max", 1),
        ("type=registry,ref=x", "type=registry,ref=y", 0),
        ("type=gha", "type=gha", 1),
        ("type=gha,scope=a", "type=gha,scope=b", 0),
        ("type=gha", "type=gha,scope=buildkit", 1),
        ("type=local,dest=a", "type=local,dest=a", 1),
        ("type=inline", "type=inline", 0),
        ("type=s3,bucket=a,name=x", "type=s3,bucket=a,name=y", 0),
        ("type=s3,bucket=a", "type=s3,bucket=a", 1),
    ],
)
def test_caches_exported_to_one_place(one: str, other: str, count: int) -> None:
    text = f'target "a" {{ cache-to = ["{one}"] }}\ntarget "b" {{ cache-to = ["{other}"] }}\n'
    assert [code for code, _, _ in findings(text)] == ["duplicate-cache"] * count


def test_variants_of_one_build_may_share_a_cache() -> None:
    text = """
target "a" { cache-to = ["type=gha"] }
target "b" {
  inherits  = ["a"]
  platforms = ["linux/amd64"]
}
"""
    assert findings(text) == []
    different = text.replace("platforms = ", 'target = "x"\n platforms = ')
    assert findings(different) == [("duplicate-cache", '"type=gha"', False)]


def test_members_of_a_matrix_overwrite_each_others_cache() -> None:
    text = """
target "a" {
  name     = "a-${v}"
  matrix   = { v = ["1", "2"] }
  args     = { V = v }
  cache-to = ["type=gha"]
}
"""
    assert findings(text) == [("duplicate-cache", '"type=gha"', False)]
    assert findings(text.replace("type=gha", "type=gha,scope=${v}")) == []


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ('platforms = ["linux/amd46"]', [("invalid-image-name", '"linux/amd46"', False)]),
        ('platforms = ["linux/arm64", "linus/amd64"]', [("invalid-image-name", '"linus/amd64"', False)]),
        ('platforms = ["linux", "linux/arm/v7", "windows(10.0)/x86_64", "linux/AArch64"]', []),
        ('platforms = ["li nux"]', []),
        ('tags = ["a/B"]', [("invalid-image-name", '"a/B"', False)]),
        ('tags = ["app"]', []),
        (
            'tags = ["app", "r.io/app", "me/app"], output = ["type=registry"]',
            [("invalid-image-name", '"app"', False)],
        ),
        ('tags = ["app:1"], output = ["type=image,push=true"]', [("invalid-image-name", '"app:1"', False)]),
        ('tags = ["app:1"], output = ["type=image,push=false"]', []),
        ('output = ["type=floppy"]', [("invalid-output", '"type=floppy"', True)]),
        ('cache-from = ["type=registry"]', [("invalid-definition", '"type=registry"', True)]),
        ('cache-to = ["me/cache", "type=local"]', [("invalid-definition", '"type=local"', True)]),
    ],
)
def test_what_no_builder_takes(attributes: str, found: list[tuple[str, str, bool]]) -> None:
    lines = attributes.replace("], ", "]\n")
    assert findings(f'target "a" {{\n{lines}\n}}\n') == found
