from __future__ import annotations

import pytest

from bake import platforms
from bake.platforms import Platform, parse

ARM_MAC = Platform("darwin", "arm64")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("Linux/X86-64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v2", "linux/amd64/v2"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("linux/arm64/v8.0", "linux/arm64"),
        ("linux/arm64/v9.0", "linux/arm64/v9"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/7", "linux/arm/v7"),
        ("linux/arm/6", "linux/arm/v6"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/i386", "linux/386"),
        ("macos/arm64", "darwin/arm64"),
        ("windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"),
        ("windows(10.0.17763+win32k)/amd64", "windows(10.0.17763+win32k)/amd64"),
        ("linux(+b+a+b)/amd64", "linux(+a+b)/amd64"),
        ("linux(1.2-rc_1)/amd64", "linux(1.2-rc_1)/amd64"),
        ("windows(10%2F1)/amd64", "windows(10%2F1)/amd64"),
        ("unheard/of", "unheard/of"),
        ("linux", "linux/arm64"),
        ("arm64", "darwin/arm64"),
        ("armhf", "darwin/arm/v7"),
        ("local", "darwin/arm64"),
        ("LOCAL", "darwin/arm64"),
    ],
)
def test_parse(written: str, meant: str) -> None:
    assert str(parse(written, ARM_MAC)) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "linux/*",
        "nonsense",
        "linux/amd64/v1/x",
        "linux//v1",
        "li nux/amd64",
        "linux(1/amd64",
        "linux(%zz)",
        "/",
    ],
)
def test_parse_refuses(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(written)


def test_a_list_may_be_split_by_commas() -> None:
    assert [str(one) for one in platforms.parse_list(["linux/amd64,arm64", "local"])] == [
        "linux/amd64",
        "linux/arm64",
        "linux/amd64",
    ]


@pytest.mark.parametrize(
    ("system", "machine", "meant"),
    [
        ("Linux", "x86_64", "linux/amd64"),
        ("Linux", "aarch64", "linux/arm64"),
        ("Darwin", "arm64", "darwin/arm64"),
        ("Linux", "armv7l", "linux/arm/v7"),
        ("Linux", "armv6l", "linux/arm/v6"),
        ("Linux", "i686", "linux/386"),
        ("Linux", "ppc64le", "linux/ppc64le"),
    ],
)
def test_local_platform(system: str, machine: str, meant: str) -> None:
    assert str(platforms.local_platform(system, machine)) == meant


def test_compatible_lists_the_best_first() -> None:
    arm = [str(one) for one in platforms.compatible(parse("linux/arm64"))]
    assert arm == ["linux/arm64", "linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]
    assert [str(one) for one in platforms.compatible(parse("linux/amd64/v3"))] == [
        "linux/amd64/v3",
        "linux/amd64/v2",
        "linux/amd64",
        "linux/386",
    ]
    nine = [str(one) for one in platforms.compatible(parse("linux/arm64/v9"))]
    assert nine[:3] == ["linux/arm64/v9", "linux/arm64/v8.5", "linux/arm64/v8.4"]
    assert [str(one) for one in platforms.compatible(parse("linux/s390x"))] == ["linux/s390x"]


def test_an_unknown_variant_of_arm64_runs_nothing() -> None:
    assert platforms.compatible(parse("linux/arm64/v9.8")) == ()
    assert str(platforms.compatible(parse("linux/arm64/v9.7"))[8]) == "linux/arm64/v8.9"


def test_best_prefers_the_closest() -> None:
    offered = [parse("linux/arm/v6"), parse("linux/arm/v7"), parse("linux/amd64")]
    assert platforms.best(parse("linux/arm64"), offered) == 1
    assert platforms.best(parse("linux/riscv64"), offered) is None


@pytest.mark.parametrize(
    ("host", "image", "runs"),
    [
        ("10.0.17763.1", "10.0.17763.9", True),
        ("10.0.17763.1", "10.0.20348", False),
        ("10.0.17763.1", "10.0.14393", False),
        ("10.0.17763.1", "", True),
        ("10.0", "10.0.20348", True),
        ("10.0.20348", "10.0", False),
        ("10.0.20348", "10.0.17763", False),
        ("10.0.22621", "10.0.20348.5", True),
        ("10.0.26100", "10.0.20348", True),
        ("10.0.26101", "10.0.20348", False),
        ("10.0.26101", "10.0.26100", True),
        ("10.0.20348", "10.0.26100", False),
        ("10.1.26100", "10.0.26100", False),
    ],
)
def test_windows_versions_match_by_build(host: str, image: str, runs: bool) -> None:
    wanted, offered = (Platform("windows", "amd64", os_version=version) for version in (host, image))
    assert platforms.matches(wanted, offered) == runs


def test_windows_features_match_but_for_win32k() -> None:
    assert platforms.matches(parse("windows/amd64"), parse("windows(+win32k)/amd64"))
    assert not platforms.matches(parse("windows/amd64"), parse("windows(+other+win32k)/amd64"))


def test_features_that_are_offered_must_be_there() -> None:
    assert platforms.matches(parse("linux(+a+b)/amd64"), parse("linux(+a)/amd64"))
    assert not platforms.matches(parse("linux/amd64"), parse("linux(+a)/amd64"))


def test_dedupe_keeps_the_first_place() -> None:
    found = platforms.dedupe([parse("linux/amd64"), parse("linux/arm64"), Platform("linux", "x86_64")])
    assert [str(one) for one in found] == ["linux/amd64", "linux/arm64"]


def test_json_both_ways() -> None:
    one = parse("windows(10.0.1+x)/arm/v7")
    assert platforms.to_json(one) == {
        "architecture": "arm",
        "os": "windows",
        "os.version": "10.0.1",
        "os.features": ["x"],
        "variant": "v7",
    }
    assert platforms.from_json(platforms.to_json(one)) == one
