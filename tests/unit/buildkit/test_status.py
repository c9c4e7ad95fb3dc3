"""Status messages to records, and the last words of steps."""

from __future__ import annotations

from bake.buildkit import status as statuses
from bake.buildkit.messages import common_pb2, llb_pb2, status_pb2
from bake.buildkit.status import Steps, parse
from bake.progress import ProgressGroup, SolveStatus, Vertex, VertexLog, VertexStatus, VertexWarning


def stamp(seconds: int, nanos: int = 0) -> common_pb2.Timestamp:
    return common_pb2.Timestamp(seconds=seconds, nanos=nanos)


def test_every_field_is_carried_over() -> None:
    where = llb_pb2.Range(start=llb_pb2.Position(line=3), end=llb_pb2.Position(line=4))
    start_only = llb_pb2.Range(start=llb_pb2.Position(line=9))
    message = status_pb2.StatusResponse(
        vertexes=[
            status_pb2.Vertex(
                digest="d",
                inputs=["i"],
                name="n",
                cached=True,
                started=stamp(5, 500_000_000),
                error="e",
                progress_group=llb_pb2.ProgressGroup(id="g", name="gn", weak=True),
            )
        ],
        statuses=[
            status_pb2.VertexStatus(
                id="s", vertex="d", name="sn", current=1, total=2, timestamp=stamp(1), completed=stamp(2)
            )
        ],
        logs=[status_pb2.VertexLog(vertex="d", timestamp=stamp(3), stream=2, msg=b"\xff")],
        warnings=[
            status_pb2.VertexWarning(
                vertex="d",
                level=1,
                short=b"short",
                detail=[b"a", b"\xff"],
                url="u",
                info=llb_pb2.SourceInfo(filename="Dockerfile", data=b"FROM x"),
                ranges=[where, start_only],
            )
        ],
    )
    assert parse(message.SerializeToString()) == SolveStatus(
        vertexes=(Vertex("d", "n", ("i",), True, 5.5, None, "e", ProgressGroup("g", "gn", True)),),
        statuses=(VertexStatus("s", "d", "sn", 1, 2, 1.0, None, 2.0),),
        logs=(VertexLog("d", 2, b"\xff", 3.0),),
        warnings=(
            VertexWarning("d", 1, "short", ("a", "\ufffd"), "u", "Dockerfile", "FROM x", ((3, 4), (9, 9))),
        ),
    )


def test_a_step_keeps_its_name_when_later_news_has_none() -> None:
    steps = Steps()
    steps.add(SolveStatus(vertexes=(Vertex("d", "RUN x"),)))
    steps.add(SolveStatus(vertexes=(Vertex("d"),)))
    assert steps.name("d") == "RUN x"
    assert steps.name("unknown") == ""
    assert steps.failed() == ""


def test_the_tail_is_the_end_of_a_long_output() -> None:
    steps = Steps()
    for number in range(10_000):
        steps.add(SolveStatus(logs=(VertexLog("d", 1, b"line %d\n" % number),)))
    assert steps.tail("d") == tuple(
        f"line {number}" for number in range(10_000 - statuses.TAIL_LINES, 10_000)
    )
    assert steps.tail("unknown") == ()
