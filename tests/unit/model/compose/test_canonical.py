"""What is refused of a service that bake does not look at: compose-go 2.13's words, most seen in buildx."""

from __future__ import annotations

import pytest

from tests.unit.model.compose.projects import faults, project


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("volumes: ['${UNSET}:/data']", "invalid spec: :/data: empty section between colons"),
        ("volumes: [1]", "services.app.volumes.[]: invalid type int for service volume mount"),
        ("volumes: [{source: a}]", "service volume services.app.volumes.[0] is missing a mount target"),
        (
            "volumes: [{type: bind, target: /x}]",
            'invalid mount config for type "bind": field Source must not be empty',
        ),
        ("ports: ['${A}:${B}']", "no port specified: :<empty>"),
        ("ports: ", "services.app.ports: invalid type <nil> for port"),
        ("ports: [true]", "services.app.ports: invalid type bool for port"),
        ("ports: [{published: 80}]", "service ports services.app.ports.[0] is missing a target port"),
        ("devices: [a:b:c:d]", "confusing device mapping, please use long syntax: a:b:c:d"),
        ("devices: [{source: a}]", "service device services.app.devices.[0] is missing a mount target"),
        ("depends_on: db", "services.app.depends_on: invalid type string for depend_on"),
        ("depends_on: {db: }", "services.app.depends_on.db: unsupported value map[db:<nil>]"),
        ("networks: [1]", "services.app.networks: unexpected type int"),
        ("gpus: 1", "services.app.gpus: invalid type int for gpus"),
        ("gpus: [x]", "services.app.gpus.[]: invalid type string for device request"),
        ("labels: [1]", "services.app.labels.[0]: unexpected type int"),
        ("expose: [1.5]", "services.app.expose.[0]: unsupported expose value of type float64"),
        ("secrets: [1]", "services.app.secrets.[0]: unsupported expose value of type int"),
        ("configs: {a: }", "services.app.configs.a: unsupported type <nil>"),
    ],
)
def test_what_compose_cannot_read(rest: str, message: str) -> None:
    found = faults(project(f"services:\n  app:\n    build: .\n    {rest}\n"))
    assert [fault.summary for fault in found] == [message]


@pytest.mark.parametrize("kind", ["volumes", "networks", "configs", "secrets"])
def test_a_resource_is_a_mapping(kind: str) -> None:
    found = faults(project(f"services: {{app: {{build: .}}}}\n{kind}: {{a: x}}"))
    assert [fault.summary for fault in found] == [f"{kind}.a must be a mapping"]


def test_names_of_resources_conflict() -> None:
    found = faults(project("services: {app: {build: .}}\nvolumes: {a: {name: q, external: {name: z}}}"))
    assert [fault.summary for fault in found] == ["volumes.a: name and external.name conflict; only use name"]


def test_the_rest_of_a_service_is_read_and_left() -> None:
    rest = "depends_on: [a], networks: [n], ports: [80, {target: 1}], gpus: all, dns: x, volumes: [a:/b]"
    assert faults(project(f"services: {{app: {{build: ., {rest}}}}}")) == []
