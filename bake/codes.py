"""The codes of everything that can be said against a definition: short names that stay.

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
        "A file is not in its dialect",
        "HCL, JSON, TOML or YAML cannot be read there. All such faults of a file are told at once.",
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
        "The bounds of sizes, depths and work stand in [limits.md](limits.md).",
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
        "Nothing knows this attribute",
        "It is ignored, as buildx does; most often it is misspelt. An error under `--strict`.",
        ("Unsupported argument",),
    ),
    Rule(
        "unknown-block",
        "Nothing knows this type of block",
        "It is ignored, as buildx does. An error under `--strict`.",
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
        "A target cannot be called so",
        "Names of targets are letters, digits, `_` and `-`; the `name` of a matrix tells its members apart.",
        ("Invalid name",),
    ),
    # Expressions
    Rule(
        "unknown-variable",
        "There is no such variable",
        "Declare it with a `variable` block, or mend its name.",
        ("Unknown variable", "Variables not allowed"),
    ),
    Rule(
        "unused-variable",
        "Nothing refers to this variable",
        "No expression in any of the files read uses it: remove it, or mend the name where it was meant. "
        "An error under `--strict`. Files that hold nothing but variables are let be.",
        ("Unused variable",),
    ),
    Rule(
        "variable-cycle",
        "Variables need each other in a circle",
        "The whole circle is named; one of its members has to do without the next.",
    ),
    Rule(
        "unknown-function",
        "There is no such function",
        "It is neither one of HCL's functions nor declared with a `function` block.",
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
        "A function is not declared rightly",
        "A `function` block has `params`, a list of names, perhaps `variadic_params`, and `result`.",
        ("Invalid function", "Invalid param element"),
    ),
    Rule(
        "function-ignored",
        "A function has the name of a built-in one",
        "The built-in one counts, as in buildx; give yours another name.",
        ("Function ignored",),
    ),
    Rule(
        "unknown-element",
        "A value has no such element",
        "A list's index, a map's key or an object's attribute is not there.",
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
        "An expression cannot stand here",
        "It refers to something that has no value of its own, such as a whole kind of block.",
        ("Invalid expression",),
    ),
    Rule(
        "invalid-type",
        "A variable's type is none",
        "Types are `string`, `number`, `bool`, `list(…)`, `set(…)`, `map(…)`, `object({…})`, `tuple([…])`, "
        "`any`.",
        ("Invalid type specification",),
    ),
    Rule(
        "invalid-value",
        "A variable's value does not suit its type",
        "The value comes from the default, from `--var` or from the environment; the hint says from where.",
        ("Invalid value",),
    ),
    Rule(
        "validation-failed",
        "A variable's value is against its validation",
        "The message is the definition's own.",
        ("Validation failed",),
    ),
    Rule(
        "invalid-validation",
        "A validation's condition gives no boolean",
        "`condition` has to give true or false.",
        ("Invalid condition result",),
    ),
    # Targets among each other
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
        "Targets inherit from each other in a circle",
        "What comes of it depends on which of them is built; buildx passes over it in silence.",
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
        "The last one to finish wins, the others' cache is lost: give each target a ref, a scope or a folder "
        "of its own. Targets that inherit the place and build the same are let be.",
        ("Cache exported twice",),
    ),
    # What a target names
    Rule(
        "secret-without-source",
        "A secret's value is nowhere",
        "Its file is not there (an error), or its environment variable is not set (a warning).",
        ("Secret not found", "A secret needs an id", "Secret not set"),
    ),
    Rule(
        "ssh-without-source",
        "An SSH agent or key is not there",
        "Start an agent, or name a key that is there.",
        ("No SSH agent", "SSH key or socket not found", "SSH agent given twice", "Unusable SSH key"),
    ),
    Rule(
        "dockerfile-ignored",
        "`dockerfile` stands beside `dockerfile-inline`",
        "The inline one counts; remove the other.",
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
        "The value of `args` reaches no `ARG`, so it changes nothing. What several targets inherit is told "
        "only if none of them takes it.",
        ("Unknown build argument",),
    ),
    Rule(
        "deprecated",
        "A form that has been replaced",
        "It still works; the hint names what replaces it.",
        ("Deprecated form",),
    ),
    Rule(
        "context-not-found",
        "A context's folder is not there",
        "Paths are relative to the working directory.",
        (
            *("Context not found", "OCI layout cannot be used .*", "A (context|dockerfile) cannot .*"),
            *("A folder inside a remote archive cannot be a context", "A Dockerfile cannot be a URL .*"),
            "A remote definition's Dockerfile cannot be used .*",
        ),
    ),
    Rule(
        "invalid-output",
        "An output cannot land",
        "The detail says what its exporter needs.",
        (
            *(
                "Unknown output type",
                "A tag is needed .*",
                "A .* output .*",
                "Only one output can (go|be gathered) .*",
            ),
            *("The destination .* is a .*", "An archive is not written to a terminal"),
            *("A docker archive holds .*", "This BuildKit makes one output at a time"),
            "The docker driver cannot push .*",
        ),
    ),
    Rule(
        "invalid-image-name",
        "A tag, a platform or an annotation is none",
        "The detail shows it and what was expected.",
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
        "A policy cannot be kept",
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
        "A compose file is not one",
        "Rules are those of the Compose Specification, as buildx reads it.",
        ("Invalid compose file",),
    ),
    # In general
    Rule(
        "no-definition", "There is no bake file", "Name one with `-f`.", ("couldn't find a bake definition",)
    ),
    Rule(
        "usage",
        "The command line, or the environment, asks for what cannot be",
        "The hint says how it is done.",
    ),
    Rule("invalid-definition", "A definition cannot be used as it is", "The detail says why."),
    Rule("build-failed", "A build failed", "A step of the Dockerfile failed, or BuildKit refused."),
    Rule("builder", "A builder cannot be used", "Mend the engine, or the connection to it."),
    Rule("export-failed", "A result cannot be written", "Mend the destination."),
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
