"""Settings of a build: permissions, secrets, agents, limits, policies, times, proxies, arguments."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from tests.engine.scenarios.scenario import BASE, BOTH, PINNED, PLAIN, Scenario

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.scenarios.world import World

FILES = "type=local,dest=out"
OF_SCENARIOS = ("words", "environment", "files", "prepare", "builder", "code", "says", "empty", "hides")


def ran(name: str, command: str, **more: Any) -> Scenario:
    """What `command` says when it runs in a step; `more` are fields of the target and of `Scenario`."""
    own = {key: more.pop(key) for key in OF_SCENARIOS if key in more}
    step = f"RUN {more.pop('run', '')} ({command}) > /said"
    dockerfile = f"{BASE}{step}\nFROM scratch\nCOPY --from=0 /said /\n"
    files = {"Dockerfile": dockerfile, **own.pop("files", {})}
    return Scenario(name, {"app": {"output": [FILES], **more}}, files, **own)


def image(name: str, dockerfile: str, **more: Any) -> Scenario:
    """An archive of an image."""
    own = {
        key: more.pop(key)
        for key in ("words", "environment", "code", "says", "empty", "files")
        if key in more
    }
    fields = {"output": ["type=oci,dest=out.tar"], "attest": [PLAIN], **more}
    return Scenario(name, {"app": fields}, {"Dockerfile": dockerfile, **own.pop("files", {})}, **own)


def key(world: World, folder: Path) -> None:
    """A key for an SSH agent, the same in both runs as far as anybody can tell."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "me", "-f", str(folder / "key")]
    subprocess.run(words, env=world.environment, check=True)


