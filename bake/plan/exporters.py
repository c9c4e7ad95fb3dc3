"""Outputs: what BuildKit exports, under which names, and where it lands.

Takes a target's outputs and the node they are built on, gives `Export`s. The rules are buildx's
CreateExports and toSolveOpt (build/opt.go, 0.36.1): `registry` is `image` with push, an Engine's
`image` is `moby`, `docker` without a destination is loaded, and a target that says nothing stays in the
Engine's image store.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bake import platforms, reference
from bake.goscalars import GO_FALSE, GO_TRUE
from bake.model.entries import Output
from bake.plan.faults import Collector, did_you_mean, fault, span_of
from bake.plan.features import (
    DEFAULT_LOAD,
    DIRECT_PUSH,
    DOCKER_EXPORTER,
    MULTI_PLATFORM,
    MULTIPLE_EXPORTERS_CAP,
    OCI_EXPORTER,
    has_cap,
    is_set,
    supports_attestations,
    unsupported,
)
from bake.plan.landings import TYPES, Ground, land
from bake.record import record
from bake.solve import Destination, Export

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.host import Host
    from bake.model.target import Target
    from bake.node import NodeFacts
    from bake.plan.placement import Unit
    from bake.plan.records import PlanOptions

_NAMED = ("image", "oci", "docker")
_IMAGES = ("image", "oci", "moby")
_ANNOTATION_TYPES = ("index", "index-descriptor", "manifest", "manifest-descriptor")
_ANNOTATION_TYPE = re.compile(r"([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?")


@record
class Place:
    """Where an output is made: `split` says that other nodes build other platforms of the same target."""

    target: Target
    unit: Unit
    node: NodeFacts
    split: bool
    host: Host
    options: PlanOptions

    @property
    def ground(self) -> Ground:
        return Ground(self.target, self.host, self.options.terminal)


def of_target(place: Place) -> tuple[Export, ...]:
    """All exports of a target on one node. Raises DefinitionError, or a group of them."""
    if place.unit.context_only or place.target.call not in (None, "", "build"):
        return ()
    written = _written(place)
    if len(written) > 1 and not has_cap(place.node, MULTIPLE_EXPORTERS_CAP):
        raise fault(
            place.target,
            "output",
            "This BuildKit makes one output at a time",
            hint="update it to v0.13 or newer, or name one output",
        )
    common = annotation_attrs(place.target)
    names = names_of(place.target)
    found: list[Export] = []
    with Collector() as collect:
        for index, output in enumerate(written):
            with collect.piece():
                found.append(_export(place, index, output, names, common))
    made = _joined(found)
    _check_together(place, made)
    return made


def _check_together(place: Place, exports: Sequence[Export]) -> None:
    """BuildKit's answer tells of one image only, and a build has one content store."""
    layouts = [export for export in exports if export.destination is Destination.OCI_LAYOUT]
    wholes = [export for export in layouts if export.whole]
    if wholes and len(wholes) + sum(map(_pushes, exports)) > 1:
        raise fault(
            place.target,
            "output",
            "Only one output can be gathered from several nodes",
            detail="a push is one, too",
            hint="make one at a time: the second finds everything in the cache",
        )
    if len(layouts) > 1:
        raise fault(
            place.target,
            "output",
            "Only one output can be an OCI layout",
            hint="leave `tar=false` out of the others, which makes them archives",
        )


def _joined(exports: Sequence[Export]) -> tuple[Export, ...]:
    """The exports of one image as one: it is loaded and pushed.

    BuildKit makes a build's exports at the same time, and where two of them name an image, the second to
    do so may fail in Engine 28.5 (`image "…": already exists`), as it does for buildx 0.29 to 0.36.
    """
    found: dict[object, Export] = {}
    for index, export in enumerate(exports):
        image = {key: value for key, value in export.attrs.items() if key not in ("push", "unpack")}
        which = tuple(sorted(image.items())) if export.type in ("moby", "image") else index
        found[which] = _both(found[which], export, image) if which in found else export
    return tuple(found.values())


def _both(one: Export, other: Export, image: Mapping[str, str]) -> Export:
    """What does the work of both: it pushes where one does, and unpacks unless neither does."""
    pushed = _pushes(one) or _pushes(other)
    packed = all(export.attrs.get("unpack") in GO_FALSE for export in (one, other))
    deeds = {**({"push": "true"} if pushed else {}), **({"unpack": "false"} if packed else {})}
    return replace(one, attrs={**image, **deeds})


def _pushes(export: Export) -> bool:
    return export.attrs.get("push") in GO_TRUE


def says_nothing(place: Place) -> bool:
    """Whether the result will only remain in the build cache without anybody having asked for that."""
    target = place.target
    quiet = (
        target.output or target.linked or place.unit.context_only or target.call not in (None, "", "build")
    )
    return (
        not quiet
        and place.host.environment.get("BUILDX_NO_DEFAULT_LOAD") not in GO_TRUE
        and not _written(place)
    )


