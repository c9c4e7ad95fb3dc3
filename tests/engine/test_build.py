"""`pybake build`, held against `docker buildx build` on the same engine."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from bake.buildkit.history import Query
from tests.commands import Result
from tests.engine.bakefile import tree, word
from tests.engine.building import connected
from tests.fakes.serving import Files, answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.dockerd import Engine

DOCKERFILE = """\
FROM scratch AS base
ARG WORD=default
ARG OTHER
LABEL word=$WORD
COPY word /

FROM base AS last
COPY --from=base word /again
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "word").write_text("said\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/other.Dockerfile").write_text("FROM scratch\nCOPY sub/other.Dockerfile /\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/far").write_text("away\n")
    (tmp_path / "linked").symlink_to("sub")
    return tmp_path


def facts(engine: Engine, command: Command, *words: str, stdin: str = "") -> tuple[Result, dict[str, Any]]:
    """What the command did, and what BuildKit was asked for by it.

    0.29 did not ask for `prefer-image-digest` and keys of named contexts yet, as 0.36 does.
    """
    with connected(engine) as client:
        before = {event.record.ref for event in client.history(Query())}
        done = command("build", *words, stdin=stdin)
        new = [event.record for event in client.history(Query()) if event.record.ref not in before]
    assert len(new) == 1, (done, new)
    attrs = {key: value for key, value in new[0].attrs.items() if not key.startswith("sharedkey:")}
    if "add-hosts" in attrs:
        attrs["add-hosts"] = ",".join(sorted(attrs["add-hosts"].split(",")))
    exporters = [(kind, {**attrs, "prefer-image-digest": "true"}) for kind, attrs in new[0].exporters]
    return done, {"attrs": attrs, "exporters": exporters, "failed": bool(new[0].error)}


@pytest.mark.parametrize(
    "words",
    [
        ".",
        "--tag=single/app:1 -t single/app:2 .",
        "-f sub/other.Dockerfile .",
        "--build-arg WORD=given --build-arg OTHER --build-arg=UNSET .",
        "--target base --label a=b --label c .",
        "--no-cache --pull .",
        "--no-cache-filter last --no-cache-filter base .",
        "--add-host a=127.0.0.1 --add-host b:127.0.0.2,c:[::1] --add-host a:127.0.0.3 .",
        "--shm-size 64m --ulimit nofile=10:20 --ulimit nproc=3 --network none .",
        "--cgroup-parent /some/group .",
        "--annotation index:a=b --annotation c=d -o type=image .",
        "--provenance=false .",
        "--provenance=mode=max .",
        "--attest=type=provenance,disabled=true .",
        "--platform linux/amd64,linux/arm64 .",
        "--platform linux/arm64 --load -t single/other .",
        "--build-context extra=elsewhere --build-context alpine:latest=docker-image://scratch/none .",
        "--output type=cacheonly .",
        "-o type=image,name=single/named .",
        "--push=false --load=true .",
        "--allow network.host --network host .",
        "sub -f Dockerfile",
        "linked -f sub/other.Dockerfile",
        "--output= --secret= --ssh= --annotation= --add-host= --allow= --build-context= --cache-to= .",
    ],
)
def test_the_same_is_asked_of_buildkit(
    engine: Engine, pybake: Command, reference: Command, folder: Path, words: str
) -> None:
    environment = {"OTHER": "from outside"}

    expected, theirs = facts(engine, reference.at(folder).where(**environment), *words.split())
    done, ours = facts(engine, pybake.at(folder).where(**environment), *words.split())

    assert done.code == expected.code
    assert ours == theirs


