"""`imagetools` beside the reference's: the same text, the same bytes, the same index; other registries."""

from __future__ import annotations

import base64
import http.client
import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import BOTH, ROOT, define
from tests.fakes.registry import PASSWORD as TOKEN_PASSWORD
from tests.fakes.registry import USER as TOKEN_USER
from tests.fakes.registry import Answer, Asked, FakeRegistry, TokenServer, serving
from tools.engine.registry import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.commands import Command, Result
    from tools.engine.registry import Registry

INDEX = "application/vnd.oci.image.index.v1+json"
IMAGES = ("several", "one", "annotated")


@pytest.fixture(scope="module")
def filled() -> list[str]:
    """The registries that have the images already."""
    return []


@pytest.fixture
def images(project: Path, pybake: Command, registry: Registry, filled: list[str]) -> str:
    """A repository's name, with three images in it: tags `several`, `one` and `annotated`."""
    name = f"{registry.address}/tools/app"
    plain = {"dockerfile": f'{ROOT}ENV A=b\nLABEL k="<v>"\n', "attest": ["type=provenance,disabled=true"]}
    define(
        project,
        {"default": list(IMAGES)},
        several={**plain, "platforms": BOTH, "attest": ["type=provenance,mode=max"]},
        one=plain,
        annotated={**plain, "platforms": ["linux/arm64"], "annotations": ["a=b"]},
    )
    if name not in filled:
        tags = [f"--set={image}.tags={name}:{image}" for image in IMAGES]
        pybake("--push", *tags).ok()
        filled.append(name)
    return name


@pytest.fixture
def both(pybake: Command, reference: Command) -> Callable[..., list[Result]]:
    return lambda *words: [tool("imagetools", *words) for tool in (pybake, reference)]


@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("words", [[], ["--raw"]], ids=["text", "raw"])
def test_an_image_is_shown_to_the_byte(
    images: str, both: Callable[..., list[Result]], image: str, words: list[str]
) -> None:
    ours, theirs = both("inspect", *words, f"{images}:{image}")
    # the reference takes annotations in any order, as they come out of a map
    assert sorted(ours.ok().stdout.splitlines()) == sorted(theirs.ok().stdout.splitlines())
    assert len(ours.stdout) == len(theirs.stdout) > 0


TEMPLATES = [
    "{{json .}}",
    "{{.Name}}",
    "{{ .Manifest }}",
    "{{json .Manifest}}",
    "{{json .Image}}",
    "{{json .Provenance}}",
    "{{json .SBOM}}",
    '{{if .Image}}{{printf "%-50s|" .Name}}{{end}}',
    "{{with .Manifest}}{{json .Digest}}{{end}}",
    "{{range .Image}}{{.Created}};{{range .History}}{{.Created}},{{end}}{{end}}",
]


@pytest.mark.parametrize(
    ("image", "template"),
    [*(("several", one) for one in TEMPLATES), ("one", "{{json .}}"), ("one", "{{json .Provenance}}")],
)
def test_a_template_gives_the_references_text(
    images: str, both: Callable[..., list[Result]], image: str, template: str
) -> None:
    # 0.29 writes the text first where a template has .Manifest and more; 0.36 does no longer
    ours, theirs = both("inspect", f"--format={template}", f"{images}:{image}")
    lines = ours.ok().stdout.splitlines()
    # annotations come in any order, as above
    assert sorted(theirs.ok().stdout.splitlines()[-len(lines) :]) == sorted(lines)
    assert lines


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{range $p, $i := .Image}}{{$p}} {{$i.OS}};{{end}}", "linux/amd64 linux;linux/arm64 linux;"),
        ('{{index (index .Image "linux/arm64").Config.Env 1}}', "A=b"),
        ('{{index (index .Image "linux/amd64").Config.Labels "k"}}', "<v>"),
        (
            "{{range .Manifest.Manifests}}{{.Platform.OS}}/{{.Platform.Variant}} {{end}}",
            "linux/ linux/ unknown/ unknown/ ",
        ),
        ("{{len .Manifest.Manifests}}", "4"),
    ],
)
def test_parts_of_an_image(pybake: Command, images: str, template: str, expected: str) -> None:
    assert (
        pybake("imagetools", "inspect", f"--format={template}", f"{images}:several").ok().stdout == expected
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--format={{.Nope}}"], '--format:1,3-8: template: executing ".Nope": can\'t evaluate field Nope'),
        (["--format={{html .Name}}"], '--format:1,3-7: template: function "html" not defined'),
        (["--format={{.Name}}", "--raw"], "format and raw cannot be used together"),
    ],
)
def test_what_cannot_be_shown_is_named(pybake: Command, images: str, words: list[str], message: str) -> None:
    told = pybake("imagetools", "inspect", *words, f"{images}:one")
    assert told.code == 1
    assert f"ERROR: {message}" in told.stderr


