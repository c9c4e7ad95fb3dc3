"""Where outputs land on this machine: a folder, a file, standard output, an Engine.

Takes a target's outputs before any node is known, gives `Export`s without a driver's own rules. The
rules are buildx's CreateExports (build/opt.go, 0.36.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.goscalars import GO_FALSE
from bake.plan.faults import Collector, fault
from bake.record import record
from bake.solve import Destination, Export

if TYPE_CHECKING:
    from bake.errors import DefinitionError
    from bake.host import Host
    from bake.model.entries import Output
    from bake.model.target import Target

TYPES = ("cacheonly", "docker", "image", "local", "oci", "registry", "tar")
STDOUT = "-"
MODES = ("copy", "delete")
"""What becomes of a folder's other files (ParseLocalExporterMode, BuildKit 0.32)."""
_ARCHIVES = ("oci", "docker")


@record
class Ground:
    """What an output lands on: `terminal` says that standard output is one."""

    target: Target
    host: Host
    terminal: bool = False


def land_all(ground: Ground) -> None:
    """Whether the target's outputs can land, as far as that is seen here. Raises DefinitionError, or a
    group of them."""
    to_stdout = 0
    with Collector() as collect:
        for index, output in enumerate(ground.target.output):
            if output.type == "cacheonly" or output.type not in TYPES:
                continue
            with collect.piece():
                landed = land(ground, f"output[{index}]", output, dict(output.attrs))
                to_stdout += landed.destination is Destination.STDOUT
                if to_stdout > 1:
                    raise only_one_stdout(ground.target, f"output[{index}]", ground.target.name)


def only_one_stdout(target: Target, path: str, taken_by: str) -> DefinitionError:
    """The fault of a second output to standard output."""
    return fault(
        target,
        path,
        "Only one output can go to standard output",
        detail=f"target `{taken_by}` writes there already",
    )


def land(ground: Ground, path: str, output: Output, attrs: dict[str, str]) -> Export:
    """Type, attributes and destination of `output`, which stands at `path`. Raises DefinitionError."""
    if output.type == "registry":
        return Export("image", {"unpack": "false", **attrs, "push": "true"})
    as_files = output.type in _ARCHIVES and attrs.get("tar") in GO_FALSE
    if output.type == "local" or as_files:
        folder = _folder(ground, path, output)
        if as_files:
            return Export(output.type, attrs, Destination.OCI_LAYOUT, folder)
        return Export(
            output.type, attrs, Destination.DIRECTORY, folder, clean=_mode(ground, path, attrs) == "delete"
        )
    if output.type == "image":
        return Export("image", attrs)
    if output.dest == STDOUT or (not output.dest and output.type != "docker"):
        return Export(output.type, attrs, _stdout(ground, path, output))
    if output.dest:
        return Export(output.type, attrs, Destination.FILE, _file(ground, path, output))
    return Export("docker", attrs, Destination.LOAD, context=attrs.get("context"))


def _mode(ground: Ground, path: str, attrs: dict[str, str]) -> str:
    mode = attrs.get("mode", "").strip().lower() or MODES[0]
    if mode not in MODES:
        found = f"`{mode}` is not one of {', '.join(MODES)}"
        raise fault(ground.target, path, "Invalid mode of a local output", detail=found)
    return mode


def _folder(ground: Ground, path: str, output: Output) -> str:
    if output.dest in ("", STDOUT):
        raise fault(
            ground.target,
            path,
            f"A {output.type} output of files needs a folder as `dest`",
            hint=f"write `type={output.type},dest=FOLDER`",
        )
    folder = ground.host.absolute(output.dest)
    if ground.host.exists(folder) and not ground.host.is_dir(folder):
        raise fault(ground.target, path, "The destination folder is a file", detail=f"`{folder}`")
    return folder


def _file(ground: Ground, path: str, output: Output) -> str:
    file = ground.host.absolute(output.dest)
    if ground.host.is_dir(file):
        raise fault(ground.target, path, "The destination file is a folder", detail=f"`{file}`")
    return file


def _stdout(ground: Ground, path: str, output: Output) -> Destination:
    if ground.terminal:
        raise fault(
            ground.target,
            path,
            "An archive is not written to a terminal",
            detail=f"`{output}`",
            hint="name a file with `dest=`, or redirect standard output",
        )
    return Destination.STDOUT
