"""The codes of everything that can be wrong with a definition: short names that stay the same.

A fault's code is the one it was raised with, else the one whose row knows its summary, else a general one.
docs/diagnostics.md and the rules of a SARIF report are made from this table.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from bake.errors import BuilderError, CanceledError, ExportError, SolveError, UsageError
from bake.record import record

if TYPE_CHECKING:
    from bake.errors import BakeError


@record
class Rule:
    """`title` is a line, `explanation` says what is wrong and what to do; `summaries` are regular expressions
    for whole summaries of faults that have this code."""

    code: str
    title: str
    explanation: str
    summaries: tuple[str, ...] = ()


_ROWS = (
    # Texts
    Rule(
        "invalid-syntax",
        "A file is not valid in its language",
        "The HCL, JSON, TOML or YAML cannot be parsed there. All such errors in a file are reported at once.",
        ("Invalid TOML", "Invalid YAML", "Invalid escape sequence", "Invalid string literal"),
    ),
    Rule(
        "invalid-encoding",
        "A file is not UTF-8",
        "Save the file as UTF-8.",
        ("Invalid character encoding",),
    ),
    Rule(
        "limit-exceeded",
        "A file asks for more than pybake does",
        "The limits of size, depth and work are listed in [limits.md](limits.md).",
        (
            *("Nesting too deep", "File too large", "Excessive aliasing", "Expression too deep"),
            *("Too much to evaluate", "Too many (files|includes|services extend one another)"),
            *("Value too (deep|large)", "Template too (deep|large)"),
        ),
    ),
    Rule(
        "invalid-template",
        "A Jinja2 template cannot be rendered",
        "The place is the template's line. Names come from `--define`, `--data`, "
        "`env`, `git` and `platform`.",
        ("Invalid template", "Undefined name in template", "Forbidden in a template", "Template .*"),
    ),
    # Blocks and attributes
    Rule(
        "unknown-attribute",
        "There is no such attribute",
        "It is ignored, as in buildx; most often it is misspelled. An error with `--strict`.",
        ("Unsupported argument",),
    ),
    Rule(
        "unknown-block",
        "There is no such type of block",
        "It is ignored, as in buildx. An error with `--strict`.",
        ("Unsupported block type",),
    ),
    Rule(
        "missing-attribute",
        "A block lacks an attribute that it must have",
        "A group needs `targets`, a function `params` and `result`.",
        ("Missing required argument",),
    ),
    Rule(
        "invalid-label",
        "A block has no name, or more than one",
        'Blocks are written `target "name" {…}`.',
        ("Missing name for .*", "Extraneous label for .*"),
    ),
    Rule(
        "invalid-name",
        "A target cannot have this name",
        "Names of targets consist of letters, digits, `_` and `-`; the `name` of a matrix tells its members "
        "apart.",
        ("Invalid name",),
    ),
    # Expressions
    Rule(
        "unknown-variable",
        "There is no such variable",
        "Declare it with a `variable` block, or correct its name.",
        ("Unknown variable", "Variables not allowed"),
    ),
    Rule(
        "unused-variable",
        "Nothing refers to this variable",
        "No expression in any of the files uses it: remove it, or correct the name where it was meant. "
        "An error with `--strict`. Files that contain nothing but variables are not checked.",
        ("Unused variable",),
    ),
    Rule(
        "variable-cycle",
        "Variables depend on each other in a cycle",
        "The whole cycle is named; one of its members has to do without the next.",
    ),
    Rule(
        "unknown-function",
        "There is no such function",
        "It is neither built in nor declared with a `function` block.",
        ("Call to unknown function", "Function calls not allowed"),
    ),
    Rule(
        "function-failed",
        "A function, or an operator, cannot do this",
        "The detail says which argument it is and what was expected.",
        (
            *("Error in function call", "Invalid function argument", "Operation failed"),
            *("Not enough function arguments", "Too many function arguments"),
            "Invalid expanding argument value",
        ),
    ),
    Rule(
        "invalid-function",
        "A function is not declared correctly",
        "A `function` block has `params`, a list of names, optionally `variadic_params`, and `result`.",
        ("Invalid function", "Invalid param element"),
    ),
    Rule(
        "function-ignored",
        "A function has the name of a built-in one",
        "The built-in one is used, as in buildx; give yours another name.",
        ("Function ignored",),
    ),
    Rule(
        "unknown-element",
        "A value has no such element",
        "A list has no such index, a map no such key, or an object no such attribute.",
        ("Unsupported attribute", "Invalid index", "Missing map element", "Attempt to .* null value"),
    ),
    Rule(
        "wrong-type",
        "A value has the wrong type",
        "The detail names the type that was expected; conversions are HCL's.",
        (
            *("Unsuitable value type", "Incorrect .* type", "Invalid operand", "Iteration over .* value"),
            *("Inconsistent conditional result types", "Splat of null value", "Null condition"),
            *("Invalid template interpolation value", "Invalid object key", "Duplicate object key"),
            *("Null value as key", "Invalid 'for' condition", "Condition is null", "Ambiguous attribute key"),
            *("Invalid nested splat expressions", "Invalid number literal"),
        ),
    ),
    Rule(
        "invalid-expression",
        "An expression cannot be used here",
        "It refers to something that has no value of its own, such as a whole kind of block.",
        ("Invalid expression",),
    ),
    Rule(
        "invalid-type",
        "A variable's type is not a type",
        "Types are `string`, `number`, `bool`, `list(…)`, `set(…)`, `map(…)`, `object({…})`, `tuple([…])`, "
        "`any`.",
        ("Invalid type specification",),
    ),
    Rule(
        "invalid-value",
        "A variable's value does not fit its type",
        "The value comes from the default, from `--var` or from the environment; the hint says from where.",
        ("Invalid value",),
    ),
    Rule(
        "validation-failed",
        "A variable's value fails its validation",
        "The message comes from the definition.",
        ("Validation failed",),
    ),
    Rule(
        "invalid-validation",
        "A validation's condition is not a boolean",
        "`condition` has to be true or false.",
        ("Invalid condition result",),
    ),
    # How targets relate
    Rule(
        "unknown-target",
        "There is no such target or group",
        "A group, `inherits`, a `target:` context or the command line names what no file defines.",
        (
            *(
                "failed to find target .*",
                "could not find any target matching .*",
                "Unknown member of a group",
            ),
            "Unknown target in a context",
        ),
    ),
    Rule(
        "inherit-cycle",
        "Targets inherit from each other in a cycle",
        "The result depends on which of them is built; buildx accepts it silently.",
        ("targets inherit from each other in a circle",),
    ),
    Rule(
        "link-cycle",
        "Targets are contexts of each other",
        "One of them has to do without the other.",
        ("target .* cannot link to itself", "infinite loop from .*", "Targets are contexts of each other"),
    ),
    Rule(
        "linked-platforms",
        "A target needs platforms that its context is not built for",
        "Give the linked target all platforms of those that use it.",
        ("target .* can't be used by .* because its platforms .*", "Platform missing in a linked target"),
    ),
    Rule(
        "duplicate-cache",
        "Targets export their cache to the same place",
        "The last one to finish wins, and the others' caches are lost: give each target a ref, a scope or a "
        "folder of its own. Targets that inherit the place and build the same are not reported.",
        ("Cache exported twice",),
    ),
    # What a target names
    Rule(
        "secret-without-source",
        "A secret has no value",
        "Its file does not exist (an error), or its environment variable is not set (a warning).",
        ("Secret not found", "A secret needs an id", "Secret not set"),
    ),
    Rule(
        "ssh-without-source",
        "There is no such SSH agent or key",
        "Start an agent, or name a key that exists.",
        ("No SSH agent", "SSH key or socket not found", "SSH agent given twice", "Unusable SSH key"),
    ),
    Rule(
        "dockerfile-ignored",
        "`dockerfile` is set beside `dockerfile-inline`",
        "The inline one is used; remove the other.",
        ("Dockerfile ignored",),
    ),
    Rule(
        "invalid-dockerfile",
        "A Dockerfile cannot be parsed",
        "BuildKit would refuse it: a heredoc has no end, or it has no instructions.",
        ("Invalid Dockerfile",),
    ),
    Rule(
        "unknown-stage",
        "The Dockerfile has no such stage",
        "`target` has to name a stage (`FROM … AS name`) of the target's Dockerfile.",
        ("Unknown stage",),
    ),
    Rule(
        "unknown-build-arg",
        "The Dockerfile has no such ARG",
        "The value in `args` reaches no `ARG`, so it changes nothing. One that several targets inherit is "
        "reported only if none of them uses it.",
        ("Unknown build argument",),
    ),
    Rule(
        "deprecated",
        "This form has been replaced",
        "It still works; the hint names the replacement.",
        ("Deprecated form",),
    ),
    Rule(
        "context-not-found",
        "A context's folder does not exist",
        "Paths are relative to the working directory.",
        (
            *("Context not found", "OCI layout cannot be used .*", "A (context|dockerfile) cannot .*"),
            *("A folder inside a remote archive cannot be a context", "A Dockerfile cannot be a URL .*"),
            "A remote definition's Dockerfile cannot be used .*",
        ),
    ),
    Rule(
        "invalid-output",
        "An output cannot be written",
        "The detail says what its exporter needs.",
        (
            *(
                "Unknown output type",
                "Invalid mode of a local output",
                "A tag is needed .*",
                "A .* output .*",
                "Only one output can (go|be) .*",
            ),
            *("The destination .* is a .*", "An archive is not written to a terminal"),
            *("A docker archive holds .*", "This BuildKit makes one output at a time"),
            "The docker driver cannot push .*",
        ),
    ),
    Rule(
        "invalid-image-name",
        "A tag, a platform or an annotation is invalid",
        "The detail shows it, and what was expected.",
        (
            "Invalid (tag|platform.*|annotation)",
            "Unknown platform",
            "Tag without a registry",
            "Unknown annotation type",
            "An image of one platform .*",
        ),
    ),
    Rule(
        "policy",
        "A policy cannot be enforced",
        "Policies in Rego are not evaluated, and what they guard is not built; see "
        "[bake-files.md](bake-files.md).",
        ("Policies in Rego are not supported", "disabled policy cannot .*", "Source policy cannot be read"),
    ),
    # Compose
    Rule(
        "unset-variable",
        "A compose file uses a variable that is not set",
        "It becomes an empty string. Write `${NAME:-default}`, or `${NAME:?message}` to refuse.",
        ('The ".*" variable is not set.*',),
    ),
    Rule(
        "invalid-compose",
        "A compose file is invalid",
        "The rules are those of the Compose Specification, as buildx reads it.",
        ("Invalid compose file",),
    ),
    # In general
    Rule(
        "no-definition", "There is no bake file", "Name one with `-f`.", ("couldn't find a bake definition",)
    ),
    Rule(
        "usage",
        "The command line or the environment asks for something impossible",
        "The hint says what to write instead.",
    ),
    Rule("invalid-definition", "A definition cannot be used as it is", "The detail says why."),
    Rule("build-failed", "A build failed", "A step of the Dockerfile failed, or BuildKit refused."),
    Rule("builder", "A builder cannot be used", "Fix the engine, or the connection to it."),
    Rule("export-failed", "A result cannot be written", "Fix the destination."),
    Rule("canceled", "The build was stopped", "By Ctrl-C, or at a prompt."),
)

RULES = {row.code: row for row in _ROWS}
"""All rows, by code."""

_BY_CLASS: tuple[tuple[type[BakeError], str], ...] = (
    (UsageError, "usage"),
    (SolveError, "build-failed"),
    (BuilderError, "builder"),
    (ExportError, "export-failed"),
    (CanceledError, "canceled"),
)
_GENERAL = "invalid-definition"
_COMPOSE = "invalid-compose"


def code_of(fault: BakeError) -> str:
    """The code of `fault`."""
    found = fault.code or _by_summary(fault.summary)
    if found:
        return found
    if fault.span is not None and fault.span.source.dialect == "compose":
        return _COMPOSE
    return next((code for kind, code in _BY_CLASS if isinstance(fault, kind)), _GENERAL)


def _by_summary(summary: str) -> str:
    return next((code for code, pattern in _patterns() if pattern.fullmatch(summary)), "")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row.code, re.compile("|".join(row.summaries), re.DOTALL)) for row in _ROWS if row.summaries)