def _written(place: Place) -> list[Output]:
    """The outputs asked for, or the default of the driver."""
    asked = place.target.output
    if asked:
        return [one for one in asked if one.type != "cacheonly"]
    no_default = place.host.environment.get("BUILDX_NO_DEFAULT_LOAD") in GO_TRUE or place.target.linked
    if no_default:
        return []
    if place.node.driver == "docker":
        return [Output.trusted(type="image")]
    return [Output.trusted(type="docker")] if DEFAULT_LOAD in place.node.features else []


def _export(place: Place, index: int, output: Output, names: str, common: Mapping[str, str]) -> Export:
    path = f"output[{index}]"
    check_type(place.target, index, output)
    export = land(place.ground, path, output, {**output.attrs, **common})
    if names and export.type in _NAMED:
        export = _with(export, name=names)
    if export.type in ("image", "docker", "oci") and "BUILDKIT_INLINE_BUILDINFO_ATTRS" in place.target.args:
        export = _with(export, **{"buildinfo-attrs": place.target.args["BUILDKIT_INLINE_BUILDINFO_ATTRS"]})
    _check_push(place, path, export)
    if place.split:
        export = _split(place, path, export)
    export = _SPECIAL.get(export.type, _as_it_is)(place, path, export)
    if export.type in _IMAGES and supports_attestations(place.node) and _without_artifacts(place.host):
        export = _with(export, **{"oci-artifact": export.attrs.get("oci-artifact", "false")})
    return export


def check_type(target: Target, index: int, output: Output) -> None:
    """Whether there is such a type of outputs. Raises DefinitionError."""
    if output.type not in TYPES:
        raise fault(
            target,
            f"output[{index}]",
            "Unknown output type",
            detail=f"`{output.type}` is not one of {', '.join(TYPES)}",
            hint=did_you_mean(output.type, TYPES),
        )


def _without_artifacts(host: Host) -> bool:
    return is_set(host, "BUILDX_NO_DEFAULT_OCI_ARTIFACT")


def _with(export: Export, **attrs: str) -> Export:
    return replace(export, attrs={**export.attrs, **attrs})


def _check_push(place: Place, path: str, export: Export) -> None:
    if export.type == "image" and export.attrs.get("push") in GO_TRUE and not export.attrs.get("name"):
        raise fault(
            place.target,
            path if span_of(place.target, path) else "tags",
            "A tag is needed to push to a registry",
            hint=f'give it one: tags = ["REGISTRY/{place.target.name}:latest"]',
        )


def _split(place: Place, path: str, export: Export) -> Export:
    """One of several nodes pushes its platforms by digest; the index gets the names afterwards."""
    if export.type in ("oci", "tar", "docker"):
        return _part(place, path, export)
    if export.type != "image" or export.attrs.get("push") not in GO_TRUE:
        return export
    if place.node.driver == "docker":
        raise fault(place.target, path, "The docker driver cannot push from several nodes")
    names = [reference.normalize(name).name for name in export.attrs["name"].split(",")]
    return _with(export, name=",".join(dict.fromkeys(names)), **{"push-by-digest": "true"})


def _part(place: Place, path: str, export: Export) -> Export:
    """An archive or an image to load, of which each node leaves its part as a layout."""
    loads = export.destination is Destination.LOAD
    images = export.type == "oci" or (loads and _takes_indexes(place, export))
    if not images or export.destination is Destination.STDOUT or not place.options.scratch:
        raise fault(
            place.target,
            path,
            f"A {export.type} output cannot be gathered from several nodes",
            hint="push to a registry, or build all platforms on one node",
        )
    where = posixpath.join(place.options.scratch, place.target.name, place.node.name)
    attrs = {**export.attrs, "tar": "false"}
    return Export("oci", attrs, Destination.OCI_LAYOUT, where, whole=export)


def _takes_indexes(place: Place, export: Export) -> bool:
    return place.options.image_stores.get(export.context or "") == "containerd"


def _as_it_is(_place: Place, _path: str, export: Export) -> Export:
    return export


def _oci(place: Place, path: str, export: Export) -> Export:
    if OCI_EXPORTER not in place.node.features:
        raise unsupported(place.target, path, OCI_EXPORTER, place.node)
    return export


def _docker(place: Place, path: str, export: Export) -> Export:
    """Loaded into an Engine: its own build result, or an archive through its API."""
    if export.destination is not Destination.LOAD:
        if DOCKER_EXPORTER not in place.node.features:
            raise unsupported(place.target, path, DOCKER_EXPORTER, place.node)
        _refuse_list(place, path, "write it as `type=oci` instead")
        return export
    if place.node.driver == "docker":
        return _moby(place, path, replace(export, type="image", destination=Destination.NONE))
    if place.options.image_stores.get(export.context or "") == "containerd":
        return _with(replace(export, type="oci"), **{"prefer-image-digest": "true"})
    _refuse_list(place, path, "turn on the engine's containerd image store, or push to a registry")
    return export