def test_no_image(images: str, both: Callable[..., list[Result]]) -> None:
    for told in both("inspect", f"{images}:none"):
        assert (told.code, told.stderr) == (1, f"ERROR: {images}:none: not found\n")


@pytest.mark.parametrize(
    "words",
    [
        ["NAME:several", "NAME:annotated"],
        ["NAME:annotated", "NAME:several", "NAME:several"],
        ["NAME:one"],
        ["--prefer-index=false", "NAME:one"],
        ["--annotation=index,manifest-descriptor:k=<v>", "NAME:several"],
        ["--annotation=manifest-descriptor[linux/arm64]:k=é", "NAME:several", "NAME:one"],
        ["--append", "-t", "NAME:annotated", "NAME:one"],
        ["--platform=linux/arm64", "NAME:several"],
        ["--platform", "linux/amd64,linux/arm64", "NAME:several", "NAME:annotated"],
        ["-f", "descriptor.json", "-t", "NAME:one"],
    ],
)
def test_what_would_be_made_is_the_same_to_the_byte(
    images: str, project: Path, pybake: Command, both: Callable[..., list[Result]], words: list[str]
) -> None:
    found = json.loads(
        pybake("imagetools", "inspect", "--format={{json .Manifest}}", f"{images}:one").ok().stdout
    )
    (project / "descriptor.json").write_text(json.dumps({**found, "annotations": {"x": "y"}}))
    ours, theirs = both("create", "--dry-run", *(word.replace("NAME", images) for word in words))
    assert ours.ok().stdout == theirs.ok().stdout
    assert json.loads(ours.stdout)["schemaVersion"] == 2


def test_an_index_is_made_in_several_repositories(
    images: str, registry: Registry, project: Path, pybake: Command, reference: Command
) -> None:
    tags = [f"{registry.address}/tools/{name}" for name in ("made:1", "made:2", "other:1")]
    words = [word for tag in tags for word in ("-t", tag)]
    told = pybake(
        "imagetools", "create", *words, "--metadata-file=m.json", f"{images}:several", f"{images}:annotated"
    )
    assert f"[internal] pushing {registry.address}/tools/other" in told.ok().stderr
    # where all blobs are: what two sources share, the reference may not have copied yet when it is needed
    create = ("imagetools", "create", "-t", f"{images}:theirs", f"{images}:several", f"{images}:annotated")
    reference(*create).ok()
    theirs = reference("imagetools", "inspect", "--raw", f"{images}:theirs").ok().stdout
    for tag in tags:
        assert reference("imagetools", "inspect", "--raw", tag).ok().stdout == theirs
        assert reference("imagetools", "inspect", "--format={{json .Image}}", tag).ok().stdout
    written = json.loads((project / "m.json").read_text())
    assert written["image.name"] == f"{registry.address}/tools/made,{registry.address}/tools/other"
    assert written["containerimage.descriptor"]["size"] == len(theirs)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no sources specified"),
        (["NAME:one"], "can't push with no tags specified, please set --tag or --dry-run"),
        (
            ["--dry-run", "--platform=linux/s390x", "NAME:several"],
            "none of the manifests match the provided platforms",
        ),
        (["--dry-run", "--annotation=k=v", "NAME:several"], '"" annotations are not supported yet'),
        (
            ["--dry-run", "-t", "NAME:x", "-t", "x.example/y:z", "sha256:" + "0" * 64],
            "multiple repositories specified",
        ),
    ],
)
def test_what_cannot_be_made_is_said_as_the_reference_says_it(
    images: str, both: Callable[..., list[Result]], words: list[str], message: str
) -> None:
    for told in both("create", *(word.replace("NAME", images) for word in words)):
        assert told.code == 1
        assert f"ERROR: {message}" in told.stderr


