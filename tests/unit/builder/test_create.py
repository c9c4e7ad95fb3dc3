"""Builders made without any engine; with one in tests/engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bake.builder.create import Wish, create, leave
from bake.builder.resolve import resolve, store_of
from bake.builder.site import Site
from bake.errors import BakeError, UsageError
from bake.host import Host

AWAY = "unix:///nowhere/buildkit.sock"


def site(home: Path, **environment: str) -> Site:
    return Site(
        Host(
            environment=environment,
            working_directory=str(home),
            home=str(home),
            read=lambda path: Path(path).read_bytes(),
            exists=lambda path: Path(path).exists(),
        )
    )


def test_an_address_makes_a_remote_builder(tmp_path: Path) -> None:
    state = create(
        site(tmp_path), Wish(name="Far", endpoint=AWAY, use=True, platforms=("linux/arm64,arm",))
    ).state
    assert state.builder.driver == "remote"
    assert [str(one) for one in state.builder.nodes[0].platforms] == ["linux/arm64", "linux/arm/v7"]
    assert resolve(site(tmp_path)) == state.builder
    assert store_of(site(tmp_path)).last_activity("Far") != ""


def test_the_environments_host_is_the_endpoint(tmp_path: Path) -> None:
    state = create(site(tmp_path, BUILDKIT_HOST=AWAY), Wish()).state
    assert state.builder.driver == "remote"
    assert state.builder.nodes[0].endpoint == AWAY


def test_options_are_csv(tmp_path: Path) -> None:
    wish = Wish(endpoint=AWAY, driver_opts=('"cacert=/a,b",servername=x', "default-load=true"))
    options = create(site(tmp_path), wish).state.builder.nodes[0].driver_opts
    assert options == {"cacert": "/a,b", "servername": "x", "default-load": "true"}


def test_nothing_is_kept_of_a_builder_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(BakeError, match=r"failed to initialize builder b \(b0\): invalid driver option x"):
        create(site(tmp_path), Wish(name="b", endpoint=AWAY, driver_opts=("x=1",)))
    assert store_of(site(tmp_path)).names() == []


def test_nothing_changes_of_a_builder_that_cannot_be_changed(tmp_path: Path) -> None:
    create(site(tmp_path), Wish(name="b", endpoint=AWAY))
    before = store_of(site(tmp_path)).get("b")
    with pytest.raises(BakeError, match="non-absolute path"):
        create(site(tmp_path), Wish(name="b", node="b0", endpoint=AWAY, driver_opts=("cacert=x",)))
    assert store_of(site(tmp_path)).get("b") == before


def test_settings_of_a_node_that_is_there_count_later(tmp_path: Path) -> None:
    assert not create(site(tmp_path), Wish(name="b", endpoint=AWAY)).wants_restart
    assert not create(site(tmp_path), Wish(name="b", append=True, endpoint=f"{AWAY}2")).wants_restart
    assert create(site(tmp_path), Wish(name="b", node="b0", endpoint=f"{AWAY}3")).wants_restart


def test_an_engine_that_is_away_makes_no_container_builder(tmp_path: Path) -> None:
    with pytest.raises(BakeError, match="failed to initialize builder b"):
        create(site(tmp_path, DOCKER_HOST="unix:///nowhere/docker.sock"), Wish(name="b"))
    assert store_of(site(tmp_path)).names() == []


def test_leaving_forgets_what_was_built_there(tmp_path: Path) -> None:
    create(site(tmp_path), Wish(name="b", endpoint=AWAY))
    create(site(tmp_path), Wish(name="b", append=True, endpoint="unix:///nowhere/2.sock"))
    refs = tmp_path / ".docker" / "buildx" / "refs"
    for node in ("b0", "b1"):
        (refs / "b" / node).mkdir(parents=True)
        (refs / "b" / node / "ref").write_text("{}")
    groups = refs / "__group__"
    groups.mkdir()
    (groups / "own").write_text(json.dumps({"Refs": ["b/b1/ref"]}))
    (groups / "shared").write_text(json.dumps({"Refs": ["b/b0/ref", "b/b1/ref"]}))
    leave(site(tmp_path), "b", "b1")
    assert [path.name for path in (refs / "b").iterdir()] == ["b0"]
    assert [path.name for path in groups.iterdir()] == ["shared"]
    store_of(site(tmp_path)).remove("b")
    assert not (refs / "b").exists()


def test_a_default_configuration_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / ".docker" / "buildx"
    folder.mkdir(parents=True)
    (folder / "buildkitd.default.toml").write_text("debug = true\n")
    with pytest.raises(BakeError, match="setting config file is not supported for remote driver"):
        create(site(tmp_path), Wish(name="b", endpoint=AWAY))


@pytest.mark.parametrize(
    ("flags", "options", "given"),
    [
        ("", "", ["--allow-insecure-entitlement=network.host"]),
        ("--debug", "", ["--debug", "--allow-insecure-entitlement=network.host"]),
        (
            "--allow-insecure-entitlement security.insecure",
            "",
            ["--allow-insecure-entitlement", "security.insecure"],
        ),
        (
            "--allow-insecure-entitlement=security.insecure",
            "network=host",
            [
                "--allow-insecure-entitlement=security.insecure",
                "--allow-insecure-entitlement=network.host",
            ],
        ),
        ("--allow-insecure-entitlement=network.host", "network=host", None),
    ],
)
def test_a_network_of_its_own_may_be_used(
    tmp_path: Path, flags: str, options: str, given: list[str] | None
) -> None:
    from bake.builder.create import _flags

    pairs = dict(one.split("=") for one in options.split(",") if one)
    found = _flags(site(tmp_path), flags, "docker-container", pairs, "")
    assert found == (given if given is not None else [flags])
    assert _flags(site(tmp_path), "", "remote", {}, "") == []


def test_flags_that_cannot_be_split(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="failed to parse buildkit flags"):
        create(site(tmp_path), Wish(endpoint=AWAY, flags="'open"))
