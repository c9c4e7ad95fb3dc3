"""Whatever a definition says, it is evaluated or refused; the order of its names has no meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from bake.errors import BakeError, flatten
from bake.evaluate.order import Need, Order
from bake.evaluate.overriding import OverridingError, csv_fields
from bake.source import Source, Span
from tests.fakes.evaluating import config, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("a", "b", "c", "d")
VALUES = st.sampled_from(
    [
        "1",
        '"x"',
        "null",
        "[]",
        '["y"]',
        "{}",
        *NAMES,
        '"${a}"',
        "[b, c]",
        "f(a)",
        "g(b)",
        "upper(c)",
        "target.t.args",
        "target.t.context",
        "target.u",
        "target",
        "group.w.targets",
        "nope",
        "a ? b : c",
        "[for v in d : v]",
    ]
)
TYPES = st.sampled_from(["string", "list(string)", "any", "nope"])
VARIABLES = st.builds(
    'variable "{}" {{\n  {}\n}}\n'.format,
    st.sampled_from(NAMES),
    st.one_of(
        st.just(""),
        VALUES.map("default = {}".format),
        st.builds(
            "type = {}\n  default = {}".format,
            st.sampled_from(["string", "list(string)", "any", "nope"]),
            VALUES,
        ),
        VALUES.map("validation {{\n    condition = {}\n  }}".format),
    ),
)
ATTRIBUTES = st.builds("{} = {}\n".format, st.sampled_from(NAMES), VALUES)
FUNCTIONS = st.builds(
    'function "{}" {{\n  params = [{}]\n  result = {}\n}}\n'.format,
    st.sampled_from(["f", "g"]),
    st.sampled_from(["a", "b", ""]),
    VALUES,
)
BLOCKS = st.builds(
    '{} "{}" {{\n  {} = {}\n}}\n'.format,
    st.sampled_from(["target", "target", "group", "servce"]),
    st.sampled_from(["t", "u", "w"]),
    st.sampled_from(["context", "args", "tags", "output", "targets", "contxt", "name", "matrix"]),
    VALUES,
)


@settings(max_examples=300)
@given(
    st.lists(VARIABLES | FUNCTIONS | BLOCKS, max_size=8),
    st.lists(ATTRIBUTES, max_size=3, unique_by=lambda text: text[0]),
    st.dictionaries(st.sampled_from([*NAMES, "a_JSON"]), st.sampled_from(["", "1", "x", "[1]", "a,b"])),
)
def test_a_definition_is_evaluated_or_refused(
    blocks: list[str], attributes: list[str], environment: dict[str, str]
) -> None:
    try:
        found = config("".join(blocks + attributes), environment=environment)
    except (BakeError, ExceptionGroup) as exc:
        faults = flatten(exc)
        assert faults
        assert all(fault.span is not None for fault in faults)
        assert len({str(fault) for fault in faults}) == len(faults), "a fault is told once"
    else:
        assert all(warning.span is not None for warning in found.warnings)


@st.composite
def _chains(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """The declarations of a few variables that refer to earlier ones only, and the same in another order."""
    count = draw(st.integers(1, 8))
    declared = []
    for number in range(count):
        needs = draw(st.lists(st.integers(0, number - 1), max_size=3)) if number else []
        text = "".join(f"${{v{need}}}" for need in needs)
        declared.append(f'variable "v{number}" {{ default = "{number}{text}" }}\n')
    return declared, draw(st.permutations(declared))


@settings(max_examples=60)
@given(_chains())
def test_the_order_of_variables_has_no_meaning(chains: tuple[list[str], list[str]]) -> None:
    one, other = ({v.name: plain(v.value) for v in config("".join(text)).variables} for text in chains)
    assert one == other


@settings(max_examples=200)
@given(
    st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4)), st.lists(st.integers(0, 9))
)
def test_things_are_done_once_and_after_what_they_need(table: dict[int, list[int]], roots: list[int]) -> None:
    done: list[int] = []
    circles: list[list[int]] = []
    place = Span(Source("f", "", "hcl"), 0, 0)

    def circular(needs: Sequence[Need[int]]) -> None:
        circle = [need.task for need in needs]
        assert all(
            after in table[before] for before, after in zip([circle[-1], *circle], circle, strict=False)
        )
        circles.append(circle)

    order = Order(lambda task: [Need(one, place) for one in table.get(task, ())], done.append, circular)
    for root in roots:
        order.reach(root)
    assert len(done) == len(set(done))
    assert set(roots) <= set(done)
    for task in done:
        late = [need for need in table.get(task, ()) if done.index(need) >= done.index(task)]
        assert all(any(task in circle and need in circle for circle in circles) for need in late)


@given(st.lists(st.text(st.characters(exclude_characters="\r\n")), min_size=1))
def test_csv_gives_back_what_was_quoted(fields: list[str]) -> None:
    line = ",".join('"' + field.replace('"', '""') + '"' for field in fields)
    assert csv_fields(line) == fields


@given(st.text(st.sampled_from('a",é\n'), max_size=12))
def test_csv_gives_fields_or_a_refusal(line: str) -> None:
    try:
        fields = csv_fields(line)
    except OverridingError:
        return
    assert fields
