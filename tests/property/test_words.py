"""Platforms, references, quantities: writing and reading again changes nothing, and no text is a surprise."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from bake import descriptor, platforms, reference
from bake.platforms import Platform
from bake.quantities import parse_duration, parse_size

names = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,6}", fullmatch=True)
systems = st.one_of(
    st.sampled_from(sorted(platforms.KNOWN_SYSTEMS)), st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True)
)
architectures = st.one_of(st.sampled_from(sorted(platforms.KNOWN_ARCHITECTURES)), names)
found_platforms = st.builds(
    Platform,
    systems,
    architectures,
    st.one_of(st.just(""), st.sampled_from(["v5", "v6", "v7", "v8", "v8.1", "v9", "8", "v2"])),
    st.one_of(st.just(""), st.text(min_size=1, max_size=6).filter(lambda text: text.isprintable())),
    st.lists(st.text("abc/ %", min_size=1, max_size=4), max_size=2).map(tuple),
).map(platforms.normalize)


@given(found_platforms)
def test_a_platform_survives_being_written(platform: Platform) -> None:
    assert platforms.normalize(platform) == platform
    assert platforms.parse(str(platform)) == platform
    assert platforms.from_json(platforms.to_json(platform)) == platform


@given(found_platforms)
def test_a_machine_runs_its_own_platform_best(platform: Platform) -> None:
    runnable = platforms.compatible(platform)
    if runnable:
        assert runnable[0] == platform
        assert platforms.best(platform, list(runnable)) == 0


@given(st.text())
def test_no_text_surprises_the_parsers(text: str) -> None:
    for parse in (
        platforms.parse,
        reference.parse,
        reference.normalize,
        descriptor.index_from_json,
        parse_size,
        parse_duration,
    ):
        with suppress(ValueError):
            parse(text)


domains = st.sampled_from(
    ["", "docker.io/", "ghcr.io/", "localhost/", "localhost:5000/", "127.0.0.1:80/", "a/"]
)
tags = st.one_of(st.just(""), st.from_regex(r":[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,8}", fullmatch=True))
digests = st.sampled_from(["", "@sha256:" + "ab" * 32])
paths = st.lists(
    st.from_regex(r"[a-z0-9]{1,4}(?:[._-][a-z0-9]{1,3})?", fullmatch=True), min_size=1, max_size=3
)


@given(domains, paths, tags, digests)
def test_a_reference_survives_being_normalised(domain: str, path: list[str], tag: str, digest: str) -> None:
    written = domain + "/".join(path) + tag + digest
    meant = reference.normalize(written)
    assert meant.domain
    assert reference.normalize(str(meant)) == meant
    assert reference.normalize(meant.familiar) == meant
    assert str(reference.parse(written)) == written


@given(st.integers(0, 10**6), st.integers(0, 10**9), st.sampled_from([("h", 3600), ("m", 60), ("s", 1)]))
def test_durations_add_up(large: int, small: int, unit: tuple[str, int]) -> None:
    assert parse_duration(f"{large}{unit[0]}{small}ns") == large * unit[1] * 10**9 + small
