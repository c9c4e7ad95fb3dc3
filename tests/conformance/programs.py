"""Random bake programs: seeded, typed so that most of them mean something, now and then faulty.

A program is a set of files, the words of a command line and an environment. Only what the reference
0.29 knows is used, and nothing in which it is known to be wrong: it makes no value at all of a variable
that has a type and no default, and `--set` on network, no-cache-filter and ulimits erases the field.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from tests.conformance.dialects import Block, Definition, Words, hcl, to_json, to_toml
from tests.conformance.expressions import KINDS, Expressions

PLATFORMS = ("linux/amd64", "linux/arm64", "linux/arm/v7")
TYPES = {
    "string": "string",
    "number": "number",
    "bool": "bool",
    "list": "list(string)",
    "map": "map(string)",
    "set": "set(string)",
    "tuple": "tuple([string, number])",
    "object": "object({a = string, b = number, c = optional(bool)})",
}
DEFAULTS = {
    "set": ('["b", "a", "b"]', "[]", '["x"]'),
    "tuple": ('["t", 1]', '["", "7"]'),
    "object": ('{a = "o", b = 2}', '{a = 1, b = "3", c = true}', '{a = "", b = 0, c = null}'),
}
"""Values for the kinds that no expression makes."""
FROM_ENVIRONMENT = {
    "string": ("from env", "", "a,b"),
    "number": ("42", "17.5", "1e3", "-7", "many"),
    "bool": ("true", "false", "1", "yes"),
    "list": ("a,b", 'a,"b,c"', "x", 'a"b'),
    "map": ("k:v,l:w", "k:v", 'k:v,"l:x,y"', "k", "k:v:w"),
    "set": ("b,a,b", "x"),
    "tuple": ("s,3", "s", "s,t"),
}
FROM_JSON: dict[str, tuple[object, ...]] = {
    "string": ("json", None, 5),
    "number": (5, "7", 0.1),
    "bool": (True, "false"),
    "list": (["a", "b"], [], [1, None], "x"),
    "map": ({"k": "v"}, {}, {"k": 1, "a": None}),
    "set": (["b", "a"], []),
    "tuple": (["s", 3], ["s"], ["s", "4"]),
    "object": ({"a": "j", "b": 1}, {"a": "j"}, {"a": "j", "b": 2, "c": False}, {"z": 1}),
}
OUTPUTS = (
    '"type=image,push=true"',
    '"out"',
    '"-"',
    '"type=local,dest=o"',
    '"type=docker"',
    '{type = "image", push = true, name = "a"}',
    '{type = "local", dest = "o"}',
    '"type=cacheonly"',
    '"type=tar,dest=a.tar"',
    '"type=registry"',
    '"type=oci,dest=i.tar"',
    '""',
    '"type=image,\\"name=a,b\\""',
)
CACHES = ('"user/app:c"', '"type=local,src=c"', '{type = "gha", scope = "s"}', '"a,b"', '"type=inline"', '""')
SECRETS = ('"id=a,src=key"', '{id = "b", env = "HOME"}', '"type=env,id=c,env=HOME"', '{src = "key"}')
SSH = ('"default"', '{id = "k"}', '"k"', '{id = "k", paths = []}')
ATTESTS = (
    '"type=sbom"',
    '{type = "provenance", mode = "max"}',
    '"type=provenance,disabled=true"',
    '"type=sbom,generator=g"',
)
LISTS = {
    "output": (OUTPUTS, 0.35),
    "cache-from": (CACHES, 0.25),
    "cache-to": (CACHES, 0.15),
    "secret": (SECRETS, 0.15),
    "ssh": (SSH, 0.1),
    "attest": (ATTESTS, 0.2),
    "annotations": (('"a=b"', '"index:c=d"', '"manifest[linux/amd64]:e=${1 + 1}"'), 0.15),
    "entitlements": (('"network.host"', '"security.insecure"'), 0.08),
    "ulimits": (('"nofile=1024:2048"', '"nproc=3"'), 0.08),
    "no-cache-filter": (('"one"', '"two"', '"one"'), 0.1),
    "platforms": (tuple(f'"{platform}"' for platform in PLATFORMS), 0.3),
}
"""List attributes: their elements, and how often they are there."""
SCALARS = {
    "shm-size": (('"128m"', '"1g"', '"0"'), 0.08),
    "network": (('"host"', '"none"', '""'), 0.08),
    "pull": (("true", "false", "null", '"true"'), 0.1),
    "call": (('"build"', '"check"', '"outline"'), 0.05),
    "target": (('"stage"', '""', "null"), 0.15),
    "context": (('"."', '"./a/../b"', '"https://example.com/x.git"', '""', "null", '"cwd://d"'), 0.2),
    "dockerfile": (('"D"', '"./d/D"', '""'), 0.2),
    "extra-hosts": (('{h = "10.0.0.1"}', '{h = "::1", "${"i"}" = "x${1}"}', "{}"), 0.1),
}
SETTINGS = (
    "args.A1=set",
    "args.NEW=n=1",
    "args.HOME",
    "args.NONE",
    "tags=one:1",
    "tags+=two:2",
    "tags=",
    "labels.l=v",
    "labels.k0=",
    "platform=linux/arm64",
    "platform+=linux/s390x",
    "no-cache=true",
    "pull=false",
    "output=type=registry",
    "output+=type=local,dest=z",
    "output=",
    "target=stage",
    "context=../up",
    "contexts.base=other",
    "dockerfile=E",
    "cache-from=type=gha",
    "cache-from+=user/app:d",
    "cache-to=type=inline",
    "cache-to+=type=local,dest=k",
    "secrets=id=s,env=HOME",
    "secrets+=id=a,env=HOME",
    "ssh=default",
    "ssh+=z",
    "attest=type=sbom",
    "attest+=type=provenance,mode=min",
    "annotations=x=y",
    "annotations+=a=b",
    "entitlements=network.host",
    "entitlements+=security.insecure",
    "shm-size=64m",
    "call=check",
    "extra-hosts.h=10.0.0.9",
    "push=true",
    "load=true",
    "push=false",
)
WRONG_SETTINGS = ("no-cache=maybe", "wrong=1", "args=1")
"""These are for all targets: the reference does not look at settings of targets that it does not build."""
FLAGS = (
    "--push",
    "--load",
    "--pull",
    "--no-cache",
    "--provenance=true",
    "--provenance=mode=max",
    "--provenance=false",
    "--sbom=true",
    "--sbom=generator=g",
    "--call=outline",
    "--call=check",
    "--check",
)


@dataclass
class Program:
    """What a run of bake is given: `files` by name, words of the command line, an environment.

    `definition` is what the main file holds, for other dialects of it.
    """

    definition: Definition
    files: dict[str, str]
    words: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


def program(seed: int) -> Program:
    """The program number `seed`; the same on every machine and version of Python."""
    return _Programs(random.Random(seed)).make()


def twins(made: Program) -> dict[str, str]:
    """The main file's text in each dialect, by the name of a file."""
    return {
        "docker-bake.hcl": hcl(made.definition),
        "docker-bake.json": to_json(made.definition),
        "docker-bake.toml": to_toml(made.definition),
    }


