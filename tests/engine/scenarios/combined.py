"""What is mostly asked for alone, asked for together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.engine.scenarios.attestations import SBOM, commit
from tests.engine.scenarios.contexts import ARCHIVE, GIT, OUT, layout, served
from tests.engine.scenarios.scenario import BASE, BOTH, COPY, PINNED, PLAIN, Scenario
from tests.engine.scenarios.settings import STAGES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.scenarios.world import World

APP = "@registry@/app:1"
IMAGE = {"tags": [APP], "output": ["type=registry"]}
MATRIX = """
group "default" { targets = ["app"] }
target "base" {
  dockerfile-inline = "FROM scratch\\nARG V\\nCOPY word /base\\n"
  platforms = ["linux/amd64", "linux/arm64"]
}
target "app" {
  matrix = { v = ["1", "2"], p = ["linux/amd64", "linux/arm64"] }
  name = "app-${v}-${replace(p, "/", "-")}"
  contexts = { b = "target:base", extra = "sub" }
  platforms = [p]
  args = { V = v }
  dockerfile-inline = "FROM b\\nARG V\\nLABEL v=$${V}\\nCOPY --from=extra e /"
  tags = ["@registry@/app:${v}-${split("/", p)[1]}"]
  annotations = ["manifest:v=${v}"]
  attest = ["type=provenance,disabled=true"]
  output = ["type=registry"]
}
"""
COMPOSE = """
services:
  web:
    image: "@registry@/web:1"
    build:
      context: .
      args: { A: "1" }
      labels: { x: "y" }
      platforms: ["linux/amd64", "linux/arm64"]
      additional_contexts: { other: ./sub }
      x-bake:
        output: type=oci,dest=web.tar
        attest: ["type=provenance,disabled=true"]
        annotations: ["manifest:q=w"]
  db:
    image: "@registry@/db:1"
    build:
      dockerfile_inline: |
        FROM scratch
        COPY word /db
      network: none
      shm_size: 64m
      extra_hosts: ["a=1.2.3.4"]
      x-bake: { output: "type=local,dest=db", no-cache: true }
"""
SERVICES = {
    "docker-bake.none": "",
    "compose.yaml": COMPOSE,
    "Dockerfile": "FROM scratch\nARG A\nENV A=$A\nCOPY --from=other e /\n",
    "sub/e": "e",
}
MOUNTS = f"""{BASE}ARG TARGETARCH V=0
RUN --mount=type=secret,id=token --mount=type=ssh --mount=from=extra,target=/x --mount=type=cache,target=/c \\
  cat /run/secrets/token /x/e > /made; echo $V $TARGETARCH >> /made
