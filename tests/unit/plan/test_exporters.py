from __future__ import annotations

from typing import Any

import pytest

from bake.plan.records import PlanOptions
from bake.solve import Destination, Export
from tests.fakes.planning import complaint, engine, faults, machine, node, plan, solve, target

MOBY = {"prefer-image-digest": "true"}


def export_of(output: str, node: Any = None, **arguments: Any) -> Export:
    fields = {key: arguments.pop(key) for key in ("tags", "platforms", "attest") if key in arguments}
    (found,) = solve(target(output=(output,), **fields), node, **arguments).exports
    return found


def test_a_target_that_says_nothing_stays_in_the_engine() -> None:
    assert solve(target(tags=("a:1", "b/c"))).exports == (Export("moby", {"name": "a:1,b/c", **MOBY}),)


@pytest.mark.parametrize(
    ("outputs", "deeds"),
    [
        (["type=docker", "type=registry"], [{"push": "true"}]),
        (["type=registry", "type=docker"], [{"push": "true"}]),
        (["type=docker", "type=image"], [{}]),
        (["type=image,push=false", "type=image,push=1,unpack=0"], [{"push": "true"}]),
        (["type=registry", "type=registry"], [{"push": "true", "unpack": "false"}]),
        (
            ["type=registry", "type=docker,oci-mediatypes=true"],
            [{"push": "true", "unpack": "false"}, {"oci-mediatypes": "true"}],
        ),
    ],
)
def test_an_engine_makes_an_image_once(outputs: list[str], deeds: list[dict[str, str]]) -> None:
    made = solve(target(output=tuple(outputs), tags=("r/a",))).exports
    assert made == tuple(Export("moby", {"name": "r/a", **MOBY, **one}) for one in deeds)


def test_elsewhere_a_push_and_an_image_to_load_are_two() -> None:
    outputs = ("type=docker", "type=registry")
    made = solve(target(output=outputs, tags=("r/a",)), node(), image_stores={"": "containerd"}).exports
    assert [one.type for one in made] == ["oci", "image"]


def test_an_old_image_store_knows_no_preferred_digest() -> None:
    assert solve(target(), engine(store="graphdriver")).exports == (Export("moby"),)


@pytest.mark.parametrize(
    "fields",
    [{"linked": True}, {"call": "check"}, {"output": ("type=cacheonly",)}],
    ids=["linked", "call", "cache"],
)
def test_nothing_is_exported(fields: dict[str, Any]) -> None:
    assert solve(target(**fields)).exports == ()


def test_the_default_can_be_turned_off() -> None:
    assert solve(target(), host=machine(BUILDX_NO_DEFAULT_LOAD="1")).exports == ()


def test_elsewhere_nothing_is_exported_and_that_is_said() -> None:
    made = plan(target("a"), target("b", output=("type=cacheonly",)), target("c"), nodes=[node()])
    assert [one.exports for one in made.solves.values()] == [(), (), ()]
    (note,) = made.notes
    assert note.text.startswith("No output specified for a, c target(s) with remote driver")
    assert "--push" in note.hint


def test_a_driver_may_load_by_default() -> None:
    loading = node(features=node().features | {"Default load"})
    (found,) = solve(target(tags=("a",)), loading, image_stores={"": "containerd"}).exports
    assert found == Export("oci", {"name": "a", "prefer-image-digest": "true"}, Destination.LOAD)


def test_registry_is_image_with_push() -> None:
    assert export_of("type=registry", node(), tags=("r/a",)) == Export(
        "image", {"unpack": "false", "push": "true", "name": "r/a"}
    )
    assert export_of("type=registry,unpack=true", node(), tags=("r/a",)).attrs["unpack"] == "true"


def test_an_engines_image_is_moby() -> None:
    found = export_of("type=image,push=true", tags=("r/a",))
    assert found == Export("moby", {"push": "true", "name": "r/a", **MOBY})