def piped(command: Command, data: bytes, *words: str) -> Result:
    """Run the command with bytes on standard input."""
    done = subprocess.run(
        [*command.words, *words],
        cwd=command.folder,
        env=dict(command.environment),
        input=data,
        capture_output=True,
        check=False,
        timeout=240,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def archive(folder: Path, mode: str, format: int = tarfile.GNU_FORMAT) -> bytes:  # noqa: A002 - tarfile's
    """The folder as a tar archive; `mode` and `format` are tarfile's."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode, format=format) as opened:  # type: ignore[call-overload]
        for path in sorted(folder.iterdir()):
            opened.add(path, path.name)
    return made.getvalue()


@pytest.mark.parametrize(
    ("mode", "file"),
    [
        *((mode, ()) for mode in ("w", "w:gz", "w:bz2", "w:xz")),
        ("w:gz", ("-f", "sub/other.Dockerfile")),
        ("w", ("-f", "/sub/other.Dockerfile")),
    ],
)
def test_an_archive_on_standard_input_is_the_context(
    pybake: Command, reference: Command, folder: Path, mode: str, file: tuple[str, ...]
) -> None:
    data = archive(folder, mode)

    piped(pybake.at(folder), data, "build", *file, "-o", "ours", "-").ok()
    piped(reference.at(folder), data, "build", *file, "-o", "theirs", "-").ok()

    assert tree(folder / "ours") == tree(folder / "theirs") != {}


def test_an_archive_may_be_large_and_start_with_attributes(pybake: Command, folder: Path) -> None:
    """BuildKit alone takes one that starts so for a Dockerfile."""
    large = bytes(range(256)) * 4096 * 64
    (folder / "word").write_bytes(large)
    data = archive(folder, "w", tarfile.PAX_FORMAT)

    piped(pybake.at(folder), data, "build", "-", "-o", "out").ok()

    assert data[156:157] == tarfile.XHDTYPE

    assert (folder / "out/again").read_bytes() == large


def test_a_dockerfile_on_standard_input_has_no_context(
    pybake: Command, reference: Command, folder: Path
) -> None:
    text = "FROM scratch\nCOPY . /all\nLABEL a=b\n"

    ours = pybake.at(folder)("build", "-", "-o", "ours", stdin=text).ok()
    reference.at(folder)("build", "-", "-o", "theirs", stdin=text).ok()
    broken = pybake.at(folder)("build", "-", stdin="FROM scratch\nCOPY word /\n")

    assert tree(folder / "ours") == tree(folder / "theirs")
    assert ours.stdout == ""
    assert broken.code == 1
    assert "Dockerfile:2" in broken.stderr


def test_a_dockerfile_on_standard_input_may_have_a_context(
    pybake: Command, reference: Command, folder: Path
) -> None:
    text = "FROM scratch\nCOPY word /piped\n"

    pybake.at(folder)("build", "-f", "-", ".", "-o", "ours", stdin=text).ok()
    reference.at(folder)("build", "-f", "-", ".", "-o", "theirs", stdin=text).ok()

    assert tree(folder / "ours") == tree(folder / "theirs") != {}


@pytest.fixture
def served(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server with the folder as `tree.tar.gz`, as `tree.git`, and its Dockerfile."""
    root = tmp_path_factory.mktemp("served")
    (root / "tree.tar.gz").write_bytes(archive(folder, "w:gz"))
    (root / "Dockerfile").write_text("FROM scratch\nCOPY word /from-afar\n")
    _publish(folder, root / "tree.git")
    with answering(Files(root)) as running:
        yield running.url


def _publish(folder: Path, repository: Path) -> None:
    work = repository.with_suffix(".work")
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["cp", "-r", folder, work], check=True)
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", *who, "-C", work, *words], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", work, repository], check=True)
    subprocess.run(["git", "-C", repository, "update-server-info"], check=True)


