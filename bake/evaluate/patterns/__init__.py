"""Regular expressions as the language has them: RE2's syntax and meaning, in bounded time.

Python's engines differ from RE2's in what they take and in which match they prefer, and some patterns
keep them busy for ever. This one parses RE2's syntax (with the error texts of Go's regexp/syntax) into
a small program and runs all its threads side by side (Thompson's and Pike's method), so that no text
makes it slow; what a very large program would take is refused.

    compile(text) -> Pattern      PatternError for what RE2 refuses: backreferences, look-around, …
"""

from bake.evaluate.patterns.machine import Pattern
from bake.evaluate.patterns.parser import PatternError, compile_pattern

__all__ = ["Pattern", "PatternError", "compile_pattern"]
