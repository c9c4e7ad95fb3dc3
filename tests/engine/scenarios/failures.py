"""Builds that cannot succeed: what is said, how it ends, and what is left of them."""

from __future__ import annotations

from typing import Any

from tests.engine.scenarios.scenario import BASE, BOTH, COPY, Scenario

OUT = {"output": ["type=local,dest=out"]}


def failing(name: str, dockerfile: str = COPY, *says: str, **fields: Any) -> Scenario:
    """A target that fails, into a folder."""
    own = {key: fields.pop(key) for key in ("words", "environment", "files") if key in fields}
    files = {"Dockerfile": dockerfile, **own.pop("files", {})}
    return Scenario(
        f"failure: {name}", {"app": {**OUT, **fields}}, files, code=1, empty=True, says=says, **own
    )


SCENARIOS = (
    failing("a step", f"{BASE}RUN echo before; exit 7\n", "exit code: 7", "before"),
    failing("a step that is killed", f"{BASE}RUN sh -c 'kill -9 $$'; exit $?\n", "exit code: 137"),
    failing("a command that is none", f"{BASE}RUN nobody\n", "exit code: 127"),
    failing(
        "a step of one of two platforms",
        f"{BASE}RUN test $(uname -m) = x86_64\n",
        "exit code: 1",
        platforms=BOTH,
    ),
    failing("a word that is no instruction", "FROM scratch\nCOPPY word /\n", "unknown instruction: COPPY"),
    failing("no FROM", "COPY word /\n", "no build stage in current context"),
    failing("an argument in FROM that is not set", "ARG A\nFROM $A\n", "base name ($A) should not be blank"),
    failing("a stage that is none", "FROM scratch\nCOPY --from=@registry@/nobody:1 a /\n", "not found"),
    failing("an image that is not there", "FROM @registry@/nobody:1\n", "not found"),
    failing(
        "an image of another platform",
        "FROM @registry@/base:1\n",
        "no match for platform",
        platforms=["linux/s390x"],
    ),
    failing("a file that is not there", "FROM scratch\nCOPY nobody /\n", "not found", "Dockerfile:2"),
    failing(
        "an address that nobody serves", "FROM scratch\nADD http://127.0.0.1:1/x /\n", "connection refused"
    ),
    failing("a checksum", f"FROM scratch\nADD --checksum=sha256:{'0' * 64} @server@/a.tar /\n"),
    failing("a heredoc that does not end", f"{BASE}RUN <<EOF\necho\n", "unterminated heredoc"),
    failing("a platform that is none", COPY, platforms=["linux/amd64/v1/v2"]),
    failing("an output that is none", COPY, output=["type=cloud"]),
    failing("an output without a folder", COPY, output=["type=local"]),
    failing("a folder that is a file", COPY, output=["type=local,dest=word"]),
    failing("a file that is a folder", COPY, output=["type=tar,dest=sub"], files={"sub/a": "a"}),
    failing(
        "an exporter's attribute",
        COPY,
        output=["type=oci,dest=out.tar,compression=zip"],
    ),
    failing("a tag that is none", COPY, tags=["UPPER:case"]),
    failing("two standard outputs", COPY, output=["type=tar,dest=-", "type=oci,dest=-"]),
    failing("a target that is none", COPY, words="nobody"),
    failing("a builder that is none", COPY, words="--builder=nobody"),
    failing("a flag that is none", COPY, words="--nobody"),
    failing("a progress that is none", COPY, words="--progress=nobody"),
    failing("a cache that is none", COPY, **{"cache-to": ["type=cloud"]}),
    failing("a folder that is not ours", COPY, output=["type=local,dest=../elsewhere"]),
    failing("a secret that is not ours", COPY, secret=["id=a,src=/etc/hostname"]),
    Scenario(
        "failure: the registry refuses",
        {"app": {"tags": ["127.0.0.1:1/app:1"], "output": ["type=registry"]}},
        code=1,
        says=("connection refused",),
    ),
    Scenario(
        "failure: one of two",
        {"bad": {"dockerfile": "Bad", **OUT}, "good": {"output": ["type=cacheonly"]}},
        {"Bad": f"{BASE}RUN exit 5\n"},
        code=1,
        empty=True,
        says=("exit code: 5",),
    ),
    Scenario(
        "failure: a definition that does not parse",
        files={"docker-bake.hcl": "target {\n"},
        code=1,
        empty=True,
    ),
    Scenario(
        "failure: no definition",
        files={"docker-bake.hcl": ""},
        words="-f nobody.hcl",
        code=1,
        empty=True,
    ),
)