def test_a_dockerfile_elsewhere_that_is_not_there(pybake: Command, folder: Path, served: str) -> None:
    address = served.removeprefix("http://")
    done = pybake.at(folder)("build", "-f", f"http://me:word@{address}/nobody", ".")

    assert done.code == 1
    assert f"ERROR: BuildKit could not read `http://xxxxx:xxxxx@{address}/nobody`; " in done.stderr
    assert "404" in done.stderr
    assert "word" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "{url}/tree.tar.gz",
        "{url}/tree.tar.gz -f sub/other.Dockerfile",
        "{url}/tree.git",
        "{url}/tree.git#main:sub -f Own",
        "{url}/tree.git -f {folder}/sub/other.Dockerfile",
        "{url}/tree.tar.gz -f -",
        "{url}/Dockerfile -f /nowhere",
        ". -f {url}/Dockerfile",
        "{url}/tree.git -f {url}/Dockerfile",
    ],
)
def test_contexts_and_dockerfiles_from_elsewhere(
    pybake: Command, reference: Command, folder: Path, served: str, words: str
) -> None:
    asked = words.format(url=served, folder=folder).split()
    text = "FROM scratch\nCOPY word /piped\n"

    done = pybake.at(folder)("build", "-o", "ours", *asked, stdin=text)
    expected = reference.at(folder)("build", "-o", "theirs", *asked, stdin=text)

    assert done.code == expected.code, done.stderr + expected.stderr
    assert tree(folder / "ours") == tree(folder / "theirs")


@pytest.mark.parametrize(
    ("words", "stdin", "complaint"),
    [
        ("", "", "requires 1 argument"),
        (". elsewhere", "", "requires 1 argument"),
        ("nowhere", "", 'path "nowhere" not found'),
        ("word", "", 'path "word" is not a folder'),
        ("- -f -", "", "can't use stdin for both"),
        ("- -f Dockerfile", "FROM scratch\n", "ambiguous Dockerfile source"),
        ("-", "", "no Dockerfile on standard input"),
        (". --build-arg =x", "", "empty key"),
        (". --no-cache --no-cache-filter last", "", "cannot currently be used together"),
        (". --iidfile id -o out", "", "incompatible with image ID file"),
        (". --allow everything", "", "unknown entitlement everything"),
        (". -o type=none", "", "Unknown output type"),
        (". --push", "", "A tag is needed"),
        (". -t Upper", "", "Invalid tag"),
        (". --unknown", "", "--unknown"),
        (". -q --progress=plain", "", "cannot be used together"),
        (". --add-host a", "", "invalid host a"),
        (". --add-host a:b", "", "not an IP address"),
        (". --ulimit nofile", "", "TYPE=SOFT"),
        (". --shm-size many", "", "not a size"),
        (". --resource memory", "", "expected key=value"),
        (". --resource colour=red", "", "colour"),
        (". --build-context a", "", "expected key=value"),
        (". --build-context A=sub", "", "lowercase"),
        (". --build-context a=target:b", "", "no other target"),
        (". --platform nothing/at/all/here", "", "Invalid platform"),
        (". --network mine", "", "Unknown network mode"),
        (". --secret id=a,src=nowhere", "", "Secret not found"),
        (". --ssh default=nowhere", "", "not found"),
        (". --call=nothing", "", "nothing"),
        (". --target nowhere", "", "nowhere"),
        (". -f nowhere", "", "nowhere"),
        (". --cache-from type=", "", "type"),
        (". --attest nothing", "", "nothing"),
        (". --progress=loud", "", "invalid progress mode"),
        (". -o type=local,dest=/elsewhere/out,mode=delete", "", "requires --allow=buildx.local.delete"),
    ],
)
def test_what_cannot_be_built_is_an_error(
    pybake: Command, folder: Path, words: str, stdin: str, complaint: str
) -> None:
    done = pybake.at(folder)("build", *words.split(), stdin=stdin)

    assert complaint in done.stderr
    assert (done.code, done.stdout) == (1, "")


def test_a_failing_step_is_named(pybake: Command, reference: Command, project: Path) -> None:
    (project / "Bad").write_text(f"{(project / 'Dockerfile').read_text()}RUN exit 7 # {word()}\n")

    done, expected = pybake("build", "-f", "Bad", "."), reference("build", "-f", "Bad", ".")

    assert (done.code, done.stdout) == (expected.code, expected.stdout) == (1, "")
    assert "Bad:4" in done.stderr
    assert ">>> RUN exit 7" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "--check .",
        "--call=outline .",
        "--call=targets .",
        "--call=targets,format=json -f sub/other.Dockerfile .",
        "--check -f warned .",
        "--check ./plain",
        "--check -f broken .",
        "--call=check,ignorestatus=true -f warned .",
        "--check -f - .",
    ],
)
def test_calls_say_what_the_reference_says(
    pybake: Command, reference: Command, folder: Path, words: str
) -> None:
    (folder / "warned").write_text("FROM scratch as base\ncopy word /\n")
    (folder / "broken").write_text("FROM scratch\nCOPPY word /\n")
    (folder / "plain").mkdir(exist_ok=True)
    (folder / "plain/Dockerfile").write_text("FROM scratch as base\n")
    text = "FROM scratch as base\n"

    done = pybake.at(folder)("build", *words.split(), stdin=text)
    expected = reference.at(folder)("build", *words.split(), stdin=text)

    assert (done.code, done.stdout) == (expected.code, expected.stdout)


