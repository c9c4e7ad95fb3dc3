"""The architecture document that cannot drift: who may import whom, what is pure, how large things are.

`ROOMS` mirrors the table in ARCHITECTURE.md, and a test compares the two. Each rule is a function from
sources to complaints, tried below on a small house that breaks it.
"""

from __future__ import annotations

import ast
import graphlib
import io
import re
import sys
import tokenize
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

PROJECT = Path(__file__).resolve().parents[2]

ROOMS: dict[str, tuple[str, ...]] = {
    "read": (),
    "syntax": (),
    "evaluate": ("syntax",),
    "model": ("evaluate", "syntax"),
    "plan": ("model",),
    "buildkit": (),
    "builder": ("buildkit",),
    "engine": ("plan", "builder", "buildkit"),
    "result": ("plan", "buildkit"),
    "ui": (),
    "api": (
        "read",
        "syntax",
        "evaluate",
        "model",
        "plan",
        "buildkit",
        "builder",
        "engine",
        "result",
    ),
    "cli": ("api", "ui"),
}
"""Room → the other rooms it may import, besides the words."""

EVERYTHING_BUT = re.compile(r"everything but (.+)")

FACE = {"api", "buildkit", "model"}
"""What `bake/__init__.py` may name: the library's public face."""

PURE = ("bake.syntax", "bake.evaluate", "bake.model", "bake.plan")
IMPURE_MODULES = {
    "bake.syntax.cache": "it is the one place of these that keeps files",
    "bake.syntax.grammar": "it reads the parser's tables that ship beside it",
}
IMPURE_IMPORTS = {
    *("asyncio", "glob", "io", "multiprocessing", "os", "pathlib", "random", "secrets", "select", "shutil"),
    *("signal", "socket", "subprocess", "sys", "tempfile", "threading", "time", "uuid"),
}
IMPURE_CALLS = {"open", "print", "input"}
CLOCKS = {"now", "utcnow", "today"}

MACHINE = "bake.api.machine"

CARRY_FAULTS = {
    "bake.api.disk": "its threads' faults are raised by the one that takes what they give",
    "bake.api.running": "a run's fault is raised by whoever waits for it",
    "bake.builder.together": "its threads' faults are raised by the one that waits for them",
    "bake.buildkit.fsutil.sender": "its thread's fault is raised by the one that waits for it",
    "bake.cli.main": "the end of every error",
    "bake.engine.run": "a worker's fault becomes a fact for the loop",
    "bake.ui.display": "its thread's fault is raised on closing",
}
"""The modules that catch everything and do not raise it on the spot."""

LIBRARIES_OF_WORDS = {"bake.source": {"regex"}}
"""Columns count grapheme clusters, which the standard library does not know."""

MODULE_LINES = 400
FUNCTION_LINES = 60
REASON = re.compile(r"^\s*Size: \S", re.MULTILINE)

PROMISE = re.compile(r"\b(TODO|FIXME|XXX)\b")


@dataclass(frozen=True)
class Module:
    """One source file under its module name."""

    name: str
    text: str
    package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of its tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def runtime(self) -> list[ast.AST]:
        """The nodes that count when it runs."""
        return list(runtime_nodes(self.tree))

    @property
    def room(self) -> str:
        """`bake.plan.graph` → `plan`; the words have none."""
        words = self.name.split(".")
        return words[1] if len(words) > 2 or (self.package and len(words) == 2) else ""

    def at(self, node: ast.AST, complaint: str) -> str:
        """A complaint with its place."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}: {complaint}"


House = dict[str, Module]


@cache
def sources(*folders: str) -> House:
    """The modules of some folders of the project; generated code is nobody's writing."""
    found = {}
    for path in sorted(path for folder in folders for path in (PROJECT / folder).rglob("*.py")):
        if not path.name.endswith("_pb2.py"):
            words = path.relative_to(PROJECT).with_suffix("").parts
            package = words[-1] == "__init__"
            name = ".".join(words[:-1] if package else words)
            found[name] = Module(name, path.read_text(), package)
    return found


def imports(house: Mapping[str, Module], nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.AST, str]]:
    """What `nodes` import, by whole module name: the statements and `import_module("literal")`."""
    for node in nodes:
        match node:
            case ast.Import():
                yield from ((node, alias.name) for alias in node.names)
            case ast.ImportFrom(module=str(origin)):
                for alias in node.names:
                    whole = f"{origin}.{alias.name}"
                    yield node, whole if whole in house else origin
            case ast.Call(func=ast.Name(id="import_module"), args=[ast.Constant(value=str(name)), *_]):
                yield node, name


def runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node below `tree` but those under `if TYPE_CHECKING`."""
    left = [tree]
    while left:
        node = left.pop()
        yield node
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                left.extend(node.orelse)
            case _:
                left.extend(ast.iter_child_nodes(node))


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, method and nested function."""
    return (node for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


# The rules: each gives the complaints about a house.


def directions(house: House) -> Iterator[str]:
    """Rooms import only what the table lets them, wherever the import stands and whatever it is for."""
    for module in house.values():
        allowed = {"", module.room, *ROOMS.get(module.room, ())} if module.room else {""}
        allowed |= FACE if module.name == "bake" else set()
        for node, name in imports(house, module.nodes):
            if name != "bake" and not name.startswith("bake."):
                continue
            words = name.split(".")
            room = words[1] if len(words) > 1 and words[1] in ROOMS else ""
            if room not in allowed:
                yield module.at(node, f"{module.room or 'the words'} may not import {name}")


def unknown_rooms(house: House) -> Iterator[str]:
    """Every folder of bake stands in the table."""
    return (
        module.at(module.tree, "no such room") for module in house.values() if module.room not in {"", *ROOMS}
    )


def words_that_know_too_much(house: House) -> Iterator[str]:
    """The words import nothing but each other and the standard library, with `LIBRARIES_OF_WORDS`."""
    for module in house.values():
        allowed = {"bake", *sys.stdlib_module_names, *LIBRARIES_OF_WORDS.get(module.name, ())}
        for node, name in imports(house, module.nodes):
            if not module.room and name.split(".")[0] not in allowed:
                yield module.at(node, f"a word may not import {name}")


def cycles(house: House) -> Iterator[str]:
    """No import cycle, counting imports that run late as well."""
    graph = {
        module.name: {name for _, name in imports(house, module.runtime) if name in house} - {module.name}
        for module in house.values()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield " -> ".join(error.args[1])


def impurities(house: House) -> Iterator[str]:
    """The pure rooms do no I/O and know no clock."""
    for module in house.values():
        if module.name in IMPURE_MODULES or not any(
            f"{module.name}.".startswith(f"{room}.") for room in PURE
        ):
            continue
        for node, name in imports(house, module.runtime):
            if name.split(".")[0] in IMPURE_IMPORTS:
                yield module.at(node, f"a pure room may not import {name}")
        for node in module.nodes:
            match node:
                case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                    yield module.at(node, f"a pure room may not call {name}")
                case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name) if name in CLOCKS:
                    yield module.at(node, f"a pure room may not ask the clock: {name}")


def environment_readers(house: House) -> Iterator[str]:
    """Only cli reads the environment, and for a library's callers the one who describes the machine."""
    for module in house.values():
        for node in module.nodes:
            match node:
                case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv" as name):
                    pass
                case ast.ImportFrom(module="os", names=names) if any(
                    alias.name in ("environ", "getenv") for alias in names
                ):
                    name = "environ"
                case _:
                    continue
            if module.room != "cli" and module.name != MACHINE:
                yield module.at(node, f"only cli reads os.{name}")


def catch_alls(house: House) -> Iterator[str]:
    """Who catches everything raises it again, but for the few that carry faults to where they belong."""
    for module in house.values():
        for node in module.nodes:
            if not isinstance(node, ast.ExceptHandler) or module.name in CARRY_FAULTS:
                continue
            broad = node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "BaseException")
            if broad and not isinstance(node.body[-1], ast.Raise):
                yield module.at(node, "catches everything and does not end with `raise`")


def oversizes(house: House) -> Iterator[str]:
    """Long modules and functions say why, in a docstring line that begins with `Size:`."""
    for module in house.values():
        lines = module.text.count("\n")
        if lines > MODULE_LINES and not _reasoned(module.tree):
            yield module.at(
                module.tree, f"{lines} lines, over {MODULE_LINES}, and no `Size:` in its docstring"
            )
        for node in functions(module):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES and not _reasoned(node):
                yield module.at(node, f"{node.name} has {lines} lines, over {FUNCTION_LINES}, and no `Size:`")


def _reasoned(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return bool(REASON.search(ast.get_docstring(node) or ""))


def heavy_packages(house: House) -> Iterator[str]:
    """A package's own module names things; it holds no class and runs nothing."""
    light = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.If)
    for module in house.values():
        for node in module.tree.body if module.package else ():
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not docstring and not isinstance(node, light):
                yield module.at(node, "a package's module should only name things")


def relative_imports(house: House) -> Iterator[str]:
    """Imports are absolute."""
    for module in house.values():
        for node in module.nodes:
            if isinstance(node, ast.ImportFrom) and node.level:
                yield module.at(node, "relative import")


def patches(house: House) -> Iterator[str]:
    """What a test wants to be different is passed in."""
    for module in house.values():
        for node, name in imports(house, module.nodes):
            if name.startswith(("unittest", "mock", "pytest_mock")):
                yield module.at(node, f"{name} is not used here: pass the thing in")


def promises(house: House) -> Iterator[str]:
    """No comment promises work."""
    for module in house.values():
        if not PROMISE.search(module.text):
            continue
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
            if token.type == tokenize.COMMENT and PROMISE.search(token.string):
                yield f"{module.name}:{token.start[0]}: {token.string}"