class _Programs(Expressions):
    def __init__(self, random: random.Random) -> None:
        super().__init__(random)
        self.definition = Definition()
        self.environment: dict[str, str] = {}
        self.targets: list[str] = []
        self.matrices: list[str] = []
        self.groups: list[str] = []
        self.referred: set[str] = set()

    def some(self, choices: tuple[str, ...]) -> list[str]:
        return self.random.sample(choices, min(len(choices), self.random.randrange(0, 3)))

    def make(self) -> Program:
        blocks = self.definition.blocks
        blocks += [self.variable() for _ in range(self.random.randrange(1, 6))]
        if self.chance(0.3):
            self.add_global()
        blocks += [self.function() for _ in range(self.random.randrange(0, 3))]
        blocks += [self.target() for _ in range(self.random.randrange(1, 5))]
        blocks += self.group_blocks()
        files = {"key": ""}
        if self.chance(0.15):
            files["docker-bake.json"] = to_json(self.definition)
        else:
            files["docker-bake.hcl"] = hcl(self.definition)
        if self.chance(0.4):
            files |= self.override_file()
        return Program(self.definition, files, self.words(), self.environment)

    # Names

    def variable(self) -> Block:
        kind = self.random.choice((*KINDS, *KINDS, "set", "tuple", "object"))
        name = self.name("V").upper()
        block = Block("variable", name)
        typed = kind in DEFAULTS or self.chance(0.35)
        if typed:
            block.attributes["type"] = Words(TYPES[kind], TYPES[kind])
        if typed and self.chance(0.05):
            block.attributes["default"] = "null"
        elif typed or kind != "string" or self.chance(0.9):
            defaults = DEFAULTS.get(kind)
            block.attributes["default"] = (
                self.random.choice(defaults) if defaults else self.expression(kind, 2)
            )
        if self.chance(0.2):
            text = self.random.choice(("", "What it is for.", "ünï $${x}"))
            block.attributes["description"] = Words(f'"{text}"', text.replace("$$", "$"))
        self.override_variable(name, kind, typed)
        self.variables[name] = kind
        if self.chance(0.15):
            block.blocks += [self.validation(name) for _ in range(self.random.choice((1, 1, 2)))]
        return block

    def override_variable(self, name: str, kind: str, typed: bool) -> None:
        # the last of the choices are wrong: few programs shall fail by them
        def one_of(choices: tuple[object, ...]) -> object:
            return self.random.choice(choices if self.chance(0.1) else choices[:2])

        if not self.chance(0.25 if typed else 0.1):
            return
        if typed and (kind == "object" or self.chance(0.4)):
            self.environment[f"{name}_JSON"] = json.dumps(one_of(FROM_JSON[kind]))
        elif typed or kind in ("string", "number", "bool"):
            self.environment[name] = str(one_of(FROM_ENVIRONMENT[kind]))

    def validation(self, name: str) -> Block:
        condition = f"{name} != {self.random.choice(('null', 'null', self.leaf('string')))}"
        if self.chance(0.04):
            condition = self.expression("bool", 1)
        message = f'"{name} is wrong."'
        return Block("validation", attributes={"condition": condition, "error_message": message})

    def add_global(self) -> None:
        name, kind = self.name("g"), self.random.choice(KINDS)
        self.definition.attributes[name] = self.expression(kind, 2)
        self.variables[name] = kind

    def function(self) -> Block:
        name = self.name("f")
        kinds = [self.random.choice(("string", "number", "list")) for _ in range(self.random.randrange(1, 3))]
        params = [f"p{index}" for index in range(len(kinds))]
        self.locals.update(zip(params, kinds, strict=True))
        gives = self.random.choice(("string", "number", "list"))
        result = self.expression(gives, 2)
        for param in params:
            del self.locals[param]
        self.functions[name] = (kinds, gives)
        listed = Words(f"[{', '.join(params)}]", params)
        return Block("function", name, {"params": listed, "result": result})

    # Targets

    def target(self) -> Block:
        block = Block("target", self.name("t_" if self.chance(0.15) else "t"))
        if self.targets and self.chance(0.25):
            self.add_matrix(block)
        elif self.targets and self.chance(0.5):
            count = min(len(self.targets), self.random.choice((1, 1, 2)))
            block.attributes["inherits"] = self.names(self.random.sample(self.targets, count))
        is_matrix = "matrix" in block.attributes
        block.attributes.update(self.attributes())
        if is_matrix:
            for axis in ("mx", "my", "my.n", "my.v"):
                self.locals.pop(axis, None)
            self.matrices.append(block.label)
        else:
            self.targets.append(block.label)
            self.refer_to(block)
        return block

    def add_matrix(self, block: Block) -> None:
        axes = {"mx": self.names(self.random.sample(("a", "b", "c1", "d_2"), 2))}
        self.locals["mx"] = "string"
        name = self.random.choice((f'"{block.label}-${{mx}}"', f'join("-", ["{block.label}", mx])'))
        if self.chance(0.4):
            if self.chance(0.5):
                axes["my"] = self.names(self.random.sample(("e", "f", "g"), 2))
                self.locals["my"] = "string"
                part = "my"
            else:
                axes["my"] = '[{n = "n1", v = [1, 2]}, {n = "n2", v = []}]'
                self.locals["my.n"] = "string"
                part = "my.n"
            name = f'"{block.label}-${{mx}}-${{{part}}}"'
        if self.chance(0.03):
            name = f'"{block.label}"'
        matrix = "{ " + ", ".join(f"{axis} = {values}" for axis, values in axes.items()) + " }"
        block.attributes |= {"name": name, "matrix": matrix}

    def refer_to(self, block: Block) -> None:
        """Let later expressions refer to what the target holds."""
        at = f"target.{block.label}"
        found = self.references
        found.setdefault("string", []).append(f"{at}.name")
        if self.chance(0.5):
            return
        self.referred.add(block.label)
        if "args" in block.attributes and self.chance(0.5):
            found["string"].append(f"{at}.args.A{self.random.choice('012')}")
        for attribute, kind in (("tags", "list"), ("labels", "map"), ("description", "string")):
            if attribute in block.attributes and self.chance(0.5):
                found.setdefault(kind, []).append(f"{at}.{attribute}")
        if self.chance(0.3):
            entries = self.random.choice(("output", "cache-from", "secret", "ssh", "attest"))
            found["string"].append(f"jsonencode({at}.{entries})")
            found.setdefault("number", []).append(f"length({at}.{entries})")

    def attributes(self) -> dict[str, str | Words]:
        found: dict[str, str | Words] = {}
        if self.chance(0.9):
            kinds = ("string", "number", "bool")
            values = [
                "null" if self.chance(0.04) else self.expression(self.random.choice(kinds)) for _ in range(3)
            ]
            args = [f"    A{index} = {value}" for index, value in enumerate(values)]
            found["args"] = "{\n" + "\n".join(args) + "\n  }"
        for name, (kind, odds, depth) in {
            "tags": ("list", 0.5, 3),
            "labels": ("map", 0.35, 3),
            "description": ("string", 0.25, 2),
            "no-cache": ("bool", 0.15, 2),
            "dockerfile-inline": ("string", 0.1, 2),
        }.items():
            if self.chance(odds):
                found[name] = self.expression(kind, depth)
        for name, (choices, odds) in LISTS.items():
            if self.chance(odds):
                found[name] = self.listed(self.some(choices))
        for name, (choices, odds) in SCALARS.items():
            if self.chance(odds):
                found[name] = self.random.choice(choices)
        if self.targets and self.chance(0.15):
            found["contexts"] = f'{{ base = "target:{self.random.choice(self.targets)}", other = "dir" }}'
        return found

    def listed(self, elements: list[str]) -> str:
        """A list of these, sometimes behind a condition."""
        text = "[" + ", ".join(elements) + "]"
        return f"concat({text}, [])" if self.chance(0.1) else text

    # Groups, overriding, the command line

    def group_blocks(self) -> list[Block]:
        known = [*self.targets, *self.matrices]
        if not known:
            return []
        found = [self.group(self.name("g"), known)] if self.chance(0.3) else []
        name = "default" if self.chance(0.95) else self.name("g")
        return [*found, self.group(name, [*known, *self.groups])]

    def group(self, name: str, members: list[str]) -> Block:
        chosen = self.random.sample(members, self.random.randrange(1, len(members) + 1))
        block = Block("group", name, {"targets": self.names(chosen)})
        if self.chance(0.2):
            block.attributes["description"] = self.quoted("of many")
        self.groups.append(name)
        return block

    def override_file(self) -> dict[str, str]:
        over = Definition()
        if not self.targets or self.chance(0.3):
            names = [name for name, kind in self.variables.items() if kind in KINDS and name.isupper()]
            if names:
                name = self.random.choice(names)
                over.blocks.append(Block("variable", name, {"default": self.leaf(self.variables[name])}))
        else:
            # what others refer to is seldom overridden: references see the last block alone, mostly a null
            alone = [name for name in self.targets if name not in self.referred]
            chosen = self.random.choice(self.targets if self.chance(0.1) or not alone else alone)
            over.blocks.append(Block("target", chosen, self.attributes()))
        if self.targets and self.chance(0.15):
            over.blocks.append(Block("group", "default", {"targets": self.names(self.targets[:1])}))
        if self.chance(0.25):
            return {"docker-bake.override.json": to_json(over)}
        return {"docker-bake.override.hcl": hcl(over)}

    def words(self) -> list[str]:
        words: list[str] = []
        if self.chance(0.35):
            known = [*self.targets, *self.matrices, *self.groups]
            wanted = self.random.choice((*known, "t*", "*", "[st]?*", "t_*", "zz*", "none"))
            words.append(wanted.replace("_", ".") if self.chance(0.3) else wanted)
        patterns = ("*", "t*", "?????", *self.targets)
        flags = self.some(FLAGS) if self.chance(0.25) else []
        is_output_asked = False
        for asked in (*flags, *self.some(SETTINGS)):
            # the reference applies these in random order
            if asked.lstrip("-").startswith(("push", "load", "output")):
                if is_output_asked:
                    continue
                is_output_asked = True
            words += [asked] if asked in flags else ["--set", f"{self.random.choice(patterns)}.{asked}"]
        if self.chance(0.02):
            words += ["--set", f"*.{self.random.choice(WRONG_SETTINGS)}"]
        return words
