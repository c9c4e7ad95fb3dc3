"""The door: argv to exit code. The one place that catches, and the first that reads the environment.

Commands stand in the table of `bake.cli.commands`. Standard output carries results only, everything else
goes to standard error.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings
from typing import TYPE_CHECKING

from bake.cli.streams import OutputError, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

_YOUNG = 50_000
"""Objects between two looks for garbage. At Python's 700, looking through all that was imported, again and
again, is 4 % of a short command."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its code."""
    gc.set_threshold(_YOUNG)
    from bake.cli.interrupts import heard

    settle()
    warnings.showwarning = _tell_warning
    try:
        with heard():
            code = _flushed(run(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:  # while the end was told
        code = 130
    sys.stderr.flush()
    os._exit(code)  # Python's own end takes every module apart, which is 7 % of a short command


def _tell_warning(message: Warning | str, *_: object, **__: object) -> None:
    """What Python's warnings become."""
    sys.stderr.write(f"WARNING: {message}\n")


def _flushed(code: int) -> int:
    """The exit code, once standard output has taken all; a full disk may show here first."""
    try:
        sys.stdout.flush()
    except OSError as error:
        failed = _stop_output(error, tell=not code)
        return code or failed
    return code


def run(words: Sequence[str]) -> int:
    """Run one command and give its exit code; every error ends here, as text on standard error."""
    if list(words[:1]) in (["--version"], ["-v"]):
        words = ["version"]
    try:
        return _print_overview() if list(words[:1]) in (["--help"], ["-h"], ["help"]) else _call(words)
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, OutputError) as error:
        return _stop_output(error)
    except BaseException as error:
        return _report(error)


def _call(words: Sequence[str]) -> int:
    from importlib import import_module

    from bake.cli.arguments import DEFAULT_COMMAND, dispatch
    from bake.cli.commands import ALIASES, COMMANDS, FAMILIES
    from bake.cli.options import SETTINGS, prepare

    name, rest = dispatch(words, {*COMMANDS, *ALIASES, *FAMILIES})
    name = ALIASES.get(name, name)
    if name in FAMILIES:
        return _print_family(name, rest)
    command: click.Command = import_module(COMMANDS[name].module).command
    with command.make_context(f"pybake {name}", prepare(command, rest), **SETTINGS) as context:
        try:
            return int(command.invoke(context) or 0)
        except Exception as error:
            if name == DEFAULT_COMMAND and words[: len(rest)] == rest:
                _name_command(error, rest)
            return _diagnose(error, context.params.get("diagnostics"))


def _name_command(error: Exception, words: Sequence[str]) -> None:
    """A first word that is no target may have been meant for a command."""
    from bake.cli.arguments import first_positional
    from bake.errors import UsageError

    at = first_positional(words)
    if at is None or not isinstance(error, UsageError):
        return
    if error.summary == f"failed to find target {words[at]}":
        from difflib import get_close_matches

        from bake.cli.commands import ALIASES, COMMANDS

        names = {name.partition(" ")[0] for name in {*COMMANDS, *ALIASES} if not name.startswith("_")}
        if near := get_close_matches(words[at], sorted(names), n=1, cutoff=0.75):
            error.hint = f"Did you mean the command `pybake {near[0]}`? {error.hint or ''}".rstrip()


def _diagnose(error: Exception, form: str | None) -> int:
    """Tell `error` in the form that `--diagnostics` asked for; raises what is to be told as text."""
    from bake.errors import flatten

    if form in (None, "text") or not flatten(error):
        raise error
    from bake.diagnostic import diagnostics
    from bake.ui.diagnostics import FORMATS

    sys.stderr.write(FORMATS[form](diagnostics(error)))
    return max(fault.exit_code for fault in flatten(error))


def _print_overview() -> int:
    from bake.cli.commands import overview

    print(overview())
    return 0


def _print_family(name: str, words: Sequence[str]) -> int:
    """Its commands; words that are none of them are an error."""
    from bake.cli.commands import overview_of
    from bake.errors import UsageError

    if any(word not in ("--help", "-h") for word in words):
        raise UsageError(f"unknown command `pybake {name} {words[0]}`", hint=f"see pybake {name} --help")
    print(overview_of(name))
    return 0


def _stop_output(error: OSError, *, tell: bool = True) -> int:
    """Write nothing more to standard output, and say why; where its reader has gone (`| head`), there is
    nobody to be told."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if tell and isinstance(error, OutputError):
        sys.stderr.write(f"ERROR: cannot write to standard output: {error.strerror}\n")
    return 1


def _report(error: BaseException) -> int:
    import click

    from bake.errors import flatten

    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.exceptions.Abort):
        return 130
    if isinstance(error, click.ClickException):
        return _report_usage(error)
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if flatten(error):
        from bake.ui.snippets import render

        sys.stderr.write(render(error))
        return max(fault.exit_code for fault in flatten(error))
    if _is_interrupt(error):
        return 130
    return _report_bug(error)


def _is_interrupt(error: BaseException) -> bool:
    """Whether it grew out of Ctrl-C: one that comes while a thread starts makes the lock's release fail."""
    before = error.__context__
    return isinstance(error, KeyboardInterrupt) or (before is not None and _is_interrupt(before))


def _report_usage(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    sys.stderr.write(f"ERROR: {_usage_message(error)}\n")
    if context is not None:
        sys.stderr.write(f"  run '{context.command_path} --help' for its options\n")
    return 1


def _usage_message(error: click.ClickException) -> str:
    """click's words; of the options that it suggests, those that people type."""
    import click

    from bake.cli.arguments import is_negative

    if not isinstance(error, click.NoSuchOption):
        return error.format_message()
    near = [f"'{name}'" for name in error.possibilities or () if not is_negative(name)]
    return f"No such option '{error.option_name}'." + (f" Did you mean {' or '.join(near)}?" if near else "")


def _report_bug(error: BaseException) -> int:
    """A fault of pybake itself: the traceback goes to a file that can be attached to a report."""
    import traceback

    from bake import __version__
    from bake.errors import ExitCode

    words = " ".join(map(_without_value, sys.argv))
    text = f"pybake {__version__}, python {sys.version}\n{words}\n\n"
    path = _kept(text + "".join(traceback.format_exception(error)))
    step = f"attach {path}" if path else "set TMPDIR to a folder where its details can be kept"
    sys.stderr.write(
        f"ERROR: internal error: {type(error).__name__}: {error}\n"
        f"  this is a bug in pybake; please report it and {step}\n"
    )
    return ExitCode.BUG


def _without_value(word: str) -> str:
    """A word of the command line without what may be secret in it: the value of an argument or a variable
    (`TOKEN=…`, `--set=app.args.TOKEN=…`), the login of a URL."""
    import re

    named = re.sub(r"^(--[\w-]+=[^=]+=|(?!--)[^=]+=).+", r"\1…", word, flags=re.DOTALL)
    return re.sub(r"(?<=://)[^/@]*(?=@)", "…", named)


def _kept(text: str) -> str:
    """The path of a new temporary file that holds `text`; "" where none can be made."""
    import tempfile

    try:
        with tempfile.NamedTemporaryFile("wb", prefix="pybake-", suffix=".log", delete=False) as file:
            file.write(text.encode(errors="backslashreplace"))
    except OSError:
        return ""
    return file.name
