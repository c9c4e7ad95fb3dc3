r"""A Dockerfile's stages and arguments, read by the rules of BuildKit's own parser.

Takes text, gives a `Dockerfile`. Lines, continuations, comments, parser directives and heredocs are those of
frontend/dockerfile/parser of BuildKit 0.26 (parser.go, directives.go, split_command.go); what instructions
mean beyond `FROM` and `ARG` is not looked at. A quirk of it that is kept: every word `<<NAME` of a RUN, ADD
or COPY that is not JSON opens a heredoc, in arithmetic too.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OFFICIAL = re.compile(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?:[:@].*)?")
"""Frontends that read what is read here."""

_SPACE = r"[ \t\v\f\r\n\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_LEADING = re.compile(rf"{_SPACE}+")
_DIRECTIVE = re.compile(rf"#{_SPACE}*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*")
_SYNTAX = re.compile(rf"(?:#|//){_SPACE}*(?i:syntax)\s*=\s*(\S+)")
_DIRECTIVES = frozenset({"syntax", "escape", "check"})
_BLANK = re.compile(r"[\t\v\f\r ]+")
_FLAG = re.compile(r"""--(?:\\.|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s\\'"])*""", re.DOTALL)
_HEREDOC = re.compile(r"\d*<<(-?)(\s*)([^<]*)", re.DOTALL)
_HEREDOC_KEYWORDS = frozenset({"ADD", "COPY", "RUN"})
_ELSEWHERE = re.compile(r"[$]|^<<|://|^git@")
"""In the source of a COPY or ADD: a variable, a heredoc, a URL."""
_CONTINUED = {
    "\\": re.compile(r"([^\\])\\[ \t]*\Z|\A\\[ \t]*\Z"),
    "`": re.compile(r"([^`])`[ \t]*\Z|\A`[ \t]*\Z"),
}


class DockerfileError(ValueError):
    """A Dockerfile that BuildKit refuses; `line`, from 1, is where."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


@record
class Instruction:
    """`keyword` in capitals, its `flags` (`--from=x`), and the `rest` of its line, continuations joined."""

    keyword: str
    flags: tuple[str, ...]
    rest: str
    line: int


@record
class Dockerfile:
    """`stages` are the names of all stages in order, in lower case, "" for one without; `arguments` the
    names that any ARG declares."""

    stages: tuple[str, ...]
    arguments: frozenset[str]

    def has_stage(self, name: str) -> bool:
        """Whether `target` may be `name`: names count without regard to case."""
        return name.lower() in self.stages if name else True


def frontend(text: str) -> str:
    """The image that `# syntax=` names, "" without one (DetectSyntax)."""
    lines = iter(text.removeprefix("\ufeff").split("\n"))
    for index, line in enumerate(lines):
        if index == 0 and line.startswith("#!"):
            continue
        found = _SYNTAX.match(line)
        if found:
            return found[1]
        directive = _DIRECTIVE.fullmatch(line)
        if directive is None or directive[1].lower() not in _DIRECTIVES:
            break
    return _json_syntax(text)


def _json_syntax(text: str) -> str:
    if not text.lstrip().startswith("{"):
        return ""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    syntax = found.get("syntax") if isinstance(found, dict) else None
    return syntax if isinstance(syntax, str) else ""


def parse(text: str) -> Dockerfile:
    """The stages and arguments of `text`. Raises DockerfileError."""
    stages: list[str] = []
    arguments: set[str] = set()
    for instruction in instructions(text):
        if instruction.keyword == "FROM":
            stages.append(_stage_name(instruction.rest))
        arguments.update(_declared(instruction))
    return Dockerfile(tuple(stages), frozenset(arguments))


def _stage_name(rest: str) -> str:
    words = _BLANK.split(rest)
    return words[2].lower() if len(words) == 3 and words[1].lower() == "as" else ""


def _declared(instruction: Instruction) -> Iterator[str]:
    keyword, rest = instruction.keyword, instruction.rest
    if keyword == "ONBUILD":
        # it is for stages that are built on this one, which may be further down
        keyword, _, rest = rest.partition(" ")
    if keyword.upper() == "ARG":
        yield from (word.partition("=")[0] for word in _words(rest) or rest.split())


def copied(text: str) -> Iterator[str]:
    """The paths and patterns that `text` copies from its context, but for those with variables in them.

    Raises DockerfileError.
    """
    for instruction in instructions(text):
        copies = instruction.keyword in ("ADD", "COPY")
        if copies and not any(flag.startswith("--from=") for flag in instruction.flags):
            yield from (word for word in _operands(instruction.rest)[:-1] if not _ELSEWHERE.search(word))


def _operands(rest: str) -> list[str]:
    try:
        found = json.loads(rest)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else rest.split()


def instructions(text: str) -> Iterator[Instruction]:
    """All instructions of `text`, in order. Raises DockerfileError where BuildKit's parser does."""
    reader = _Reader(text)
    count = 0
    while (found := reader.read()) is not None:
        count += 1
        yield found
    if not count:
        raise DockerfileError("file with no instructions", max(1, len(reader.lines)))


class _Reader:
    """The lines of a text, put together to instructions."""

    def __init__(self, text: str) -> None:
        self.lines = text.removeprefix("\ufeff").split("\n")
        if not self.lines[-1]:
            self.lines.pop()
        self.at = 0
        self.escape = "\\"
        self.directives: set[str] | None = set()

    def read(self) -> Instruction | None:
        while self.at < len(self.lines):
            start = self.at + 1
            line = self._logical_line()
            if line:
                instruction = _instruction(line, start, self.escape)
                for heredoc in _heredocs(line, instruction):
                    self._skip_heredoc(heredoc, start)
                return instruction
        return None

    def _logical_line(self) -> str:
        """The next line with those that continue it, without comments and empty lines between them."""
        line, more = self._continued(_lstrip(self._next(leading=True)))
        parts = [line]
        while more and self.at < len(self.lines):
            raw = self._next(leading=False)
            if not _lstrip(raw):
                continue
            line, more = self._continued(raw)
            parts.append(line)
        return "".join(parts)

    def _next(self, *, leading: bool) -> str:
        """The next line, empty if it is a comment."""
        line = self.lines[self.at].rstrip("\r")
        self.at += 1
        stripped = _lstrip(line)
        self._note_directive(stripped if leading else line)
        return "" if stripped.startswith("#") else line

    def _continued(self, line: str) -> tuple[str, bool]:
        found = _CONTINUED[self.escape].search(line)
        return (line[: found.start()] + (found[1] or ""), True) if found else (line, False)

    def _note_directive(self, line: str) -> None:
        if self.directives is None:
            return
        found = _DIRECTIVE.fullmatch(line)
        name = found[1].lower() if found else ""
        if found is None or name not in _DIRECTIVES:
            self.directives = None
            return
        if name in self.directives:
            raise DockerfileError(f"only one {name} parser directive can be used", self.at)
        self.directives.add(name)
        if name == "escape":
            if found[2] not in _CONTINUED:
                raise DockerfileError(f"invalid escape token '{found[2]}' does not match ` or \\", self.at)
            self.escape = found[2]

    def _skip_heredoc(self, heredoc: _Heredoc, start: int) -> None:
        for at in range(self.at, len(self.lines)):
            line = self.lines[at].rstrip("\r\n")
            if (line.lstrip("\t") if heredoc.strips_tabs else line) == heredoc.name:
                self.at = at + 1
                return
        if not heredoc.is_spaced:
            raise DockerfileError(f"unterminated heredoc `{heredoc.name}`", start)


def _lstrip(text: str) -> str:
    found = _LEADING.match(text)
    return text[found.end() :] if found else text


def _instruction(line: str, number: int, escape: str) -> Instruction:
    keyword, *rest = _BLANK.split(line.strip(), maxsplit=1)
    flags, arguments = _split_flags(rest[0] if rest else "", escape)
    return Instruction(keyword.upper(), flags, arguments, number)


def _split_flags(text: str, escape: str) -> tuple[tuple[str, ...], str]:
    flags: list[str] = []
    text = text.lstrip()
    while text.startswith("--"):
        found = _FLAG.match(text.replace("`", "\\") if escape == "`" else text)
        assert found is not None
        flag, text = text[: found.end()], text[found.end() :]
        if flag == "--" or not (text[:1].isspace() or not text):
            return tuple(flags), text.strip()
        flags.append(flag)
        text = text.lstrip()
    return tuple(flags), text.strip()


class _Heredoc(NamedTuple):
    """`name` ends it, with `strips_tabs` behind tabs too. Before BuildKit 0.21 one that `is_spaced`
    (`<< EOF`) was none: it counts as one where its end is there."""

    name: str
    strips_tabs: bool
    is_spaced: bool


def _heredocs(line: str, instruction: Instruction) -> Iterator[_Heredoc]:
    """The heredocs that a line opens."""
    keyword, rest = instruction.keyword, instruction.rest
    if keyword == "ONBUILD":
        inner, *after = _BLANK.split(rest, maxsplit=1)
        keyword, rest = inner.upper(), after[0] if after else ""
    if keyword not in _HEREDOC_KEYWORDS or "<<" not in line or _is_json(rest):
        return
    for word in _words(line) or ():
        found = _HEREDOC.fullmatch(word)
        name = _unquoted(found[3]) if found else None
        if found and name is not None:
            yield _Heredoc(name, found[1] == "-", found[2] != "")


def _is_json(text: str) -> bool:
    if not text.startswith("["):
        return False
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False


_WORD = re.compile(
    r"""(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|\$\{(?:[^{}]|\{[^{}]*\})*\}|\$(?!\{)|<<[\t\r ]*|[^\s'"\\$])+"""
    r"""\\?|\\""",
    re.DOTALL,
)


def _words(text: str) -> list[str] | None:
    """The words of a shell's line, quotes kept; None where a quote is not closed (the lexer gives up)."""
    words: list[str] = []
    at = 0
    while (at := _skip_space(text, at)) < len(text):
        found = _WORD.match(text, at)
        if found is None or (found.end() < len(text) and not text[found.end()].isspace()):
            return None
        words.append(found[0])
        at = found.end()
    return words


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


_QUOTED = re.compile(r"""\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)\"""", re.DOTALL)


def _unquoted(text: str) -> str | None:
    """One word without its quotes, None for none or several."""
    if len(_words(text) or ()) != 1:
        return None
    name = _QUOTED.sub(
        lambda found: next(group for group in found.groups() if group is not None), text.strip()
    )
    return name or None


def predefined(names: Iterable[str]) -> frozenset[str]:
    """Those of `names` that every build takes without an ARG (dockerfile2llb, and docs of the frontend)."""
    return frozenset(name for name in names if name in _PREDEFINED or name.startswith("BUILDKIT_"))


_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
_PREDEFINED = frozenset(
    (
        *_PROXIES,
        *map(str.lower, _PROXIES),
        *(f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "ARCH", "VARIANT")),
        *("BUILDOSVERSION", "TARGETOSVERSION", "TARGETSTAGE", "SOURCE_DATE_EPOCH"),
    )
)
