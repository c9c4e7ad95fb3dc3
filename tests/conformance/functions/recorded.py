"""What the reference answered, and the machine that it was asked on."""

from __future__ import annotations

import json
from typing import Final

from bake.host import Host
from tests.conformance.functions.calls import RECORDED
from tests.fakes.evaluating import Plain
from tools.record_functions import HOME

ANSWERS: Final[dict[str, dict[str, str]]] = json.loads(RECORDED.read_text(encoding="utf-8"))["answers"]
"""Each expression with its value, or with what was wrong with it."""


class World(Plain):
    host = Host(home=HOME, now=lambda: 1.0)
