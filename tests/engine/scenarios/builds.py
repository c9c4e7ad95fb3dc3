"""`build`: one target made on the command line, its context on standard input, far away, or none."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING, Any

from tests.engine.scenarios.contexts import GIT, served
from tests.engine.scenarios.scenario import BASE, EPOCH, PINNED, Scenario
from tests.engine.scenarios.settings import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.engine.scenarios.world import World

PLAIN = "--provenance=false"
OCI = f"-o type=oci,dest=out.tar {PLAIN}"
ALL = "FROM scratch\nCOPY . /\n"


def build(name: str, words: str, files: Mapping[str, str] | None = None, **more: Any) -> Scenario:
    """A build with these words in a folder with these files."""
    return Scenario(
        f"build: {name}", {}, {"docker-bake.json": "{}", **(files or {})}, words, command="build", **more
    )


def refused(name: str, words: str, *says: str, **more: Any) -> Scenario:
    """A build that ends with an error and makes nothing."""
    return build(name, words, code=1, empty=True, says=says, **more)


def archive(**files: str) -> bytes:
    """A tar archive of files; `__` in a name stands for a slash."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as opened:
        for name, text in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/"))
            entry.size, entry.mtime = len(text), EPOCH
            opened.addfile(entry, io.BytesIO(text.encode()))
    return made.getvalue()


def behind_a_link(_world: World, folder: Path) -> None:
    (folder / "link").symlink_to("sub")


