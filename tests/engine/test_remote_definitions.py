"""Definitions behind URLs, fetched by a real BuildKit from servers on the loopback."""

from __future__ import annotations

import json
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.fakes.serving import Files, answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command

DEFINITION = """\
target "default" {
  args = { CONTEXT = BAKE_CMD_CONTEXT }
  output = ["type=local,dest=out"]
}
target "sub" {
  context = "sub"
  output = ["type=local,dest=out"]
}
target "here" {
  context = BAKE_CMD_CONTEXT
  dockerfile = "cwd://here.Dockerfile"
  output = ["type=local,dest=out"]
}
"""
COPY = "FROM scratch\nCOPY word /\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project to be served: a definition, and a context in a folder of it."""
    folder = tmp_path / "tree"
    for place, word in ((folder, "root"), (folder / "sub", "below")):
        place.mkdir(parents=True)
        (place / "Dockerfile").write_text(COPY)
        (place / "word").write_text(word)
    (folder / "docker-bake.hcl").write_text(DEFINITION)
    return folder


def publish(tree: Path, name: Path) -> None:
    """Put the project there as a bare repository for dumb clients, and as an archive."""
    repository = str(name.with_suffix(".git"))
    subprocess.run(["git", "clone", "-q", "--bare", str(tree), repository], check=True)
    subprocess.run(["git", "-C", repository, "update-server-info"], check=True)
    with tarfile.open(name.with_suffix(".tar.gz"), "w:gz") as archive:
        for path in tree.iterdir():
            if path.name != ".git":
                archive.add(path, path.name)


@pytest.fixture
def server(tree: Path, tmp_path: Path) -> Iterator[Files]:
    """The project as a Git repository with the tag v1, as an archive, and its definition as a file."""
    served = tmp_path / "served"
    served.mkdir()
    identity = ["-c", "user.name=me", "-c", "user.email=me@example.com"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "All"], ["tag", "v1"]):
        subprocess.run(["git", "-C", str(tree), *identity, *words], check=True)
    publish(tree, served / "a")
    (tree / "Dockerfile.rego").write_text("package docker\n")
    for words in (["add", "-A"], ["commit", "-qm", "Policy"]):
        subprocess.run(["git", "-C", str(tree), *identity, *words], check=True)
    publish(tree, served / "policed")
    (served / "a.hcl").write_text(DEFINITION)
    with answering(Files(served)) as running:
        yield running


@pytest.fixture
def elsewhere(pybake: Command, tmp_path: Path) -> Command:
    """The command in a folder that holds nothing of the project."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return pybake.at(folder)


@pytest.mark.parametrize("words", ["a.git", "a.git#v1", "a.git here", "a.hcl", "a.git https://x/y.git"])
def test_it_prints_what_the_reference_prints(
    elsewhere: Command, reference: Command, server: Files, words: str
) -> None:
    url, *more = words.split()
    asked = ["bake", f"{server.url}/{url}", *more, "--print"]

    expected = json.loads(reference.at(elsewhere.folder)(*asked).ok().stdout)

    assert json.loads(elsewhere(*asked).ok().stdout) == expected


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ("a.git", "root"),
        ("a.git sub", "below"),
        ("a.git#main:sub -f cwd://x.hcl", "below"),
        ("a.tar.gz", "root"),
    ],
)
def test_contexts_come_with_the_definition(elsewhere: Command, server: Files, words: str, word: str) -> None:
    (elsewhere.folder / "x.hcl").write_text('target "default" { output = ["type=local,dest=out"] }')
    url, *more = words.split()

    elsewhere("bake", f"{server.url}/{url}", *more).ok()

    assert (elsewhere.folder / "out" / "word").read_text() == word


def test_a_local_context_for_a_remote_definition(elsewhere: Command, server: Files) -> None:
    (elsewhere.folder / "word").write_text("mine")
    (elsewhere.folder / "here.Dockerfile").write_text(COPY)

    elsewhere("bake", f"{server.url}/a.git", "here").ok()

    assert (elsewhere.folder / "out" / "word").read_text() == "mine"


def test_a_single_file_leaves_contexts_here(elsewhere: Command, server: Files) -> None:
    (elsewhere.folder / "word").write_text("mine")
    (elsewhere.folder / "Dockerfile").write_text(COPY)

    elsewhere("bake", f"{server.url}/a.hcl").ok()

    assert (elsewhere.folder / "out" / "word").read_text() == "mine"


def test_a_folder_of_an_archive_is_no_context(elsewhere: Command, server: Files) -> None:
    done = elsewhere("bake", f"{server.url}/a.tar.gz", "sub", "--print")

    assert done.code == 1
    assert "docker-bake.hcl:6,13-18: a folder inside a remote archive cannot be a context" in done.stderr


def test_what_looks_at_a_definition_takes_one_from_elsewhere(elsewhere: Command, server: Files) -> None:
    url = f"{server.url}/a.git"

    assert "default" in elsewhere("graph", url).ok().stdout
    assert url in elsewhere("explain", url, "default").ok().stdout
    assert "no faults" in elsewhere("check", url).ok().stdout
    assert "failed to find target gone" in elsewhere("check", url, "gone").stdout


@pytest.mark.parametrize("url", ["policed.git", "policed.tar.gz"])
def test_nothing_is_built_without_the_policy_that_comes_with_a_context(
    elsewhere: Command, server: Files, url: str
) -> None:
    remote = f"{server.url}/{url}"

    done = elsewhere("bake", remote)
    unchecked = elsewhere("bake", remote, "--policy", "disabled=true")

    assert done.code == 1
    assert "Policies in Rego are not supported; target `default`: `Dockerfile.rego`" in done.stderr
    assert unchecked.ok()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("a.git -f gone.hcl", "failed to stat gone.hcl"),
        ("a.git -f ../a.hcl", "leaves the remote definition"),
        ("a.git#nothing", "nothing"),
        ("gone.tgz", "404"),
        ("gone.git", "gone.git/' not found"),
    ],
)
def test_what_is_not_there(elsewhere: Command, server: Files, words: str, said: str) -> None:
    url, *more = words.split()

    done = elsewhere("bake", f"{server.url}/{url}", *more, "--print")

    assert done.code == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
