"""Dockerfiles, each with what BuildKit's parser (0.26) makes of it."""

from __future__ import annotations

import pytest

from bake.plan.dockerfile import DockerfileError, frontend, instructions, parse, predefined


def keywords(text: str) -> list[tuple[str, str]]:
    return [(one.keyword, one.rest) for one in instructions(text)]


def test_stages_and_arguments() -> None:
    found = parse("ARG A=1 B\nfrom alpine AS Build\narg C\nFROM build\nONBUILD ARG D=2\n")
    assert found.stages == ("build", "")
    assert found.arguments == {"A", "B", "C", "D"}


def test_names_of_stages_count_without_regard_to_case() -> None:
    found = parse("FROM a AS Build\n")
    assert found.has_stage("BUILD")
    assert not found.has_stage("0")


def test_continued_lines_pass_over_comments_and_empty_lines() -> None:
    assert keywords("FROM a\nRUN b \\\n# c\n\n  d \\  \n  e\n") == [("FROM", "a"), ("RUN", "b   d   e")]


def test_an_escaped_escape_continues_nothing() -> None:
    assert keywords("FROM a\nRUN b \\\\\nENV c d\n")[1:] == [("RUN", "b \\\\"), ("ENV", "c d")]


def test_the_escape_directive() -> None:
    assert keywords("# escape=`\nFROM a `\n AS b\nRUN c \\\nRUN d") == [
        ("FROM", "a  AS b"),
        ("RUN", "c \\"),
        ("RUN", "d"),
    ]


def test_a_directive_behind_a_comment_is_a_comment() -> None:
    assert keywords("# hello\n# escape=`\nFROM a \\\n AS b\n") == [("FROM", "a  AS b")]


def test_a_mark_of_order_and_windows_lines() -> None:
    assert keywords("\ufeff# escape=`\r\nFROM a `\r\n AS b\r\n") == [("FROM", "a  AS b")]


@pytest.mark.parametrize(
    "opening",
    [
        "RUN <<EOF",
        "RUN cat <<EOF > /x",
        "RUN <<'EOF'",
        'RUN <<"EOF"',
        "RUN 3<<EOF",
        "COPY <<EOF /x",
        "ADD --chmod=1 <<EOF /x",
        "ONBUILD RUN <<EOF",
        "RUN <<E\\OF",
        "RUN a << EOF",
    ],
)
def test_a_heredoc_is_no_instruction(opening: str) -> None:
    found = keywords(f"FROM a\n{opening}\nFROM b\n\tEOF\n EOF\nEOF\nENV c d\n")
    assert [keyword for keyword, _ in found][2:] == ["ENV"]
    assert len(found) == 3


def test_a_heredoc_with_a_dash_passes_over_tabs_before_its_end() -> None:
    assert len(keywords("FROM a\nRUN <<-EOF\nFROM b\n\t\tEOF\nENV c d\n")) == 3


def test_two_heredocs_of_one_line() -> None:
    assert len(keywords("FROM a\nRUN <<A <<B\nFROM x\nB\nA\nA\nB\nENV c d\n")) == 3


@pytest.mark.parametrize(
    "line",
    [
        'RUN ["a", "<<EOF"]',
        "ENV x <<EOF",
        "RUN a<<EOF",
        "RUN a <<<EOF",
        "RUN echo don't <<EOF",
        "RUN echo ${x <<EOF",
    ],
)
def test_what_opens_no_heredoc(line: str) -> None:
    assert len(keywords(f"FROM a\n{line}\nENV c d\n")) == 3


def test_arithmetic_opens_one_as_in_buildkit() -> None:
    with pytest.raises(DockerfileError, match="unterminated heredoc `2`"):
        parse("FROM a\nRUN echo $(( 1 <<2 ))\n")


def test_a_spaced_one_without_an_end_is_none_as_before_buildkit_0_21() -> None:
    assert len(keywords("FROM a\nRUN echo $(( 1 << 2 ))\nENV c d\n")) == 3


def test_flags_are_apart() -> None:
    (found,) = instructions("COPY --from=a --chown='b c' --link d --e f\n")
    assert found.flags == ("--from=a", "--chown='b c'", "--link")
    assert found.rest == "d --e f"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("# only\n", 1),
        ("FROM a\nRUN b \\\n  <<EOF\nc\n", 2),
        ("# escape=x\nFROM a\n", 1),
        ("# escape=`\n# escape=`\nFROM a\n", 2),
    ],
)
def test_what_buildkit_refuses(text: str, line: int) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("FROM a", ""),
        ("# syntax=docker/dockerfile:1\nFROM a", "docker/dockerfile:1"),
        ("#SYNTAX = a/b c\n", "a/b"),
        ("#!/usr/bin/env x\n# syntax=a\n", "a"),
        ("# check=skip=all\n# syntax=a\n", "a"),
        ("# comment\n# syntax=a\n", ""),
        ("// syntax=a\n", "a"),
        ('{"syntax": "a"}', "a"),
        ('{"syntax": 1}', ""),
    ],
)
def test_frontends(text: str, wanted: str) -> None:
    assert frontend(text) == wanted


def test_arguments_that_need_no_arg() -> None:
    names = {"HTTP_PROXY", "no_proxy", "TARGETARCH", "BUILDKIT_X", "SOURCE_DATE_EPOCH", "VERSION"}
    assert names - predefined(names) == {"VERSION"}
