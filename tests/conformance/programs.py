"""Random bake programs: seeded, typed so that most of them mean something, now and then faulty.

A program is a set of HCL files, `--set` overrides and an environment. Expressions are made by type
(`string`, `number`, `bool`, `list`, `map`) from what is in scope; `chance` decides how often a wrong
one is put in. Only functions and features that the reference 0.29 knows are used.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, field

Maker = Callable[[], str]
KINDS = ("string", "number", "bool", "list", "map")
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
PLATFORMS = ("linux/amd64", "linux/arm64", "linux/arm/v7")


@dataclass
class Program:
    """What a run of bake is given; `files` by name, in the order of `-f`."""

    files: dict[str, str]
    overrides: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


def program(seed: int) -> Program:
    """The program number `seed`; the same on every machine and version of Python."""
    return _Maker(random.Random(seed)).make()


class _Maker:
    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.variables: dict[str, str] = {}
        self.functions: dict[str, tuple[list[str], str]] = {}
        self.locals: dict[str, str] = {}
        self.targets: list[str] = []
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
        return [name for name, of in {**self.variables, **self.locals}.items() if of == kind]

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
            lambda: f'try(element({of("list")}, {self.random.choice("0123")}), "none")',
            lambda: f'lookup({of("map")}, "k0", {of("string")})',
            lambda: f'coalesce({of("string")}, "c")',
            lambda: f"{self.random.choice(['md5', 'sha256', 'base64encode', 'urlencode'])}({of('string')})",
            lambda: f'regex_replace({of("string")}, "[aeiou]+", "<$0>")',
        ]

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

    # Structure

    def make(self) -> Program:
        environment: dict[str, str] = {}
        lines: list[str] = []
        lines += [self.variable(environment) for _ in range(self.random.randrange(1, 6))]
        lines += [self.function() for _ in range(self.random.randrange(0, 3))]
        lines += [self.target() for _ in range(self.random.randrange(1, 5))]
        lines.append(self.groups())
        files = {"docker-bake.hcl": "\n".join(lines)}
        if self.chance(0.4):
            files["docker-bake.override.hcl"] = self.override_file()
        return Program(files, self.overrides(), environment)

    def variable(self, environment: dict[str, str]) -> str:
        kind = self.random.choice(KINDS)
        name = self.name("V").upper()
        body = [f"  default = {self.expression(kind, 2)}"] if self.chance(0.9) or kind != "string" else []
        if kind in ("string", "number", "bool") and self.chance(0.3):
            body.insert(0, f"  type = {kind}")
            if self.chance(0.3):
                environment[name] = {"string": "from env", "number": "42", "bool": "true"}[kind]
        elif kind in ("string", "number") and self.chance(0.2):
            environment[name] = {"string": "env-value", "number": "17.5"}[kind]
        text = f'variable "{name}" {{\n' + "\n".join(body) + "\n}\n"
        self.variables[name] = kind
        return text

    def function(self) -> str:
        name = self.name("f")
        kinds = [self.random.choice(("string", "number", "list")) for _ in range(self.random.randrange(1, 3))]
        params = [f"p{index}" for index in range(len(kinds))]
        self.locals.update(zip(params, kinds, strict=True))
        gives = self.random.choice(("string", "number", "list"))
        result = self.expression(gives, 2)
        for param in params:
            del self.locals[param]
        self.functions[name] = (kinds, gives)
        return f'function "{name}" {{\n  params = [{", ".join(params)}]\n  result = {result}\n}}\n'

    def target(self) -> str:
        label = self.name("t")
        lines = [f'target "{label}" {{']
        if self.targets and self.chance(0.25):
            lines.append(self.matrix(label))
            members = True
        else:
            members = False
            if self.targets and self.chance(0.5):
                count = min(len(self.targets), self.random.choice((1, 1, 2)))
                lines.append(f"  inherits = {self._names(self.random.sample(self.targets, count))}")
        lines += self.attributes()
        lines.append("}\n")
        if members:
            self.locals.pop("mx", None)
            self.locals.pop("my", None)
        else:
            self.targets.append(label)
        return "\n".join(lines)

    def _names(self, names: list[str]) -> str:
        return "[" + ", ".join(f'"{name}"' for name in names) + "]"

    def matrix(self, label: str) -> str:
        self.locals["mx"] = "string"
        return (
            f'  name = "{label}-${{mx}}"\n'
            f"  matrix = {{ mx = {self._names(self.random.sample(['a', 'b', 'c1', 'd_2'], 2))} }}"
        )

    def attributes(self) -> list[str]:
        lines = []
        if self.chance(0.9):
            args = [
                f"    A{index} = {self.expression(self.random.choice(('string', 'number', 'bool')))}"
                for index in range(3)
            ]
            lines.append("  args = {\n" + "\n".join(args) + "\n  }")
        if self.chance(0.6):
            lines.append(f"  tags = {self.expression('list')}")
        if self.chance(0.4):
            lines.append(f"  labels = {self.expression('map')}")
        if self.chance(0.3):
            lines.append(f"  description = {self.expression('string', 2)}")
        if self.chance(0.3):
            lines.append(f"  platforms = {self._names(self.random.sample(PLATFORMS, 2))}")
        if self.chance(0.2):
            lines.append(f"  no-cache = {self.expression('bool', 2)}")
        if self.chance(0.2):
            lines.append('  output = ["type=image,push=true", "out"]')
        if self.chance(0.2):
            lines.append('  cache-from = ["user/app:cache", "type=local,src=c"]')
        if self.chance(0.15) and self.targets:
            lines.append(f'  contexts = {{ base = "target:{self.random.choice(self.targets)}" }}')
        return lines

    def groups(self) -> str:
        if not self.targets:
            return ""
        chosen = self.random.sample(self.targets, self.random.randrange(1, len(self.targets) + 1))
        name = "default" if self.chance(0.97) else self.name("g")
        return f'group "{name}" {{\n  targets = {self._names(chosen)}\n}}\n'

    def override_file(self) -> str:
        if not self.targets or self.chance(0.3):
            name = self.random.choice(list(self.variables))
            return f'variable "{name}" {{\n  default = {self.leaf(self.variables[name])}\n}}\n'
        return "\n".join(['target "' + self.random.choice(self.targets) + '" {', *self.attributes(), "}\n"])

    def overrides(self) -> list[str]:
        target = self.random.choice([*self.targets, "*"])
        forms = (
            f"{target}.args.A1=set",
            f"{target}.tags=one:1",
            f"{target}.tags+=two:2",
            f"{target}.labels.l=v",
            f"{target}.platform=linux/arm64",
            f"{target}.no-cache=true",
            f"{target}.output=type=registry",
            f"{target}.target=stage",
        )
        return self.random.sample(forms, self.random.choice((0, 0, 1, 2)))
