"""Entries of lists in their string and object forms, with the messages of buildx's buildflags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from bake.model.entries import Attest, CacheEntry, Output
from bake.model.policy import Policy
from bake.model.resources import Resources
from bake.model.secrets import SSH, Secret
from bake.model.target import Target

if TYPE_CHECKING:
    from bake.model.entry import Entry

READ: list[tuple[type[Entry], str, dict[str, Any]]] = [
    (Output, "type=image,name=a,push=true", {"name": "a", "push": "true", "type": "image"}),
    (Output, "type=local,dest=out", {"dest": "out", "type": "local"}),
    (Output, " Type =tar,DEST=x.tar", {"dest": "x.tar", "type": "tar"}),
    (Output, "out", {"dest": "out", "type": "local"}),
    (Output, "dest=foo", {"dest": "dest=foo", "type": "local"}),
    (Output, "-", {"dest": "-", "type": "tar"}),
    (Output, '"type=image","name=a,b"', {"name": "a,b", "type": "image"}),
    (CacheEntry, "user/app:cache", {"ref": "user/app:cache", "type": "registry"}),
    (CacheEntry, "type=local,SRC=dir", {"src": "dir", "type": "local"}),
    (Attest, "type=provenance,mode=max", {"mode": "max", "type": "provenance"}),
    (Attest, "type=sbom,disabled=1", {"disabled": True, "type": "sbom"}),
    (Attest, "type=sbom,disabled=false", {"type": "sbom"}),
    (Secret, "id=a,src=b", {"id": "a", "src": "b"}),
    (Secret, "ID=a,source=b", {"id": "a", "src": "b"}),
    (Secret, "type=env,id=a,src=B", {"env": "B", "id": "a"}),
    (Secret, "type=file,id=a,env=B", {"env": "B", "id": "a"}),
    (SSH, "default", {"id": "default"}),
    (SSH, "key=a,b", {"id": "key", "paths": ["a", "b"]}),
    (SSH, "key=", {"id": "key", "paths": [""]}),
]


@pytest.mark.parametrize(("kind", "text", "printed"), READ)
def test_string_forms(kind: type[Entry], text: str, printed: dict[str, Any]) -> None:
    assert kind.parse(text).printed() == printed


@pytest.mark.parametrize(("kind", "text", "printed"), READ)
def test_the_text_of_an_entry_reads_back(kind: type[Entry], text: str, printed: dict[str, Any]) -> None:
    written = str(kind.parse(text))
    assert kind.parse(written).printed() == printed


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Output, "", "EOF"),
        (Output, "type=", "type is required for output"),
        (Output, "a=b,c=d", "type is required for output"),
        (Output, "type=local,dest", "invalid value dest"),
        (CacheEntry, "a=b", 'type required for "a=b"'),
        (CacheEntry, "a,b", "invalid value a"),
        (Attest, "mode=max", "attestation type not specified"),
        (Attest, "sbom", "invalid value sbom"),
        (
            Attest,
            "type=sbom,disabled=no",
            'invalid value disabled=no: strconv.ParseBool: parsing "no": invalid syntax',
        ),
        (Secret, "id", "invalid field 'id' must be a key=value pair"),
        (Secret, "id=a,mode=1", "unexpected key 'mode' in 'mode=1'"),
        (Secret, "type=x", 'unsupported secret type "x"'),
        (
            Secret,
            'id="',
            'failed to parse csv secret: parse error on line 1, column 4: bare " in non-quoted field',
        ),
        (Policy, "filename=", "invalid value filename="),
        (Policy, "strict", "invalid value strict"),
        (Policy, "bogus=1", "invalid value bogus=1"),
        (Policy, "log-level=loud", 'invalid value log-level=loud: not a valid logrus Level: "loud"'),
    ],
)
def test_bad_string_forms(kind: type[Entry], text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kind.parse(text)


@pytest.mark.parametrize(
    ("text", "references"), [("a", ["a"]), ("a,b", ["a", "b"]), ("", []), ("type=gha", ["type=gha"])]
)
def test_one_text_of_caches_may_be_several(text: str, references: list[str]) -> None:
    assert [str(entry) for entry in CacheEntry.parse_all(text)] == references


def test_keys_are_printed_in_their_order() -> None:
    output = Output.of({"type": "image", "dest": "d", "a": "1", "z": "2"})
    assert list(output.printed()) == ["a", "dest", "type", "z"]
    assert list(Secret.parse("env=C,src=B,id=A").printed()) == ["id", "src", "env"]
    assert list(Resources(memory="1", cpu_quota=2).printed()) == ["memory", "cpu-quota"]


def test_policies_are_printed_with_gos_names() -> None:
    policy = Policy.parse("filename=a.rego,filename=b.rego,reset=true,strict=false,log-level=WARN")
    assert policy.printed() == {
        "Files": [{"Filename": "a.rego", "Data": None}, {"Filename": "b.rego", "Data": None}],
        "Reset": True,
        "Disabled": False,
        "Strict": False,
        "LogLevel": "warning",
    }
    assert Policy.parse("strict=true").printed()["Files"] is None


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("true", {"type": "sbom"}),
        ("0", {"disabled": True, "type": "sbom"}),
        ("generator=x", {"generator": "x", "type": "sbom"}),
    ],
)
def test_the_shorthand_of_attestations(text: str, printed: dict[str, Any]) -> None:
    attest = Attest.shorthand("sbom", text)
    assert attest is not None
    assert attest.printed() == printed


def test_no_shorthand_is_no_attestation() -> None:
    assert Attest.shorthand("sbom", "") is None


def test_limits_lie_over_each_other() -> None:
    limits = Resources(memory="1g", cpu_shares=2).merged(Resources(cpu_shares=3, cpuset_cpus="0"))
    assert limits.printed() == {"memory": "1g", "cpu-shares": 3, "cpuset-cpus": "0"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("nope", "1", "unknown resources key nope"),
        ("cpu_shares", "1", "unknown resources key cpu_shares"),
        ("cpu-shares", "x", "invalid value x for int64 key resources.cpu-shares"),
    ],
)
def test_bad_limits(name: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Resources().with_limit(name, text)


def test_a_limit_is_set_by_its_spelling() -> None:
    assert Resources(memory="1").with_limit("memory-swap", "2").printed() == {
        "memory": "1",
        "memory-swap": "2",
    }


def test_python_takes_every_form() -> None:
    target = Target.model_validate(
        {
            "name": "app",
            "output": ["out", {"type": "image", "name": "a"}, Output(type="tar", attrs={"x": "y"})],
            "secret": [{"id": "a", "env": "B"}],
            "ssh": ["default"],
            "policy": [{"filename": "p.rego", "strict": True}],
            "resources": {"cpu-shares": 3},
            "cache-from": ["ref"],
        }
    )
    assert [str(output) for output in target.output] == [
        "type=local,dest=out",
        "type=image,name=a",
        "type=tar,x=y",
    ]
    assert target.policy[0] == Policy(files=("p.rego",), strict=True)
    assert target.resources == Resources(cpu_shares=3)
    assert target.cache_from == (CacheEntry(type="registry", attrs={"ref": "ref"}),)


@pytest.mark.parametrize(
    "fields",
    [{"bogus": 1}, {"tags": "one"}, {"output": [1]}, {"output": ["a=b,c=d"]}, {"secret": [{"x": "y"}]}],
)
def test_python_is_told_what_does_not_fit(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="validation error"):
        Target.model_validate({"name": "app", **fields})
