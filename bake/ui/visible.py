"""Control characters as pictures: what a file or an engine says is seen, and commands no terminal.

Takes a text of any origin, gives one that keeps its lines and tabs, and the column of every character.
"""

from __future__ import annotations

from typing import Final

_PICTURES: Final = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"} | {
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}
"""Unicode has pictures of the first 32 and of DEL; those behind, C1, have none."""


def visible(text: str) -> str:
    """`text` with a picture for each control character but tab and line feed."""
    return text.translate(_PICTURES)