@pytest.mark.parametrize(
    ("output", "destination", "path"),
    [
        ("type=local,dest=out", Destination.DIRECTORY, "/w/out"),
        ("out", Destination.DIRECTORY, "/w/out"),
        ("type=tar,dest=/a/x.tar", Destination.FILE, "/a/x.tar"),
        ("type=oci,dest=x.tar", Destination.FILE, "/w/x.tar"),
        ("type=docker,dest=x.tar", Destination.FILE, "/w/x.tar"),
        ("type=oci,dest=lay,tar=false", Destination.OCI_LAYOUT, "/w/lay"),
        ("type=tar", Destination.STDOUT, None),
        ("type=oci,dest=-", Destination.STDOUT, None),
        ("-", Destination.STDOUT, None),
    ],
)
def test_destinations(output: str, destination: Destination, path: str | None) -> None:
    found = export_of(output, node())
    assert (found.destination, found.path) == (destination, path)


def test_elsewhere_an_image_that_is_kept_and_pushed_is_one() -> None:
    made = solve(target(output=("type=image", "type=registry"), tags=("r/a",)), node()).exports
    assert made == (Export("image", {"name": "r/a", "push": "true"}),)


def test_a_local_output_may_clean() -> None:
    assert export_of("type=local,dest=out,mode= Delete", node()).clean
    assert export_of("type=local,dest=out,mode=delete", node()).clean
    assert not export_of("type=local,dest=out", node()).clean


def test_docker_without_a_destination_is_loaded() -> None:
    assert export_of("type=docker", tags=("a",)) == Export("moby", {"name": "a", **MOBY})
    loaded = export_of("type=docker,context=far", node(), image_stores={"far": "graphdriver"})
    assert loaded == Export("docker", {"context": "far"}, Destination.LOAD, context="far")
    newer = export_of("type=docker,context=far", node(), image_stores={"far": "containerd"})
    assert (newer.type, newer.attrs["prefer-image-digest"]) == ("oci", "true")


def test_annotations_go_to_every_export() -> None:
    written = ("k=v", "index,manifest[linux/arm64/v8]:k2=v=2", "index-descriptor:k3=v")
    made = solve(target(output=("type=image", "type=oci,dest=x"), annotations=written), node())
    expected = {
        "annotation.k": "v",
        "annotation-index.k2": "v=2",
        "annotation-manifest[linux/arm64].k2": "v=2",
        "annotation-index-descriptor.k3": "v",
    }
    assert [dict(one.attrs) for one in made.exports] == [expected, expected]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"output": ("type=local",)}, "needs a folder as `dest`"),
        ({"output": ("type=local,dest=-",)}, "needs a folder as `dest`"),
        ({"output": ("type=local,dest=d,mode=move",)}, "`move` is not one of copy, delete"),
        (
            {"output": ("type=oci,dest=x,tar=false", "type=oci,dest=y,tar=false")},
            "Only one output can be an OCI layout",
        ),
        ({"output": ("type=local,dest=f",)}, "The destination folder is a file"),
        ({"output": ("type=tar,dest=d",)}, "The destination file is a folder"),
        ({"output": ("type=floppy",)}, "`floppy` is not one of cacheonly, docker"),
        ({"output": ("type=registry",)}, "A tag is needed to push"),
        (
            {"output": ("type=docker,dest=x",), "platforms": ("linux/amd64,linux/arm64",)},
            "holds one platform",
        ),
        ({"tags": ("Bad",)}, "a repository name must be lowercase"),
        ({"annotations": ("novalue",)}, "`novalue` is not KEY=VALUE"),
        ({"annotations": ("layer:k=v",)}, "`layer` is not one of index"),
        ({"annotations": ("manifest[linux/a/b/c]:k=v",)}, "a platform is os"),
        ({"output": ("type=tar", "type=oci")}, "Only one output can go to standard output"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], expected: str) -> None:
    host = machine({"/w/f": b""}, folders=["/w/d"])
    (found, *_) = faults(target(**fields), nodes=[node()], host=host)
    assert expected in str(found)


def test_two_targets_cannot_both_write_to_standard_output() -> None:
    (found,) = faults(target("a", output=("-",)), target("b", output=("-",)), nodes=[node()])
    assert "target `b`: target `a` writes there already" in str(found)


def test_archives_are_not_written_to_terminals() -> None:
    (found,) = faults(target(output=("type=tar",)), options=PlanOptions(terminal=True))
    assert "not written to a terminal" in str(found)


