"""Whole error texts, as they stand on the screen."""

from __future__ import annotations

from bake.errors import BuilderError, DefinitionError, Failure, SolveError, SourceExcerpt, UsageError
from bake.source import Rendering, Source, Span
from bake.ui.snippets import framed, render


def hcl(text: str, rendering: Rendering | None = None) -> Source:
    return Source("docker-bake.hcl", text, "hcl", "/", rendering=rendering)


def test_the_line_is_framed_and_the_characters_are_marked() -> None:
    source = hcl('target "app" {\n  tags = nope\n}\n')
    at = source.text.index("nope")
    fault = DefinitionError(
        "Unknown variable",
        Span(source, at, at + 4),
        detail='There is no variable named "nope".',
        hint='did you mean "note"?',
    )
    assert render(fault) == (
        "docker-bake.hcl:2:10\n"
        "--------------------\n"
        '   1 |     target "app" {\n'
        "   2 | >>>   tags = nope\n"
        "     |              ^^^^\n"
        "   3 |     }\n"
        "   4 |     \n"
        "--------------------\n"
        'ERROR: docker-bake.hcl:2,10-14: Unknown variable; There is no variable named "nope". '
        "[unknown-variable]\n"
        '  did you mean "note"?\n'
    )


def test_tabs_and_wide_characters_keep_the_marker_in_place() -> None:
    source = hcl("\tx = é\n")
    text = render(DefinitionError("Bad", Span(source, 5, 6)))
    assert "   1 | >>> \tx = é\n     |     \t    ^\n" in text


def test_tabs_of_json_keep_the_marker_in_place() -> None:
    source = Source("docker-bake.json", '{\n\t"a": x\n}\n', "json", "/")
    text = render(DefinitionError("Bad", Span(source, 8, 9)))
    assert '   2 | >>> \t"a": x\n     |     \t     ^\n' in text


def test_a_span_over_lines_marks_the_lines() -> None:
    source = hcl("a\nb\nc\nd\n")
    assert ">>> b\n   3 | >>> c\n" in render(DefinitionError("Bad", Span(source, 2, 5)))


def test_every_fault_of_a_group_is_shown() -> None:
    group = ExceptionGroup(
        "faults", [UsageError("one"), ExceptionGroup("more", [UsageError("two", hint="x")])]
    )
    assert render(group) == "ERROR: one\n\nERROR: two\n  x\n"


def test_one_fault_of_several_targets_is_shown_once() -> None:
    faults = [BuilderError("Lost the connection", detail="`unix:///x`") for _ in range(3)]
    for fault, target in zip(faults, ("app", "web", "app"), strict=True):
        fault.target = target
    other = BuilderError("Lost the connection", detail="`unix:///y`")
    assert render(ExceptionGroup("faults", [*faults, other])) == (
        "ERROR: Lost the connection; targets `app`, `web`: `unix:///x`\n\n"
        "ERROR: Lost the connection; `unix:///y`\n"
    )


def test_a_failed_step_shows_the_dockerfile() -> None:
    excerpt = SourceExcerpt("Dockerfile", "FROM scratch\nRUN a\nRUN b\nRUN c", [(2, 2)])
    fault = SolveError("failed to solve: exit code: 1", failure=Failure.STEP, sources=[excerpt])
    assert render(fault) == (
        "Dockerfile:2\n"
        "--------------------\n"
        "   1 |     FROM scratch\n"
        "   2 | >>> RUN a\n"
        "   3 |     RUN b\n"
        "   4 |     RUN c\n"
        "--------------------\n"
        "ERROR: failed to solve: exit code: 1\n"
    )


def test_rendered_text_shows_the_templates_line_too() -> None:
    template = Source("docker-bake.hcl.j2", "{% for x in y %}\nbad\n{% endfor %}\n", "hcl", "/")
    source = hcl("bad\nbad\n", Rendering(template, (0, 4), (2, 2)))
    text = render(DefinitionError("Bad", Span(source, 4, 7)))
    assert "rendered from docker-bake.hcl.j2:2\n--------------------\n" in text
    assert "   2 | >>> bad\n" in text


def test_ranges_outside_of_the_text_give_no_frame() -> None:
    assert framed("Dockerfile", ["a"], [(5, 5)]) == []
    assert framed("Dockerfile", ["a"], []) == []


def test_a_line_behind_the_thousandth_is_marked_too() -> None:
    source = hcl("\n" * 1233 + "abc\n")
    text = render(DefinitionError("Bad", Span(source, 1234, 1235)))
    assert " 1234 | >>> abc\n      |      ^\n" in text


def test_of_a_long_line_what_is_meant_is_shown() -> None:
    source = hcl("x" * 1000 + "BAD" + "y" * 1_000_000 + "\n" + "z" * 5000)
    found = render(DefinitionError("Bad", Span(source, 1000, 1003), detail="q" * 1_000_000))
    assert len(found) < 12_000
    assert f">>> … {'x' * 200}BAD{'y' * 197} …\n     |     {' ' * 202}^^^\n" in found
    assert f"   2 |     {'z' * 400} …\n" in found
    assert " … 992,000 characters … " in found


def test_a_long_span_is_marked_as_far_as_it_is_shown() -> None:
    found = render(DefinitionError("Bad", Span(hcl("x" * 2_000_000), 0, 2_000_000)))
    assert f"     |     {'^' * 400}\n" in found


def test_control_characters_are_pictures() -> None:
    source = hcl("a = \x1b[31mred\x07\x7f\x9b\r\n")
    text = render(DefinitionError("Bad\x1b[2J", Span(source, 4, 5), detail="a\tb\r", hint="\x1bc"))
    assert "   1 | >>> a = ␛[31mred␇␡\ufffd\n     |         ^\n" in text
    assert text.endswith("Bad␛[2J; a\tb␍ [invalid-definition]\n  ␛c\n")


def test_a_dockerfile_with_windows_line_ends_is_shown_without_them() -> None:
    excerpt = SourceExcerpt("Dockerfile", "FROM a\r\nRUN b\r\n", [(2, 2)])
    fault = SolveError("It broke", failure=Failure.STEP, sources=[excerpt])
    assert "   2 | >>> RUN b\n" in render(fault)