INTERFACES = "tail -n +3 /proc/net/dev | cut -d: -f1 | sort | tr -d ' '"
SOCKET = "test -S $SSH_AUTH_SOCK && echo yes"
PERMISSIONS = (
    ran("network: none", INTERFACES, network="none"),
    ran("network: default", "hostname", network="default", hides=(" > content",)),
    ran(
        "network: host",
        "echo host; test -d /sys/class/net/lo && echo lo",
        network="host",
        words="--allow=network.host",
    ),
    ran("network: host, not allowed", "echo", network="host", code=1, empty=True, says=("network.host",)),
    ran(
        "network: host, entitled",
        "echo host",
        network="host",
        entitlements=["network.host"],
        words="--allow network.host",
    ),
    ran("network: of a name", "echo", network="mine", code=1, empty=True),
    ran("security.insecure", "echo", entitlements=["security.insecure"], words="--allow=security.insecure"),
    ran(
        "security.insecure, not allowed",
        "echo",
        entitlements=["security.insecure"],
        code=1,
        empty=True,
        says=("security.insecure",),
    ),
    ran("security.insecure, set", "echo", words="--set=app.entitlements=security.insecure"),
    ran(
        "device: not with this engine",
        "echo",
        entitlements=["device"],
        words="--allow=device",
        code=1,
        empty=True,
        says=("granting entitlement device is not allowed by build daemon configuration",),
    ),
    ran("entitlement that is none", "echo", entitlements=["everything"], code=1, empty=True),
    ran("secret: a file", "cat /run/secrets/a", run="--mount=type=secret,id=a", secret=["id=a,src=word"]),
    ran(
        "secret: a variable",
        "cat /run/secrets/a",
        run="--mount=type=secret,id=a",
        secret=["id=a,env=SECRET"],
        environment={"SECRET": "hidden"},
    ),
    ran(
        "secret: a variable of its type",
        "cat /run/secrets/SECRET",
        run="--mount=type=secret,id=SECRET",
        secret=["type=env,id=SECRET"],
        environment={"SECRET": "hidden"},
    ),
    ran(
        "secret: by its id alone",
        "cat /run/secrets/word",
        run="--mount=type=secret,id=word",
        secret=["id=word"],
    ),
    ran(
        "secret: as an object",
        "cat /run/secrets/a",
        run="--mount=type=secret,id=a",
        secret=[{"id": "a", "src": "word"}],
    ),
    ran(
        "secret: into the environment",
        "echo $A",
        run="--mount=type=secret,id=a,env=A",
        secret=["id=a,src=word"],
    ),
    ran(
        "secret: an empty variable",
        "cat /run/secrets/a; echo .",
        run="--mount=type=secret,id=a",
        secret=["id=a,env=SECRET"],
        environment={"SECRET": ""},
    ),
    ran("secret: missing but not required", "ls -d /run/secrets; true", run="--mount=type=secret,id=a"),
    ran(
        "secret: missing and required",
        "ls",
        run="--mount=type=secret,id=a,required=true",
        code=1,
        empty=True,
        says=("secret a: not found",),
    ),
    ran(
        "secret: a file that is not there",
        "ls",
        run="--mount=type=secret,id=a",
        secret=["id=a,src=nowhere"],
        code=1,
        empty=True,
    ),
    ran("ssh: a key", SOCKET, run="--mount=type=ssh", ssh=["default=key"], prepare=key),
    ran("ssh: a key under a name", SOCKET, run="--mount=type=ssh,id=mine", ssh=["mine=key"], prepare=key),
    ran(
        "ssh: no agent",
        SOCKET,
        run="--mount=type=ssh",
        ssh=["default"],
        code=1,
        empty=True,
        words="--allow=ssh",
    ),
    ran(
        "ssh: a key that is not there",
        SOCKET,
        run="--mount=type=ssh",
        ssh=["default=nowhere"],
        code=1,
        empty=True,
    ),
    ran("ssh: not required", "echo no", run="--mount=type=ssh"),
)
LIMITS = (
    ran("ulimits", "ulimit -n; ulimit -Hn; ulimit -c", ulimits=["nofile=1024:2048", "core=0"]),
    ran("ulimits: without limit", "ulimit -n", ulimits=["core=-1", "nofile=512"]),
    ran("ulimits: nonsense", "echo", ulimits=["nofile=a"], code=1, empty=True),
    ran("shm-size", "df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2", **{"shm-size": "128m"}),
    ran("shm-size: nonsense", "echo", **{"shm-size": "much"}, code=1, empty=True),
    # of one name: the reference takes several in any order, as they come out of a map
    ran("extra-hosts", "grep -v :: /etc/hosts", **{"extra-hosts": {"two": "10.0.0.2,fd00::1"}}),
    ran("extra-hosts: IPv6", "cat /etc/hosts", **{"extra-hosts": {"one": "[fd00::1]"}}),
    ran("extra-hosts: host-gateway", "cat /etc/hosts", **{"extra-hosts": {"me": "host-gateway"}}),
    ran("extra-hosts: nonsense", "cat /etc/hosts", **{"extra-hosts": {"me": "nowhere"}}, code=1, empty=True),
)


def policy(*rules: dict[str, Any]) -> dict[str, Any]:
    """A source policy and the variable that names it."""
    return {
        "files": {"policy.json": json.dumps({"rules": rules})},
        "environment": {"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": "policy.json"},
    }


