"""Names for builders that were given none: an adjective and somebody who built something, `calm_roebling`."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

ADJECTIVES = (
    *("agile", "ample", "bold", "brave", "bright", "brisk", "calm", "candid", "careful", "cheerful"),
    *("clever", "crisp", "curious", "daring", "deft", "eager", "earnest", "easy", "fair", "fine", "fond"),
    *("frank", "fresh", "gentle", "glad", "grand", "handy", "hardy", "honest", "jolly", "keen", "kind"),
    *("lively", "lucid", "lucky", "mellow", "merry", "mild", "modest", "neat", "nimble", "noble", "open"),
    *("patient", "plain", "polite", "prompt", "proud", "quick", "quiet", "ready", "robust", "serene"),
    *("sharp", "shy", "sincere", "smart", "snug", "sober", "solid", "spry", "steady", "sturdy", "sunny"),
    *("swift", "tidy", "true", "trusty", "upbeat", "vivid", "warm", "wise", "witty", "zealous"),
)
BUILDERS = (
    *("aalto", "alberti", "ammann", "apollodorus", "arup", "bazalgette", "bernini", "bramante", "breuer"),
    *("brunel", "brunelleschi", "burnham", "eads", "eiffel", "ellet", "fazlur", "fuller", "gaudi", "gilbert"),
    *("gropius", "hadid", "hennebique", "imhotep", "isidore", "jenney", "kahn", "lossier", "maillart"),
    *("mansart", "michelangelo", "mimar", "morandi", "nervi", "niemeyer", "otto", "palladio", "paxton"),
    *("pei", "perronet", "polonceau", "rennie", "roebling", "saarinen", "seguin", "shukhov", "sinan"),
    *("smeaton", "soufflot", "stephenson", "steinman", "sullivan", "tange", "telford", "torroja"),
    *("trevithick", "utzon", "vauban", "vitruvius", "wren"),
)


def generate(taken: Collection[str], random: Callable[[int], bytes]) -> str:
    """A name that is not `taken`; `random` gives that many random bytes. A number helps when many are."""
    for attempt in count():
        first, second = random(2)
        name = f"{ADJECTIVES[first % len(ADJECTIVES)]}_{BUILDERS[second % len(BUILDERS)]}"
        if attempt:
            name += str(attempt)
        if name not in taken:
            return name
    raise AssertionError("numbers do not end")
