"""The table that ends a run."""

from __future__ import annotations

from bake.errors import BuilderError, DefinitionError, Failure, SolveError, SourceExcerpt
from bake.progress import Ending, Event, Phase, SolveStatus, Summary, TargetPhase, Vertex, VertexStatus
from bake.source import Source, Span
from bake.ui.summary import lines, place_of, table
from bake.ui.trace import Trace

DIGEST = "sha256:" + "0123456789abcdef" * 4


def run() -> Trace:
    trace = Trace()
    for target, end in (
        ("app", Phase.FINISHED),
        ("files", Phase.FINISHED),
        ("web", Phase.FAILED),
        ("docs", Phase.SKIPPED),
    ):
        trace.apply(Event(TargetPhase(Phase.STARTED, 1.0), target, "n0"))
        trace.apply(Event(TargetPhase(end, 3.5), target, "n0"))
    vertexes = (
        Vertex("d0", "[internal] load build context", cached=True),
        Vertex("d1", "[1/2] COPY a /", started=1.0, completed=2.0, cached=True),
        Vertex("d2", "[linux/arm64 base 2/2] RUN b", started=2.0, completed=3.0),
    )
    trace.apply(Event(SolveStatus(vertexes), "app", "n0"))
    sent = VertexStatus("copying files", "d9", current=2_000_000, completed=3.0)
    trace.apply(Event(SolveStatus((Vertex("d9", "exporting"),), (sent,)), "files", "n0"))
    excerpt = SourceExcerpt("Dockerfile", "", [(3, 4)])
    endings = (
        Ending("web", Phase.FAILED, error=SolveError("It broke", failure=Failure.STEP, sources=[excerpt])),
        Ending("docs", Phase.SKIPPED, ("linux/amd64",), reason="`web` failed"),
        Ending("app", Phase.FINISHED, ("linux/amd64", "linux/arm64"), DIGEST, 1_048_576),
        Ending("twin", Phase.FINISHED, digest=DIGEST, same_as="app"),
        Ending("files", Phase.FINISHED, ("linux/amd64",)),
        Ending("late", Phase.CANCELED),
    )
    trace.apply(Event(Summary(endings)))
    return trace


def test_failures_stand_last_and_name_their_line() -> None:
    assert table(run()).splitlines() == [
        "",
        "TARGET  PLATFORMS                RESULT                  TIME  CACHED  SIZE    DIGEST",
        f"app     linux/amd64,linux/arm64  built                   2.5s  1/2     1.05MB  {DIGEST}",
        f"twin                             built as app            2.5s  1/2             {DIGEST}",
        "files   linux/amd64              built                   2.5s          2.00MB",
        "late                             canceled",
        "docs    linux/amd64              skipped: `web` failed",
        "web                              failed at Dockerfile:3  2.5s",
        "6 targets: 3 built, 1 canceled, 1 skipped, 1 failed",
        "",
    ]


def test_what_went_wrong_has_a_color() -> None:
    styles = {text.split()[0]: style for text, style in lines(run()) if text}

    assert styles == {
        "TARGET": "bold",
        "app": "",
        "twin": "",
        "files": "",
        "6": "",
        "late": "yellow",
        "docs": "yellow",
        "web": "red",
    }


def test_a_column_without_values_is_left_out() -> None:
    trace = Trace()
    trace.apply(Event(Summary((Ending("app", Phase.FINISHED, ("linux/amd64",)),))))

    assert table(trace).splitlines() == [
        "",
        "TARGET  PLATFORMS    RESULT",
        "app     linux/amd64  built",
        "1 target: 1 built",
    ]


def test_a_narrow_screen_gets_less_of_it() -> None:
    heads = {width: table(run(), width).splitlines()[1].split() for width in (160, 120, 80, 60, 45, 10)}

    assert heads[160] == ["TARGET", "PLATFORMS", "RESULT", "TIME", "CACHED", "SIZE", "DIGEST"]
    assert heads[120] == heads[160]
    assert "sha256:0123456789ab" in table(run(), 120)
    assert DIGEST not in table(run(), 120)
    assert heads[80] == ["TARGET", "PLATFORMS", "RESULT", "TIME", "CACHED", "SIZE"]
    assert heads[60] == ["TARGET", "RESULT", "TIME", "CACHED", "SIZE"]
    assert heads[45] == heads[10] == ["TARGET", "RESULT", "TIME"]


def test_a_run_without_an_end_has_no_table() -> None:
    assert table(Trace()) == ""


def test_a_place_is_a_line_of_some_file() -> None:
    source = Source("docker-bake.hcl", "a\nb\n", "hcl")

    assert place_of(DefinitionError("Wrong", Span(source, 2, 3))) == "docker-bake.hcl:2"
    assert place_of(BuilderError("Gone")) == ""
    assert place_of(SolveError("It broke", failure=Failure.STEP)) == ""
