"""Canonical HCL: what moves, what stays, what is refused."""

from __future__ import annotations

import pytest

from bake.errors import DefinitionError
from bake.syntax.format import canonical
from tests.unit.syntax.shapes import source


def formatted(text: str) -> str:
    return canonical(source(text))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a=1", "a = 1\n"),
        ("\n\n  a = 1\n\n\n", "a = 1\n"),
        ("", ""),
        ("a   =  f ( 1,2 , x... )", "a = f(1, 2, x...)\n"),
        ("a = [ 1,2 ]", "a = [1, 2]\n"),
        ("a = {x=1,y = 2}", "a = { x = 1, y = 2 }\n"),
        ("a = { }", "a = {}\n"),
        ("a = b [ 0 ] . c", "a = b[0].c\n"),
        ("a = b . * . c", "a = b.*.c\n"),
        ("a = - b-1 - -c", "a = -b-1 - -c\n"),
        ("a = {for k,v in m:k=>- v if - v>1}", "a = { for k, v in m : k => -v if -v > 1 }\n"),
        ("a = [for x in[1]:x]", "a = [for x in [1] : x]\n"),
        ("a = !  b&&c||d", "a = !b && c || d\n"),
        ("a = b?c:d", "a = b ? c : d\n"),
        ('a = "x ${ b } ${c}${ d }"', 'a = "x ${b} ${c}${d}"\n'),
        ('a = "${ -1 }${~ f( {} ) ~}"', 'a = "${-1}${~f({})~}"\n'),
        ('a = "${{x=1}}"', 'a = "${ { x = 1 } }"\n'),
        ('target  "x"{}', 'target "x" {}\n'),
        ("a = ns :: f (1)", "a = ns::f(1)\n"),
        ("a =/* why */1", "a = /* why */ 1\n"),
        ("# x   \na = 1 // y  \n", "# x\na = 1 // y\n"),
        ("a = 1\r\n  b = 2 # c \r\n", "a = 1\r\nb = 2 # c\r\n"),
        ("\ufeffa=1\n", "\ufeffa = 1\n"),
    ],
)
def test_blanks_within_a_line(before: str, after: str) -> None:
    assert formatted(before) == after


def test_blocks_are_indented_and_their_cells_aligned() -> None:
    text = """
target "a" { # first
context="."#where
  dockerfile = "é.Dockerfile" # which
    x = 1

      tags = [
      "a",
  "b" ]
  args = { A = f([
  1])}
}
"""
    assert (
        formatted(text)
        == """target "a" {                  # first
  context    = "."            #where
  dockerfile = "é.Dockerfile" # which
  x          = 1

  tags = [
    "a",
  "b"]
  args = { A = f([
  1]) }
}
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        "a = <<E\n   x  ${b}  y\n\tz\nE\nb = 1\n",
        "a = <<-E\n      x\n   %{if b} c %{endif}\n    E\n",
        '/* keeps\n     its   blanks */\na = "  b   c  "\n',
    ],
)
def test_texts_are_not_touched(text: str) -> None:
    after = formatted(text)
    assert [line.strip() for line in after.splitlines()] == [line.strip() for line in text.splitlines()]
    inner = [line for line in text.splitlines() if "=" not in line]
    assert [line for line in after.splitlines() if line in inner] == inner


def test_faults_are_refused() -> None:
    with pytest.raises(DefinitionError, match="Invalid expression"):
        formatted("a = \n")
