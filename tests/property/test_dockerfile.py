"""Dockerfiles of any text: they are read or refused, and what is read stands where it says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bake.plan.dockerfile import Dockerfile, DockerfileError, frontend, instructions, parse

PIECES = st.sampled_from(
    (
        *(
            "FROM a AS b",
            "FROM x",
            "ARG A=1 B",
            "RUN c",
            "RUN <<EOF",
            "RUN <<-E",
            "EOF",
            "\tE",
            "COPY --from=b d e",
        ),
        *(
            "# escape=`",
            "# syntax=docker/dockerfile:1",
            "# x",
            "ONBUILD ARG C",
            'RUN ["<<EOF"]',
            "  ",
            "\\",
            "`",
        ),
        *(" \\", "\n", "\n", "\n", "\r\n", "${", "}", "'", '"', "<<", "--", "\ufeff", "\xa0", "é"),
    )
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join), st.lists(PIECES).map("\n".join))


def outcome(text: str) -> Dockerfile | DockerfileError:
    try:
        return parse(text)
    except DockerfileError as refused:
        return refused


@given(TEXTS)
def test_any_text_is_read_or_refused(text: str) -> None:
    frontend(text)
    found = outcome(text)
    if isinstance(found, DockerfileError):
        assert 1 <= found.line <= text.count("\n") + 1
        return
    assert all(name == name.lower() and " " not in name for name in found.stages)
    assert all("=" not in name for name in found.arguments)


@given(TEXTS)
def test_instructions_stand_in_order_at_lines_that_name_them(text: str) -> None:
    try:
        found = list(instructions(text))
    except DockerfileError:
        return
    lines = text.removeprefix("\ufeff").split("\n")
    assert [one.line for one in found] == sorted({one.line for one in found})
    for one in found:
        # a line that only continues comes before the keyword
        assert one.keyword[:1] in "".join(lines[one.line - 1 :]).upper()


@given(st.lists(st.sampled_from(("FROM a AS b", "ARG A", "RUN x \\", " y", "# c", "RUN <<E", "E", ""))))
def test_lines_may_end_as_on_windows(lines: list[str]) -> None:
    unix, windows = (outcome(end.join(lines)) for end in ("\n", "\r\n"))
    if isinstance(unix, DockerfileError):
        assert isinstance(windows, DockerfileError)
        assert (str(unix), unix.line) == (str(windows), windows.line)
    else:
        assert unix == windows


@given(st.lists(st.sampled_from(("x", "FROM y", "# z", "\\", "<<A", "RUN"))))
def test_a_heredoc_hides_what_is_in_it(inside: list[str]) -> None:
    text = "\n".join(("FROM a", "RUN <<EOF", *inside, "EOF", "ARG A"))
    assert [one.keyword for one in instructions(text)] == ["FROM", "RUN", "ARG"]