def sign_in(home: Path, address: str, user: str, password: str) -> None:
    """Leave what `docker login` leaves."""
    folder = home / "docker"
    folder.mkdir(exist_ok=True)
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {address: {"auth": pair}}}))


def test_a_registry_with_a_password(
    images: str, home: Path, private_registry: Registry, both: Callable[..., list[Result]]
) -> None:
    sign_in(home, private_registry.address, USER, PASSWORD)
    name = f"{private_registry.address}/tools/app:1"
    ours, theirs = both("create", "-t", name, f"{images}:several")
    assert (ours.code, theirs.code) == (0, 0)
    ours, theirs = both("inspect", "--format={{json .}}", name)
    assert ours.ok().stdout == theirs.ok().stdout


class Front(FakeRegistry):
    """A server before a real registry."""

    def __init__(self, behind: Registry) -> None:
        super().__init__()
        self.behind = behind

    def _own(self, asked: Asked) -> Answer:
        connection = http.client.HTTPConnection(self.behind.address, timeout=30)
        query = "&".join(f"{name}={value}" for name, values in asked.query.items() for value in values)
        headers = {name: value for name, value in asked.headers.items() if name in ("accept", "content-type")}
        try:
            connection.request(asked.method, asked.path + (f"?{query}" if query else ""), asked.body, headers)
            found = connection.getresponse()
            body = found.read()
        finally:
            connection.close()
        kept = {name: value for name, value in found.getheaders() if name.lower() in KEPT}
        kept["Location"] = kept.get("Location", "").replace(self.behind.address, self.address)
        if asked.method == "HEAD" and "Content-Length" in dict(found.getheaders()):
            kept["Content-Length"] = found.headers["Content-Length"]
        return Answer(found.status, {name: value for name, value in kept.items() if value}, body)


KEPT = ("content-type", "docker-content-digest", "location")


@pytest.fixture
def front(registry: Registry) -> Iterator[FakeRegistry]:
    """The open registry behind a server that wants bearer tokens."""
    with serving(Front(registry)) as running:
        running.first = TokenServer(running)
        yield running


def test_a_registry_that_wants_tokens(
    images: str, home: Path, registry: Registry, front: FakeRegistry, both: Callable[..., list[Result]]
) -> None:
    sign_in(home, front.address, TOKEN_USER, TOKEN_PASSWORD)
    there = images.replace(registry.address, front.address)
    for told in both("create", "-t", f"{front.address}/tools/copied:1", f"{there}:several"):
        assert told.code == 0, told.stderr
    ours, theirs = both("inspect", "--format={{json .}}", f"{front.address}/tools/copied:1")
    assert ours.ok().stdout == theirs.ok().stdout
    server = front.first
    assert isinstance(server, TokenServer)
    assert any("repository:tools/copied:pull,push" in scopes for scopes in server.scopes)
    assert any("mount" in one.query for one in front.asked)


def test_layouts_are_places_too(images: str, registry: Registry, project: Path, pybake: Command) -> None:
    layout = f"oci-layout://{project}/kept:v1"
    pybake("imagetools", "create", "-t", layout, f"{images}:several").ok()
    shown = pybake("imagetools", "inspect", "--raw", layout).ok().stdout
    assert shown == pybake("imagetools", "inspect", "--raw", f"{images}:several").ok().stdout
    pybake("imagetools", "create", "-t", f"{registry.address}/tools/back:1", layout).ok()
    assert registry.get("/v2/tools/back/manifests/1", Accept=INDEX) == json.loads(shown)
