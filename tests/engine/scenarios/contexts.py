"""Contexts: folders, images, layouts, targets, repositories and archives; and which of their files arrive."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

from tests.engine.scenarios.attestations import commit, git
from tests.engine.scenarios.scenario import BASE, BOTH, EPOCH, PLAIN, Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.engine.scenarios.world import World

OUT = {"output": ["type=local,dest=out"]}
ALL = "FROM scratch\nCOPY . /\n"
ARCHIVE = {"output": ["type=oci,dest=out.tar"], "attest": [PLAIN]}


def files(name: str, written: Mapping[str, str], **more: Any) -> Scenario:
    """A whole context, exported as it arrived."""
    targets = {"app": {**OUT, "context": "tree", "dockerfile": "Dockerfile", **more.pop("fields", {})}}
    inside = {f"tree/{path}": text for path, text in {"Dockerfile": ALL, **written}.items()}
    return Scenario(name, targets, {**inside, **more.pop("beside", {})}, **more)


def linked(
    name: str,
    targets: Mapping[str, Mapping[str, Any]],
    more: Mapping[str, str],
    words: str = "",
    **fields: Any,
) -> Scenario:
    """Targets that take others as contexts; Dockerfiles are named as the targets."""
    made = {key: {"dockerfile": f"{key}.Dockerfile", **one} for key, one in targets.items()}
    return Scenario(name, made, {f"{key}.Dockerfile": text for key, text in more.items()}, words, **fields)


def layout(world: World, folder: Path) -> None:
    """An image with two platforms as a layout, made of nothing but what BuildKit exports."""
    words = ["build", "-q", "--provenance=false", "--platform=linux/amd64,linux/arm64"]
    target = folder / "layout"
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(
        [
            world.buildx,
            *words,
            f"--output=type=oci,tar=false,dest={target}",
            "-t",
            "in:layout",
            "-f-",
            str(folder),
        ],
        input="FROM scratch\nARG TARGETARCH\nCOPY word /$TARGETARCH\n",
        text=True,
        env={**world.environment, "SOURCE_DATE_EPOCH": str(EPOCH)},
        check=True,
        capture_output=True,
    )


def served(world: World, _folder: Path) -> None:
    """Behind the server: the project as a repository with a tag and a branch, and as archives."""
    if (world.served / "project.git").exists():
        return
    source = world.served / "source"
    (source / "sub").mkdir(parents=True)
    for name, text in (("Dockerfile", ALL), ("word", "root"), ("sub/Dockerfile", ALL), ("sub/word", "below")):
        (source / name).write_text(text)
    for path in (*source.rglob("*"), source):
        os.utime(path, (EPOCH, EPOCH))
    for archived, mode in (("a.tar.gz", "w:gz"), ("a.tar", "w")):
        place = world.served / archived
        with tarfile.open(place, mode, format=tarfile.USTAR_FORMAT) as archive:  # type: ignore[call-overload]
            archive.add(source, ".")
    commit(world, source)
    git(world, source, "tag", "v1")
    git(world, source, "checkout", "-q", "-b", "other")
    (source / "word").write_text("other")
    git(world, source, "commit", "-q", "-am", "Other")
    git(world, source, "checkout", "-q", "main")
    git(world, source, "clone", "-q", "--bare", str(source), str(world.served / "project.git"))
    git(world, world.served / "project.git", "update-server-info")
    (world.served / "file").write_text("a file\n")


GIT = "@server@/project.git"
REMOTE = tuple(
    Scenario(f"remote: {name}", {"app": {**OUT, **fields}}, prepare=served, **more)
    for name, fields, more in (
        ("a repository", {"context": GIT}, {}),
        ("a tag", {"context": f"{GIT}#v1"}, {}),
        ("a branch", {"context": f"{GIT}#other"}, {}),
        ("a folder of a repository", {"context": f"{GIT}#:sub"}, {}),
        ("a folder of a branch", {"context": f"{GIT}#other:sub"}, {}),
        ("a query", {"context": f"{GIT}?branch=other&subdir=sub"}, {}),
        ("another Dockerfile in it", {"context": GIT, "dockerfile": "sub/Dockerfile"}, {}),
        ("an inline Dockerfile", {"context": GIT, "dockerfile-inline": "FROM scratch\nCOPY sub /\n"}, {}),
        (
            "with its .git",
            {
                "context": f"{GIT}#v1",
                "args": {"BUILDKIT_CONTEXT_KEEP_GIT_DIR": "1"},
                "dockerfile-inline": "FROM scratch\nCOPY .git/HEAD /\n",
            },
            {},
        ),
        ("no such branch", {"context": f"{GIT}#nobody"}, {"code": 1, "empty": True, "says": ("nobody",)}),
        ("no such folder", {"context": f"{GIT}#:nobody"}, {"code": 1, "empty": True}),
        ("no such repository", {"context": "@server@/nobody.git"}, {"code": 1, "empty": True}),
        ("an archive", {"context": "@server@/a.tar.gz"}, {}),
        ("an archive that is not compressed", {"context": "@server@/a.tar"}, {}),
        (
            "an archive with an inline Dockerfile",
            {"context": "@server@/a.tar", "dockerfile-inline": "FROM scratch\nCOPY sub /\n"},
            {},
        ),
        ("no such archive", {"context": "@server@/nobody.tar"}, {"code": 1, "empty": True, "says": ("404",)}),
        (
            "a repository as a named context",
            {
                "contexts": {"other": f"{GIT}#v1"},
                "dockerfile-inline": "FROM scratch\nCOPY --from=other word /\n",
            },
            {},
        ),
        (
            "an archive as a named context",
            {
                "contexts": {"other": "@server@/a.tar.gz"},
                "dockerfile-inline": "FROM scratch\nCOPY --from=other word /\n",
            },
            {"code": 1, "empty": True, "says": ("invalid argument",)},
        ),
        (
            "ADD of all of them",
            {"dockerfile-inline": f"FROM scratch\nADD @server@/file /\nADD {GIT}#other /git\n"},
            {},
        ),
        (
            "provenance of a repository",
            {
                "context": f"{GIT}#v1",
                "attest": ["type=provenance,mode=max"],
                "output": ["type=oci,dest=out.tar"],
            },
            {},
        ),
    )
)
USE = "FROM scratch\nCOPY --from=other / /\nCOPY word /\n"
NAMED = (
    Scenario(
        "named: a folder",
        {"app": {**OUT, "contexts": {"other": "sub"}}},
        {"Dockerfile": USE, "sub/a": "a", "sub/b/c": "c"},
    ),
    Scenario(
        "named: a folder above",
        {"app": {**OUT, "contexts": {"other": "../elsewhere"}}},
        {"Dockerfile": USE, "../elsewhere/a": "a"},
        words="--allow=fs.read=../elsewhere",
    ),
    Scenario(
        "named: a folder above, not allowed",
        {"app": {**OUT, "contexts": {"other": "../elsewhere"}}},
        {"Dockerfile": USE, "../elsewhere/a": "a"},
        code=1,
        empty=True,
        says=("fs.read=../elsewhere",),
    ),
    Scenario(
        "named: a folder with an ignore file",
        {"app": {**OUT, "contexts": {"other": "sub"}}},
        {"Dockerfile": USE, "sub/a": "a", "sub/b": "b", "sub/.dockerignore": "b\n"},
    ),
    Scenario(
        "named: called context and dockerfile",
        {"app": {**OUT, "contexts": {"context": "a", "dockerfile": "b"}}},
        {
            "Dockerfile": "FROM scratch\nCOPY --from=context f /\nCOPY --from=dockerfile g /\nCOPY word /\n",
            "a/f": "f",
            "b/g": "g",
        },
    ),
    Scenario(
        "named: no folder",
        {"app": {**OUT, "contexts": {"other": "nowhere"}}},
        {"Dockerfile": USE},
        code=1,
        empty=True,
    ),
    Scenario(
        "named: a stage is replaced",
        {"app": {**OUT, "contexts": {"mid": "sub"}}},
        {"Dockerfile": "FROM nobody AS mid\nRUN false\nFROM scratch\nCOPY --from=mid / /\n", "sub/a": "a"},
    ),
    Scenario(
        "named: an image",
        {"app": {**ARCHIVE, "contexts": {"nobody": "docker-image://@registry@/base:1"}}},
        {"Dockerfile": "FROM nobody\nCOPY word /\n"},
    ),
    Scenario(
        "named: an image with two platforms",
        {"app": {**ARCHIVE, "platforms": BOTH, "contexts": {"nobody": "docker-image://@registry@/base:1"}}},
        {"Dockerfile": "FROM nobody\nRUN uname -m > /m\n"},
    ),
    Scenario(
        "named: an image for an image",
        {"app": {**ARCHIVE, "contexts": {"alpine:3": "docker-image://@registry@/base:1"}}},
        {"Dockerfile": "FROM alpine:3\nCOPY word /\n"},
    ),
    Scenario(
        "named: an image that is not there",
        {"app": {**OUT, "contexts": {"other": "docker-image://@registry@/no:1"}}},
        {"Dockerfile": USE},
        code=1,
        empty=True,
        says=("not found",),
    ),
    Scenario(
        "named: a layout",
        {"app": {**ARCHIVE, "contexts": {"other": "oci-layout://layout"}}},
        {"Dockerfile": "FROM other\nCOPY word /\n"},
        prepare=layout,
    ),
    Scenario(
        "named: a layout by tag",
        {"app": {**ARCHIVE, "contexts": {"other": "oci-layout://./layout:layout"}}},
        {"Dockerfile": "FROM other\nCOPY word /\n"},
        prepare=layout,
    ),
    Scenario(
        "named: a layout with two platforms",
        {"app": {**OUT, "platforms": BOTH, "contexts": {"other": "oci-layout://layout:layout"}}},
        {"Dockerfile": USE},
        prepare=layout,
    ),
    Scenario(
        "named: a layout that is none",
        {"app": {**OUT, "contexts": {"other": "oci-layout://sub"}}},
        {"Dockerfile": USE, "sub/a": ""},
        code=1,
        empty=True,
    ),
    Scenario(
        "named: many at once",
        {
            "app": {**OUT, "contexts": {"a": "a", "b": "docker-image://@registry@/base:1", "c": "target:c"}},
            "c": {"dockerfile-inline": "FROM scratch\nCOPY word /c\n", "output": ["type=cacheonly"]},
        },
        {
            "Dockerfile": "FROM b AS s\nRUN echo s > /s\nFROM scratch\nCOPY --from=a / /\nCOPY --from=c / /\n"
            "COPY --from=s /s /\n",
            "a/f": "f",
        },
    ),
)
LINKS = (
    linked(
        "linked: two",
        {"a": {"output": ["type=cacheonly"]}, "b": {"contexts": {"a": "target:a"}, **OUT}},
        {"a": f"{BASE}RUN echo a > /a\n", "b": "FROM scratch\nCOPY --from=a /a /b\n"},
    ),
    linked(
        "linked: only the last is asked for",
        {"a": {}, "b": {"contexts": {"a": "target:a"}, **OUT}},
        {
            "a": f"{BASE}RUN echo a2 > /a\n",
            "b": "FROM a AS s\nRUN echo $(cat /a) b > /b\nFROM scratch\nCOPY --from=s /b /\n",
        },
        words="b",
    ),
    linked(
        "linked: a chain",
        {
            "a": {},
            "b": {"contexts": {"a": "target:a"}},
            "c": {"contexts": {"b": "target:b"}},
            "d": {"contexts": {"c": "target:c"}, **ARCHIVE},
        },
        {
            "a": f"{BASE}RUN echo 1 > /f\nENV A=1\n",
            "b": "FROM a\nRUN echo 2 >> /f\nENV B=2\n",
            "c": "FROM b\nRUN echo 3 >> /f\nLABEL c=3\n",
            "d": 'FROM c\nCOPY word /\nCMD ["/f"]\n',
        },
        words="d",
    ),
    linked(
        "linked: a diamond",
        {
            "top": {},
            "left": {"contexts": {"top": "target:top"}},
            "right": {"contexts": {"top": "target:top"}},
            "down": {"contexts": {"l": "target:left", "r": "target:right"}, **OUT},
        },
        {
            "top": f"{BASE}RUN echo top > /t\n",
            "left": "FROM top\nRUN cp /t /l\n",
            "right": "FROM top\nRUN cp /t /r\n",
            "down": "FROM scratch\nCOPY --from=l /l /\nCOPY --from=r /r /\n",
        },
        words="down",
    ),
    linked(
        "linked: all of them have outputs",
        {
            "a": {"output": ["type=local,dest=a"]},
            "b": {"contexts": {"a": "target:a"}, "output": ["type=oci,dest=b.tar"], "attest": [PLAIN]},
        },
        {"a": "FROM scratch\nCOPY word /a\nENV A=1\n", "b": "FROM a\nCOPY word /b\nENV B=$A\n"},
    ),
    linked(
        "linked: two platforms",
        {"a": {"platforms": BOTH}, "b": {"platforms": BOTH, "contexts": {"a": "target:a"}, **ARCHIVE}},
        {"a": f"{BASE}RUN uname -m > /m\n", "b": "FROM a\nCOPY word /\nENV B=1\n"},
        words="b",
    ),
    linked(
        "linked: a subset of platforms",
        {"a": {"platforms": BOTH}, "b": {"platforms": ["linux/arm64"], "contexts": {"a": "target:a"}, **OUT}},
        {"a": f"{BASE}RUN uname -m > /m\n", "b": "FROM scratch\nCOPY --from=a /m /\n"},
        words="b",
    ),
    linked(
        "linked: a platform that is not built",
        {"a": {"platforms": ["linux/amd64"]}, "b": {"platforms": BOTH, "contexts": {"a": "target:a"}, **OUT}},
        {"a": f"{BASE}RUN uname -m > /m\n", "b": "FROM scratch\nCOPY --from=a /m /\n"},
        words="b",
    ),
    linked(
        "linked: no platforms, one in the other",
        {"a": {}, "b": {"platforms": ["linux/amd64"], "contexts": {"a": "target:a"}, **OUT}},
        {"a": f"{BASE}RUN uname -m > /m\n", "b": "FROM scratch\nCOPY --from=a /m /\n"},
        words="b",
    ),
    linked(
        "linked: FROM another",
        {"a": {}, "b": {"contexts": {"a": "target:a"}, "output": [], "tags": ["b:1"]}},
        {"a": "FROM scratch\nENV A=1\nCOPY word /a\n", "b": "FROM a\nENV B=2\n"},
        words="b",
    ),
    linked(
        "linked: with provenance",
        {"a": {}, "b": {"contexts": {"a": "target:a"}, **ARCHIVE, "attest": ["type=provenance,mode=max"]}},
        {"a": "FROM scratch\nCOPY word /a\n", "b": "FROM a\nCOPY word /b\n"},
        words="b",
    ),
    linked(
        "linked: a secret of the second in a step of the first",
        {"a": {}, "b": {"contexts": {"a": "target:a"}, "secret": ["id=s,src=word"], **OUT}},
        {
            "a": f"{BASE}RUN --mount=type=secret,id=s,required=true cp /run/secrets/s /s\n",
            "b": "FROM scratch\nCOPY --from=a /s /\n",
        },
        words="b",
    ),
    linked(
        "linked: the one it needs fails",
        {"a": {}, "b": {"contexts": {"a": "target:a"}, **OUT}},
        {"a": f"{BASE}RUN exit 3\n", "b": "FROM a\n"},
        words="b",
        code=1,
        empty=True,
        says=("exit code: 3",),
    ),
    linked(
        "linked: a circle",
        {"a": {"contexts": {"b": "target:b"}}, "b": {"contexts": {"a": "target:a"}}},
        {"a": "FROM b\n", "b": "FROM a\n"},
        code=1,
        empty=True,
    ),
    linked(
        "linked: nobody",
        {"a": {"contexts": {"b": "target:nobody"}, **OUT}},
        {"a": "FROM b\n"},
        code=1,
        empty=True,
    ),
)


def odd(_world: World, folder: Path) -> None:
    """A tree of symlinks, hard links, modes and names that are none of ASCII."""
    tree = folder / "tree"
    (tree / "real" / "deep").mkdir(parents=True)
    (tree / "real" / "file").write_text("file")
    (tree / "real" / "deep" / "er").write_text("deeper")
    (tree / "link").symlink_to("real")
    (tree / "file-link").symlink_to("real/file")
    (tree / "chain").symlink_to("file-link")
    (tree / "dangling").symlink_to("nowhere")
    (tree / "absolute").symlink_to("/etc/hostname")
    (tree / "up").symlink_to("../outside")
    (tree / "loop").symlink_to("loop")
    os.link(tree / "real" / "file", tree / "hard")
    for name in ("ä ö", "日本語", "a*b", "a[b]", "a\\b", "tab\there", "-dash", " space", "üñí"):
        (tree / name).write_text(name)
    os.mkfifo(tree / "pipe")
    for name, mode in (("setuid", 0o4755), ("sticky", 0o1777), ("nothing", 0o000), ("group", 0o2775)):
        (tree / name).write_text(name)
        (tree / name).chmod(mode)
    os.chown(tree / "group", 12, 34)
    os.setxattr(tree / "real" / "file", "user.colour", b"blue\0green")
    (folder / "outside").write_text("outside")
    (folder / "indirect").symlink_to("tree")


TREES = (
    files("tree: odd entries", {}, prepare=odd),
    files("tree: behind a symlink", {}, prepare=odd, fields={"context": "indirect"}),
    files(
        "tree: a folder behind a symlink",
        {"Dockerfile": "FROM scratch\nCOPY link /out/\nCOPY chain /\n"},
        prepare=odd,
    ),
    files("tree: a wildcard", {"Dockerfile": "FROM scratch\nCOPY r*/f* *ö /\n"}, prepare=odd),
    files(
        "tree: a name with a star",
        {"Dockerfile": 'FROM scratch\nCOPY ["a[[]b]", "a\\\\*b", "/x/"]\n'},
        prepare=odd,
    ),
    files(
        "tree: a dangling link is asked for",
        {"Dockerfile": "FROM scratch\nCOPY dangling /\n"},
        prepare=odd,
        code=1,
        empty=True,
        says=("not found",),
    ),
    files(
        "tree: a link that leads out of it",
        {"Dockerfile": "FROM scratch\nCOPY up /\n"},
        prepare=odd,
        code=1,
        empty=True,
    ),
    files(
        "tree: what is not there",
        {"Dockerfile": "FROM scratch\nCOPY nobody /\n"},
        code=1,
        empty=True,
        says=("not found",),
    ),
    files(
        "tree: --parents and --exclude",
        {"Dockerfile": "FROM scratch\nCOPY --exclude=*b real /\n"},
        prepare=odd,
    ),
    files(
        "tree: bind mounts",
        {
            "Dockerfile": f"{BASE}RUN --mount=target=/c find /c | sort > /list\nFROM scratch\n"
            "COPY --from=0 /list /\n"
        },
        prepare=odd,
    ),
    files(
        "tree: empty folders", {}, prepare=lambda _, folder: (folder / "tree" / "a" / "b").mkdir(parents=True)
    ),
)
SOME = {
    path: path
    for path in (
        "a",
        "b",
        "a.log",
        "sub/a",
        "sub/b",
        "sub/a.log",
        "sub/deep/a.log",
        "keep/x",
        "skip/y",
        "node/one/x",
        "temp1/a",
        "xtemp/b",
        "sub/temp2/c",
        ".hidden",
        "sub/.hidden",
        "ab/c",
        "ä.txt",
    )
}


def ignored(name: str, ignore: str, **more: Any) -> Scenario:
    """What is left of a tree behind an ignore file."""
    return files(f"ignore: {name}", {**SOME, ".dockerignore": ignore}, **more)


IGNORED = (
    ignored("names", "a\nsub/b\n"),
    ignored("stars", "*.log\n"),
    ignored("two stars", "**/*.log\n"),
    ignored("two stars at the end", "sub/**\n"),
    ignored("two stars in the middle", "node/**/x\n"),
    ignored("question marks and classes", "?\nsub/[ab]\ntemp[0-9]\n"),
    ignored("classes that are negated", "sub/[^a]\n"),
    ignored("exceptions", "*\n!sub\nsub/*.log\n!sub/a.log\n"),
    ignored("an exception below what is left out", "sub\n!sub/deep/a.log\n"),
    ignored("the order counts", "!a\na\n!a\n*.log\n!sub/a.log\n"),
    ignored("comments, blanks and spaces", "# a comment\n\n   a   \n\t b\n #no\n"),
    ignored("a byte order mark and DOS lines", "\ufeffa\r\nb\r\n"),
    ignored("slashes", "/a\n/sub/\n./b\nkeep/../skip\n"),
    ignored("a single dot and slash", ".\n/\n"),
    ignored("hidden", ".hidden\n**/.h*\n"),
    ignored("itself and the Dockerfile", "Dockerfile\n.dockerignore\n"),
    ignored("everything", "**\n"),
    ignored("everything but", "**\n!**/a\n"),
    ignored("backslashes", "\\a\nsub\\/b\n"),
    ignored("a star and a name", "*/a.log\n*temp*\n"),
    ignored("beyond ASCII", "ä.*\n"),
    ignored("prefixes are no folders", "ab\nkee\n"),
    *(
        ignored(f"more: {name}", ignore)
        for name, ignore in (
            ("blanks at the end", "a \t\nb\t\n"),
            ("an escaped hash and bang", "\\#x\n\\!y\n"),
            ("double slashes", "sub//a\n"),
            ("an exception to an exception", "**\n!sub/**\nsub/deep\n!sub/deep/a.log\n"),
            ("a range", "[a-b]\n"),
            ("all but a class", "[^a]*\n"),
            ("stars and a slash", "*/*\n"),
            ("an exception that ends with a slash", "*\n!sub/\n"),
            ("folders above", "../x\n!../y\nsub/../a\n"),
            ("capitals", "A\nSUB\n"),
            ("two stars before a name", "**a\n"),
            ("two stars behind a name", "a**\n"),
            ("two stars in a name", "sub**log\n"),
            ("a question mark for a letter beyond ASCII", "?.txt\n"),
            ("exceptions alone", "!a\n!sub\n"),
            ("an exception from the root", "*\n!/sub/a\n"),
            ("an exception from here", "*\n!./sub/a\n"),
            ("an exception behind a blank", "*\n! sub/a\n"),
            ("no line end", "a"),
            ("an exception by a star", "sub\n!sub/*.log\n"),
            ("a folder anywhere and some of it", "**/deep\n!**/deep/*.log\n"),
            ("braces and other signs", "{a,b}\na.log\n(b)\n$x\n+\n[[:alpha:]]\n"),
        )
    ),
    ignored(
        "a pattern that ends in a backslash", "a\\\n", code=1, empty=True, says=("syntax error in pattern",)
    ),
    ignored("a line too long", "x" * 70000, code=1, empty=True, says=("token too long",)),
    ignored("a pattern that is none", "a[\n", code=1, empty=True, says=("syntax error in pattern",)),
    ignored("an exception alone", "!\n", code=1, empty=True, says=("illegal exclusion pattern",)),
    ignored(
        "a file of the Dockerfile's own",
        "a\n",
        fields={"dockerfile": "Other"},
        beside={"tree/Other": ALL, "tree/Other.dockerignore": "sub\n"},
    ),
    ignored(
        "a file of a Dockerfile elsewhere",
        "a\n",
        fields={"dockerfile": "../else/Other"},
        beside={"else/Other": ALL, "else/Other.dockerignore": "*\n!b\n"},
    ),
    ignored("an inline Dockerfile", "a\n", fields={"dockerfile-inline": ALL}),
    ignored(
        "none of the Dockerfile's own for an inline one",
        "a\n",
        fields={"dockerfile-inline": ALL},
        beside={"tree/Dockerfile.dockerignore": "b\n"},
    ),
)
DOCKERFILES = (
    files(
        "Dockerfile: in lower case",
        {"a": "a"},
        fields={},
        prepare=lambda _, folder: (folder / "tree" / "Dockerfile").rename(folder / "tree" / "dockerfile"),
    ),
    files(
        "Dockerfile: outside of the context",
        {"a": "a"},
        fields={"dockerfile": "../Other"},
        beside={"Other": ALL},
    ),
    files(
        "Dockerfile: by an absolute path",
        {"a": "a"},
        fields={"dockerfile": "@folder@/Other"},
        beside={"Other": ALL},
    ),
    files("Dockerfile: in a subfolder", {"sub/Other": ALL, "a": "a"}, fields={"dockerfile": "sub/Other"}),
    files("Dockerfile: not there", {}, fields={"dockerfile": "nobody"}, code=1, empty=True),
    files("Dockerfile: empty", {"Dockerfile": ""}, code=1, empty=True),
    files("context: not there", {}, fields={"context": "nobody"}, code=1, empty=True),
    files("context: a file", {"a": "a"}, fields={"context": "tree/a"}, code=1, empty=True),
)

SCENARIOS = (*REMOTE, *NAMED, *LINKS, *TREES, *IGNORED, *DOCKERFILES)
