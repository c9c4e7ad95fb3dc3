from __future__ import annotations

import pytest

from bake.buildkit.fsutil.glob import PatternError, has_wildcards
from bake.buildkit.fsutil.patterns import ROOT, Patterns

WHEEL = "dist/app-2.4.0rc3.dev36+g08acad9-py3-none-any.whl"


@pytest.mark.parametrize(
    ("pattern", "path", "selected"),
    [
        # ** at the end takes everything below, but not the directory itself
        ("**", "file", True),
        ("**", "dir/file", True),
        ("**/", "dir/file", True),
        ("**/**", "dir/file", True),
        ("dir/**", "dir/file", True),
        ("dir/**", "dir/sub/file", True),
        ("dir/**", "dir", False),
        ("dir/**", "directory/file", False),
        ("dir**", "directory/file", True),
        # ** at the start takes any directories, also none
        ("**/file", "file", True),
        ("**/file", "a/b/file", True),
        ("**/file", "a/b/profile", False),
        ("**file", "a/b/profile", True),
        ("**/*.txt", "file.txt", True),
        ("**/**/*.txt", "a/b/file.txt", True),
        ("**/**/*.txt", "a/b/file.txt2", False),
        ("**/sub/*", "dir/sub/file", True),
        ("**/.foo", "bar.foo", False),
        # ** in between
        ("a**/*.txt", "a/file.txt", True),
        ("a**/*.txt", "a/b/c/file.txt", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/*.txt**", "a/file.txt", True),
        # * and ? stop at slashes
        ("a/*.txt", "a/dir/file.txt", False),
        ("*.txt", "a/file.txt", False),
        ("abc?def", "abcZdef", True),
        ("abc?def", "abc/def", False),
        ("abc?def", "abcdef", False),
        ("*", "a/b", True),
        # a pattern takes what is below what it matches
        ("dir", "dir/file", True),
        ("**/dir", "x/dir/file", True),
        ("*/sub", "dir/sub/file/deep", True),
        ("dir", "directory", False),
        # character classes are Go's
        ("a[b-d]e", "ace", True),
        ("a[b-d]e", "aae", False),
        ("a[^b-d]e", "aze", True),
        ("a[^b-d]e", "ace", False),
        ("a[!b]e", "a!e", True),
        ("a[!b]e", "aze", False),
        ("a[^b]e", "a/e", True),
        ("[[:digit:]]x", "7x", True),
        ("[a\\]]x", "]x", True),
        ("[a\\-c]x", "-x", True),
        ("[a\\-c]x", "bx", False),
        # characters that mean something to expressions only
        ("abc.def", "abcZdef", False),
        (".*", ".foo", True),
        (".*", "foo", False),
        ("a(b)c/def", "a(b)c/def", True),
        ("a.|)$(}+{bc", "a.|)$(}+{bc", True),
        ("^a", "^a", True),
        ("a$", "a", False),
        ("dist/*.whl", WHEEL, True),
        (WHEEL, WHEEL, True),
        # escapes
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("a\\\\", "a\\", True),
        ("\\[a]", "[a]", True),
        ("x\\d", "x7", True),
        # cleaning
        ("./dir/../file", "file", True),
        ("dir/", "dir/file", True),
        ("  file  ", "file", True),
        # names of any characters
        ("*", "line\nfeed", True),
        ("**/x", "line\nfeed/x", True),
        ("file?", "file\udcff", True),
        ("üb*", "über", True),
        ("x*", "xy\n", True),
    ],
)
def test_one_pattern(pattern: str, path: str, selected: bool) -> None:
    assert Patterns([pattern]).selects(path) is selected


@pytest.mark.parametrize(
    ("pattern", "path", "selected"),
    [
        ("*a*b*c", "xaybzc", True),
        ("*a*b*c", "xaybz", False),
        ("*a*b*c", "abc", True),
        ("*a*b*c", "xa/bzc", False),
        ("*[ab]?*\\**x", "zb1*x", True),
        ("*[ab]?*\\**x", "zb*x", False),
        ("a/**/b/**/*.py", "a/b/c.py", True),
        ("a/**/b/**/*.py", "a/x/y/b/z/c.py", True),
        ("a/**/b/**/*.py", "a/x/y/z/c.py", False),
        ("**/*a*/**", "x/bad/y/z", True),
        ("**/*a*/**", "x/bed/y/z", False),
        ("**/x/**/**", "line\nfeed/x/y", False),
        ("*[*]*a*]", "x^]ba]", True),
    ],
)
def test_many_wildcards(pattern: str, path: str, selected: bool) -> None:
    assert Patterns([pattern]).selects(path) is selected


def test_many_wildcards_are_no_trap() -> None:
    patterns = Patterns(["*a" * 50 + "b", "**/a" * 50, "*[a]" * 50 + "b"])
    assert not patterns.selects("a" * 250)
    assert not patterns.selects("a/" * 40)


@pytest.mark.parametrize(
    ("patterns", "path", "selected"),
    [
        (["*.go", "!a.go"], "a.go", False),
        (["!a.go", "*.go"], "a.go", True),
        (["docs", "!docs/README.md"], "docs/README.md", False),
        (["docs", "!docs/README.md"], "docs/other.md", True),
        (["docs/*", "!docs/README.md"], "docs/README.md", False),
        (["**", "!util/docker/web"], "util/docker/web/foo", False),
        (["**", "!util/docker/web", "util/docker/web/foo"], "util/docker/web/foo", True),
        (["**", "!dist/*.whl"], WHEEL, False),
        (["a", "!a/b", "a/b/c"], "a/b/c/d", True),
        (["a", "!a/b", "a/b/c"], "a/b/x", False),
        ([], "anything", False),
        (["", "  "], "anything", False),
    ],
)
def test_lists(patterns: list[str], path: str, selected: bool) -> None:
    assert Patterns(patterns).selects(path) is selected


def test_a_pattern_that_was_not_tried_on_a_directory_is_not_inherited() -> None:
    patterns = Patterns(["d", "!d/f", "d*"])
    folder = patterns.judge("d", ROOT)
    assert folder.selected
    assert not patterns.judge("d/f", folder).selected


@pytest.mark.parametrize(
    "pattern",
    ["[", "[a", "[]", "[]a]", "[a-]", "[-a]", "[^]", "a\\", "x[z-a]y", "!", "\\Qx", "[a\\", "!/.."[:1]],
)
def test_bad_patterns_are_named(pattern: str) -> None:
    with pytest.raises(PatternError) as caught:
        Patterns(["fine", pattern])
    assert f"`{pattern}`" in str(caught.value)
    assert caught.value.pattern == pattern


@pytest.mark.parametrize(
    ("patterns", "folder", "could"),
    [
        (["src/*.go"], "src", True),
        (["src/*.go"], "docs", False),
        (["src/a/b"], "src/a", True),
        (["src/a/b"], "src/b", False),
        (["*/x"], "anything", True),
        (["**/x"], "anything", True),
        (["lib*/x"], "libs", True),
        (["lib*/x"], "src", False),
        (["!src/x"], "src", False),
    ],
)
def test_directories_that_can_be_skipped(patterns: list[str], folder: str, could: bool) -> None:
    assert Patterns(patterns).may_select_below(folder) is could


@pytest.mark.parametrize(
    ("patterns", "folder", "could"),
    [
        (["node_modules"], "node_modules", False),
        (["a", "b", "!a/keep"], "a", True),
        (["a", "b", "!a/keep"], "b", False),
        (["*", "!**/keep"], "b", True),
    ],
)
def test_excluded_directories_that_can_be_skipped(patterns: list[str], folder: str, could: bool) -> None:
    assert Patterns(patterns).may_spare_below(folder) is could


@pytest.mark.parametrize(
    ("name", "has"), [("a", False), ("a*", True), ("?", True), ("[a]", True), ("\\*", False), ("\\\\*", True)]
)
def test_wildcards_are_those_not_escaped(name: str, has: bool) -> None:
    assert has_wildcards(name) is has
