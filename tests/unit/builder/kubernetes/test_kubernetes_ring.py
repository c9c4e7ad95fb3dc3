from __future__ import annotations

import hashlib
import struct
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bake.builder.kubernetes.ring import chosen

NAMES = st.lists(st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True), min_size=1, max_size=6, unique=True)


@given(st.text(max_size=30), NAMES)
def test_a_choice_hangs_on_nothing_but_the_names(key: str, names: list[str]) -> None:
    assert chosen(key, names) == chosen(key, sorted(names))
    assert chosen(key, names) in names


@given(st.text(max_size=30), NAMES, st.data())
def test_who_goes_moves_only_what_was_there(key: str, names: list[str], data: st.DataObject) -> None:
    before = chosen(key, names)
    gone = data.draw(st.sampled_from(names))
    left = [name for name in names if name != gone]
    if left and gone != before:
        assert chosen(key, left) == before


def test_places_are_signed_words_of_md5_and_the_ring_closes() -> None:
    def place(text: str) -> tuple[int, int]:
        high, low = struct.unpack("<qq", hashlib.md5(text.encode()).digest())
        return high, low

    names = ["kube0-a", "kube0-b", "kube0-c"]
    ordered = sorted(names, key=lambda name: place(f"{name}-0"))
    found = Counter()  # type: Counter[str]
    for number in range(200):
        key = f"/home/{number}"
        behind = [name for name in ordered if place(key) < place(f"{name}-0")]
        assert chosen(key, names) == (behind or ordered)[0]
        found["closed" if not behind else "open"] += 1
    assert set(found) == {"closed", "open"}
