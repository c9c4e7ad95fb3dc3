"""What calls (`--call=check`, `outline`, `targets`) found, as one text and one exit code.

Takes an outcome and the definition it came from. Words and JSON are those of `runBake` (commands/bake.go)
of buildx 0.36.1; how one result is shown stands in `bake.result.subrequests`.
"""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING, Any

from bake.model.flags import parse_call
from bake.plan import remotes
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.engine.outcome import Outcome, TargetResult
    from bake.model.flags import Call as Flag
    from bake.model.target import Definition, Target
    from bake.result.subrequests import Call, Frame, Printed

JSON = "json"
INLINE_MESSAGE = "frontend.result.inlinemessage"


@record
class Called:
    """Text for standard output, "" if nothing was called, and the exit code. `error` is a fault of the
    Dockerfile that the text does not tell."""

    text: str = ""
    exit_code: int = 0
    error: str = ""


def found(outcome: Outcome, definition: Definition, asked: str, frame: Frame) -> Called:
    """What the targets' calls gave, in the order of their names. `asked` is the text of `--call`.

    `frame` draws lines of a file. Raises ExportError for an answer that cannot be read.
    """
    flag = parse_call(asked)
    called = {name: parse_call(target.call or "") for name, target in sorted(definition.targets.items())}
    answers = {
        name: _answer(outcome.results[name], call.method, flag, frame, _dockerfile(definition.targets[name]))
        for name, call in called.items()
        if call and name in outcome.results
    }
    if not answers and not (flag and flag.format == JSON):
        return Called()
    shown = {name: printed for name, (_, printed) in answers.items()}
    text = _document(definition, answers) if flag and flag.format == JSON else _texts(definition, shown)
    return Called(text, _exit_code(shown))


def found_alone(result: TargetResult, asked: str, frame: Frame, dockerfile: str) -> Called:
    """What the call of the one target of `pybake build` gave; `dockerfile` is what it was called there.

    Raises ExportError for an answer that cannot be read.
    """
    flag = parse_call(asked)
    if flag is None:
        return Called()
    _, printed = _answer(result, flag.method, flag, frame, dockerfile)
    return Called(printed.text, printed.exit_code, printed.error)


def message_alone(result: TargetResult) -> str:
    """What the frontend has to say about the one result, "" for nothing."""
    message = result.response.get(INLINE_MESSAGE)
    return f"\n{message}\n" if message else ""


def messages(outcome: Outcome) -> str:
    """What frontends have to say about their results, "" for nothing."""
    said = {name: result.response.get(INLINE_MESSAGE) for name, result in sorted(outcome.results.items())}
    return "".join(f"\n# {name}\n{message}\n" for name, message in said.items() if message)


def _answer(
    result: TargetResult, method: str, flag: Flag | None, frame: Frame, dockerfile: str
) -> tuple[Call, Printed]:
    """How a result is shown is for the command line to say."""
    from bake.result.subrequests import Call, show

    call = Call(method, flag.format, flag.ignore_status) if flag else Call(method)
    return call, show(call, result.solves[0].metadata, frame, dockerfile)


def _dockerfile(target: Target) -> str:
    """What messages call the target's Dockerfile: seen from here if it is one of this machine."""
    if target.dockerfile_inline:
        return "inline"
    context, name = (one.removeprefix(remotes.CWD) for one in (target.context, target.dockerfile))
    return posixpath.normpath(name if remotes.is_remote(context) else posixpath.join(context, name))


def _exit_code(shown: Mapping[str, Printed]) -> int:
    """The first that is not 0; an error of any target counts before."""
    codes = [printed.exit_code for printed in shown.values() if printed.exit_code]
    if any(printed.error for printed in shown.values()):
        return 1
    return codes[0] if codes else 0


def _texts(definition: Definition, shown: Mapping[str, Printed]) -> str:
    parts = []
    for name, printed in shown.items():
        description = definition.targets[name].description
        head = f"{name}\n" + (f"{description}\n" if description else "")
        error = f"error: {printed.error}\n" if printed.error else ""
        parts.append(f"{head}\n{printed.text}{error}")
    return "\n".join(parts)


def _document(definition: Definition, answers: Mapping[str, tuple[Call, Printed]]) -> str:
    """The printed definition, each target's under `build` with what was found beside it."""
    from bake import gojson
    from bake.model import printing

    document = printing.document(definition)
    targets: dict[str, Any] = {}
    for name, build in document["target"].items():
        targets[name] = {"build": build}
        if name in answers:
            call, printed = answers[name]
            targets[name]["check" if call.name == "lint" else call.name] = _result(call, printed)
    return gojson.indented({**document, "target": targets}) + "\n"


def _result(call: Call, printed: Printed) -> dict[str, Any]:
    result = json.loads(printed.text) if printed.text.strip() else {}
    found = result if isinstance(result, dict) else {call.name: result}
    return dict(sorted({**found, **({"error": printed.error} if printed.error else {})}.items()))
