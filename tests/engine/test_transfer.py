"""Files go to and come from a real engine as they do with the reference, content stores included."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import subprocess
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bake.buildkit import layout
from bake.buildkit.content import Store
from bake.buildkit.control import Prune
from bake.buildkit.credentials import DockerCredentials
from bake.buildkit.services import auth, content, filesend, secrets, ssh, upload
from bake.buildkit.services.sinks import FileSink, TreeSink
from bake.buildkit.ssh_agent import Agents
from bake.errors import SolveError
from bake.solve import CacheEntry, Export, Secret, SSHAgent
from tests.engine.building import BASE, Project, Seen, connected
from tests.fakes.trees import Entry, File, Folder, Hardlink, Symlink, build, look
from tools.engine.registry import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.dockerd import Engine
    from tools.engine.registry import Registry

LISTING = (
    BASE
    + """\
RUN --mount=type=bind,target=/context cd /context/tree && mkdir /out && \\
    find . -print0 | sort -z | xargs -0 stat -c '%n|%a|%u|%g|%F|%N|%h|%Y' | grep -v '^[.]|' > /out/stats && \\
    find . -type f -print0 | sort -z | xargs -0 sha256sum > /out/sums && \\
    find . -type f -print0 | sort -z | xargs -0 stat -c '%s' > /out/sizes

