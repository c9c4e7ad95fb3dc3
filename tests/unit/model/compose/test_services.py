"""A service's build, key by key, and the target that comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from bake.source import Cause
from tests.unit.model.compose.projects import Project, build, faults, given, project, target

PLAIN = {"context": "."}
INVALID = "invalid compose project"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("./x/", {"context": "x"}),
        ("{}", PLAIN),
        ("{context: ~/x}", {"context": "/home/user/x"}),
        ('{context: "https://h/r.git"}', {"context": "https://h/r.git"}),
        ("{dockerfile: D, target: t, network: host}", {"dockerfile": "D", "target": "t", "network": "host"}),
        ('{dockerfile_inline: "FROM x"}', {"dockerfile_inline": "FROM x"}),
        ("{no_cache: true, pull: true}", {"no_cache": True, "pull": True}),
        ('{no_cache: "yes", pull: "off"}', {"no_cache": True}),
        (
            "{args: {A: 1, B: 1.50, C: true, D: yes, E: }}",
            {"args": {"A": "1", "B": "1.5", "C": "true", "D": "yes"}},
        ),
        ('{args: ["A=1", "B=x=y", "C", "D="]}', {"args": {"A": "1", "B": "x=y", "D": ""}}),
        ('{args: ["A=1", "A=2"]}', {"args": {"A": "2"}}),
        ("{args: {A: 0o17, B: 1e3, C: 1e30}}", {"args": {"A": "15", "B": "1000", "C": "1e+30"}}),
        ("{args: {A: 1e6, B: 123456789.5}}", {"args": {"A": "1e+06", "B": "1.234567895e+08"}}),
        ("{labels: {a: 1, b: }}", {"labels": {"a": "1", "b": ""}}),
        ('{labels: ["a=1", "b"]}', {"labels": {"a": "1", "b": ""}}),
        ("{tags: [a, b, a]}", {"tags": ("a", "b")}),
        (
            '{cache_from: [type=gha, "a,b"], cache_to: [""]}',
            {"cache_from": ("type=gha", "a", "b")},
        ),
        ("{platforms: [linux/amd64]}", {"platforms": ("linux/amd64",)}),
        ("{shm_size: 1.5g}", {"shm_size": "1.5GiB"}),
        ("{shm_size: 0}", {}),
        ("{ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}}", {"ulimits": ("nofile=1:2", "nproc=5:5")}),
        (
            '{extra_hosts: ["a=1.1.1.1", "b:2.2.2.2", "a=3.3.3.3", "c=[::1]"]}',
            {"extra_hosts": {"a": "1.1.1.1,3.3.3.3", "b": "2.2.2.2", "c": "::1"}},
        ),
        ('{extra_hosts: {a: "[::1]", b: [x, y]}}', {"extra_hosts": {"a": "::1", "b": "x,y"}}),
        ('{ssh: [default, "a=./k"]}', {"ssh": ("a=k", "default")}),
        ("{ssh: {default: }}", {"ssh": ("default",)}),
        (
            '{additional_contexts: {a: ./x, b: "docker-image://i", c: "target:d.e"}}',
            {"contexts": {"a": "x", "b": "docker-image://i", "c": "target:d_e"}},
        ),
        ('{additional_contexts: ["a=./x"]}', {"contexts": {"a": "x"}}),
        ("{sbom: true, provenance: mode=max}", {"attest": ("type=sbom", "type=provenance,mode=max")}),
        ("{provenance: false}", {"attest": ("type=provenance,disabled=true",)}),
        ("{privileged: true, entitlements: [x], isolation: i, no_cache_filter: a, x-y: {}}", {}),
    ],
)
def test_builds(text: str, expected: dict[str, Any]) -> None:
    assert given(build(text)) == {**PLAIN, **expected}


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("5", "services.app.build: invalid type int for build", "5"),
        ("", "services.app.build: invalid type <nil> for build", ""),
        ("{contxt: .}", "services.app.build additional properties 'contxt' not allowed", "contxt"),
        ("{args: x}", "services.app.build.args must be a mapping", "x"),
        ("{args: {A: [1]}}", "services.app.build.args.A must be a boolean, null, number or string", "[1]"),
        ('{args: ["A=1", 2]}', "services.app.build.args.[1]: unexpected type int", "2"),
        ('{args: ["A ", B]}', "environment variable A  is declared with a trailing space", '"A "'),
        ("{args: {1: x}}", "non-string key in services.app.build.args: 1", "1"),
        ("{tags: x}", "services.app.build.tags must be a array", "x"),
        ('{no_cache: "maybe"}', "invalid boolean: maybe", '"maybe"'),
        ("{shm_size: 1x}", "invalid suffix: 'x'", "1x"),
        (
            "{ulimits: {nofile: {soft: 1}}}",
            "services.app.build.ulimits.nofile must be a integer or string",
            "{soft: 1}",
        ),
        (
            '{ulimits: {nofile: "1"}}',
            "services.app.build.ulimits.nofile: invalid type string for external",
            '"1"',
        ),
        ("{ulimits: {foo: 1}}", "invalid ulimit type: foo", "1"),
        ("{extra_hosts: [a]}", "invalid additional host, missing IP: a", "a"),
        ('{extra_hosts: {"a:b": x}}', "bad host name 'a:b'", "x"),
        ("{ssh: [a]}", 'invalid ssh key "a"', "a"),
        ("{ssh: a}", "services.app.build.ssh: invalid type string for ssh", "a"),
        (
            "{additional_contexts: [a]}",
            "services.app.build.additional_contexts: invalid value a, expected key=value",
            "a",
        ),
        ('{cache_from: ["a=b"]}', 'type required for "a=b"', '"a=b"'),
        ("{provenance: mode}", "invalid value mode", "mode"),
        (
            "{dockerfile: x, dockerfile_inline: y}",
            f'service "app" declares mutualy exclusive dockerfile and dockerfile_inline: {INVALID}',
            "y",
        ),
        (
            '{additional_contexts: {x: "service:z"}}',
            'service "app" declares unknown service "z" as additional contexts x',
            '"service:z"',
        ),
        (
            "{secrets: [s]}",
            'service "app" refers to undefined build secret s: invalid compose project',
            "s",
        ),
    ],
)
def test_faults_and_their_places(text: str, message: str, place: str) -> None:
    (fault,) = faults(project(f"services: {{app: {{build: {text}}}}}"))
    assert fault.summary == message
    assert fault.span is not None
    assert fault.span.text == place


def test_several_faults_come_together() -> None:
    found = faults(project("services: {app: {build: {args: x, tags: y}}, b: {build: {target: []}}}"))
    assert len(found) == 3


def test_the_image_is_the_tag_of_a_build_without_tags() -> None:
    assert target("services: {app: {image: i, build: .}}").tags == ("i",)
    assert target("services: {app: {image: i, build: {tags: [t]}}}").tags == ("t",)
    assert target("services: {app: {image: i, build: {x-bake: {tags: t}}}}").tags == ("t",)


def test_services_become_targets_and_a_group() -> None:
    found = project("services: {a.b: {build: .}, c: {image: i}, d: {build: ., profiles: [p]}}").read()
    assert list(found.targets) == ["a_b", "d"]
    assert found.groups["default"].targets == ("a_b", "d")


def test_arguments_look_in_the_service_then_outside() -> None:
    text = "services: {app: {environment: {A: own, B: }, build: {args: [A, B, C, D]}}}"
    assert target(text, A="env", B="envb", C="envc").args == {"A": "own", "B": "envb", "C": "envc"}


def test_env_files() -> None:
    text = """