PIPED = (
    build("an archive", "-o out -", stdin=archive(Dockerfile=ALL, a="A")),
    build("a compressed archive", "-o out -", stdin=gzip.compress(archive(Dockerfile=ALL, a="A"))),
    build("another Dockerfile in an archive", "-f sub/D -o out -", stdin=archive(sub__D=ALL, a="A")),
    build("a Dockerfile alone", "-o out -", stdin=b"FROM scratch\nCOPY <<A /x\nhi\nA\n"),
    build(
        "a Dockerfile behind a byte order mark",
        "-o out -",
        stdin=b"\xef\xbb\xbfFROM scratch\nCOPY <<A /x\nA\n",
    ),
    build("a Dockerfile for a folder", "-f - -o out .", stdin=b"FROM scratch\nCOPY word /\n"),
    refused("standard input twice", "-f - -o out -", "can't use stdin for both build context and dockerfile"),
    refused("an empty standard input", "-o out -"),
    refused("an empty Dockerfile on standard input", "-f - -o out ."),
)
AFAR = (
    build("a folder of a branch", f"-o out {GIT}#other:sub", prepare=served),
    build("another Dockerfile of a repository", f"-f sub/Dockerfile -o out {GIT}", prepare=served),
    build("an archive from a server", "-o out @server@/a.tar.gz", prepare=served),
    build("a Dockerfile from a server", "-f @server@/source/Dockerfile -o out .", prepare=served),
    refused("no such Dockerfile on a server", "-f @server@/nobody -o out .", "404", prepare=served),
)
HERE = (
    build(
        "an archive of two platforms", f"--platform linux/amd64,linux/arm64 --annotation index:a=b {OCI} ."
    ),
    build(
        "the id of an image that is not kept",
        f"--iidfile id.txt -o type=cacheonly {PLAIN} .",
        hides=("id.txt > time",),
    ),
    build(
        "the id of an archive",
        f"--iidfile id.txt {OCI} .",
        environment=PINNED,
        hides=("id.txt > time",),
    ),
    refused("the id of a folder", "--iidfile id.txt -o out .", "incompatible with image ID file"),
    build("quiet", f"-q -o out {PLAIN} ."),
    refused(
        "quiet, but for errors", "-q -f Bad -o out .", "exit code: 3", files={"Bad": f"{BASE}RUN exit 3\n"}
    ),
    build(
        "arguments",
        f"--build-arg A= --build-arg B=x=y --build-arg C --build-arg D=$X {OCI} .",
        {"Dockerfile": "FROM scratch\nARG A=a\nARG B\nARG C=c\nARG D\nENV E=$A-$B-$C-$D\nCOPY word /\n"},
        environment={"C": "env"},
    ),
    refused("an argument without a name", "--build-arg =x -o out .", 'invalid key-value pair "=x"'),
    build("labels", f"--label a --label b= --label c=d=e {OCI} ."),
    build(
        "named contexts",
        "--build-context other=sub --build-context img=docker-image://@registry@/base:1 -o out .",
        {
            "Dockerfile": "FROM img AS i\nRUN echo 1 > /x\nFROM scratch\n"
            "COPY --from=i /x /\nCOPY --from=other e /\n",
            "sub/e": "e",
        },
    ),
    refused("a context without a name", "--build-context foo -o out .", "expected key=value"),
    build(
        "secrets",
        "--secret id=a,src=word --secret id=TOKEN -o out .",
        {
            "Dockerfile": f"{BASE}RUN --mount=type=secret,id=a --mount=type=secret,id=TOKEN "
            "cat /run/secrets/* > /s\nFROM scratch\nCOPY --from=0 /s /\n"
        },
        environment={"TOKEN": "hidden"},
    ),
    refused("a secret that is not there", "--secret id=a,src=nobody -o out ."),
    build(
        "limits and hosts",
        "--ulimit nofile=64:128 --shm-size 1m --network none --add-host a=1.2.3.4 --add-host b:::1 -o out .",
        {
            "Dockerfile": f"{BASE}RUN ulimit -n > /s; cat /etc/hosts >> /s; df -k /dev/shm > /df\n"
            "FROM scratch\nCOPY --from=0 /s /\n"
        },
    ),
    refused("a host without an address", "--add-host nobody -o out .", "invalid host nobody"),
    refused("a limit that is none", "--ulimit nobody -o out ."),
    refused("a soft limit above the hard one", "--ulimit nofile=10:5 -o out ."),
    build(
        "a network that needs nobody's leave",
        "--network host -o out .",
        {"Dockerfile": f"{BASE}RUN echo x > /s\nFROM scratch\nCOPY --from=0 /s /\n"},
    ),
    build(
        "a stage without its cache",
        f"--target mid --no-cache-filter mid -o type=oci,dest=o.tar,rewrite-timestamp=true {PLAIN} .",
        {"Dockerfile": STAGES},
        environment=PINNED,
    ),
    build("an SBOM", "--sbom generator=@registry@/scanner:1 -o type=oci,dest=o.tar ."),
    build("provenance and no SBOM", "--sbom=false --provenance=mode=max,version=v1 -o type=oci,dest=o.tar ."),
    refused("provenance of a mode that is none", "--provenance=foo=bar,baz -o out .", "invalid value baz"),
    refused("a push without a tag", f"--push {PLAIN} ."),
    build("a push and a folder", f"--push -t @registry@/app:1 {PLAIN} -o out .", environment=PINNED),
    build("an image and a folder", f"--load -t app:1 {PLAIN} -o out .", environment=PINNED),
    build(
        "three outputs",
        f"-t app:1 {PLAIN} -o out -o type=tar,dest=t.tar -o type=oci,dest=o.tar .",
        environment=PINNED,
    ),
    build("a tag twice", f"-t app:1 -t app:1 {PLAIN} .", environment=PINNED),
    build("tags with and without a version", f"-t app -t other:2 {PLAIN} .", environment=PINNED),
    refused("a tag that is none", "-t UP:x .", "repository name must be lowercase"),
    refused("two standard outputs", "-o - -o type=oci,dest=- ."),
    refused("an output of no known type", "-o type=foo ."),
    refused("a platform that is none", "--platform foo/bar/b/c -o out ."),
    build(
        "no cache and fresh images",
        f"--no-cache --pull -o type=oci,dest=o.tar,rewrite-timestamp=true {PLAIN} .",
        environment=PINNED,
    ),
    build("a context behind a link", "-o out link", {"sub/Dockerfile": ALL}, prepare=behind_a_link),
    refused("a context that is not there", "-o out nowhere", 'path "nowhere" not found'),
    refused("a context that is a file", "-o out word"),
    refused("no such Dockerfile", "-f nobody -o out .", "open nobody: no such file or directory"),
    refused("no such stage", "--target nobody -o out .", '"nobody" could not be found'),
    build("options without a value", "--output= --secret= --ssh= --annotation= --add-host= --target= ."),
    build("check", "--check .", {"Dockerfile": "from scratch\nCOPY word /\nMAINTAINER x\n"}, code=1),
    build("outline", "--call outline .", {"Dockerfile": STAGES}),
    build("outline of a stage", "--call outline,format=json --target mid .", {"Dockerfile": STAGES}),
    build("targets", "--call targets .", {"Dockerfile": STAGES}),
    build(
        "everything in the metadata file",
        "-o out .",
        {"Dockerfile": "from scratch\nCOPY word /\nMAINTAINER x\n"},
        environment={"BUILDX_METADATA_WARNINGS": "1", "BUILDX_METADATA_PROVENANCE": "max"},
    ),
    refused("an option that is none", "--nobody ."),
    build("options that nothing came of", "--rm --force-rm=false --compress --isolation default -o out ."),
)
SCENARIOS = (*PIPED, *AFAR, *HERE)