FROM scratch
COPY --from=0 /out /
"""
)

COPIED = "FROM scratch\nCOPY tree /\n"

IGNORED = """\
# a comment
rootfs/arm64
tree/**/*.log
!tree/d3/keep.log
tree/d1?
!tree/d12/d*
tree/[xy]*
**/node_modules
"""

ODD: dict[bytes, Entry] = {
    b"setuid": File(b"s", 0o4755),
    b"sticky": Folder(0o1777),
    b"read-only": File(b"r", 0o400),
    b"old": File(b"o", mtime=1_000_000_000_000_000_000),
    "größe/日本/émoji 🎂.txt".encode(): File(b"u"),
    b"new\nline": File(b"l"),
    b"empty": File(b""),
    b"attributed": File(b"a", xattrs={"user.note": b"\x00\xffvalue"}),
    b"attributed-dir": Folder(xattrs={"user.note": b"dir"}),
    b"link": Symlink("größe/日本".encode()),
    b"dangling": Symlink(b"no/such/file"),
    b"absolute": Symlink(b"/etc/passwd"),
    b"hard": Hardlink(b"setuid"),
    b"xcluded": File(b"first name"),
    b"second-name": Hardlink(b"xcluded"),
    b"third-name": Hardlink(b"xcluded"),
    b"large": File(bytes(range(256)) * 20_000),
    b"a/b": File(b"1"),
    b"a.b": File(b"2"),
    b"a-b/c": File(b"3"),
}


def many(count: int) -> Iterator[tuple[bytes, Entry]]:
    """Small files in some directories, always the same ones."""
    chosen = random.Random(7)
    for number in range(count):
        folder = f"d{chosen.randrange(20)}/d{chosen.randrange(4)}"
        kind = chosen.choice(["txt", "py", "log"])
        yield f"{folder}/f{number}.{kind}".encode(), File(chosen.randbytes(chosen.randrange(2000)))
    yield b"d3/keep.log", File(b"kept")


@pytest.fixture
def tree(project: Path) -> Path:
    """The project with 3,000 files and some odd ones in `tree/`, and a .dockerignore."""
    build(project / "tree", dict(many(3000)) | ODD)
    (project / ".dockerignore").write_text(IGNORED)
    return project


@pytest.fixture
def builder(engine: Engine, project: Path) -> Iterator[Project]:
    with connected(engine) as client:
        yield Project(client, project)


def exported(builder: Project, dockerfile: str, out: Path, **fields: object) -> Mapping[bytes, Entry]:
    """What lands in `out`."""
    methods = filesend.methods({0: TreeSink(str(out))})
    builder.build(dockerfile, methods=methods, exports=(Export("local"),), **fields)
    return look(out)


def reference_exports(reference: Command, dockerfile: str, out: Path) -> Mapping[bytes, Entry]:
    """What the reference puts into `out`."""
    reference(
        "build", "--no-cache", "--output", f"type=local,dest={out}", "-f", "-", ".", stdin=dockerfile
    ).ok()
    return look(out)


def contents(found: Mapping[bytes, Entry]) -> dict[bytes, bytes]:
    """What is in the files."""
    return {path: entry.data for path, entry in found.items() if isinstance(entry, File)}


def without_folder_times(found: Mapping[bytes, Entry]) -> dict[bytes, Entry]:
    """buildx 0.29 leaves a folder with the time at which it wrote into it."""
    return {
        path: replace(entry, mtime=0) if isinstance(entry, Folder) else entry for path, entry in found.items()
    }


@pytest.mark.usefixtures("tree")
def test_a_context_arrives_as_the_reference_sends_it(
    builder: Project, reference: Command, tmp_path: Path
) -> None:
    ours = contents(exported(builder, LISTING, tmp_path / "ours", attrs={"no-cache": ""}))
    theirs = contents(reference_exports(reference, LISTING, tmp_path / "theirs"))
    assert ours == theirs
    listing = ours[b"stats"]
    assert len(listing.splitlines()) > 1000
    for kept in (b"./d3/keep.log|", b"./second-name|", "./größe/日本/émoji 🎂.txt|".encode()):
        assert kept in listing
    for ignored in (b"./xcluded|", b"./d15/"):
        assert ignored not in listing


@pytest.mark.usefixtures("tree")
def test_a_tree_comes_back_as_the_reference_writes_it(
    builder: Project, reference: Command, tmp_path: Path
) -> None:
    ours = exported(builder, COPIED, tmp_path / "ours")
    theirs = reference_exports(reference, COPIED, tmp_path / "theirs")
    assert without_folder_times(ours) == without_folder_times(theirs)
    assert ours[b"sticky"] == ODD[b"sticky"]
    assert ours[b"attributed-dir"] == ODD[b"attributed-dir"]
    assert ours[b"attributed"] == ODD[b"attributed"]
    assert ours[b"hard"] == ODD[b"setuid"]
    assert ours[b"setuid"] == Hardlink(b"hard")


def test_only_what_changed_is_sent_again(tree: Path, builder: Project, tmp_path: Path) -> None:
    exported(builder, COPIED, tmp_path / "first")
    (tree / "tree" / "old").write_bytes(b"changed")
    (tree / "tree" / "large").unlink()
    (tree / "tree" / "fresh").write_bytes(b"fresh")
    found = exported(builder, COPIED, tmp_path / "second")
    changed = found[b"old"]
    assert isinstance(changed, File)
    assert changed.data == b"changed"
    assert b"large" not in found
    assert b"fresh" in found


def test_a_file_is_exported_whole_or_not_at_all(builder: Project, tmp_path: Path) -> None:
    path = tmp_path / "out.tar"
    builder.build(BASE, methods=filesend.methods({0: FileSink(str(path))}), exports=(Export("tar"),))
    with tarfile.open(path) as archive:
        assert "bin/busybox" in [name.removeprefix("./") for name in archive.getnames()]
    before = path.read_bytes()
    with pytest.raises(SolveError):
        builder.build(
            BASE + "RUN exit 3\n",
            methods=filesend.methods({0: FileSink(str(path))}),
            exports=(Export("tar"),),
        )
    assert path.read_bytes() == before
    assert [name for name in os.listdir(tmp_path) if name.startswith(".out")] == []


def test_a_folder_that_cannot_be_written_fails_the_build(builder: Project, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(SolveError, match="cannot write the output"):
        exported(builder, "FROM scratch\nCOPY Dockerfile /\n", tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"


def test_a_local_cache_is_written_and_read(builder: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    store = Store(str(cache))
    served = content.methods({f"local:{cache}": store})
    dockerfile = BASE + f"RUN echo {os.urandom(8).hex()} > /random\n"
    result = builder.build(
        dockerfile, methods=served, cache_exports=(CacheEntry("local", {"dest": str(cache), "mode": "max"}),)
    )
    layout.put(str(cache), json.loads(result.response["cache.manifest"]), tags=["latest"])
    descriptor = layout.find(str(cache))
    assert descriptor is not None
    assert store.has(descriptor.digest)
    assert store.ingests() == []
    assert list(builder.client.prune(Prune(all=True)))
    seen = Seen()
    builder.build(
        dockerfile,
        seen=seen,
        methods=served,
        cache_imports=(CacheEntry("local", {"src": str(cache), "digest": descriptor.digest}),),
    )
    assert [vertex.cached for name, vertex in seen.steps.items() if "RUN" in name] == [True]


def test_an_image_is_written_as_a_layout_and_built_from(builder: Project, tmp_path: Path) -> None:
    folder = tmp_path / "layout"
    store = Store(str(folder))
    mark = os.urandom(8).hex()
    result = builder.build(
        BASE + f"RUN echo {mark} > /mark\n",
        methods=content.methods({"export": store}),
        exports=(Export("oci", {"tar": "false", "name": "app:1"}),),
    )
    descriptor = json.loads(base64.b64decode(result.response["containerimage.descriptor"]))
    layout.put(str(folder), descriptor, names=result.response["image.name"].split(","))
    found = layout.find(str(folder), "docker.io/library/app:1")
    assert found is not None
    seen = Seen()
    builder.build(
        "FROM base\nRUN cat /mark\n",
        seen=seen,
        methods=content.methods({"oci:base": store}),
        attrs={"context:base": f"oci-layout://base@{found.digest}", "no-cache": ""},
    )
    assert mark in seen.output


def test_secrets_and_agents_are_there_or_not(builder: Project, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "mine", "-f", key], check=True)
    (tmp_path / "token").write_text("from a file")
    dockerfile = BASE + (
        "RUN --mount=type=secret,id=file --mount=type=secret,id=env --mount=type=secret,id=none"
        " --mount=type=ssh --mount=type=ssh,id=other"
        " cat /run/secrets/file /run/secrets/env; ls /run/secrets; ls $SSH_AUTH_SOCK; ls /run/buildkit\n"
    )
    known = [Secret("file", path=str(tmp_path / "token")), Secret("env", env="TOKEN")]
    seen = Seen()
    with Agents([SSHAgent("default", (str(key),))], os.environ) as agents:
        served = {**secrets.methods(known, {"TOKEN": "from a variable"}), **ssh.methods(agents.by_id)}
        builder.build(dockerfile, seen=seen, methods=served, attrs={"no-cache": ""})
    assert "from a file" in seen.output
    assert "from a variable" in seen.output
    assert "none" not in seen.output.split()
    assert "ssh_agent.0" in seen.output
    assert "ssh_agent.1" not in seen.output


def test_an_archive_on_standard_input_is_a_context(builder: Project) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, data in {"Dockerfile": b"FROM scratch\nCOPY mark /\n", "mark": os.urandom(8)}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    archive.seek(0)
    seen = Seen()
    builder.build(
        "unused", seen=seen, methods=upload.methods({"id": archive}), attrs={"context": upload.URL + "id"}
    )
    assert any("COPY mark" in name for name in seen.steps)


def test_a_private_registry_takes_the_credentials_of_docker(
    builder: Project, private_registry: Registry, tmp_path: Path
) -> None:
    name = f"{private_registry.address}/app:{os.urandom(4).hex()}"
    export = (Export("image", {"name": name, "push": "true"}),)
    folder = tmp_path / "docker"
    folder.mkdir()
    served = auth.methods(DockerCredentials(str(folder), {}))
    with pytest.raises(SolveError):
        builder.build(BASE, methods=served, exports=export)
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {private_registry.address: {"auth": pair}}}))
    builder.build(BASE, methods=served, exports=export)
    tags = private_registry.get("/v2/app/tags/list", Authorization=f"Basic {pair}")["tags"]
    assert name.rpartition(":")[2] in tags