services:
  app:
    env_file: [a.env, {path: no.env, required: false}]
    environment: [E=own]
    build: {args: [A, E]}
"""
    files = {"compose.yaml": text, "a.env": "A=$E-$Z\nE=file\n"}
    assert Project(files, {"Z": "z"}).read().targets["app"].args == {"A": "own-z", "E": "own"}
    (fault,) = faults(project("services: {app: {env_file: no.env, build: .}}"))
    assert fault.summary == "env file no.env not found"


def test_an_env_file_without_a_name_is_one_that_is_not_there() -> None:
    """It comes of a variable that is not set; the folder that the name would lead to is there."""
    service = 'services: {app: {env_file: [{path: "$NOPE", required: %s}], build: .}}'
    assert list(Project({"compose.yaml": service % "false"}).read().targets) == ["app"]
    (fault,) = faults(project(service % "true"))
    assert fault.summary == "env file  not found"


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("{file: ./f}", "id=s,src=f"),
        ("{environment: E}", "id=s,env=E"),
    ],
)
def test_secrets(secret: str, expected: str) -> None:
    found = target(f"services: {{app: {{build: {{secrets: [s]}}}}}}\nsecrets: {{s: {secret}}}")
    assert [str(each) for each in found.secret] == [expected]


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ("{external: true}", "unsupported external secret s"),
        ("{external: {name: n}}", "unsupported external secret n"),
        ("{}", 'secret "s" must declare either `file` or `environment`: invalid compose project'),
        ("x", "secrets.s must be a mapping"),
    ],
)
def test_secrets_that_cannot_be(secret: str, message: str) -> None:
    (fault,) = faults(project(f"services: {{app: {{build: {{secrets: [s]}}}}}}\nsecrets: {{s: {secret}}}"))
    assert fault.summary == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# nothing\n", "empty compose file"),
        ("volumes: {}\n", "empty compose file"),
        ("services: [a]\n", "services must be a mapping"),
        ("services: {a: 5}\n", "services.a must be a mapping"),
        (
            "services: {a: }\n",
            'service "a" has neither an image nor a build context specified: invalid compose project',
        ),
        ("services: {a b: {build: .}}\n", "services additional properties 'a b' not allowed"),
    ],
)
def test_files_that_define_nothing(text: str, message: str) -> None:
    (fault,) = faults(project(text))
    assert fault.summary == message


def test_every_value_knows_its_place() -> None:
    found = target("services:\n  app:\n    build:\n      args: {A: 1}\n      tags: [x, y]\n")
    origin = found.origins["tags[1]"]
    assert origin.cause is Cause.COMPOSE
    assert str(origin.span) == "compose.yaml:5,17-18"
    assert str(found.origins["args.A"].span) == "compose.yaml:4,17-18"
    assert "context" in found.origins


def test_services_whose_names_differ_by_a_dot_are_one_target() -> None:
    text = "services: {web.app: {build: {dockerfile: D, args: {A: 1}}}, web_app: {build: {args: {B: 2}}}}"
    found = project(text).read().targets
    assert list(found) == ["web_app"]
    assert given(found["web_app"]) == {"context": ".", "dockerfile": "D", "args": {"A": "1", "B": "2"}}
