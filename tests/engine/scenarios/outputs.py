"""Outputs of every form, with every attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.scenarios.scenario import BASE, BOTH, PINNED, PLAIN, Scenario

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.scenarios.world import World

MIXED = f"""{BASE}RUN mkdir -p /d/e && echo text > /d/f && chmod 4755 /d/f && ln -s f /d/link \\
 && ln -s /nowhere /d/dangling && mkdir -m 1777 /d/sticky && touch /d/empty && chmod 0 /d/empty \\
 && chown 12:34 /d/e && echo more > "/d/a b" && ln /d/f /d/hard && uname -m > /d/machine
FROM scratch
COPY --from=0 /d /
"""
WORDS = 'FROM scratch\nARG TARGETARCH\nENV A=b\nCOPY word /${TARGETARCH}/word\nLABEL one=two\nCMD ["/word"]\n'
IMAGE = "@registry@/app:1"


def app(output: list[str] | str, /, **fields: Any) -> dict[str, dict[str, Any]]:
    """One target with this output."""
    return {"app": {"output": [output] if isinstance(output, str) else output, **fields}}


def mixed(name: str, output: list[str] | str, /, **fields: Any) -> Scenario:
    """A tree with modes, links, owners and odd names, exported as files."""
    return Scenario(name, app(output, **fields), {"Dockerfile": MIXED})


def pinned(name: str, output: list[str] | str, /, **fields: Any) -> Scenario:
    """An image without attestations whose time is pinned: its digests are compared."""
    fields = {"attest": [PLAIN], "tags": [IMAGE], **fields}
    return Scenario(name, app(output, **fields), {"Dockerfile": WORDS}, environment=PINNED)


def _old_output(_world: World, folder: Path) -> None:
    """A folder that holds something already."""
    (folder / "out" / "old").mkdir(parents=True)
    (folder / "out" / "old" / "file").write_text("stays")
    (folder / "out" / "f").write_text("goes")


PUSH = "type=registry"

FOLDERS = (
    mixed("local: one platform", "type=local,dest=out"),
    mixed("local: short form", "out"),
    mixed("local: two platforms", "type=local,dest=out", platforms=BOTH),
    mixed("local: platform-split", "type=local,dest=out,platform-split=true"),
    Scenario(
        "local: two platforms in one folder",
        app("type=local,dest=out,platform-split=false", platforms=BOTH),
        {"Dockerfile": WORDS},
    ),
    Scenario(
        "local: two platforms with one name in one folder",
        app("type=local,dest=out,platform-split=false", platforms=BOTH),
        code=1,
        empty=True,
        says=("cannot overwrite word from",),
    ),
    mixed("local: with provenance", "type=local,dest=out", attest=["type=provenance,mode=min"]),
    mixed(
        "local: provenance of two platforms",
        "type=local,dest=out",
        platforms=BOTH,
        attest=["type=provenance"],
    ),
    mixed(
        "local: attestation-prefix", "type=local,dest=out,attestation-prefix=my-", attest=["type=provenance"]
    ),
    mixed("local: one platform, named", "type=local,dest=out", platforms=["linux/arm64"]),
    Scenario(
        "local: into what is there",
        app("type=local,dest=out"),
        {"Dockerfile": MIXED, "out/old/file": "stays", "out/f": "goes", ".dockerignore": "out"},
    ),
    Scenario(
        "local: epoch",
        app("type=local,dest=out,rewrite-timestamp=true"),
        {"Dockerfile": MIXED},
        environment=PINNED,
    ),
    Scenario(
        "local: nothing", app("type=local,dest=out"), {"Dockerfile": "FROM scratch\nCMD a\n"}, empty=False
    ),
    Scenario(
        "local: two targets in one folder",
        {
            "one": {"output": ["type=local,dest=out"], "args": {"NAME": "a"}},
            "two": {"output": ["type=local,dest=out/sub"], "args": {"NAME": "b"}},
        },
        {"Dockerfile": "FROM scratch\nARG NAME\nCOPY word /${NAME}\n"},
    ),
    mixed("tar: a file", "type=tar,dest=out.tar"),
    mixed("tar: two platforms", "type=tar,dest=out.tar", platforms=BOTH),
    mixed("tar: platform-split", "type=tar,dest=out.tar,platform-split=true"),
    mixed("tar: standard output", "type=tar,dest=-"),
    mixed("tar: standard output, short form", "-"),
    mixed("tar: standard output without a dest", "type=tar"),
    Scenario(
        "tar: epoch",
        app("type=tar,dest=out.tar,rewrite-timestamp=true"),
        {"Dockerfile": MIXED},
        environment=PINNED,
    ),
)
ARCHIVES = (
    pinned("oci: a file", "type=oci,dest=out.tar,rewrite-timestamp=true"),
    pinned("oci: a folder", "type=oci,dest=out,tar=false,rewrite-timestamp=true"),
    pinned("oci: a folder without a name", "type=oci,dest=out,tar=false", tags=[]),
    pinned("oci: two platforms", "type=oci,dest=out.tar,rewrite-timestamp=true", platforms=BOTH),
    pinned(
        "oci: a folder of two platforms", "type=oci,dest=out,tar=false,rewrite-timestamp=true", platforms=BOTH
    ),
    pinned("oci: with default provenance", "type=oci,dest=out.tar", attest=[]),
    pinned("oci: two names", "type=oci,dest=out.tar", tags=["one:1", "@registry@/two:2"]),
    pinned("oci: name as an attribute", "type=oci,dest=out.tar,name=by/attribute:1", tags=[]),
    pinned("oci: oci-mediatypes=false", "type=oci,dest=out.tar,oci-mediatypes=false"),
    pinned("oci: standard output", "type=oci,dest=-"),
    pinned("oci: standard output without a dest", "type=oci"),
    pinned("docker: a file", "type=docker,dest=out.tar,rewrite-timestamp=true"),
    pinned("docker: oci-mediatypes", "type=docker,dest=out.tar,oci-mediatypes=true"),
    Scenario(
        "docker: a folder",
        app("type=docker,dest=out,tar=false", tags=[IMAGE]),
        refused="output directory is not supported by moby exporter",
    ),
    pinned("docker: standard output", "type=docker,dest=-"),
    pinned("docker: two names", "type=docker,dest=out.tar", tags=["one:1", "one:2"]),
    pinned("docker: no name", "type=docker,dest=out.tar", tags=[]),
    pinned(
        "two archives and a folder",
        ["type=oci,dest=a.tar", "type=docker,dest=b.tar", "type=local,dest=c", "type=tar,dest=d.tar"],
    ),
    pinned("two of a kind", ["type=local,dest=a", "type=local,dest=b"]),
    pinned(
        "a push, an archive and a folder", ["type=registry", "type=oci,dest=a.tar", "type=local,dest=out"]
    ),
)
COMPRESSIONS = tuple(
    pinned(f"compression: {attributes}", f"type=oci,dest=out.tar,rewrite-timestamp=true,{attributes}")
    for attributes in (
        "compression=uncompressed",
        "compression=gzip",
        "compression=gzip,compression-level=9,force-compression=true",
        "compression=zstd",
        "compression=zstd,compression-level=3,force-compression=true,oci-mediatypes=true",
    )
)
"""estargz is missing: Engine 28.5 as Debian builds it dies of it ("footer buffer = 48, not 51")."""
ANNOTATIONS = (
    pinned(
        "annotations: every level",
        PUSH,
        platforms=BOTH,
        annotations=[
            "plain=0",
            "manifest:a=1",
            "index:b=2",
            "manifest-descriptor:c=3",
            "index,manifest:d=4=x",
            "manifest[linux/arm64]:e=5",
            "manifest-descriptor[linux/amd64]:f=6",
        ],
    ),
    pinned(
        "annotations: one platform in an archive",
        "type=oci,dest=out.tar",
        annotations=["manifest:a=1", "manifest-descriptor:b=2", "c=3"],
    ),
    Scenario(
        "annotations: of the index of one platform",
        app("type=oci,dest=out.tar", attest=[PLAIN], annotations=["index:a=1"]),
        code=1,
        empty=True,
        says=("index annotations not supported for single platform export",),
    ),
    Scenario(
        "annotations: of a type that is none",
        app("type=oci,dest=out.tar", annotations=["layer:a=1"]),
        code=1,
        empty=True,
    ),
    pinned(
        "annotations: index-descriptor of an archive",
        "type=oci,dest=out,tar=false",
        platforms=BOTH,
        annotations=["index-descriptor:a=1", "index:b=2", "c=3"],
    ),
    pinned(
        "annotations: as attributes of the output",
        "type=oci,dest=out.tar,annotation.a=1,annotation-manifest[linux/amd64].b=2,annotation-index.c=3",
        platforms=BOTH,
    ),
    pinned(
        "annotations: in the engine",
        "type=image",
        platforms=BOTH,
        annotations=["index:a=1", "manifest:b=2", "manifest-descriptor:c=3"],
    ),
    pinned("annotations: with an epoch of its own", "type=image,source-date-epoch=1500000000,annotation.a=1"),
)
PUSHES = (
    pinned("push: one platform", PUSH),
    pinned("push: two platforms", PUSH, platforms=BOTH),
    pinned("push: type=image", "type=image,push=true"),
    pinned("push: with default provenance", "type=registry", attest=[]),
    pinned("push: two names", "type=registry", tags=["@registry@/one:1", "@registry@/two:2"]),
    pinned("push: name as an attribute", "type=image,push=true,name=@registry@/named:1", tags=[]),
    pinned("push: oci-mediatypes", "type=registry,oci-mediatypes=true"),
    pinned("push: oci-mediatypes=false", "type=registry,oci-mediatypes=false", platforms=BOTH),
    pinned("push: compression", "type=registry,compression=zstd,force-compression=true,oci-mediatypes=true"),
    pinned("push: insecure", "type=registry,registry.insecure=true"),
    Scenario("push: the flag", {"app": {"tags": [IMAGE]}}, words="--push"),
    Scenario("push: the flag over an output", app("type=image", tags=[IMAGE]), words="--push"),
    Scenario("push: the flag and a folder", app("type=local,dest=out", tags=[IMAGE]), words="--push"),
    Scenario(
        "push: by digest is refused",
        app("type=image,push=true,push-by-digest=true,name=@registry@/app"),
        code=1,
        empty=True,
    ),
    Scenario(
        "push: rewrite-timestamp into the engine too",
        app("type=registry,rewrite-timestamp=true", tags=[IMAGE]),
        environment=PINNED,
        code=1,
        says=('"rewrite-timestamp" conflicts with "unpack"',),
    ),
    Scenario("push: no name", app("type=registry"), code=1, empty=True),
)
STORES = (
    Scenario("store: no output", {"app": {"tags": ["one:1", "two:2"]}}),
    Scenario("store: no output, no name", {"app": {}}),
    Scenario("store: --load", {"app": {"tags": ["one:1"]}}, words="--load"),
    Scenario("store: --load over a folder", app("type=local,dest=out", tags=["one:1"]), words="--load"),
    Scenario("store: docker", app("type=docker", tags=["one:1"])),
    Scenario("store: two platforms", app("type=docker", tags=["one:1"], platforms=BOTH)),
    Scenario("store: image", app("type=image", tags=["one:1"])),
    Scenario("store: unpack", app("type=image,unpack=true", tags=["one:1"])),
    Scenario("store: unpack=false", app("type=image,unpack=false", tags=["one:1"])),
    Scenario("store: store=false", app("type=image,store=false", tags=["one:1"], attest=[PLAIN]), empty=True),
    Scenario("store: dangling-name-prefix", app("type=image,dangling-name-prefix=hanging")),
    Scenario("store: name-canonical", app("type=image,name-canonical=true,name=canon:1", attest=[PLAIN])),
    Scenario("store: cacheonly", app("type=cacheonly", tags=["one:1"]), empty=True),
    Scenario(
        "store: BUILDX_NO_DEFAULT_LOAD",
        {"app": {"tags": ["one:1"]}},
        environment={"BUILDX_NO_DEFAULT_LOAD": "1"},
        empty=True,
    ),
    Scenario("store: a name of the attribute", app("type=docker,name=attribute:1")),
)


def far(name: str, output: list[str] | str, /, *, code: int = 0, words: str = "", **fields: Any) -> Scenario:
    """A scenario of a builder that is no engine."""
    fields = {"attest": [PLAIN], "tags": [IMAGE], **fields}
    return Scenario(
        f"far: {name}",
        app(output, **fields) if output else {"app": fields},
        {"Dockerfile": WORDS},
        words=words,
        environment=PINNED,
        builder="far",
        code=code,
        empty=code != 0,
    )


FAR = (
    far("push by digest", "type=image,push=true,push-by-digest=true,name=@registry@/app", tags=[]),
    far(
        "push by digest, canonical",
        "type=image,push=true,push-by-digest=true,name-canonical=true,"
        "name=@registry@/app,rewrite-timestamp=true",
        tags=[],
    ),
    far("push", PUSH, platforms=BOTH),
    far("docker load", "type=docker"),
    far("docker load of two platforms", "type=docker", platforms=BOTH),
    far("--load", "", words="--load"),
    far("--load without a name", "", words="--load", tags=[]),
    far("docker archive of two platforms", "type=docker,dest=out.tar", platforms=BOTH, code=1),
    far("oci", "type=oci,dest=out.tar,rewrite-timestamp=true", platforms=BOTH),
    far("a folder", "type=local,dest=out", platforms=BOTH),
)

SCENARIOS = (*FOLDERS, *ARCHIVES, *COMPRESSIONS, *ANNOTATIONS, *PUSHES, *STORES, *FAR)
