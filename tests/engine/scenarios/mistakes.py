"""Dockerfiles with a mistake: BuildKit's words for it, exit code 1, nothing made."""

from __future__ import annotations

from tests.engine.scenarios.scenario import BASE, Scenario

NOBODY = "0" * 64
DOCKERFILES = (
    ("nothing but comments", "# c\n\n", "file with no instructions"),
    ("no stage", "RUN x\n", "no build stage in current context"),
    (
        "a flag that is none",
        "FROM scratch\nCOPY --foo=x word /\n",
        "unknown flag: --foo (did you mean from?)",
    ),
    ("a COPY of nothing", "FROM scratch\nCOPY word\n", "COPY requires at least two arguments"),
    ("a heredoc without an end", "FROM scratch\nCOPY <<EOF /x\nabc\n", "unterminated heredoc"),
    ("an ENV without a name", "FROM scratch\nENV\n", "ENV requires at least one argument"),
    ("a stage's name that is none", "FROM scratch AS A!b\n", "invalid name for build stage"),
    ("a base that is empty", "ARG X\nFROM $X\n", "base name ($X) should not be blank"),
    (
        "a platform that is none",
        "FROM --platform=a/b/c/d scratch\nCOPY word /\n",
        "failed to parse platform a/b/c/d",
    ),
    (
        "an empty platform",
        "FROM --platform=$NOPE scratch\nCOPY word /\n",
        "empty platform value from expression $NOPE",
    ),
    ("a mode that is none", "FROM scratch\nCOPY --chmod=zz word /\n", "invalid syntax"),
    ("a trigger that is none", "FROM scratch\nONBUILD FROM x\n", "FROM isn't allowed as an ONBUILD trigger"),
    ("a port that is none", "FROM scratch\nEXPOSE abc\n", "invalid containerPort: abc"),
    ("no health check", "FROM scratch\nHEALTHCHECK CMD\n", "Missing command after HEALTHCHECK CMD"),
    (
        "an instruction that is none",
        "FROM scratch\nfoo bar\n",
        "unknown instruction: foo (did you mean from?)",
    ),
    ("a brace without an end", "FROM scratch\nENV A=${A:}\n", "syntax error: missing '}'"),
    ("a mount of no known type", f"{BASE}RUN --mount=type=foo true\n", 'unsupported mount type "foo"'),
    ("a mount without a place", f"{BASE}RUN --mount=type=tmpfs true\n", 'invalid mount target "/"'),
    ("a COPY from above", "FROM scratch\nCOPY ../x /\n", '"/x": not found'),
    (
        "a download of other content",
        f"FROM scratch\nADD --checksum=sha256:{NOBODY} @server@/ /\n",
        "digest mismatch sha256:",
    ),
    ("a download that is not there", "FROM scratch\nADD @server@/nobody /\n", "invalid response status 404"),
    (
        "the last of three lines",
        f"{BASE}RUN echo a && \\\n  echo b && \\\n  exit 9\n",
        "exit code: 9",
    ),
    ("a script that fails", f"{BASE}RUN <<EOF\nset -e\nfalse\nEOF\n", "set -e\\nfalse\\n"),
    (
        "one of two at once",
        f"FROM @registry@/base:1 AS a\nRUN sleep 60; exit 4\n{BASE}RUN exit 5\nCOPY --from=a / /\n",
        "exit code: 5",
    ),
    ("a registry that is not there", "FROM 127.0.0.1:1/x\n", "connection refused"),
    ("a digest that is not there", f"FROM @registry@/base@sha256:{NOBODY}\n", "not found"),
    ("a reference that is none", "FROM Foo/bar:Baz!\n", 'failed to parse stage name "Foo/bar:Baz!"'),
    (
        "the second of three files",
        "FROM scratch\nCOPY word nobody1 Dockerfile /d/\n",
        '"/nobody1": not found',
    ),
    ("a user who is not there", f"{BASE}USER nobodyhere\nRUN true\n", "unable to find user nobodyhere"),
    ("a folder below a file", f"{BASE}RUN echo > /f\nWORKDIR /f/x\nRUN true\n", "not a directory"),
    ("a label without a name", "FROM scratch\nLABEL =x\n", "LABEL names can not be blank"),
    ("a frontend that is not there", "# syntax=@registry@/nobody:1\nFROM scratch\n", "not found"),
    ("a frontend that is none", "# syntax=@registry@/base:1\nFROM scratch\n", "exit code: 1"),
    (
        "a check that counts as an error",
        "# check=error=true\nfrom scratch\nCOPY word /x\nMAINTAINER x\n",
        "lint violation found",
    ),
)
SCENARIOS = tuple(
    Scenario(
        f"mistake: {name}",
        {"app": {"output": ["type=local,dest=out"]}},
        {"Dockerfile": dockerfile},
        code=1,
        empty=True,
        says=(says,),
    )
    for name, dockerfile, says in DOCKERFILES
)