RULES: dict[str, tuple[tuple[str, ...], Callable[[House], Iterator[str]]]] = {
    "directions": (("bake",), directions),
    "rooms": (("bake",), unknown_rooms),
    "words": (("bake",), words_that_know_too_much),
    "cycles": (("bake",), cycles),
    "purity": (("bake",), impurities),
    "environment": (("bake",), environment_readers),
    "catch-alls": (("bake",), catch_alls),
    "sizes": (("bake", "tools"), oversizes),
    "packages": (("bake",), heavy_packages),
    "relative imports": (("bake", "tools", "tests"), relative_imports),
    "patches": (("tests",), patches),
    "promises": (("bake", "tools", "tests"), promises),
}
"""Rule → the folders it is for, and what finds its breaches."""


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_its_rules(rule: str) -> None:
    folders, find = RULES[rule]

    assert list(find(sources(*folders))) == []


def test_the_document_says_what_is_enforced() -> None:
    rows = re.findall(
        r"^\| `bake/(\w+)/` \|.*\| ([^|]+) \|$", (PROJECT / "ARCHITECTURE.md").read_text(), re.MULTILINE
    )
    written = {room: _rooms(cell, {room for room, _ in rows}) for room, cell in rows}

    assert {room: set(allowed) for room, allowed in ROOMS.items()} == {
        room: allowed - {room} for room, allowed in written.items()
    }


def _rooms(cell: str, everything: set[str]) -> set[str]:
    """A cell of the table as the rooms it names."""
    if found := EVERYTHING_BUT.fullmatch(cell):
        return everything - set(re.findall(r"\w+", found[1]))
    return set() if cell == "–" else set(cell.split(", "))


BREACHES = [
    ("directions", {"bake.plan.a": "def f():\n    from bake.ui import b\n"}, "plan may not import bake.ui"),
    (
        "directions",
        {"bake.read.a": "if TYPE_CHECKING:\n    import bake.plan.b\n"},
        "read may not import bake.plan.b",
    ),
    ("directions", {"bake.ui.a": "import_module('bake.cli.main')\n"}, "ui may not import bake.cli.main"),
    ("directions", {"bake.errors": "import bake.plan.b\n"}, "the words may not import bake.plan.b"),
    ("rooms", {"bake.attic.a": ""}, "no such room"),
    ("words", {"bake.source": "import click\n"}, "a word may not import click"),
    (
        "cycles",
        {"bake.plan.a": "from bake.plan import b\n", "bake.plan.b": "def f():\n    import bake.plan.a\n"},
        "bake.plan.a",
    ),
    ("purity", {"bake.plan.a": "import os.path\n"}, "may not import os.path"),
    ("purity", {"bake.model.a": "open('x')\n"}, "may not call open"),
    ("purity", {"bake.evaluate.a": "datetime.now()\n"}, "may not ask the clock"),
    ("environment", {"bake.read.a": "os.environ.get('HOME')\n"}, "only cli reads os.environ"),
    ("environment", {"bake.read.a": "from os import getenv\n"}, "only cli reads os.environ"),
    ("catch-alls", {"bake.read.a": "try:\n    f()\nexcept BaseException:\n    pass\n"}, "catches everything"),
    ("catch-alls", {"bake.read.a": "try:\n    f()\nexcept:\n    return\n"}, "catches everything"),
    ("sizes", {"bake.read.a": "x = 1\n" * 401}, "401 lines, over 400"),
    ("sizes", {"bake.read.a": "def f():\n" + "    x = 1\n" * 60}, "f has 61 lines, over 60"),
    ("relative imports", {"bake.read.a": "from . import b\n"}, "relative import"),
    ("patches", {"tests.a": "from unittest.mock import patch\n"}, "unittest.mock is not used here"),
    ("promises", {"bake.read.a": "x = 1  # TODO more\n"}, "TODO more"),
]


@pytest.mark.parametrize(("rule", "texts", "complaint"), BREACHES)
def test_a_breach_is_found(rule: str, texts: dict[str, str], complaint: str) -> None:
    found = list(RULES[rule][1]({name: Module(name, text) for name, text in texts.items()}))

    assert len(found) == 1
    assert complaint in found[0]


@pytest.mark.parametrize("text", ["class A:\n    pass\n", "for x in y:\n    pass\n", "f()\n"])
def test_a_heavy_package_is_found(text: str) -> None:
    assert len(list(heavy_packages({"bake.plan": Module("bake.plan", text, package=True)}))) == 1


ALLOWED = [
    ("directions", {"bake.cli.a": "import bake.api.b\nimport bake.errors\nimport click\n"}),
    ("cycles", {"bake.a": "if TYPE_CHECKING:\n    import bake.b\n", "bake.b": "import bake.a\n"}),
    ("purity", {"bake.plan.a": "if TYPE_CHECKING:\n    from pathlib import Path\nimport posixpath\n"}),
    ("purity", {"bake.syntax.cache": "import os\n"}),
    ("environment", {"bake.cli.a": "os.environ\n"}),
    ("catch-alls", {"bake.read.a": "try:\n    f()\nexcept BaseException:\n    g()\n    raise\n"}),
    ("sizes", {"bake.read.a": '"""A.\n\nSize: one table.\n"""\n' + "x = 1\n" * 400}),
]


@pytest.mark.parametrize(("rule", "texts"), ALLOWED)
def test_what_is_allowed_is_left_alone(rule: str, texts: dict[str, str]) -> None:
    assert list(RULES[rule][1]({name: Module(name, text) for name, text in texts.items()})) == []
