"""No text makes a traceback: whatever a file says, it is printed or refused, in bounded time."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bake.api.definition import Reading, load
from bake.errors import BakeError
from bake.host import Host
from bake.model.flags import Selection
from bake.model.printing import encode
from bake.model.selection import select
from bake.source import Source
from tests.conformance.programs import program, twins

if TYPE_CHECKING:
    from bake.source import Dialect

COUNT = int(os.environ.get("PYBAKE_FUZZ", "60"))
PIECES = (
    "${",
    "}",
    '"',
    "[",
    "]",
    "{",
    "(",
    "=",
    "null",
    "\\u",
    "%{",
    "~",
    "<<E\n",
    "\0",
    "é",
    "1e9",
    "*",
    ",",
    "\n",
)
NAMES: dict[str, Dialect] = {"f.hcl": "hcl", "f.json": "json", "f.toml": "toml"}

TEXTS = st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("utf-8", "replace")))
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "files"


def printed(text: str, name: str) -> str | None:
    """What `--print` makes of the file, None when it is refused."""
    try:
        definition = load([Source(name, text, NAMES[name])], Host(), Reading({}))
        return encode(select(definition, Selection(targets=("*",)), Host()))
    except* BakeError:
        pass
    return None


def mutated(text: str, chance: random.Random) -> str:
    """`text` with some stretches left out, doubled, or replaced by what brackets and quotes stumble over."""
    for _ in range(chance.randrange(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 1, 3, 40)))
        middle = chance.choice(("", text[start:end] * 2, chance.choice(PIECES)))
        text = text[:start] + middle + text[end:]
    return text


@pytest.mark.parametrize("seed", range(COUNT))
def test_damaged_programs_are_printed_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    for name, text in twins(program(seed)).items():
        found = printed(mutated(text, chance), f"f.{name.rpartition('.')[2]}")
        assert found is None or found.startswith("{")


def test_damaged_files_of_the_corpus_are_printed_or_refused() -> None:
    if not CORPUS.is_dir():
        pytest.skip("../shared/corpus is not here")
    chance = random.Random(COUNT)
    paths = sorted(path for path in CORPUS.rglob("*.*") if f"f{path.suffix}" in NAMES)
    for path in chance.sample(paths, min(COUNT, len(paths))):
        found = printed(mutated(path.read_text(errors="replace"), chance), f"f{path.suffix}")
        assert found is None or found.startswith("{")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.sampled_from(list(NAMES)))
def test_any_text_is_printed_or_refused(text: str, name: str) -> None:
    found = printed(text, name)
    assert found is None or found.startswith("{")


def doubling(first: str, again: str) -> str:
    rows = "".join(f"v{n} = {again.format(n - 1)}\n" for n in range(1, 60))
    return f"v0 = {first}\n{rows}" + 'target "t" { description = jsonencode(v59) }\n'


@pytest.mark.parametrize(
    "text",
    [
        doubling('"aaaaaaaa"', '"${{v{0}}}${{v{0}}}"'),
        doubling("[1]", "concat(v{0}, v{0})"),
        doubling("[1]", "[v{0}, v{0}]"),
        doubling("[1]", "{{a = v{0}, b = v{0}}}"),
        "x = [for a in range(0, 1000) : [for b in range(0, 1000) : a * b]]",
        "x = range(0, 1e9)",
        "x = setproduct(range(0, 1000), range(0, 1000), range(0, 1000))",
        'x = format("%1000000000s", "")',
        "x = " + "[" * 100_000,
        "x = " + "(" * 5000 + "1" + ")" * 5000,
        "x = " + "!" * 100_000 + "true",
        "x = " + "9" * 1_000_000 + "9",
        'x = "' + "a" * 10_000_000 + '"',
        'target "m" {\n  name = "m-${a}-${b}"\n  matrix = { a = range(0, 1000), b = range(0, 1000) }\n}',
        'function "f" {\n  params = [x]\n  result = "${x}${x}"\n}\n' + "x = " + "f(" * 40 + '"a"' + ")" * 40,
    ],
    ids=lambda text: text[:24],
)
def test_what_grows_without_bound_is_refused(text: str) -> None:
    assert printed(text, "f.hcl") is None


def test_a_power_beyond_all_digits_is_an_infinity() -> None:
    text = 'target "t" { description = "${pow(9, 1e9)}" }\n'
    assert "Inf" in (printed(text, "f.hcl") or "")
