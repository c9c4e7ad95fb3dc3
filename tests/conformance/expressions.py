"""Random expressions, typed so that most of them mean something.

They are made by kind (`string`, `number`, `bool`, `list`, `map`) from what is in scope. Now and then
one of a wrong kind is put in.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

    Maker = Callable[[], str]

KINDS = ("string", "number", "bool", "list", "map")
STRUCTURES = {
    "set": (
        'join("-", {0})',
        "jsonencode({0})",
        'join(",", [for one in {0} : upper(one)])',
        "length({0})",
        'contains({0}, "a")',
        "sort({0})[0]",
    ),
    "tuple": ("{0}[0]", "jsonencode({0})", "{0}[1]", "length({0})", 'join("-", [for i, one in {0} : i])'),
    "object": ("{0}.a", "jsonencode({0})", '{0}["b"]', 'join("-", keys({0}))', "{0}.c", "{0} == {0}"),
}
"""What makes a string of a variable of these kinds."""

WORDS = (
    "alpha",
    "beta",
    "gamma",
    "delta",
    "v1.2.3",
    "linux/amd64",
    "a-b_c",
    "Ünïcode",
    "x y",
    "",
    "0",
    "true",
)


class Expressions:
    """Makes expressions; `variables` and `locals` are the names in scope, with their kinds."""

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.variables: dict[str, str] = {}
        self.functions: dict[str, tuple[list[str], str]] = {}
        self.locals: dict[str, str] = {}
        self.references: dict[str, list[str]] = {}
        self.in_template = 0

    # Pieces

    def chance(self, odds: float) -> bool:
        return self.random.random() < odds

    def name(self, prefix: str) -> str:
        return prefix + "".join(self.random.choice(string.ascii_lowercase) for _ in range(4))

    def quoted(self, text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'

    def known(self, kind: str) -> list[str]:
        names = [name for name, of in {**self.variables, **self.locals}.items() if of == kind]
        return names + self.references.get(kind, [])

    # Expressions

    def expression(self, kind: str, depth: int = 3) -> str:
        if self.chance(0.0015):
            kind = self.random.choice(KINDS)
        if depth <= 0:
            return self.leaf(kind)
        makers = getattr(self, f"{kind}_forms")(depth - 1)
        return str(self.random.choice(makers)())

    def leaf(self, kind: str) -> str:
        names = self.known(kind)
        if names and self.chance(0.5):
            return self.random.choice(names)
        if kind == "string":
            return self.quoted(self.random.choice(WORDS))
        if kind == "number":
            return self.random.choice(["0", "1", "2", "3", "7", "10", "2.5", "0.1", "1e3", "-4"])
        if kind == "bool":
            return self.random.choice(["true", "false"])
        if kind == "list":
            count = self.random.randrange(0, 4)
            return "[" + ", ".join(self.quoted(self.random.choice(WORDS)) for _ in range(count)) + "]"
        count = self.random.randrange(0, 3)
        return "{" + ", ".join(f"k{index} = {self.leaf('string')}" for index in range(count)) + "}"

    def common_forms(self, kind: str, depth: int) -> list[Maker]:
        forms = [
            lambda: self.leaf(kind),
            lambda: f"({self.expression(kind, depth)})",
        ]
        if kind != "map" or self.chance(0.02):
            forms.append(lambda: self.conditional(kind, depth))
        calls = [name for name, (_, gives) in self.functions.items() if gives == kind]
        if calls:
            forms.append(lambda: self.call(self.random.choice(calls), depth))
        return forms

    def conditional(self, kind: str, depth: int) -> str:
        return f"({self.of('bool', depth)} ? {self.of(kind, depth)} : {self.of(kind, depth)})"

    def of(self, kind: str, depth: int) -> str:
        return self.expression(kind, depth)

    def call(self, name: str, depth: int) -> str:
        return f"{name}({', '.join(self.of(kind, depth) for kind in self.functions[name][0])})"

    def string_forms(self, depth: int) -> list[Maker]:
        def of(kind: str) -> str:
            return self.of(kind, depth)

        return [
            *self.common_forms("string", depth),
            lambda: self.template(depth),
            *([] if self.in_template else [lambda: self.heredoc(depth)]),
            lambda: (
                f"{self.random.choice(['upper', 'lower', 'title', 'trimspace', 'reverse'])}({of('string')})"
            ),
            lambda: f"join({self.quoted(self.random.choice([',', '-', '']))}, {of('list')})",
            lambda: f"replace({of('string')}, {self.leaf('string')}, {self.leaf('string')})",
            lambda: f'format("%s-%v-%q", {of("string")}, {of("number")}, {of("string")})',
            lambda: f"substr({of('string')}, 0, {self.random.choice(['-1', '0', '2', '99'])})",
            lambda: f"jsonencode({of(self.random.choice(KINDS))})",
            lambda: self.from_structure(depth),
            lambda: f'try(element({of("list")}, {self.random.choice("0123")}), "none")',
            lambda: f'lookup({of("map")}, "k0", {of("string")})',
            lambda: f'coalesce({of("string")}, "c")',
            lambda: f"{self.random.choice(['md5', 'sha256', 'base64encode', 'urlencode'])}({of('string')})",
            lambda: f'regex_replace({of("string")}, "[aeiou]+", "<$0>")',
        ]

    def from_structure(self, depth: int) -> str:
        """A string out of a set, a tuple or an object, where a variable holds one."""
        names = [(name, kind) for name, kind in self.variables.items() if kind in STRUCTURES]
        if not names:
            return self.of("string", depth)
        name, kind = self.random.choice(names)
        return self.random.choice(STRUCTURES[kind]).format(name)

    def number_forms(self, depth: int) -> list[Maker]:
        def of(kind: str) -> str:
            return self.of(kind, depth)

        operator = self.random.choice(["+", "-", "*", "/", "%"])
        return [
            *self.common_forms("number", depth),
            lambda: f"({of('number')} {operator} {self.leaf('number')})",
            lambda: f"-({of('number')})",
            lambda: (
                f"{self.random.choice(['length', 'strlen'])}({of('string')})"
                if self.chance(0.05)
                else f"length({of('list')})"
            ),
            lambda: f"strlen({of('string')})",
            lambda: f"{self.random.choice(['min', 'max'])}({of('number')}, {of('number')})",
            lambda: f"{self.random.choice(['absolute', 'ceil', 'floor', 'int'])}({of('number')})",
            lambda: f'parseint("{self.random.randrange(0, 999)}", 10)',
        ]

    def bool_forms(self, depth: int) -> list[Maker]:
        def of(kind: str) -> str:
            return self.of(kind, depth)

        compare = self.random.choice(["<", ">", "<=", ">="])
        equal = self.random.choice(["==", "!="])
        return [
            *self.common_forms("bool", depth),
            lambda: f"({of('number')} {compare} {of('number')})",
            lambda: f"({of('string')} {equal} {of('string')})",
            lambda: f"({of('number')} {equal} {of('string')})",
            lambda: f"!({of('bool')})",
            lambda: f"({of('bool')} {self.random.choice(['&&', '||'])} {of('bool')})",
            lambda: f"contains({of('list')}, {of('string')})",
            lambda: f"can({of('string')})",
            lambda: f"({of('list')} {equal} {of('list')})",
        ]

    def list_forms(self, depth: int) -> list[Maker]:
        def of(kind: str) -> str:
            return self.of(kind, depth)

        return [
            *self.common_forms("list", depth),
            lambda: f"[{of('string')}, {of('string')}]",
            lambda: self.for_list(depth),
            lambda: f"concat({of('list')}, {of('list')})",
            lambda: f"{self.random.choice(['sort', 'distinct', 'compact', 'reverselist'])}({of('list')})",
            lambda: f"split({self.quoted(self.random.choice([',', '-', ' ']))}, {of('string')})",
            lambda: f"{self.random.choice(['keys', 'values'])}({of('map')})",
            lambda: f'formatlist("%s!", {of("list")})',
            lambda: f'[for k, v in {of("map")} : "${{k}}=${{v}}"]',
        ]

    def map_forms(self, depth: int) -> list[Maker]:
        def of(kind: str) -> str:
            return self.of(kind, depth)

        return [
            *self.common_forms("map", depth),
            lambda: f'{{ k0 = {of("string")}, "k-1" = {of("string")} }}',
            lambda: f"merge({of('map')}, {of('map')})",
            lambda: f'{{for i, v in {of("list")} : "k${{i}}" => upper(v)}}',
            lambda: f'zipmap(["k0", "k1"], [{of("string")}, {of("string")}])',
        ]

    def names(self, texts: Iterable[str]) -> str:
        """A list of constant strings."""
        return "[" + ", ".join(self.quoted(text) for text in texts) + "]"

    def template(self, depth: int) -> str:
        self.in_template += 1
        text = self._template(depth)
        self.in_template -= 1
        return text

    def _template(self, depth: int) -> str:
        parts = [
            self.random.choice(["pre-", "", " ", "é", "$", "%"]),
            f"${{{self.of(self.random.choice(['string', 'number', 'bool']), depth)}}}",
            self.random.choice(["", "-mid-", "\\t", "\\u00e9"]),
        ]
        if self.chance(0.3):
            trim = self.random.choice(["", "~"])
            condition = self.of("bool", depth - 1)
            parts.append(f"%{{ if {condition} {trim}}} yes %{{{trim} else }}no%{{ endif }}")
        if self.chance(0.2):
            parts.append(f"%{{ for x in {self.leaf('list')} }}<${{x}}>%{{ endfor }}")
        return '"' + "".join(parts) + '"'

    def heredoc(self, depth: int) -> str:
        marker = self.random.choice(["<<EOT", "<<-EOT"])
        indent = "    " if "-" in marker else ""
        self.in_template += 1
        inner = self.of("string", depth - 1)
        self.in_template -= 1
        return f"trimspace({marker}\n{indent}one ${{{inner}}}\n{indent}  two\nEOT\n)"

    def for_list(self, depth: int) -> str:
        name = self.name("e")
        collection = self.of("list", depth)
        self.locals[name] = "string"
        body = self.of("string", depth - 1)
        condition = f" if {name} != {self.leaf('string')}" if self.chance(0.4) else ""
        del self.locals[name]
        return f"[for {name} in {collection} : {body}{condition}]"