@pytest.mark.parametrize(
    ("output", "feature"), [("type=oci,dest=x", "OCI exporter"), ("type=docker,dest=x", "Docker exporter")]
)
def test_old_image_stores_write_no_archives(output: str, feature: str) -> None:
    assert f"{feature} is not supported for the docker driver" in complaint(
        target(output=(output,)), engine(store="graphdriver")
    )


def test_one_output_at_a_time_on_old_daemons() -> None:
    old = node(llb_caps=frozenset({"exporter.image.attestations"}))
    assert "makes one output at a time" in complaint(target(output=("a", "b")), old)


def test_push_by_digest_is_not_for_engines() -> None:
    wanted = target(output=("type=image,push=true,push-by-digest=true",), tags=("r/a",))
    assert "cannot push by digest" in complaint(wanted)


def test_an_image_of_one_platform_has_no_index() -> None:
    assert "no index to annotate" in complaint(
        target(annotations=("index:k=v",)), engine(store="graphdriver")
    )


def test_oci_artifacts_can_be_turned_off() -> None:
    host = machine(BUILDX_NO_DEFAULT_OCI_ARTIFACT="1")
    assert solve(target(), host=host).exports[0].attrs["oci-artifact"] == "false"
    kept = target(output=("type=image,oci-artifact=true",))
    assert solve(kept, host=host).exports[0].attrs["oci-artifact"] == "true"


BOTH = ("linux/amd64", "linux/arm64")


def two_nodes() -> list[Any]:
    return [node("x", "linux/amd64"), node("y", "linux/arm64")]


def test_several_nodes_push_by_digest_and_the_index_gets_the_names() -> None:
    pushed = target(output=("type=registry",), tags=("r.io/a:1", "r.io/a:2", "b"), platforms=BOTH)
    made = plan(pushed, nodes=two_nodes())
    assert [one.attrs["platform"] for one in made.solves.values()] == list(BOTH)
    for one in made.solves.values():
        assert one.attrs["multi-platform"] == "true"
        assert one.exports[0].attrs["name"] == "r.io/a,docker.io/library/b"
        assert one.exports[0].attrs["push-by-digest"] == "true"
    assert made.joins["app"].names == ("r.io/a:1", "r.io/a:2", "b")
    assert made.joins["app"].solves == tuple(made.solves)


def test_parts_of_an_archive_wait_for_each_other_and_name_what_they_become() -> None:
    options = PlanOptions(scratch="/scratch", image_stores={"": "containerd"})
    for output, lands in (("type=oci,dest=x", Destination.FILE), ("type=docker", Destination.LOAD)):
        wanted = target(output=(output,), platforms=BOTH, tags=("a",))
        made = plan(wanted, nodes=two_nodes(), options=options)
        exports = [one for solve in made.solves.values() for one in solve.exports]
        assert [one.path for one in exports] == [
            f"/scratch/app/{solve.node}" for solve in made.solves.values()
        ]
        assert {(one.type, one.destination, one.attrs["tar"]) for one in exports} == {
            ("oci", Destination.OCI_LAYOUT, "false")
        }
        assert {one.whole.destination for one in exports if one.whole} == {lands}
        assert made.joins["app"].gathers


@pytest.mark.parametrize("output", ["type=oci,dest=x", "type=tar,dest=x", "type=docker"])
def test_archives_cannot_be_gathered_from_several_nodes(output: str) -> None:
    found = faults(target(output=(output,), platforms=BOTH), nodes=two_nodes())
    assert all("cannot be gathered from several nodes" in str(one) for one in found)


@pytest.mark.parametrize("second", ["type=registry", "type=oci,dest=y"])
def test_one_output_is_gathered_from_several_nodes(second: str) -> None:
    options = PlanOptions(scratch="/scratch", image_stores={"": "containerd"})
    wanted = target(output=("type=docker", second), tags=("a",), platforms=BOTH)
    found = faults(wanted, nodes=two_nodes(), options=options)
    assert found
    assert all("Only one output can be gathered from several nodes" in str(one) for one in found)


def test_one_node_needs_no_join() -> None:
    made = plan(target(output=("type=registry",), tags=("a",)), nodes=[node()])
    assert made.joins["app"].names == ()
