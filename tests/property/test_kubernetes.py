"""What people and servers write for the kubernetes driver: read, or refused in words."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bake.builder.kubernetes import kubeconfig, options
from bake.builder.kubernetes.channels import ExecPipe, Upgrade, opened
from bake.builder.kubernetes.credentials import identify
from bake.builder.kubernetes.manifest import make
from bake.builder.site import Site
from bake.errors import BuilderError
from bake.host import Host
from bake.node import Node
from tests.unit.builder.kubernetes.test_channels import Server, frame

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

NAMES = st.sampled_from([*options._TABLE, "env.A", "env."])
VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["1", "true", "10Gi", "a=b", "key=a", "key=a,effect=NoSchedule;", "5m", "-1", "1e3", '""']
    ),
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_options_make_objects_or_are_refused(given_options: dict[str, str]) -> None:
    node = Node("n0", "", driver_opts=given_options)
    found = tried(lambda: make(node, options.parse(node)))
    if isinstance(found, BuilderError):
        assert found.summary.startswith(("invalid value for ", "invalid env option "))
        return
    spec = found.workload["spec"]
    pod = spec["template"]["spec"]
    mounted = {one["name"] for one in pod["containers"][0].get("volumeMounts", ())}
    volumes = [*pod.get("volumes", ()), *(one["metadata"] for one in spec.get("volumeClaimTemplates", ()))]
    assert mounted <= {one["name"] for one in volumes}
    assert found.labels.items() <= spec["template"]["metadata"]["labels"].items()
    assert json.loads(json.dumps(found.workload)) == found.workload


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=6))
KEYS = st.sampled_from(
    ["name", "cluster", "user", "context", "server", "token", "tokenFile", "namespace", "exec", "command"]
)
THINGS = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4))
)
NAMED = st.fixed_dictionaries(
    {"name": st.just("c")}, optional=dict.fromkeys(("cluster", "context", "user"), THINGS)
)
CONFIGS = st.fixed_dictionaries(
    {"current-context": st.one_of(st.just("c"), LEAVES)},
    optional={
        "contexts": st.one_of(
            THINGS,
            st.just([{"name": "c", "context": {"cluster": "c", "user": "c"}}]),
        ),
        "clusters": st.one_of(THINGS, st.lists(NAMED, min_size=1, max_size=2)),
        "users": st.one_of(THINGS, st.lists(NAMED, min_size=1, max_size=2)),
    },
)


@given(st.one_of(CONFIGS.map(yaml.safe_dump), st.text(max_size=40)))
def test_kubeconfigs_say_who_and_where_or_are_refused(text: str) -> None:
    host = Host(read=lambda _: text.encode(), exists=lambda path: path == "/k")
    entry = tried(lambda: kubeconfig.find(Site(host), "kubernetes:///k?kubeconfig=/k"))
    if isinstance(entry, BuilderError):
        assert "`/k`" in entry.detail
        return
    if not entry.user.get("exec"):
        assert identify(entry, host).authorization.partition(" ")[0] in ("", "Bearer", "Basic")


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_whatever_a_server_sends_is_bytes_or_a_lost_connection(pieces: list[bytes]) -> None:
    pipe = opened(Server(pieces), Upgrade("http://api/exec?"))
    assert_ends(pipe)


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1, 2, 8, 9, 10]), st.binary(max_size=9), st.booleans()), max_size=8
    )
)
def test_frames_in_any_order(frames: list[tuple[int, bytes, bool]]) -> None:
    data = [frame(body, opcode, final=final) for opcode, body, final in frames]
    assert_ends(opened(Server(data), Upgrade("http://api/exec?")))


@given(st.binary(max_size=60), st.booleans())
def test_whatever_a_server_answers_is_a_refusal_in_words(answer: bytes, http: bool) -> None:
    head = b"HTTP/1.1 403 Forbidden\r\n" if http else b""
    with pytest.raises(OSError, match=r"."):
        opened(Server(answer=head + answer + b"!"), Upgrade("http://api/exec?"))


def assert_ends(pipe: ExecPipe) -> None:
    """Bytes, until there are none, or it says why it is lost."""
    with suppress(OSError):
        while found := pipe.recv():
            assert isinstance(found, bytes)


def tried(work: Callable[[], T]) -> T | BuilderError:
    try:
        return work()
    except BuilderError as exc:
        return exc
