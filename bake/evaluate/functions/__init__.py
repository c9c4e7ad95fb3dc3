"""The built-in functions: all of docs/bake-stdlib.md of buildx v0.36.1, by name.

One literal table says which module holds which function, so that a file pays only for the groups of
functions that it calls. Each module has a literal dict FUNCTIONS.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.function import Function, FunctionError, Parameter, Takes

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Function", "FunctionError", "Parameter", "Takes", "find", "names"]


def find(name: str) -> Function | None:
    """The built-in function of that name; imports the module that holds it."""
    module = _MODULES.get(name)
    if module is None:
        return None
    function: Function = import_module(f"bake.evaluate.functions.{module}").FUNCTIONS[name]
    return function


def names() -> Iterable[str]:
    """The names of all built-in functions, sorted."""
    return _MODULES.keys()


_MODULES: Final = {
    "absolute": "numbers",
    "add": "numbers",
    "and": "numbers",
    "base64decode": "encoding",
    "base64encode": "encoding",
    "basename": "paths",
    "bcrypt": "hashes",
    "byteslen": "buffers",
    "bytesslice": "buffers",
    "can": "evaluation",
    "ceil": "numbers",
    "chomp": "strings",
    "chunklist": "lists",
    "cidrhost": "networks",
    "cidrnetmask": "networks",
    "cidrsubnet": "networks",
    "cidrsubnets": "networks",
    "coalesce": "lists",
    "coalescelist": "lists",
    "compact": "lists",
    "concat": "lists",
    "contains": "lists",
    "convert": "evaluation",
    "csvdecode": "tables",
    "dirname": "paths",
    "distinct": "lists",
    "divide": "numbers",
    "element": "lists",
    "equal": "numbers",
    "flatten": "lists",
    "floor": "numbers",
    "format": "formatting",
    "formatdate": "times",
    "formatlist": "formatting",
    "formattimestamp": "times",
    "greaterthan": "numbers",
    "greaterthanorequalto": "numbers",
    "hasindex": "lists",
    "homedir": "paths",
    "indent": "strings",
    "index": "lists",
    "indexof": "lists",
    "int": "numbers",
    "join": "strings",
    "jsondecode": "encoding",
    "jsonencode": "encoding",
    "keys": "maps",
    "length": "lists",
    "lessthan": "numbers",
    "lessthanorequalto": "numbers",
    "log": "numbers",
    "lookup": "maps",
    "lower": "strings",
    "max": "numbers",
    "md5": "hashes",
    "merge": "maps",
    "min": "numbers",
    "modulo": "numbers",
    "multiply": "numbers",
    "negate": "numbers",
    "not": "numbers",
    "notequal": "numbers",
    "or": "numbers",
    "parseint": "numbers",
    "pow": "numbers",
    "range": "lists",
    "regex": "regexes",
    "regex_replace": "regexes",
    "regexall": "regexes",
    "replace": "strings",
    "reverse": "strings",
    "reverselist": "lists",
    "rsadecrypt": "hashes",
    "sanitize": "strings",
    "semvercmp": "versions",
    "sethaselement": "sets",
    "setintersection": "sets",
    "setproduct": "sets",
    "setsubtract": "sets",
    "setsymmetricdifference": "sets",
    "setunion": "sets",
    "sha1": "hashes",
    "sha256": "hashes",
    "sha512": "hashes",
    "signum": "numbers",
    "slice": "lists",
    "sort": "strings",
    "split": "strings",
    "strlen": "strings",
    "substr": "strings",
    "subtract": "numbers",
    "timeadd": "times",
    "timestamp": "times",
    "title": "strings",
    "trim": "strings",
    "trimprefix": "strings",
    "trimspace": "strings",
    "trimsuffix": "strings",
    "try": "evaluation",
    "unixtimestampparse": "times",
    "upper": "strings",
    "urlencode": "encoding",
    "uuidv4": "hashes",
    "uuidv5": "hashes",
    "values": "maps",
    "zipmap": "maps",
}
