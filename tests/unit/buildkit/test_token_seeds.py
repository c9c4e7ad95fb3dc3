from __future__ import annotations

import base64
import hashlib
import hmac
import json
import stat
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.token_seeds import TokenSeeds
from bake.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

SALT = b"salt"


def test_the_reference_s_file_is_read(tmp_path: Path) -> None:
    stored = {"reg.example": {"Seed": base64.b64encode(b"0123456789abcdef").decode()}}
    (tmp_path / ".token_seed").write_text(json.dumps(stored))
    found = TokenSeeds(str(tmp_path)).signing_seed("reg.example", SALT, anonymous=False)
    assert found == hmac.new(SALT, b"0123456789abcdef", hashlib.sha256).digest()


def test_a_seed_is_made_once_and_is_the_owner_s_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    first = TokenSeeds(str(folder)).signing_seed("a", SALT, anonymous=False)
    assert TokenSeeds(str(folder)).signing_seed("a", SALT, anonymous=False) == first
    assert TokenSeeds(str(folder)).signing_seed("b", SALT, anonymous=False) != first
    assert TokenSeeds(str(folder)).signing_seed("a", b"other", anonymous=False) != first
    assert sorted(json.loads((folder / ".token_seed").read_text())) == ["a", "b"]
    assert stat.S_IMODE((folder / ".token_seed").stat().st_mode) == 0o600
    assert {path.name for path in folder.iterdir()} == {".token_seed", ".token_seed.lock"}


def test_all_that_are_nobody_are_the_same_and_leave_nothing(tmp_path: Path) -> None:
    one, other = (TokenSeeds(str(tmp_path / name)) for name in "ab")
    assert one.signing_seed("a", SALT, anonymous=True) == other.signing_seed("b", SALT, anonymous=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["{", "[]", '{"a": 1}', '{"a": {"Seed": "?"}}', '{"a": {}}'])
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: str) -> None:
    (tmp_path / ".token_seed").write_text(damage)
    first = TokenSeeds(str(tmp_path)).signing_seed("a", SALT, anonymous=False)
    assert TokenSeeds(str(tmp_path)).signing_seed("a", SALT, anonymous=False) == first


@pytest.mark.usefixtures("bound")
def test_where_nothing_can_be_written_a_seed_lasts_for_the_process(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    seeds = TokenSeeds(str(folder))
    assert seeds.signing_seed("a", SALT, anonymous=False) == seeds.signing_seed("a", SALT, anonymous=False)


def test_a_folder_that_fails_is_named(tmp_path: Path) -> None:
    (tmp_path / ".token_seed").mkdir()
    with pytest.raises(UsageError, match=r"\.token_seed"):
        TokenSeeds(str(tmp_path)).signing_seed("a", SALT, anonymous=False)