def test_quiet_says_the_id_of_the_image(pybake: Command, reference: Command, folder: Path) -> None:
    words = ("build", ".", "--provenance=false", "--build-arg=SOURCE_DATE_EPOCH=0")
    rewritten = (*words, "-o", "type=oci,dest=app.tar,rewrite-timestamp=true", "--iidfile=id")

    quiet, theirs = pybake.at(folder)(*rewritten, "-q"), reference.at(folder)(*rewritten, "-q")
    named = pybake.at(folder)(*rewritten, "--progress=quiet")
    silent = pybake.at(folder)(*rewritten, "--progress=none")

    assert (quiet.stdout, quiet.stderr) == (theirs.stdout, "")
    assert named == quiet
    assert (silent.stdout, silent.stderr) == ("", "")
    assert (folder / "id").read_text() + "\n" == quiet.stdout


def test_no_id_is_left_of_a_failed_build(pybake: Command, folder: Path) -> None:
    (folder / "id").write_text("former")

    done = pybake.at(folder)("build", "--iidfile=id", "-f", "nowhere", ".")

    assert done.code == 1
    assert not (folder / "id").exists()


def test_metadata_names_no_target(pybake: Command, reference: Command, folder: Path) -> None:
    words = ("build", ".", "-t", "single/meta:1", "--metadata-file=meta.json")

    pybake.at(folder)(*words).ok()
    ours = json.loads((folder / "meta.json").read_text())
    reference.at(folder)(*words).ok()
    theirs = json.loads((folder / "meta.json").read_text())

    assert set(ours) | {"buildx.build.provenance"} == set(theirs) | {"buildx.build.provenance"}
    assert ours["image.name"] == theirs["image.name"] == "docker.io/single/meta:1"


def test_old_options_are_taken_with_a_word(pybake: Command, reference: Command, folder: Path) -> None:
    words = ["--isolation=x", "--security-opt", "a=b", "--rm", "--force-rm=false", "--compress", "."]

    done, expected = pybake.at(folder)("b", *words), reference.at(folder)("b", *words)

    assert done.code == expected.code == 0
    for text in ("isolation flag is deprecated", "security-opt flag is deprecated"):
        assert text in done.stderr
        assert text in expected.stderr


def test_the_default_platform_is_the_environments(engine: Engine, pybake: Command, folder: Path) -> None:
    command = pybake.at(folder).where(DOCKER_DEFAULT_PLATFORM="linux/arm64")

    _, found = facts(engine, command, ".", "-o", "type=cacheonly")
    _, other = facts(engine, command, ".", "-o", "type=cacheonly", "--platform=linux/amd64")

    assert found["attrs"]["platform"] == "linux/arm64"
    assert other["attrs"]["platform"] == "linux/amd64"


def test_help_names_every_option_of_the_reference(pybake: Command, reference: Command) -> None:
    ours, theirs = pybake("build", "--help").ok().stdout, reference("build", "--help").ok().stdout
    named = [word for word in theirs.split() if word.startswith("--") and "=" not in word]

    assert [option for option in named if option.strip('"') not in ours] == []


def test_the_empty_context_is_gone_afterwards(pybake: Command, folder: Path) -> None:
    scratch = folder / "scratch"
    scratch.mkdir()

    pybake.at(folder).where(TMPDIR=str(scratch))("build", "-", "-q", stdin="FROM scratch\nLABEL a=b\n").ok()

    assert list(scratch.iterdir()) == []
