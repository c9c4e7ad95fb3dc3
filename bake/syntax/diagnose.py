from __future__ import annotations
from bake.errors import DefinitionError
from bake.source import Span
def diagnose(source, tokens, kind, exc):
    place = getattr(exc, "token", None)
    at = getattr(place, "start_pos", 0)
    yield DefinitionError("Invalid expression", Span(source, at, at))
