"""Records do what dataclasses do."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace

import pytest

from bake.record import names, record


@record
class Point:
    x: int
    y: int = 0


@record
class Named(Point):
    name: str = ""
    notes: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    length: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", len(self.name))


@dataclass(frozen=True, slots=True)
class Model:
    x: int
    y: int = 0


@record(frozen=False)
class Counter:
    count: int = 0


@record(frozen=False, eq=False)
class Leaf:
    text: str


@record
class Empty:
    pass


@record
class Pair:
    one: int
    two: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pair) and self.one == other.one

    def __hash__(self) -> int:
        return self.one

    def __repr__(self) -> str:
        return "…"


def test_values_are_given_by_place_or_name_and_defaults_fill_in() -> None:
    one = Named(1, name="ab")

    assert (one.x, one.y, one.name, one.notes, one.length) == (1, 0, "ab", {}, 2)
    assert Named(1).notes is not Named(1).notes


def test_equal_values_of_one_class_are_equal() -> None:
    assert Named(1, notes={"a": 1}) == Named(1) != Named(2)
    assert hash(Named(1, notes={"a": 1})) == hash(Named(1))
    assert Point(1).__eq__(Model(1)) is NotImplemented
    assert Point(1) != Named(1)
    assert Empty() == Empty()
    nan = float("nan")
    assert Leaf("a") != Leaf("a")
    assert Point(nan) == Point(nan)  # type: ignore[arg-type]  # as tuples: the same object


def test_it_tells_itself_as_a_dataclass_does() -> None:
    assert repr(Point(1)) == repr(Model(1)).replace("Model", "Point") == "Point(x=1, y=0)"
    assert repr(Named(1)) == "Named(x=1, y=0, name='', length=0)"


@pytest.mark.parametrize("wrong", [lambda: Point(), lambda: Point(1, 2, 3), lambda: Point(1, z=2)])  # type: ignore[call-arg]
def test_a_wrong_call_names_the_class(wrong: object) -> None:
    for _ in range(2):  # the first one compiles
        with pytest.raises(TypeError, match=r"Point\.__init__\(\)"):
            wrong()  # type: ignore[operator]


def test_a_frozen_one_cannot_be_changed_and_another_can() -> None:
    with pytest.raises(FrozenInstanceError, match="'x'"):
        Point(1).x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="'x'"):
        del Point(1).x
    counter = Counter()
    counter.count += 1

    assert counter == Counter(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)
    with pytest.raises(AttributeError):
        counter.other = 1  # type: ignore[attr-defined]


def test_methods_of_the_class_s_own_stay() -> None:
    assert Pair(1, 2) == Pair(1, 3)
    assert (hash(Pair(1, 2)), repr(Pair(1, 2))) == (1, "…")


def test_to_dataclasses_it_is_one() -> None:
    one = Named(1, name="a", notes={"b": 2})

    assert is_dataclass(Point)
    assert (
        [each.name for each in fields(Named)] == list(names(Named)) == ["x", "y", "name", "notes", "length"]
    )
    assert [each.type for each in fields(Point)] == ["int", "int"]
    assert replace(one, name="abc") == Named(1, name="abc")
    assert asdict(one) == {"x": 1, "y": 0, "name": "a", "notes": {"b": 2}, "length": 1}


def test_it_is_copied_and_pickled() -> None:
    one = Named(1, name="a", notes={"b": 2})

    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert (again, again.notes) == (one, one.notes)


def test_it_is_matched_by_place() -> None:
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_a_class_is_compiled_by_its_second_instance() -> None:
    @record
    class Late:
        x: int
        y: list[int] = field(default_factory=list)

    before = Late.__init__
    first = Late(1)
    assert Late.__init__ is before

    assert Late(x=1, y=[]) == first
    assert Late.__init__ is not before
    assert list(inspect.signature(Late).parameters) == ["x", "y"]


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"y": 1})]
)
def test_the_first_instance_is_refused_what_the_others_are(
    values: tuple[int, ...], named: dict[str, int]
) -> None:
    @record
    class Pair:
        x: int
        y: int = 0

    with pytest.raises(TypeError, match=r"__init__\(\)"):
        Pair(*values, **named)
