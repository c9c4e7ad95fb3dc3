"""Calls instead of builds: their texts, their JSON and their exit codes."""

from __future__ import annotations

from tests.engine.scenarios.scenario import Scenario

DEFINITION = """\
group "default" { targets = ["warned", "clean"] }
target "warned" {
  description = "has something to say"
  dockerfile = "Warned"
  args = { WORD = "given" }
}
target "clean" { dockerfile = "Clean" }
target "broken" { dockerfile = "Broken" }
target "own" {
  dockerfile = "Warned"
  call = "outline"
}
target "checked" {
  dockerfile = "Warned"
  call = "check"
}
target "described" { dockerfile = "Described" }
target "strict" { dockerfile = "Strict" }
target "empty" { dockerfile = "Empty" }
target "inline" { dockerfile-inline = "from scratch\\nCOPY word /\\n" }
target "stage" {
  dockerfile = "Described"
  target = "tools"
}
target "both" {
  dockerfile = "Warned"
  platforms = ["linux/amd64", "linux/arm64"]
}
target "deep" { context = "sub" }
target "elsewhere" {
  context = "sub"
  dockerfile = "../Warned"
}
"""
DESCRIBED = """\
# check=skip=JSONArgsRecommended
# BASE is what all starts with
ARG BASE=scratch

# tools is for people
FROM ${BASE} AS tools
# TOKEN opens the door
ARG TOKEN
ARG OTHER=${TOKEN}-x
ENV PATH=/x
RUN --mount=type=secret,id=hidden,required=true --mount=type=ssh true
CMD echo

# the image itself
FROM tools AS Image
ARG TARGETARCH
ENTRYPOINT run $UNKNOWN
WORKDIR relative
COPY --from=tools /a --chmod=7 /
"""
FILES = {
    "docker-bake.hcl": DEFINITION,
    "Warned": "# it is the base\nFROM scratch AS base\nARG WORD=default\ncopy word /\nfrom base as last\n",
    "Clean": "FROM scratch\nCOPY word /\n",
    "Broken": "FROM scratch\nCOPPY word /\n",
    "Strict": "# check=error=true\nFROM scratch\nCOPY word /\nMAINTAINER me\n",
    "Empty": "",
    "Described": DESCRIBED,
    "sub/word": "",
    "sub/Dockerfile": "from scratch\nCOPY word /\n",
}


def call(words: str, code: int = 0, **more: str) -> Scenario:
    """A call with these words; without more, all that it says goes to standard output."""
    return Scenario(f"call: {words}", files=FILES, words=words, code=code, empty=bool(more.get("silent")))


CALLS = (
    call("--check", 1),
    call("--check clean"),
    call("--check warned broken", 1),
    call("--check broken", 1),
    call("--check strict", 1),
    call("--check described", 1),
    call("--check inline", 1),
    call("--check both", 1),
    call("--check elsewhere", 1),
    call("--check stage", 1),
    call("--check deep", 1),
    call("--call=lint warned", 1),
    call("--call=check,format=json warned", 1),
    call("--call=check,format=json", 1),
    call("--call=check,format=json clean"),
    call("--call=check,format=json broken", 1),
    call("--call=check,ignorestatus=true warned"),
    call("--call=check,format=text warned", 1),
    call("--call=outline"),
    call("--call=outline described"),
    call("--call=outline stage"),
    call("--call=outline,format=json warned"),
    call("--call=outline,format=json described stage"),
    call("--call=outline broken", 1, silent="yes"),
    call("--call=targets"),
    call("--call=targets described"),
    call("--call=targets,format=json described warned"),
    call("--call=subrequests.describe clean"),
    call("--call=subrequests.describe,format=json clean"),
    call("own"),
    call("own clean"),
    call("own warned --set=warned.call=targets"),
    call("checked", 1),
    call("checked --call=build clean", 1),
    call("--call=dance clean", 1, silent="yes"),
    call("--call=outline,shape=round clean", 1, silent="yes"),
    call("--call=outline,targets clean", 1, silent="yes"),
    call("--check --print warned"),
    call("--check empty", 1),
    call("--check nobody", 1, silent="yes"),
)

LINKED = {
    "docker-bake.hcl": """\
target "base" { dockerfile = "Base" }
target "app" {
  dockerfile = "App"
  contexts = { base = "target:base" }
}
""",
    "Base": "FROM scratch AS one\nARG A=1\ncopy word /\n",
    "App": "FROM base AS two\nARG B=2\ncopy word /\n",
}


def across(words: str, code: int = 0) -> Scenario:
    """A call of a target that takes another one as its base; it is shown what is there."""
    refused = "unsupported context source target for base"
    return Scenario(f"call across a link: {words}", files=LINKED, words=words, code=code, refused=refused)


ACROSS = (
    across("--check app", 1),
    across("--check app base", 1),
    across("--call=outline app"),
    across("--call=outline,format=json app base"),
    Scenario("call across a link: --call=targets app", files=LINKED, words="--call=targets app"),
)
SCENARIOS = (*CALLS, *ACROSS)