def _refuse_list(place: Place, path: str, hint: str) -> None:
    """A docker archive holds one image; several platforms and attestations need an index."""
    if len(place.unit.platforms) > 1 or any(not one.disabled for one in place.target.attest):
        raise fault(place.target, path, "A docker archive holds one platform and no attestations", hint=hint)


def _moby(place: Place, path: str, export: Export) -> Export:
    """The exporter of an Engine: the image appears in its own store."""
    if place.node.driver != "docker":
        return export
    _check_index_annotations(place)
    if export.attrs.get("push") in GO_TRUE and export.attrs.get("push-by-digest") in GO_TRUE:
        raise fault(
            place.target,
            path,
            "The docker driver cannot push by digest",
            hint="make another builder: pybake create --driver docker-container --use",
        )
    moby = replace(export, type="moby")
    return _with(moby, **{"prefer-image-digest": "true"}) if place.node.image_store == "containerd" else moby


_SPECIAL = {"oci": _oci, "docker": _docker, "image": _moby}


def _check_index_annotations(place: Place) -> None:
    if MULTI_PLATFORM in place.node.features:
        return
    for index, text in enumerate(place.target.annotations):
        if text.partition("=")[0].startswith("index"):
            raise fault(
                place.target, f"annotations[{index}]", "An image of one platform has no index to annotate"
            )


def pushed_by_engine(export: Export, node: NodeFacts) -> tuple[str, ...]:
    """The names that the Engine itself has to push afterwards: graph drivers cannot push while building."""
    pushes = export.type == "moby" and export.attrs.get("push") in GO_TRUE
    return tuple(export.attrs["name"].split(",")) if pushes and DIRECT_PUSH not in node.features else ()


def pushed_names(target: Target) -> tuple[str, ...]:
    """The references that a target's outputs push, tags and all: its tags, else what outputs are called."""
    if target.tags:
        return target.tags
    written = [one.attrs.get("name", "") for one in target.output if _is_pushed(one)]
    return tuple(dict.fromkeys(name for names in written for name in names.split(",") if name))


def pushes(target: Target) -> bool:
    """Whether one of its outputs goes to a registry."""
    return any(_is_pushed(one) for one in target.output)


def _is_pushed(output: Output) -> bool:
    return output.type == "registry" or (output.type == "image" and output.attrs.get("push") in GO_TRUE)


def names_of(target: Target) -> str:
    """The tags as the exporter's `name`. Raises DefinitionError, or a group of them."""
    names: list[str] = []
    with Collector() as collect:
        for index, tag in enumerate(target.tags):
            with collect.piece():
                names.append(_tag(target, index, tag))
    return ",".join(names)


def _tag(target: Target, index: int, tag: str) -> str:
    try:
        return str(reference.parse(tag))
    except ValueError as exc:
        raise fault(
            target,
            f"tags[{index}]",
            "Invalid tag",
            detail=str(exc),
            hint=f"names of images are in lower case: `{tag.lower()}`" if tag != tag.lower() else None,
        ) from exc


def annotation_attrs(target: Target) -> dict[str, str]:
    """Annotations as exporter attributes: `TYPE[PLATFORM]:KEY=VALUE` is `annotation-TYPE[PLATFORM].KEY`.

    Raises DefinitionError, or a group of them.
    """
    attrs: dict[str, str] = {}
    with Collector() as collect:
        for index, text in enumerate(target.annotations):
            with collect.piece():
                attrs |= _annotation(target, f"annotations[{index}]", text)
    return attrs


def _annotation(target: Target, path: str, text: str) -> dict[str, str]:
    written, equals, value = text.partition("=")
    if not equals:
        raise fault(target, path, "Invalid annotation", detail=f"`{text}` is not KEY=VALUE")
    kinds, colon, key = written.partition(":")
    if not colon:
        return {f"annotation.{written}": value}
    return {f"annotation{_annotation_type(target, path, kind)}.{key}": value for kind in kinds.split(",")}


def _annotation_type(target: Target, path: str, text: str) -> str:
    found = _ANNOTATION_TYPE.fullmatch(text)
    if found is None or found[1] not in _ANNOTATION_TYPES:
        raise fault(
            target,
            path,
            "Unknown annotation type",
            detail=f"`{text}` is not one of {', '.join(_ANNOTATION_TYPES)}, with a platform in brackets",
        )
    if not found[2] or found[1].startswith("index"):
        return f"-{found[1]}"
    try:
        return f"-{found[1]}[{platforms.parse(found[2])}]"
    except ValueError as exc:
        raise fault(target, path, "Invalid platform of an annotation", detail=str(exc)) from exc
