"""Jinja2 templates to text: `*.j2` files are rendered before they are parsed.

Sandboxed, undefined names are errors, line ends and a last newline are kept. Each stretch of the result
remembers the template's line, so that a fault found later can be shown in both.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateNotFound, TemplateSyntaxError, UndefinedError, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError, TemplateError, TemplateRuntimeError
from jinja2.loaders import BaseLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bake.errors import DefinitionError
from bake.source import Rendering, Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jinja2 import Environment, Template
    from jinja2.compiler import Frame
    from jinja2.runtime import Context

    from bake.host import Host

LIMIT = 64 * 1024 * 1024
"""Characters a template may give, and what one of its texts may have."""
MAX_STEPS = 200_000
"""Rounds of loops, calls of macros and branches taken in one template, with all that it includes."""


def render(source: Source, variables: Mapping[str, Any], host: Host) -> tuple[str, Rendering]:
    """The text that `source` gives with `variables`, and where each part of it came from.

    Includes and imports are looked up beside the file. Raises DefinitionError at the template's line.
    """
    environment = _Bounded(
        loader=_Beside(source, host), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.code_generator_class = _Generator
    try:
        template = environment.from_string(source.text)
        chunks, lines = _run(template, variables, source)
    except TemplateSyntaxError as exc:
        raise _syntax_fault(exc, source, host) from exc
    except DefinitionError:
        raise
    except (RecursionError, MemoryError, SyntaxError) as exc:
        # Jinja2 and Python read what is nested by recursion
        raise _fault(source, 1, "Template too deep", "Its expressions or blocks nest too deeply.") from exc
    except Exception as exc:
        # Jinja2 works out constants while it compiles, and then knows no line
        raise _fault(source, 1, _summary(exc), f"{str(exc) or type(exc).__name__}.") from exc
    offsets, at = [], 0
    for chunk in chunks:
        offsets.append(at)
        at += len(chunk)
    return "".join(chunks), Rendering(source, tuple(offsets), tuple(lines))


def _run(template: Template, variables: Mapping[str, Any], source: Source) -> tuple[list[str], list[int]]:
    """The pieces of the result, each with the template's line that was being run when it came."""
    chunks: list[str] = []
    lines: list[int] = []
    context = template.new_context(dict(variables))
    run: Any = template.root_render_func(context)
    line = size = 0
    try:
        for chunk in run:
            line = template.get_corresponding_lineno(run.gi_frame.f_lineno)
            for below, piece in enumerate(_pieces(chunk, source)):
                chunks.append(piece)
                lines.append(line + below)
            size += len(chunk)
            if size > LIMIT:
                raise _fault(source, line, "Template too large", f"It gives more than {LIMIT} characters.")
    except DefinitionError:
        raise
    except TemplateSyntaxError:
        raise
    except Exception as exc:
        raise _run_fault(exc, template, source) from exc
    return chunks, lines


def _pieces(chunk: str, source: Source) -> list[str]:
    """Literal text by its lines; what an expression gave is one piece, whatever it holds."""
    return chunk.splitlines(keepends=True) if "\n" in chunk and chunk in source.text else [chunk]


def _run_fault(exc: Exception, template: Template, source: Source) -> DefinitionError:
    summary = _summary(exc)
    line = 1
    trace = exc.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == (template.filename or "<template>"):
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    hint = "give it with --define NAME=VALUE or --data FILE" if isinstance(exc, UndefinedError) else None
    return _fault(source, line, summary, f"{(str(exc) or type(exc).__name__).removesuffix('.')}.", hint)


def _summary(exc: Exception) -> str:
    return next((text for kind, text in _SUMMARIES.items() if isinstance(exc, kind)), "Template failed")


_SUMMARIES: Mapping[type[Exception], str] = {
    UndefinedError: "Undefined name in template",
    SecurityError: "Forbidden in a template",
    TemplateNotFound: "Template not found",
    TemplateError: "Template failed",
}


def _syntax_fault(exc: TemplateSyntaxError, source: Source, host: Host) -> DefinitionError:
    place = source
    if exc.name and exc.name != source.name and exc.source is not None:
        place = Source(exc.name, exc.source, source.dialect, host.working_directory)
    return _fault(place, exc.lineno, "Invalid template", f"{exc.message}.")


def _fault(source: Source, line: int, summary: str, detail: str, hint: str | None = None) -> DefinitionError:
    line = min(max(line, 1), len(source.line_starts))
    start = source.line_starts[line - 1]
    text = source.line_text(line)
    blank = len(text) - len(text.lstrip())
    return DefinitionError(summary, Span(source, start + blank, start + len(text)), detail=detail, hint=hint)


class _Bounded(ImmutableSandboxedEnvironment):
    """A sandbox for one template, which takes a bounded number of steps, and in which no operator makes
    anything larger than a template may give. Text of dummies (`lipsum`), of any length, is not there."""

    intercepted_binops = frozenset(("+", "*", "**"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        del self.globals["lipsum"]
        self._steps = 0

    def step(self) -> bool:
        """Count a step. Gives True, for conditions."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TemplateRuntimeError(f"it takes more than {MAX_STEPS:,} steps")
        return True

    def concatenated(self, parts: tuple[object, ...]) -> str:
        """What `~` makes of `parts`."""
        texts = [str(part) for part in parts]
        _check_size(sum(map(len, texts)), "text")
        return "".join(texts)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+":
            if isinstance(left, _SIZED) and isinstance(right, _SIZED):
                _check_size(len(left) + len(right), "sum")
        elif operator == "*":
            for several, times in ((left, right), (right, left)):
                if isinstance(several, _SIZED) and isinstance(times, int):
                    _check_size(len(several) * times, "product")
        elif isinstance(left, int) and isinstance(right, int) and left.bit_length() * right > LIMIT:
            raise TemplateRuntimeError("a power would be too large a number")
        return super().call_binop(context, operator, left, right)


_SIZED = (str, bytes, list, tuple)


def _check_size(size: int, what: str) -> None:
    if size > LIMIT:
        raise TemplateRuntimeError(f"a {what} would hold more than {LIMIT} elements")


class _Generator(CodeGenerator):
    """Jinja2's code, which counts its steps, and has a line number for literal text too; Jinja2 knows them
    for expressions only."""

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        self.writeline("environment.step()")
        super().blockvisit(nodes, frame)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 - jinja2's name
        if node.test:
            step = nodes.EnvironmentAttribute("step", lineno=node.lineno)
            counted = nodes.Call(step, [], [], None, None, lineno=node.lineno)
            node.test = nodes.And(counted, node.test, lineno=node.lineno)
        super().visit_For(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - jinja2's name
        self.write("environment.concatenated((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802 - jinja2's name
        for child in node.nodes:
            self.newline(child)
            super().visit_Output(nodes.Output([child], lineno=child.lineno), frame)


class _Beside(BaseLoader):
    """Templates in and below the folder of the one that is rendered."""

    def __init__(self, source: Source, host: Host) -> None:
        self._root = source.directory or host.working_directory
        self._host = host

    def get_source(
        self, _environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        path = posixpath.normpath(posixpath.join(self._root, template))
        if not path.startswith(posixpath.join(self._root, "")):
            raise TemplateNotFound(template, f"`{template}` is outside of the template's folder")
        try:
            text = self._host.read(path).decode("utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise TemplateNotFound(template, f"`{template}` cannot be read beside the template") from exc
        return text, path, lambda: True