FROM scratch
COPY --from=0 /made /
"""
MANY = {"secret": ["id=token,env=TOKEN"], "contexts": {"extra": "sub"}, "args": {"V": "7"}, "platforms": BOTH}
HEREDOCS = f"""{BASE}COPY <<A <<"B" <<-C /d/
a $HOME
A
b $HOME
B
\ttab
C
RUN <<X cat > /o && <<'Y' cat >> /o
one
X
$two
Y
"""


def link_to_a_dockerfile(_world: World, folder: Path) -> None:
    (folder / "Link").symlink_to("sub/Real")


def not_utf8(_world: World, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(b"FROM scratch\r\nENV A=\xff\xfe\r\nCOPY word /\r\n")


def no_files(_world: World, folder: Path) -> None:
    (folder / "empty").mkdir()


TOGETHER = (
    Scenario("matrix, links, platforms, a push", files={"docker-bake.hcl": MATRIX, "sub/e": "e"}),
    Scenario(
        "matrix: --set chooses and changes one",
        files={"docker-bake.hcl": MATRIX, "sub/e": "e"},
        words="--set=*.output=type=oci,dest=x.tar --set=app-1*.labels.z=1 app-1-linux-amd64",
    ),
    Scenario(
        "matrix: of outlines",
        files={"docker-bake.hcl": MATRIX, "sub/e": "e"},
        words="--call=outline,format=json base",
    ),
    Scenario(
        "every mount, two platforms",
        {"app": {**ARCHIVE, **MANY}},
        {"Dockerfile": MOUNTS, "sub/e": "e"},
        environment={"TOKEN": "t0k"},
    ),
    Scenario(
        "every mount, two platforms, provenance",
        {"app": {**MANY, "output": ["type=oci,dest=out.tar"], "attest": ["type=provenance,mode=max"]}},
        {"Dockerfile": MOUNTS, "sub/e": "e"},
        environment={"TOKEN": "t0k"},
    ),
    Scenario(
        "provenance, SBOM, annotations, two platforms, a push",
        {
            "app": {
                **IMAGE,
                "platforms": BOTH,
                "attest": ["type=provenance,mode=max", SBOM],
                "annotations": ["index:a=b", "manifest[linux/arm64]:c=d", "index-descriptor:e=f"],
            }
        },
        {"Dockerfile": f"{BASE}RUN uname -m > /m\n"},
    ),
    Scenario(
        "the flags of attestations and the push",
        {"app": {"tags": [APP], "platforms": BOTH}},
        words="--push --sbom=generator=@registry@/scanner:1 --provenance=mode=max,version=v1",
    ),
    Scenario(
        "flags take attestations away",
        {"app": {"attest": ["type=provenance,mode=max", SBOM], "output": ["type=oci,dest=o.tar"]}},
        words="--provenance=false --sbom=false",
    ),
    Scenario(
        "a push with its cache in the image",
        {"app": {**IMAGE, "attest": [PLAIN], "cache-to": ["type=inline"]}},
    ),
    Scenario("a cache by its name alone", {"app": {**ARCHIVE, "cache-to": ["@registry@/cache:short"]}}),
    Scenario(
        "caches that are not there",
        {
            "app": {
                **ARCHIVE,
                "cache-from": ["@registry@/nobody:1", "type=local,src=nowhere", "type=local,src=."],
            }
        },
    ),
    Scenario(
        "a cache that may fail",
        {"app": {**ARCHIVE, "cache-to": ["type=registry,ref=127.0.0.1:1/c:1,ignore-error=true"]}},
    ),
    Scenario(
        "a cache that may not fail",
        {"app": {"output": ["type=cacheonly"], "cache-to": ["type=registry,ref=127.0.0.1:1/c:1"]}},
        code=1,
        empty=True,
        says=("connection refused",),
    ),
    Scenario("a cache of GitHub's outside of it", {"app": {**OUT, "cache-to": ["type=gha"]}}),
    Scenario(
        "stages without their caches, two platforms",
        {
            "app": {
                "output": ["type=oci,dest=out.tar,rewrite-timestamp=true"],
                "attest": [PLAIN],
                "platforms": BOTH,
                "no-cache-filter": ["mid", "last"],
            }
        },
        {"Dockerfile": STAGES},
        environment=PINNED,
    ),
    Scenario(
        "limits and hosts, two platforms, provenance",
        {
            "app": {
                "output": ["type=oci,dest=o.tar"],
                "attest": ["type=provenance,mode=max"],
                "platforms": BOTH,
                "shm-size": "32m",
                "ulimits": ["nofile=100:200"],
                "network": "none",
                "extra-hosts": {"h": "1.2.3.4"},
            }
        },
        {"Dockerfile": f"{BASE}RUN ulimit -n > /u; cat /etc/hosts > /h\n"},
    ),
    Scenario(
        "a work tree, labels, provenance",
        {"app": {"output": ["type=oci,dest=o.tar"], "attest": ["type=provenance,mode=max"]}},
        prepare=commit,
        environment={"BUILDX_GIT_LABELS": "full"},
    ),
    Scenario(
        "proxies of both spellings",
        {"app": {**ARCHIVE, "args": {"http_proxy": "http://x", "NO_PROXY": "y"}}},
        {"Dockerfile": f"{BASE}RUN env | grep -i proxy | sort > /p\n"},
        environment={"HTTP_PROXY": "http://env"},
    ),
    Scenario(
        "an image of another platform by a variable, fresh",
        {"app": {**ARCHIVE, "pull": True, "contexts": {"b": "docker-image://@registry@/base:1"}}},
        {"Dockerfile": "FROM b\nCOPY word /here\n"},
        environment={"DOCKER_DEFAULT_PLATFORM": "linux/arm64", **PINNED},
    ),
)
LINKS = (
    Scenario(
        "links: a chain, a secret, a subset of platforms, provenance",
        {
            "a": {"platforms": BOTH, "secret": ["id=s,src=word"], "dockerfile": "A"},
            "b": {
                "contexts": {"a": "target:a"},
                "platforms": ["linux/arm64"],
                "dockerfile": "B",
                "output": ["type=oci,dest=b.tar"],
                "attest": ["type=provenance,mode=max"],
            },
            "c": {
                "contexts": {"a": "target:a", "b": "target:b"},
                "platforms": ["linux/arm64"],
                "dockerfile": "C",
                "output": ["type=local,dest=c"],
            },
        },
        {
            "A": f"{BASE}RUN --mount=type=secret,id=s cp /run/secrets/s /s; uname -m > /m\n",
            "B": "FROM a\nRUN cat /m > /b\n",
            "C": "FROM scratch\nCOPY --from=a /m /a\nCOPY --from=b /b /b\n",
        },
        words="b c",
    ),
    Scenario(
        "links: one target under two names",
        {
            "a": {"args": {"X": "1"}, "dockerfile": "A", "platforms": BOTH},
            "b": {"contexts": {"one": "target:a", "two": "target:a"}, "dockerfile": "B", **OUT},
        },
        {
            "A": "FROM scratch\nARG X\nARG TARGETARCH\nCOPY word /${TARGETARCH}-${X}\n",
            "B": "FROM scratch\nCOPY --from=one / /1/\nCOPY --from=two / /2/\n",
        },
        words="b",
    ),
    Scenario(
        "links: in place of images, with and without a version",
        {
            "a": {"dockerfile": "A"},
            "b": {"contexts": {"alpine": "target:a", "alpine:3": "target:a"}, "dockerfile": "B", **ARCHIVE},
        },
        {
            "A": "FROM scratch\nCOPY word /a\nENV A=1\n",
            "B": "FROM alpine:3 AS x\nCOPY word /x\nFROM alpine\nCOPY --from=x /x /\n",
        },
        words="b",
    ),
    Scenario(
        "links: triggers",
        {"a": {"dockerfile": "A"}, "b": {"contexts": {"a": "target:a"}, "dockerfile": "B", **ARCHIVE}},
        {
            "A": "FROM scratch\nCOPY word /a\nONBUILD COPY word /onbuild\nONBUILD ENV O=1\n",
            "B": "FROM a\nCOPY word /b\n",
        },
        words="b",
    ),
    Scenario(
        "links: an image without files",
        {"a": {"dockerfile": "A"}, "b": {"contexts": {"a": "target:a"}, "dockerfile": "B", **OUT}},
        {"A": "FROM scratch\nENV A=1\n", "B": "FROM a\nCOPY word /\n"},
        words="b",
        code=1,
        empty=True,
    ),
    Scenario(
        "links: both in a folder and in the engine",
        {
            "a": {"dockerfile": "A", "output": ["type=local,dest=a"], "args": {"X": "2"}},
            "b": {
                "contexts": {"a": "target:a"},
                "dockerfile": "B",
                "output": ["type=docker"],
                "tags": ["linked:1"],
                "attest": [PLAIN],
            },
        },
        {"A": "FROM scratch\nARG X\nCOPY word /${X}\nENV X=$X\n", "B": "FROM a\nENV Y=${X}y\nCOPY word /b\n"},
    ),
    Scenario(
        "links: far, a matrix, two platforms",
        files={"docker-bake.hcl": MATRIX, "sub/e": "e"},
        words="--set=*.output=type=cacheonly app-1-linux-arm64 app-2-linux-amd64",
        builder="far",
        empty=True,
    ),
    Scenario(
        "a layout by tag, two platforms",
        {"app": {**ARCHIVE, "contexts": {"other": "oci-layout://layout:layout"}, "platforms": BOTH}},
        {"Dockerfile": "FROM other\nCOPY word /again\n"},
        prepare=layout,
    ),
    Scenario(
        "a layout without that tag, but with one image",
        {"app": {**ARCHIVE, "contexts": {"other": "oci-layout://layout:nobody"}}},
        {"Dockerfile": "FROM other\n"},
        prepare=layout,
    ),
    Scenario(
        "two repositories",
        {
            "app": {
                **OUT,
                "context": f"{GIT}#v1:sub",
                "contexts": {"o": f"{GIT}#other"},
                "dockerfile-inline": "FROM scratch\nCOPY --from=o word /o\nCOPY word /w\n",
            }
        },
        prepare=served,
    ),
)
OUTPUTS = (
    Scenario(
        "two targets, one folder, platforms of their own",
        {
            "a": {**OUT, "platforms": BOTH, "dockerfile-inline": "FROM scratch\nCOPY word /a"},
            "b": {**OUT, "platforms": ["linux/amd64"], "dockerfile-inline": "FROM scratch\nCOPY word /b"},
        },
    ),
    Scenario(
        "an archive with a name, tags and annotations",
        {
            "app": {
                "attest": [PLAIN],
                "tags": ["t:1", "t:2"],
                "output": ["type=oci,dest=o.tar,name=n:1,annotation.z=y"],
            }
        },
    ),
    Scenario(
        "a docker archive with a name, a tag and annotations",
        {
            "app": {
                "attest": [PLAIN],
                "annotations": ["a=b"],
                "tags": ["t:1"],
                "output": ["type=docker,dest=d.tar,name=n:1"],
            }
        },
    ),
    Scenario(
        "two names in one attribute", {"app": {"attest": [PLAIN], "output": ['type=image,"name=n:1,m:2"']}}
    ),
    Scenario("a comma in a path", {"app": {"output": ['type=local,"dest=out,put"']}}),
    Scenario(
        "far: a push, an image, a folder, an archive",
        {
            "app": {
                "tags": [APP],
                "attest": [PLAIN],
                "platforms": ["linux/arm64"],
                "output": ["type=registry", "type=docker", "type=local,dest=l", "type=oci,dest=o.tar"],
            }
        },
        builder="far",
        environment=PINNED,
    ),
    Scenario("far: no output", {"app": {}}, builder="far", empty=True),
    Scenario("--load over --push", {"app": {"tags": ["q:1"]}}, words="--push=false --load"),
    Scenario(
        "outputs by --set",
        {"app": {**ARCHIVE, "tags": ["a:1"]}},
        words="--set app.output+=type=local,dest=more",
    ),
    Scenario("of --print", {"app": OUT}, words="--print", empty=False),
    Scenario("of --list", {"app": OUT}, words="--list=targets", empty=False),
    Scenario("of --progress=rawjson", {"app": OUT}, words="--progress=rawjson"),
    Scenario(
        "a progress that is none, by a variable",
        {"app": OUT},
        environment={"BUILDKIT_PROGRESS": "nobody"},
        code=1,
        empty=True,
    ),
    Scenario(
        "folders elsewhere, nobody asks",
        {"app": {"output": ["type=cacheonly"], "contexts": {"o": "../elsewhere"}}},
        {"../elsewhere/x": "x", "Dockerfile": "FROM scratch\nCOPY --from=o x /\n"},
        environment={"BUILDX_BAKE_ENTITLEMENTS_FS": "0"},
        empty=True,
    ),
)
DEFINITIONS = (
    Scenario("compose: two services", files=SERVICES, words="-f compose.yaml"),
    Scenario(
        "compose: and HCL over it",
        files={
            **SERVICES,
            "more.hcl": 'target "web" {\n  platforms = ["linux/amd64"]\n  labels = { z = "1" }\n}\n',
        },
        words="-f compose.yaml -f more.hcl web --set web.args.A=9",
    ),
    Scenario(
        "standard input",
        files={"docker-bake.none": ""},
        words="-f -",
        stdin=b'target "default" { output = ["type=local,dest=out"] }',
    ),
    Scenario(
        "a file and standard input",
        files={"docker-bake.none": "", "a.hcl": 'target "default" { output = ["type=local,dest=out"] }'},
        words="-f a.hcl -f -",
        stdin=json.dumps({"target": {"default": {"labels": {"a": "b"}}}}).encode(),
    ),
    Scenario(
        "a group in a group, a target twice",
        files={
            "docker-bake.hcl": 'group "default" { targets = ["g", "a"] }\n'
            'group "g" { targets = ["a", "b"] }\n'
            'target "a" { output = ["type=local,dest=a"] }\ntarget "b" { output = ["type=local,dest=b"] }\n'
        },
    ),
    Scenario(
        "a function and a variable of the environment",
        files={
            "docker-bake.hcl": 'variable "V" { default = "d" }\n'
            'function "t" {\n  params = [x]\n  result = "${x}-${V}"\n}\n'
            'target "default" {\n  args = { X = t("q") }\n  output = ["type=oci,dest=o.tar"]\n}\n',
            "Dockerfile": "FROM scratch\nARG X\nLABEL x=$X\nCOPY word /\n",
        },
        environment={"V": "env"},
    ),
)
DOCKERFILES = (
    Scenario(
        "Dockerfile: an empty context",
        {"app": {**ARCHIVE, "context": "sub"}},
        {"sub/Dockerfile": "FROM scratch\nENV A=1\n"},
    ),
    Scenario(
        "Dockerfile: inline, for an empty folder",
        {"app": {**ARCHIVE, "context": "empty", "dockerfile-inline": "FROM scratch\nENV A=1\nCOPY . /"}},
        prepare=no_files,
    ),
    Scenario("Dockerfile: many heredocs", {"app": {**ARCHIVE, "dockerfile-inline": HEREDOCS}}),
    Scenario(
        "Dockerfile: behind a link",
        {"app": {**ARCHIVE, "dockerfile": "Link"}},
        {"sub/Real": COPY},
        prepare=link_to_a_dockerfile,
    ),
    Scenario(
        "Dockerfile: a folder",
        {"app": {**OUT, "dockerfile": "sub"}},
        {"sub/a": "a"},
        code=1,
        empty=True,
        says=("is a directory",),
    ),
    Scenario("Dockerfile: not UTF-8, DOS lines", {"app": ARCHIVE}, prepare=not_utf8),
    Scenario("Dockerfile: a byte order mark", {"app": ARCHIVE}, {"Dockerfile": f"\ufeff{COPY}"}),
    Scenario(
        "Dockerfile: another escape",
        {"app": ARCHIVE},
        {"Dockerfile": "# escape=`\nFROM scratch\nCOPY word `\n  /x\n"},
    ),
    Scenario(
        "Dockerfile: spaces and letters beyond ASCII everywhere",
        {
            "app": {
                "output": ["type=local,dest=out put ü"],
                "context": "my folder ü",
                "dockerfile": "Docker file 日本",
                "contexts": {"other": "an other"},
            }
        },
        {
            "my folder ü/Docker file 日本": 'FROM scratch\nCOPY ["a b","/"]\nCOPY --from=other x /\n',
            "my folder ü/a b": "1",
            "an other/x": "x",
        },
    ),
    Scenario(
        "Dockerfile: links of layers, two platforms, a push",
        {"app": {**IMAGE, "platforms": BOTH, "attest": [PLAIN]}},
        {"Dockerfile": f"{BASE}COPY --link --chmod=755 --chown=1:2 word /l/w\nCOPY --link <<E /h\nhi\nE\n"},
        environment=PINNED,
    ),
    Scenario(
        "Dockerfile: a secret with a mode, behind a link",
        {"app": {**OUT, "secret": ["id=a,src=Link"]}},
        {
            "sub/Real": "hidden",
            "Dockerfile": f"{BASE}RUN --mount=type=secret,id=a,target=/t,mode=0444,uid=5 "
            "(cat /t; stat -c '%a %u' /t) > /s\nFROM scratch\nCOPY --from=0 /s /\n",
        },
        prepare=link_to_a_dockerfile,
    ),
)
SCENARIOS = (*TOGETHER, *LINKS, *OUTPUTS, *DEFINITIONS, *DOCKERFILES)
