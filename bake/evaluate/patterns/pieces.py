"""Code for parts of a pattern, and how parts are put together. Jumps are relative: code can be moved."""

from __future__ import annotations

from dataclasses import replace

from bake.evaluate.patterns.machine import Instruction, Operation
from bake.record import record


@record
class Piece:
    """Code for a part of a pattern. `nullable` says that it can match nothing; `repeats` is by how much
    repetition counts have multiplied its code."""

    code: tuple[Instruction, ...] = ()
    nullable: bool = True
    repeats: int = 1


def joined(parts: list[Piece]) -> Piece:
    """One after the other."""
    code = tuple(instruction for part in parts for instruction in part.code)
    return Piece(code, all(part.nullable for part in parts), max((part.repeats for part in parts), default=1))


def alternated(alternatives: list[Piece]) -> Piece:
    """One of several, earlier ones preferred."""
    *others, last = alternatives
    code = last.code
    for one in reversed(others):
        split = (Operation.SPLIT, (1, len(one.code) + 2))
        code = (split, *one.code, (Operation.JUMP, len(code) + 1), *code)
    repeats = max(one.repeats for one in alternatives)
    return Piece(code, any(one.nullable for one in alternatives), repeats)


def repeated(piece: Piece, low: int, high: int | None, lazy: bool) -> Piece:
    """`low` to `high` times, without end when `high` is None; `lazy` prefers fewer."""
    if high is None:
        if low == 0:
            return _star(piece, lazy)
        return joined([piece] * (low - 1) + [_plus(piece, lazy)])
    optional = Piece()
    for _ in range(high - low):
        optional = _option(joined([piece, optional]), lazy)
    return joined([piece] * low + [optional])


def _star(piece: Piece, lazy: bool) -> Piece:
    if piece.nullable:
        # as (x+)?, or the order of preference among empty and other iterations would be wrong
        return _option(_plus(piece, lazy), lazy)
    size = len(piece.code)
    split = (Operation.SPLIT, (size + 2, 1) if lazy else (1, size + 2))
    return Piece((split, *piece.code, (Operation.JUMP, -size - 1)), True, piece.repeats)


def _plus(piece: Piece, lazy: bool) -> Piece:
    back = -len(piece.code)
    split = (Operation.SPLIT, (1, back) if lazy else (back, 1))
    return replace(piece, code=(*piece.code, split))


def _option(piece: Piece, lazy: bool) -> Piece:
    size = len(piece.code)
    split = (Operation.SPLIT, (size + 1, 1) if lazy else (1, size + 1))
    return Piece((split, *piece.code), True, piece.repeats)
