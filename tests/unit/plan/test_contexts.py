from __future__ import annotations

import json

import pytest

from bake import descriptor
from bake.solve import InlineTree, Link, LocalTree, SolveKey
from tests.fakes.planning import complaint, machine, plan, solve, target

DIGEST = "sha256:" + "ab" * 32


def test_the_folder_and_its_dockerfile() -> None:
    made = solve(target(), node_id="id")
    assert made.locals == {"context": LocalTree("/w"), "dockerfile": LocalTree("/w")}
    assert made.attrs["filename"] == "Dockerfile"
    assert made.shared_key == "w:id"


def test_a_dockerfile_is_relative_to_its_context() -> None:
    made = solve(target(context="sub", dockerfile="docker/App.Dockerfile"), host=machine(folders=["/w/sub"]))
    assert made.locals == {"context": LocalTree("/w/sub"), "dockerfile": LocalTree("/w/sub/docker")}
    assert made.attrs["filename"] == "App.Dockerfile"


def test_a_dockerfile_outside_of_the_context() -> None:
    made = solve(target(dockerfile="../other/Dockerfile"))
    assert made.locals["dockerfile"] == LocalTree("/other")


def test_a_dockerfile_of_the_working_directory() -> None:
    made = solve(target(context="sub", dockerfile="cwd://My.Dockerfile"), host=machine(folders=["/w/sub"]))
    assert made.locals["dockerfile"] == LocalTree("/w")
    assert made.attrs["filename"] == "My.Dockerfile"


def test_a_lower_case_dockerfile_serves_where_the_usual_one_is_missing() -> None:
    assert solve(target(), host=machine({"/w/dockerfile": b""})).attrs["filename"] == "dockerfile"
    both = machine({"/w/dockerfile": b"", "/w/Dockerfile": b""})
    assert solve(target(), host=both).attrs["filename"] == "Dockerfile"


def test_an_inline_dockerfile() -> None:
    made = solve(target(dockerfile_inline="FROM scratch"))
    assert made.locals["dockerfile"] == InlineTree({"Dockerfile": b"FROM scratch"})
    assert made.attrs["dockerfilekey"] == "dockerfile"
    assert made.attrs["filename"] == "Dockerfile"


@pytest.mark.parametrize(
    "url",
    ["https://github.com/a/b.git#main:sub", "git@github.com:a/b.git", "https://x/y.tar", "github.com/a/b"],
)
def test_remote_contexts(url: str) -> None:
    made = solve(
        target(context=url, dockerfile="x/Dockerfile"), host=machine({"/s": b""}, SSH_AUTH_SOCK="/s")
    )
    assert made.attrs["context"] == url
    assert made.attrs["filename"] == "x/Dockerfile"
    assert made.locals == {}
    assert made.shared_key == ""


def test_a_folder_called_like_a_url_is_a_folder() -> None:
    made = solve(target(context="github.com/a"), host=machine(folders=["/w/github.com/a"]))
    assert made.locals["context"] == LocalTree("/w/github.com/a")


def test_a_git_url_with_a_query_needs_a_frontend_that_reads_it() -> None:
    made = solve(target(context="https://x/y.git?tag=v1", contexts={"n": "https://x/z.git?tag=v2"}))
    assert made.attrs["frontend.caps"].split(",") == [
        "moby.buildkit.frontend.contexts+forward",
        "moby.buildkit.frontend.gitquerystring",
        "moby.buildkit.frontend.gitquerystring+forward",
    ]


def test_a_remote_context_with_a_local_dockerfile() -> None:
    made = solve(target(context="https://x/y.git", dockerfile="cwd://D"))
    assert made.locals == {"dockerfile": LocalTree("/w")}
    assert made.attrs["dockerfilekey"] == "dockerfile"


def test_named_contexts() -> None:
    contexts = {
        "alpine": "docker-image://alpine:3",
        "src": "sub",
        "context": "sub",
        "remote": "https://x/y.git",
        "here": "cwd://sub",
    }
    made = solve(target(contexts=contexts), host=machine(folders=["/w/sub"]), node_id="id")
    assert {key: value for key, value in made.attrs.items() if key.startswith(("context:", "sharedkey"))} == {
        "context:alpine": "docker-image://alpine:3",
        "context:src": "local:src",
        "sharedkey:localdir:src": "sub:id",
        "context:context": "local:_context",
        "sharedkey:localdir:context": "sub:id",
        "context:remote": "https://x/y.git",
        "context:here": "local:here",
        "sharedkey:localdir:here": "sub:id",
    }
    assert made.locals["_context"] == made.locals["src"] == made.locals["here"] == LocalTree("/w/sub")
    assert made.locals["context"] == LocalTree("/w")
    assert made.attrs["frontend.caps"] == "moby.buildkit.frontend.contexts+forward"


