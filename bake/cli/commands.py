"""The table of commands: a row for each, its module imported when it is called.

A module has a `command`, a click command. A name of two words (`history ls`) belongs to a family, which
has a line of its own in the overview.
"""

from __future__ import annotations

from bake.record import record


@record
class Row:
    """`module` holds the command, `summary` is its line in the overview; without one it has none."""

    module: str
    summary: str = ""


COMMANDS = {
    "__complete": Row("bake.cli.completing"),
    "bake": Row("bake.cli.bake", "Build from a file"),
    "build": Row("bake.cli.build", "Start a build"),
    "check": Row("bake.cli.check", "Check bake files without building"),
    "completion": Row("bake.cli.completion", "Print the completion script of a shell"),
    "explain": Row("bake.cli.explain", "Explain why targets build as they do"),
    "graph": Row("bake.cli.graph", "Show how targets and groups depend on each other"),
    "fmt": Row("bake.cli.fmt", "Write HCL files in canonical form"),
    "history inspect": Row("bake.cli.history_inspect", "Inspect a build record"),
    "history inspect attachment": Row("bake.cli.history_attachment", "Inspect a build record attachment"),
    "history logs": Row("bake.cli.history_logs", "Print the logs of a build record"),
    "history ls": Row("bake.cli.history_ls", "List build records"),
    "history rm": Row("bake.cli.history_rm", "Remove build records"),
    "imagetools create": Row("bake.cli.imagetools_create", "Create a new image based on source images"),
    "imagetools inspect": Row("bake.cli.imagetools_inspect", "Show details of an image in the registry"),
    "init": Row("bake.cli.init", "Write a first bake file from Dockerfiles and compose files"),
    "render": Row("bake.cli.render", "Print what a template becomes"),
    "create": Row("bake.cli.create", "Create a new builder instance"),
    "dial-stdio": Row("bake.cli.dial_stdio", "Proxy current stdio streams to builder instance"),
    "doctor": Row("bake.cli.doctor", "Look for what keeps builds from working"),
    "du": Row("bake.cli.du", "Disk usage"),
    "inspect": Row("bake.cli.inspect", "Inspect current builder instance"),
    "ls": Row("bake.cli.ls", "List builder instances"),
    "prune": Row("bake.cli.prune", "Remove build cache"),
    "rm": Row("bake.cli.rm", "Remove one or more builder instances"),
    "stop": Row("bake.cli.stop", "Stop builder instance"),
    "use": Row("bake.cli.use", "Set the current builder instance"),
    "version": Row("bake.cli.version", "Show version information"),
}

FAMILIES: dict[str, str] = {
    "history": "Commands to work on build records",
    "imagetools": "Commands to work on images in registry",
}
"""The first word of commands that have two, and what they are about."""

ALIASES = {"b": "build", "f": "bake"}


def overview() -> str:
    """What `pybake --help` prints."""
    single = {name: row.summary for name, row in COMMANDS.items() if row.summary and " " not in name}
    return (
        "Usage:  pybake [OPTIONS] [TARGET...]\n"
        "        pybake COMMAND [OPTIONS]\n\n"
        "Declarative builds with BuildKit. Without a command: bake. Without a bake file: init writes one.\n\n"
        f"Commands:\n{_rows({**single, **FAMILIES})}\n\n"
        "Run 'pybake COMMAND --help' for a command's options; start with 'pybake bake --help'."
    )


def overview_of(family: str) -> str:
    """What `pybake FAMILY --help` prints."""
    members = {
        name.removeprefix(f"{family} "): row.summary
        for name, row in COMMANDS.items()
        if name.startswith(f"{family} ") and row.summary
    }
    return (
        f"Usage:  pybake {family} COMMAND [OPTIONS]\n\n"
        f"{FAMILIES[family]}\n\n"
        f"Commands:\n{_rows(members)}\n\n"
        f"Run 'pybake {family} COMMAND --help' for a command's options."
    )


def _rows(summaries: dict[str, str]) -> str:
    width = max(map(len, summaries), default=0)
    return "\n".join(f"  {name:{width}}  {summaries[name]}" for name in sorted(summaries))