OTHER_IMAGE = "docker-image://example.com/other:1"
POLICIES = (
    ran(
        "source policy: deny",
        "echo",
        code=1,
        empty=True,
        says=("denied by policy",),
        **policy({"action": "DENY", "selector": {"identifier": "docker-image://@registry@/base:1"}}),
    ),
    image(
        "source policy: convert",
        "FROM example.com/other:1\nCOPY word /\n",
        **policy(
            {
                "action": "CONVERT",
                "selector": {"identifier": OTHER_IMAGE, "match_type": "EXACT"},
                "updates": {"identifier": "docker-image://@registry@/base:1"},
            }
        ),
        code=1,  # BuildKit 0.25 looks the image up before it asks about the exact one
        empty=True,
    ),
    image(
        "source policy: a pattern",
        "FROM example.com/other:1\nCOPY word /\n",
        **policy(
            {
                "action": "CONVERT",
                "selector": {"identifier": "^docker-image://example.com/(.*)$", "match_type": "REGEX"},
                "updates": {"identifier": "docker-image://@registry@/base:1"},
            }
        ),
    ),
    image(
        "source policy: names of fields that are none",
        "FROM example.com/other:1\nCOPY word /\n",
        **policy(
            {
                "action": "CONVERT",
                "selector": {"identifier": OTHER_IMAGE, "matchType": "EXACT"},
                "Updates": {"identifier": "docker-image://@registry@/base:1"},
            }
        ),
    ),
    image(
        "source policy: with provenance",
        "FROM example.com/other:1\nCOPY word /\n",
        attest=["type=provenance,mode=max"],
        **policy(
            {
                "action": "CONVERT",
                "selector": {"identifier": OTHER_IMAGE},
                "updates": {"identifier": "docker-image://@registry@/base:1"},
            }
        ),
    ),
    ran(
        "source policy: no file",
        "echo",
        code=1,
        empty=True,
        environment={"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": "nowhere.json"},
    ),
    ran(
        "source policy: nonsense",
        "echo",
        code=1,
        empty=True,
        files={"policy.json": "{"},
        environment={"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": "policy.json"},
    ),
)
PROXIES = json.dumps(
    {"proxies": {"default": {"httpProxy": "http://a:1", "noProxy": "b,c", "allProxy": "socks5://d"}}}
)
SAID = "env | grep -i proxy | sort"
TIMES_AND_PROXIES = (
    image("epoch: of the environment", f"{BASE}ENV A=b\nRUN touch /new\n", environment=PINNED),
    image(
        "epoch: an argument of the target",
        f"{BASE}ENV A=c\n",
        args={"SOURCE_DATE_EPOCH": "1500000000"},
        environment=PINNED,
    ),
    image(
        "epoch: rewrite-timestamp",
        f"{BASE}RUN touch /new2\nFROM scratch\nCOPY --from=0 /new2 /\nCOPY word /\n",
        output=["type=oci,dest=out.tar,rewrite-timestamp=true"],
        platforms=BOTH,
        environment=PINNED,
        **{"no-cache": True},
    ),
    ran("epoch: in a step", "echo $SOURCE_DATE_EPOCH", environment=PINNED),
    ran("epoch: nonsense", "echo", environment={"SOURCE_DATE_EPOCH": "soon"}, code=1, empty=True),
    ran(
        "proxies: of docker's configuration",
        SAID,
        files={"docker/config.json": PROXIES},
        environment={"DOCKER_CONFIG": "@folder@/docker"},
    ),
    ran("proxies: of the environment alone", SAID, environment={"HTTP_PROXY": "http://e:2"}),
    ran(
        "proxies: arguments count more",
        SAID,
        files={"docker/config.json": PROXIES},
        args={"HTTP_PROXY": "http://f:3"},
        environment={"DOCKER_CONFIG": "@folder@/docker"},
    ),
    image(
        "proxies: leave no trace in the image",
        f"{BASE}RUN true\n",
        files={"docker/config.json": PROXIES},
        environment={"DOCKER_CONFIG": "@folder@/docker"},
    ),
)
STAGES = f"""\
{BASE}RUN echo a > /a
FROM @registry@/base:1 AS mid
COPY word /
RUN echo m > /m
FROM mid AS last
ENV L=1
"""
HEREDOCS = f"""\
{BASE}COPY <<EOF /here
hello ${{TARGETARCH}}
EOF
RUN <<EOF
echo 1 > /1
EOF
"""
ARGS = "FROM scratch\nARG A\nARG B=b\nARG C\nENV A=${A}-${B}-${C:-none}\nCOPY word /\n"
PLATFORM = (
    f"{BASE}ARG TARGETPLATFORM BUILDPLATFORM TARGETVARIANT\nRUN echo $TARGETPLATFORM $BUILDPLATFORM > /p\n"
)
ARGUMENTS = (
    image(
        "platform: DOCKER_DEFAULT_PLATFORM", PLATFORM, environment={"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}
    ),
    image(
        "platform: counts more than the variable",
        PLATFORM,
        platforms=["linux/amd64"],
        environment={"DOCKER_DEFAULT_PLATFORM": "linux/arm64"},
    ),
    image(
        "platform: DOCKER_DEFAULT_PLATFORM, nonsense",
        PLATFORM,
        environment={"DOCKER_DEFAULT_PLATFORM": "li nux/arm64/x/y"},
    ),
    image(
        "platform: with a variant",
        "FROM scratch\nARG TARGETVARIANT\nENV V=$TARGETVARIANT\nCOPY word /\n",
        platforms=["linux/arm/v6", "linux/arm/v7", "linux/arm64"],
    ),
    image(
        "platform: other systems", "FROM scratch\nCOPY word /\n", platforms=["windows/amd64", "darwin/arm64"]
    ),
    image("platform: local", "FROM scratch\nCOPY word /\n", platforms=["local"]),
    image("platform: named twice", "FROM scratch\nCOPY word /\n", platforms=["linux/amd64", "linux/amd64"]),
    image("platform: a list in one", "FROM scratch\nCOPY word /\n", platforms=["linux/amd64,linux/arm64"]),
    image(
        "platform: BUILDKIT_MULTI_PLATFORM",
        "FROM scratch\nCOPY word /\n",
        args={"BUILDKIT_MULTI_PLATFORM": "1"},
        platforms=["linux/amd64"],
    ),
    image("args: given, empty, null", ARGS, args={"A": "", "B": None, "C": "c=d, e"}),
    image("args: from the environment", ARGS, args={"A": None}, environment={"A": "from here", "C": "no"}),
    image("args: set", ARGS, words="--set=app.args.A=x=y --set=*.args.C=z", args={"A": "a"}),
    image("args: unused", ARGS, args={"UNUSED": "1"}),
    image("args: in FROM", "ARG WHICH\nFROM ${WHICH}\nCOPY word /\n", args={"WHICH": "@registry@/base:1"}),
    image(
        "labels",
        "FROM scratch\nLABEL one=a two=b\nCOPY word /\n",
        labels={"two": "c", "three": 'd=e "f"', "four": "", "five": None},
    ),
    image("target: the middle one", STAGES, target="mid"),
    image("target: the last one", STAGES),
    image(
        "target: none of that name",
        STAGES,
        target="nobody",
        code=1,
        empty=True,
        says=('target stage "nobody" could not be found',),
    ),
    image(
        "target: a number is none", STAGES, target="0", code=1, empty=True, says=('"0" could not be found',)
    ),
    image(
        "no-cache-filter",
        STAGES,
        **{"no-cache-filter": ["mid"], "attest": [PLAIN]},
        environment=PINNED,
        output=["type=oci,dest=out.tar,rewrite-timestamp=true"],
    ),
    image(
        "no-cache: the flag",
        STAGES,
        words="--no-cache",
        environment=PINNED,
        output=["type=oci,dest=out.tar,rewrite-timestamp=true"],
    ),
    image(
        "no-cache: both",
        STAGES,
        words="--no-cache",
        **{"no-cache-filter": ["mid"]},
        environment=PINNED,
        output=["type=oci,dest=out.tar,rewrite-timestamp=true"],
    ),
    image("pull", STAGES, pull=True),
    image("pull: the flag", STAGES, words="--pull"),
    image(
        "pull: what is not there",
        "FROM @registry@/nobody:1\n",
        pull=True,
        code=1,
        empty=True,
        says=("not found",),
    ),
    image("inline Dockerfile", "FROM nobody", **{"dockerfile-inline": "FROM scratch\nCOPY word /inline\n"}),
    image(
        "inline Dockerfile with a heredoc",
        "",
        **{"dockerfile-inline": HEREDOCS},
    ),
    image(
        "BUILDKIT_CONTEXT_KEEP_GIT_DIR and other builtins",
        "FROM scratch\nCOPY word /\n",
        args={"BUILDKIT_DOCKERFILE_CHECK": "skip=all", "BUILDKIT_INLINE_CACHE": "1"},
    ),
    image(
        "everything in an image's configuration",
        'FROM scratch\nENV A=b C="d e"\nWORKDIR /w\nUSER 1:2\nEXPOSE 80 81/udp\nVOLUME /v\nSTOPSIGNAL 9\n'
        'HEALTHCHECK --interval=5s CMD a\nSHELL ["/s"]\nENTRYPOINT ["e"]\nCMD ["c"]\nONBUILD RUN x\n'
        'LABEL l="m\\\nn"\nCOPY --chmod=640 --chown=3:4 --link word /w/\nADD word added\n',
    ),
)

SCENARIOS = (*PERMISSIONS, *LIMITS, *POLICIES, *TIMES_AND_PROXIES, *ARGUMENTS)
