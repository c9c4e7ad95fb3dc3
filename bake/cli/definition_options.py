"""Options that say which files make a definition and how its targets are changed, and what they ask for.

Takes what click parsed, gives definitions; the words are those of `pybake bake`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from bake.cli.builder_options import builder
from bake.cli.options import flag, group, many, progress_mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.api.definition import Definition
    from bake.api.remote import Words
    from bake.host import Host

TARGETS = "[URL [CONTEXT_URL]] [TARGET...]"
"""How help shows the words of a command, which `remote.split` tells apart."""
data = many("--data", metavar="FILE", help="Data for *.j2 files (JSON, TOML or YAML)")
define = many("--define", metavar="NAME=VALUE", help="Define a name for *.j2 files")
files = many(
    *("-f", "--file", "files"),
    metavar="FILE",
    help="Build definition file [default: docker-bake.hcl, compose.yaml, … of this folder]",
)
load_flag = flag(
    "--load", help='Shorthand for "--set=*.output=type=docker", but for targets with local or tar output'
)
push_flag = flag(
    "--push",
    help='Shorthand for "--set=*.output=type=registry", but for targets with local, tar or oci output',
)
overrides = many(
    *("--set", "overrides"),
    metavar="TARGET.KEY=VALUE",
    help='Override target value (e.g., "app*.platform=linux/amd64"; KEY+=VALUE adds)',
)
variables = many("--var", "variables", metavar="NAME=VALUE", help="Set a variable value")
definition_options = group(
    builder,
    data,
    define,
    files,
    load_flag,
    push_flag,
    overrides,
    flag("--strict", help="Unknown attributes and blocks are errors"),
    variables,
)
"""All of them; `load` and `select` read them."""
_TOLD = ("auto", "plain", "tty")
"""The displays of progress beside which a sentence may stand."""


def load(options: Mapping[str, Any], words: Words, host: Host) -> Definition:
    """The whole definition. Raises UsageError and DefinitionError, or a group."""
    from bake.api.definition import variables_from
    from bake.api.loading import load as load_definition

    if words.url and progress_mode(options.get("progress"), host) in _TOLD:
        sys.stderr.write(f"fetching the definition from {words.shown_url}\n")
    return load_definition(
        *options["files"],
        variables=variables_from(options["variables"]),
        data=options["data"],
        defines=options["define"],
        strict=bool(options["strict"]),
        url=words.url,
        command_context=words.command_context,
        builder=options["builder"] or "",
        host=host,
    )


def select(definition: Definition, options: Mapping[str, Any], words: Words, host: Host) -> Definition:
    """What the `words` name of it, changed by those of the options that the command has.

    Raises UsageError and DefinitionError, or a group.
    """
    from bake.api.loading import Choices
    from bake.api.loading import select as select_targets

    choices: Any = {
        name: given for name in Choices.__annotations__ if (given := options.get(name)) is not None
    }
    return select_targets(definition, *words.targets, host=host, set=options["overrides"], **choices)
