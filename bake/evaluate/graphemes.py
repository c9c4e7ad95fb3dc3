"""Grapheme clusters: what a person takes for one character, and what the language counts."""

from __future__ import annotations


def clusters(text: str) -> list[str]:
    """The grapheme clusters of `text`, in order."""
    if text.isascii() and "\r" not in text:
        return list(text)
    import regex  # only unusual text pays for it

    found: list[str] = regex.findall(r"\X", text)
    return found