def test_a_named_context_in_a_folder_whose_name_is_no_utf8() -> None:
    made = solve(target(contexts={"src": "./\udcff"}), host=machine(folders=["/w/\udcff"]), node_id="id")
    assert made.attrs["sharedkey:localdir:src"] == "?:id"
    assert made.locals["src"] == LocalTree("/w/\udcff")


def test_links_are_no_attributes() -> None:
    made = plan(target("app", contexts={"base": "target:b"}), target("b"))
    assert list(made.solves) == ["b@n", "app@n"]
    app, base = made.solves[SolveKey("app@n")], made.solves[SolveKey("b@n")]
    assert app.links == (Link("base", SolveKey("b@n")),)
    assert not any(key.startswith("context:") for key in app.attrs)
    assert base.linked
    assert not app.linked


def layout(*entries: tuple[str, str]) -> bytes:
    manifests = [
        {"mediaType": descriptor.OCI_MANIFEST, "digest": digest, "size": 1, "annotations": {key: "v1"}}
        for key, digest in entries
    ]
    return json.dumps({"manifests": manifests}).encode()


def test_oci_layouts_by_digest_and_by_tag() -> None:
    index = layout((descriptor.REFERENCE_NAME, DIGEST), ("io.containerd.image.name", DIGEST))
    contexts = {"a": f"oci-layout://lay@{DIGEST}", "b": "oci-layout://lay:v1"}
    made = solve(target(contexts=contexts), host=machine({"/w/lay/index.json": index}))
    ((store, folder),) = made.oci_layouts.items()
    assert folder == "/w/lay"
    assert made.attrs["context:a"] == f"oci-layout://{store}@{DIGEST}"
    assert made.attrs["context:b"] == f"oci-layout://{store}:v1@{DIGEST}"


def test_a_lone_manifest_serves_for_every_tag() -> None:
    index = layout((descriptor.REFERENCE_NAME, DIGEST))
    made = solve(target(contexts={"a": "oci-layout://lay"}), host=machine({"/w/lay/index.json": index}))
    assert made.attrs["context:a"].endswith(f":latest@{DIGEST}")


def test_an_unknown_tag_names_the_known_ones() -> None:
    index = layout((descriptor.REFERENCE_NAME, DIGEST), (descriptor.REFERENCE_NAME, DIGEST))
    host = machine({"/w/lay/index.json": index})
    found = complaint(target(contexts={"a": "oci-layout://lay:v9"}), host=host)
    assert "no image is tagged `v9` there; tags are v1" in found
    assert "No such file" in complaint(target(contexts={"a": "oci-layout://gone"}))


def test_what_is_not_there_is_named() -> None:
    assert "`nope` (/w/nope) does not exist" in complaint(target(context="nope"))
    assert "`f` (/w/f) is not a folder" in complaint(target(context="f"), host=machine({"/w/f": b""}))
    assert "`gone` (/w/gone) does not exist" in complaint(target(contexts={"a": "gone"}))


def test_standard_input_is_refused() -> None:
    assert "A context cannot come from standard input" in complaint(target(context="-"))
    assert "A dockerfile cannot come from standard input" in complaint(target(dockerfile="-"))


def test_a_dockerfile_cannot_be_a_url() -> None:
    assert "A Dockerfile cannot be a URL" in complaint(target(dockerfile="https://x/Dockerfile"))


REMOTE = "https://x/y.git#main"


def test_a_remote_definition_is_the_base_of_its_contexts() -> None:
    made = solve(target(context=REMOTE, contexts={"a": "sub", "b": "cwd://."}), remote=REMOTE)
    assert made.attrs["context"] == REMOTE
    assert made.attrs["context:a"] == "https://x/y.git#main:sub"
    assert made.locals == {"b": LocalTree("/w")}


def test_folders_of_a_remote_archive_have_no_address() -> None:
    archive = "https://x/y.tar.gz"
    assert solve(target(context=archive), remote=archive).attrs["context"] == archive
    with pytest.raises(Exception, match="A folder inside a remote archive cannot be a context"):
        solve(target(context=archive, contexts={"a": "sub"}), remote=archive)


def test_a_remote_definitions_dockerfile_is_not_looked_up_here() -> None:
    wanted = target(context=".", dockerfile="Dockerfile")
    assert solve(wanted, remote=REMOTE).locals["context"] == LocalTree("/w")
    with pytest.raises(Exception, match="cannot be used with a local context"):
        solve(wanted, remote=REMOTE, host=machine({"/w/Dockerfile": b""}))
