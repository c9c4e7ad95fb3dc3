"""The client around one BuildKit: connecting, sharing files, and errors that name the endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.buildkit.client import Client, lay_out, shared_key
from bake.buildkit.control import Prune
from bake.buildkit.endpoint import Daemon, UnixAddress
from bake.buildkit.messages import usage_pb2, worker_pb2
from bake.buildkit.stream import PERMISSION_DENIED, RpcError
from bake.errors import BuilderError
from bake.solve import InlineTree, LocalTree
from tests.fakes.buildkit import CONTROL, FakeBuildKit

if TYPE_CHECKING:
    from bake.buildkit.client import Trees
    from bake.buildkit.stream import Methods, Stream

A, B, INLINE = LocalTree("/a"), LocalTree("/b"), InlineTree({"Dockerfile": b"FROM scratch"})


def version(stream: Stream) -> None:
    stream.recv()
    answer = worker_pb2.InfoResponse(buildkit_version=worker_pb2.BuildkitVersion(version="v0.1"))
    stream.send(answer.SerializeToString())


def test_nothing_is_dialled_before_it_is_needed() -> None:
    client = Client(Daemon(UnixAddress("/nowhere/at/all.sock")))
    assert client.name == "unix:///nowhere/at/all.sock"
    client.close()


def test_one_connection_serves_all_calls_and_a_lost_one_is_replaced() -> None:
    buildkit = FakeBuildKit({f"{CONTROL}Info": version})
    client = Client(buildkit)
    assert client.info().version == client.info().version == "v0.1"
    assert len(buildkit.connections) == 1
    buildkit.kill()
    assert client._channel is not None
    client._channel.connection.join()
    assert client.info().version == "v0.1"
    assert len(buildkit.connections) == 2
    client.close()
    buildkit.close()


def test_an_answer_that_cannot_be_read_is_an_error() -> None:
    buildkit = FakeBuildKit({f"{CONTROL}Info": lambda stream: stream.send(b"\xff")})
    client = Client(buildkit)
    with pytest.raises(BuilderError, match="BuildKit could not say its version"):
        client.info()
    client.close()
    buildkit.close()


def test_a_refusal_names_the_endpoint_and_what_was_asked() -> None:
    def refuse(_stream: Stream) -> None:
        raise RpcError(PERMISSION_DENIED, "not you")

    buildkit = FakeBuildKit({f"{CONTROL}ListWorkers": refuse})
    client = Client(buildkit)
    with pytest.raises(BuilderError) as caught:
        client.workers()
    assert str(caught.value) == "BuildKit could not list its workers; `memory://buildkit`: not you"
    client.close()
    buildkit.close()


def test_pruning_gives_records_as_they_come_and_may_be_left() -> None:
    requests: list[usage_pb2.PruneRequest] = []

    def prune(stream: Stream) -> None:
        requests.append(usage_pb2.PruneRequest.FromString(stream.recv() or b""))
        for number in range(1000):
            stream.send(usage_pb2.UsageRecord(id=str(number), size=number, parent="p").SerializeToString())

    buildkit = FakeBuildKit({f"{CONTROL}Prune": prune})
    client = Client(buildkit)
    records = client.prune(Prune(("type==regular",), all=True, keep_duration=1.5))
    assert next(records).id == "0"
    second = next(records)
    assert (second.size, second.parents, second.created_at) == (1, ("p",), None)
    records.close()  # type: ignore[attr-defined]
    assert (requests[0].all, requests[0].keep_duration, list(requests[0].filter)) == (
        True,
        1_500_000_000,
        ["type==regular"],
    )
    client.close()
    buildkit.close()


@pytest.mark.parametrize(
    ("wanted", "tables"),
    [
        ([], [{}]),
        ([{"context": A, "dockerfile": A}] * 3, [{"context": A, "dockerfile": A}]),
        ([{"context": A}, {"context": B}, {"context": A}], [{"context": A}, {"context": B}]),
        (
            [
                {"context": A, "dockerfile": A},
                {"context": B, "dockerfile": A},
                {"context": A, "dockerfile": INLINE},
            ],
            [{"context": A, "dockerfile": A}, {"context": B, "dockerfile": INLINE}],
        ),
    ],
)
def test_trees_are_laid_out_in_as_few_tables_as_names_allow(wanted: list[Trees], tables: list[Trees]) -> None:
    assert lay_out(wanted) == tables


def test_shared_files_send_each_build_to_the_session_that_serves_its_tree() -> None:
    buildkit = FakeBuildKit({})
    client = Client(buildkit)
    served: list[Trees] = []

    def serve(trees: Trees) -> Methods:
        served.append(trees)
        return {}

    first: Trees = {"context": A, "dockerfile": A}
    second: Trees = {"context": B, "dockerfile": A}
    shared = client.share_files([first, second], serve, node_id="me")
    ids = [headers["X-Docker-Expose-Session-Uuid"][0] for headers, _ in buildkit.sessions]
    keys = [headers["X-Docker-Expose-Session-Sharedkey"][0] for headers, _ in buildkit.sessions]
    assert served == [{"context": A, "dockerfile": A}, {"context": B}]
    assert keys == ["a:me", "b:me"]
    assert shared.attrs(second) == {"local-sessionid:context": ids[1], "local-sessionid:dockerfile": ids[0]}
    assert shared.first.id == ids[0]
    with pytest.raises(KeyError):
        shared.attrs({"context": INLINE})
    shared.close()
    client.close()
    buildkit.close()


def test_a_lost_file_session_is_opened_again_under_its_id() -> None:
    buildkit = FakeBuildKit({})
    client = Client(buildkit)
    shared = client.share_files([{"context": A}, {"context": B}], lambda _trees: {}, node_id="me")
    shared.mend()
    assert len(buildkit.sessions) == 2
    _, channel = buildkit.sessions[1]
    channel.connection.close()
    shared._sessions[1]._connection.join()
    shared.mend()
    names = ("X-Docker-Expose-Session-Uuid", "X-Docker-Expose-Session-Sharedkey")
    (_, before, after) = ([headers[name][0] for name in names] for headers, _ in buildkit.sessions)
    assert after == before
    assert shared.attrs({"context": B}) == {"local-sessionid:context": before[0]}
    assert shared._sessions[1].lost == ""
    shared.close()
    client.close()
    buildkit.close()


@pytest.mark.parametrize(
    ("trees", "node_id", "key"),
    [
        ({"context": LocalTree("/x/app")}, "n", "app:n"),
        ({"context": A}, "", "a"),
        ({"context": INLINE}, "n", ""),
    ],
)
def test_shared_keys_are_buildxs(trees: Trees, node_id: str, key: str) -> None:
    assert shared_key(trees, node_id) == key
