"""`check`: all faults of a definition together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.api.checking import Checked, check
from bake.api.definition import Reading
from bake.errors import UsageError
from bake.host import Host
from bake.model.flags import Selection
from bake.source import Source

if TYPE_CHECKING:
    from bake.source import Dialect


def checked(text: str, *targets: str, strict: bool = False, dialect: Dialect = "hcl") -> Checked:
    source = Source("docker-bake", text, dialect, "/")
    return check(lambda: [source], Selection(targets=targets), Host(), Reading(strict=strict))


def codes(text: str, *targets: str, strict: bool = False, dialect: Dialect = "hcl") -> list[str]:
    """`error code` and `warning code`, in the order told."""
    found = checked(text, *targets, strict=strict, dialect=dialect).diagnostics
    return [f"{one.severity.value} {one.code}" for one in found]


FAULTY = """
variable "UNUSED" {}
group "default" { targets = ["app", "nope"] }
target "app" {
  inherits          = ["missing"]
  dockerfil         = "x"
  dockerfile        = "Dockerfile"
  dockerfile-inline = "FROM a"
  secret            = ["id=s,src=gone"]
  cache-to          = ["type=gha"]
  tags              = [UNKNOWN]
}
target "other" { cache-to = ["type=gha"] }
target "web" { inherits = ["web2"] }
target "web2" { inherits = ["web"] }
target "x" { contexts = { y = "target:y" } }
target "y" { contexts = { x = "target:x" } }
"""


def test_all_faults_are_told_together_errors_first() -> None:
    assert codes(FAULTY) == [
        "error unknown-target",
        "error unknown-target",
        "error secret-without-source",
        "error unknown-variable",
        "error link-cycle",
        "error link-cycle",
        "warning unused-variable",
        "warning unknown-attribute",
        "warning dockerfile-ignored",
        "warning duplicate-cache",
        "warning inherit-cycle",
    ]


def test_strict_makes_errors_of_warnings() -> None:
    assert all(code.startswith("error ") for code in codes(FAULTY, strict=True))
    assert len(codes(FAULTY, strict=True)) == len(codes(FAULTY))


def test_a_clean_file() -> None:
    found = checked('group "default" { targets = ["a"] }\ntarget "a" {}\n')
    assert found == Checked((), 1)


def test_all_syntax_faults_are_told() -> None:
    assert codes("a = 1\na = 2\na = 3\n") == ["error invalid-syntax"] * 2


def test_only_the_targets_asked_for_are_looked_at() -> None:
    text = 'target "a" { dockerfile-inline = "FROM x" }\n'
    text += 'target "b" { secret = ["id=s,src=gone"] }\n'
    assert codes(text, "a") == []
    assert codes(text, "b") == codes(text) == ["error secret-without-source"]


def test_names_are_looked_for_in_the_whole_file() -> None:
    text = 'target "a" {}\ntarget "b" { inherits = ["c"] }\n'
    assert codes(text, "a") == ["error unknown-target"]


def test_a_target_that_is_not_there() -> None:
    assert codes('target "a" {}\n', "b") == ["error unknown-target"]


def test_a_fault_that_targets_inherit_is_told_once() -> None:
    text = 'target "base" { secret = ["id=s,src=gone"] }\ntarget "a" { inherits = ["base"] }\n'
    assert codes(text) == ["error secret-without-source"]


def test_a_target_that_lacks_a_value_is_not_held_against_its_dockerfile() -> None:
    text = """
target "a" {
  inherits          = ["none"]
  dockerfile-inline = "FROM a"
  target            = "from-none"
}
target "b" {
  dockerfile-inline = UNKNOWN
  target            = "x"
}
"""
    assert codes(text) == ["error unknown-target", "error unknown-variable"]


def test_what_is_only_inherited_from_is_not_held_against_a_dockerfile() -> None:
    base = 'target "base" {\n dockerfile-inline = "FROM a"\n target = "x"\n}\n'
    heir = 'target "a" {\n inherits = ["base"]\n target = ""\n}\n'
    assert codes(base + heir) == ["error unknown-stage"]
    assert codes(base + heir + 'group "default" { targets = ["a"] }\n') == []


def test_targets_that_faults_have_lost_are_not_missed() -> None:
    text = 'target "a" {\n matrix = { v = UNKNOWN }\n name = "a-${v}"\n}\ngroup "g" { targets = ["a-1"] }\n'
    assert codes(text) == ["error unknown-variable"]


def test_compose_files() -> None:
    text = "version: '3'\nservices:\n  a:\n    build: .\n    image: a:${NOPE}\n"
    found = ["warning deprecated", "warning unset-variable", "warning invalid-image-name"]
    assert sorted(codes(text, dialect="compose")) == sorted(found)
    assert codes("services:\n  a: []\n", dialect="compose") == ["error invalid-compose"]


def test_faults_of_reading_are_findings() -> None:
    def read() -> list[Source]:
        raise UsageError("couldn't find a bake definition")

    (found,) = check(read, Selection(), Host(), Reading()).diagnostics
    assert (found.code, found.span) == ("no-definition", None)


def test_bugs_are_raised() -> None:
    def read() -> list[Source]:
        raise ExceptionGroup("bugs", [ZeroDivisionError()])

    with pytest.raises(ExceptionGroup):
        check(read, Selection(), Host(), Reading())
