"""Patterns against their rules, written down once more in the slowest and plainest way."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from bake.buildkit.fsutil.glob import PatternError
from bake.buildkit.fsutil.patterns import Patterns
from bake.buildkit.fsutil.tree import MemoryTree
from bake.buildkit.fsutil.walk import Filter, walk

NAMES = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name.strip("."))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(tuple)

PIECES = st.sampled_from(["a", "b", ".", "*", "?", "[ab]", "[a-b]", "\\."])
GLOBS = st.lists(PIECES, min_size=1, max_size=4).map("".join).filter(lambda glob: "**" not in glob)
COMPONENTS = st.one_of(st.just("**"), GLOBS.filter(lambda glob: glob.strip(".")))
GOOD = st.lists(COMPONENTS, min_size=1, max_size=3).map(tuple)
LISTS = st.lists(st.tuples(st.booleans(), GOOD), max_size=4)


def component_matches(glob: str, name: str) -> bool:
    """One path component against one without `**`, character by character."""
    if not glob:
        return not name
    if glob[0] == "*":
        return any(component_matches(glob[1:], name[skip:]) for skip in range(len(name) + 1))
    if not name:
        return False
    if glob[0] == "?":
        return component_matches(glob[1:], name[1:])
    if glob[0] == "[":
        return name[0] in "ab" and component_matches(glob[glob.index("]") + 1 :], name[1:])
    if glob[0] == "\\":
        return name[0] == glob[1] and component_matches(glob[2:], name[1:])
    return name[0] == glob[0] and component_matches(glob[1:], name[1:])


def matches(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """A whole path, component by component; `**` stands for any number of them, at the end at least one."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        if len(pattern) == 1:
            return bool(path)
        return any(matches(pattern[1:], path[skip:]) for skip in range(len(path) + 1))
    return bool(path) and component_matches(pattern[0], path[0]) and matches(pattern[1:], path[1:])


def hits(patterns: list[tuple[bool, tuple[str, ...]]], path: tuple[str, ...]) -> list[bool]:
    """Which patterns hold for `path`: those that do for its parent, and those that match it and are
    tried, being able to change what the ones before have decided."""
    above = hits(patterns, path[:-1]) if len(path) > 1 else [False] * len(patterns)
    found: list[bool] = []
    for (exception, pattern), inherited in zip(patterns, above, strict=True):
        decided = reduce(
            lambda _, last: last, (not e for (e, _), h in zip(patterns, found, strict=False) if h), False
        )
        found.append(inherited or (exception == decided and matches(pattern, path)))
    return found


def selected(patterns: list[tuple[bool, tuple[str, ...]]], path: tuple[str, ...]) -> bool:
    """The last pattern that holds decides."""
    held = [not exception for (exception, _), hit in zip(patterns, hits(patterns, path), strict=True) if hit]
    return bool(held) and held[-1]


def written(patterns: list[tuple[bool, tuple[str, ...]]]) -> list[str]:
    return ["!" * exception + "/".join(pattern) for exception, pattern in patterns]


@given(GOOD, PATHS)
def test_one_pattern(pattern: tuple[str, ...], path: tuple[str, ...]) -> None:
    expected = any(matches(pattern, path[:count]) for count in range(1, len(path) + 1))
    assert Patterns(["/".join(pattern)]).selects("/".join(path)) is expected


@given(LISTS, PATHS)
def test_lists(patterns: list[tuple[bool, tuple[str, ...]]], path: tuple[str, ...]) -> None:
    assert Patterns(written(patterns)).selects("/".join(path)) is selected(patterns, path)


@given(LISTS, NAMES)
def test_the_last_match_decides_at_the_top(patterns: list[tuple[bool, tuple[str, ...]]], name: str) -> None:
    matching = [not exception for exception, pattern in patterns if matches(pattern, (name,))]
    assert Patterns(written(patterns)).selects(name) is (bool(matching) and matching[-1])


@given(LISTS, LISTS, st.lists(PATHS, max_size=8))
def test_a_walk_gives_the_selected_paths_and_what_leads_to_them(
    include: list[tuple[bool, tuple[str, ...]]],
    exclude: list[tuple[bool, tuple[str, ...]]],
    files: list[tuple[str, ...]],
) -> None:
    folders = {path[:count] for path in files for count in range(1, len(path))}
    files = [path for path in files if path not in folders]
    wanted = {
        path
        for path in folders.union(files)
        if (not include or selected(include, path)) and not selected(exclude, path)
    }
    expected = wanted | {path[:count] for path in wanted for count in range(1, len(path))}
    found = walk(
        MemoryTree({"/".join(path): b"" for path in files}),
        Filter(Patterns(written(include)), Patterns(written(exclude))),
    )
    assert [stat.path.decode() for stat in found] == ["/".join(path) for path in sorted(expected)]


@given(st.lists(st.text("ab*?[]^-\\!/.", max_size=6), max_size=3), st.text("ab/.", min_size=1, max_size=6))
def test_any_text_is_a_pattern_or_a_named_error(patterns: list[str], path: str) -> None:
    error = None
    try:
        Patterns(patterns).selects(path)
    except PatternError as caught:
        error = caught
    assert error is None or f"`{error.pattern}`" in str(error)
