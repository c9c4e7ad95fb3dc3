"""The pinned list of packages that a plain build may import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.imported import third_party

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

MODEL = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
WIRE = {"google", "h2", "hpack", "hyperframe"}


def test_a_plain_build_imports_the_wire_and_neither_docker_nor_rich(pybake: Command, project: Path) -> None:
    (project / "docker-bake.hcl").write_text('target "default" {\n  output = ["type=cacheonly"]\n}\n')
    pybake("bake", "--print").ok()

    assert third_party(pybake, project / "record", "bake") == {"click", *MODEL, *WIRE}
