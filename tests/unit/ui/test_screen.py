"""Drawing in place, seen on a terminal that is emulated."""

from __future__ import annotations

import io

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake.ui.screen import Line, Screen, columns, cut, harmless


class Terminal(io.StringIO):
    """What a person sees of what is written."""

    def __init__(self, width: int = 20, height: int = 6) -> None:
        super().__init__()
        self.screen = pyte.HistoryScreen(width, height)
        # the line discipline of a terminal starts each line at the left
        self.screen.set_mode(pyte.modes.LNM)
        self._stream = pyte.Stream(self.screen)

    def write(self, text: str) -> int:
        self._stream.feed(text)
        return super().write(text)

    def size(self) -> tuple[int, int]:
        return self.screen.columns, self.screen.lines

    @property
    def rows(self) -> list[str]:
        """The rows that hold something, those that have scrolled away first."""
        gone = ["".join(row[at].data for at in range(self.screen.columns)) for row in self.screen.history.top]
        return [text for row in (*gone, *self.screen.display) if (text := row.rstrip())]


def lines(*texts: str) -> list[Line]:
    return [Line(text) for text in texts]


def test_a_picture_takes_the_place_of_the_former_one() -> None:
    terminal = Terminal()
    screen = Screen(terminal, terminal.size)

    screen.draw(lines("one", "two", "three"))
    screen.draw(lines("four"))

    assert terminal.rows == ["four"]


def test_what_is_printed_stays_above_the_picture() -> None:
    terminal = Terminal()
    screen = Screen(terminal, terminal.size)

    screen.draw(lines("one", "two"))
    screen.print("said\n")
    screen.draw(lines("three"))
    screen.draw(lines("four"))

    assert terminal.rows == ["said", "four"]


def test_a_picture_of_the_whole_screen_scrolls_nothing_away() -> None:
    terminal = Terminal(height=4)
    screen = Screen(terminal, terminal.size)

    for frame in range(5):
        screen.draw(lines(*(f"{frame} {row}" for row in range(3))))

    assert terminal.rows == ["4 0", "4 1", "4 2"]


@pytest.mark.parametrize("width", [9, 30])
def test_a_screen_may_change_its_width(width: int) -> None:
    terminal = Terminal(width=20)
    screen = Screen(terminal, terminal.size)
    screen.print("above\n")
    screen.draw(lines("a" * 18, "b" * 18))
    # a terminal that becomes narrower folds its lines
    narrow = Terminal(width)
    for row in terminal.rows:
        narrow.write(f"{row}\n")
    narrower = Screen(narrow, narrow.size)
    narrower._drawn = screen._drawn

    narrower.draw(lines("c"))

    assert narrow.rows[-1] == "c"
    assert not any("a" * 3 in row or "bbb" in row for row in narrow.rows[-2:])


def test_colors_are_left_out_where_nobody_wants_them() -> None:
    plain, colored = Terminal(), Terminal()

    Screen(plain, plain.size, color=False).draw([Line("x", "", "red")])
    Screen(colored, colored.size).draw([Line("x", "", "red")])

    assert "\x1b[31m" not in plain.getvalue()
    assert colored.screen.buffer[0][0].fg == "red"
    assert plain.rows == colored.rows == ["x"]


def test_wide_characters_take_two_columns() -> None:
    assert columns("ab") == 2
    assert columns("画面e\u0301") == 5
    assert cut("画面ab", 3) == "画"
    assert Line("画面が広い", "1s").fit(8) == "画面… 1s"


@given(st.text(max_size=60), st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=20))
def test_a_line_never_leaves_the_screen(left: str, right: str) -> None:
    for width in (1, 2, 10, 80):
        assert columns(Line(left, right).fit(width)) <= width


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[2J\x1b[1;31mred\x1b[0m", "red"),
        ("10%\r20%\r100%\ndone\r\n", "100%\ndone\n"),
        ("bell\a\x00\x1b]0;title\x07", "bell0;title"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_a_steps_output_moves_no_cursor(text: str, left: str) -> None:
    assert harmless(text) == left


def test_what_is_shown_commands_no_terminal() -> None:
    terminal = Terminal()
    screen = Screen(terminal, terminal.size)

    screen.print("a\x1b[31mred\x1b[2J\x9b1m\n", "bold")
    screen.draw(lines("\x1b]0;title\x07two"))

    assert terminal.rows == ["ared1m", "0;titletwo"]
    assert "\x1b[31m" not in terminal.getvalue()
    assert "\x07" not in terminal.getvalue()
