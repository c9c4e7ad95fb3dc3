"""Files to a definition, a definition to what was asked of it: the pure half of a run, stage by stage."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.errors import BakeError, UsageError, flatten, raise_all
from bake.model.flags import Selection
from bake.model.target import Definition
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bake.evaluate.config import Config
    from bake.host import Host
    from bake.read.lookup import Reader
    from bake.source import Rendering, Source
    from bake.syntax.tree import File

__all__ = [
    "Definition",
    "Files",
    "Reading",
    "Selection",
    "attribute_names",
    "check",
    "check_grants",
    "listed",
    "load",
    "names_of",
    "printed",
    "reader",
    "rendered",
    "select",
    "sources",
    "variables_from",
]


@record
class Files:
    """Which files make a definition.

    `names` as given with `-f`; none means BUILDX_BAKE_FILE, then the default names. `data` and
    `defines` are for `*.j2` templates.
    """

    names: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()


@record
class Reading:
    """How a definition is read: the variables of `--var`, and whether warnings are errors.

    `cache` is the folder for parsed trees, None to do without one. `command_context` is the value of
    BAKE_CMD_CONTEXT.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False
    cache: str | None = None
    command_context: str = "cwd://"


def sources(files: Files, host: Host, stdin: Callable[[], bytes]) -> list[Source]:
    """The texts behind `files`. Raises UsageError, and DefinitionError for templates."""
    from bake.read.lookup import lookup

    return lookup(names_of(files, host), reader(files, host, stdin))


def rendered(files: Files, host: Host, stdin: Callable[[], bytes]) -> str:
    """The text that the first of `files` gives when it is taken for a template, whatever its name.

    Raises UsageError, and DefinitionError at the template's line.
    """
    from bake.read.lookup import read_text

    reading = reader(files, host, stdin)
    text, _ = reading.render(read_text(files.names[0], reading))
    return text


def names_of(files: Files, host: Host) -> Sequence[str]:
    """The names that were given, else those of BUILDX_BAKE_FILE."""
    from bake.read.lookup import names_from_environment

    return files.names or names_from_environment(host)


def reader(files: Files, host: Host, stdin: Callable[[], bytes]) -> Reader:
    """What turns a name into a text; `stdin` gives standard input whole."""
    from bake.read.lookup import Reader
    from bake.syntax.dialects import dialect_of

    def render(source: Source) -> tuple[str, Rendering]:
        from bake.read import data, templates

        return templates.render(source, data.template_variables(files.data, files.defines, host), host)

    return Reader(host, stdin, dialect_of, render)


def load(texts: Sequence[Source], host: Host, reading: Reading | None = None) -> Definition:
    """The whole definition that `texts` make, nothing selected. Raises DefinitionError, or a group."""
    from bake.model.loading import load as load_model

    reading = reading or Reading()
    files = parse_all(texts, reading.cache)
    plain = [file for file in files if file.source.dialect != "compose"]
    config, faults = examined(plain, host, reading) if plain else (None, [])
    if faults:
        raise_all([*faults, *_undecodable(config, host)], "faults in the definition")
    others = [file for file in files if file.source.dialect == "compose"]
    return load_model(config, host, composed(others, host, reading), strict=reading.strict)


def _undecodable(config: Config | None, host: Host) -> list[BakeError]:
    """What is wrong with those values that could be evaluated."""
    from bake.model.loading import load as load_model

    try:
        load_model(config, host)
    except (BakeError, ExceptionGroup) as error:
        return flatten(error)
    return []


def select(definition: Definition, selection: Selection, host: Host) -> Definition:
    """What `selection` asks for of `definition`, resolved. Raises UsageError, DefinitionError, or a group."""
    from bake.model.selection import select as select_targets

    return select_targets(definition, selection, host)


def check(definition: Definition, host: Host, *, terminal: bool = False) -> None:
    """Raise DefinitionError, or a group, for what cannot be built of `definition` (selected) anywhere.

    `terminal` says that standard output is one.
    """
    from bake.plan.checks import check as check_targets

    check_targets(definition, host, terminal=terminal)


def check_grants(allowed: Sequence[str]) -> None:
    """Raise UsageError for a value of `--allow` that grants nothing."""
    from bake.plan.entitlements import grants

    grants(allowed)


def attribute_names() -> list[str]:
    """The names of a target's attributes, as bake files and `--set` write them."""
    from bake.model.fields import FIELDS

    return [field.name for field in FIELDS.values()]


def printed(definition: Definition) -> str:
    """`definition` (selected) as `--print` shows it: buildx's JSON, without a line end behind it."""
    from bake.model.printing import encode

    return encode(definition)


def listed(definition: Definition, wanted: str) -> str:
    """What `--list=WANTED` shows of the whole `definition`. Raises UsageError for what cannot be listed."""
    from bake.model.printing import encode_list, parse_list

    return encode_list(definition, parse_list(wanted))


def variables_from(texts: Sequence[str]) -> dict[str, str]:
    """`--var`'s `NAME=VALUE` texts, empty ones aside, as a mapping. Raises UsageError."""
    found = {}
    for text in filter(None, texts):
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(
                f"invalid variable `{text}`", detail="expected NAME=VALUE", hint="--var VERSION=1.2"
            )
        found[name] = value
    return found


def parse_all(texts: Sequence[Source], cache: str | None) -> list[File]:
    """Every text's tree; the faults of all texts are raised together."""
    from bake.syntax import parse
    from bake.syntax.cache import cached

    trees: list[File] = []
    faults: list[BakeError] = []
    for text in texts:
        try:
            trees.append(parse(text) if cache is None else cached(text, cache))
        except (BakeError, ExceptionGroup) as error:
            faults += flatten(error)
    for fault in faults:
        fault.code = fault.code or "invalid-syntax"
    raise_all(faults, "faults in the files")
    return trees


def examined(files: Sequence[File], host: Host, reading: Reading) -> tuple[Config, list[BakeError]]:
    """What HCL, JSON and TOML files give as far as it can be evaluated, and all faults."""
    from bake.evaluate.evaluate import examine
    from bake.evaluate.schema import overrides
    from bake.model.decode import SCHEMAS

    return examine(
        files, SCHEMAS, host, overrides(host, reading.variables, command_context=reading.command_context)
    )


def composed(files: Sequence[File], host: Host, reading: Reading) -> list[Definition]:
    """What compose files give. Raises DefinitionError, or a group of them."""
    if not files:
        return []
    from bake.model.compose import definition

    return [definition(files, host, reading.variables)]
