"""Writes `schemas/` anew from the model; `--check` only says whether it is fresh."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bake.model.json_schema import definition_schema

FILE = Path(__file__).resolve().parents[1] / "schemas" / "bake.schema.json"


def text() -> str:
    """What the file should hold."""
    return json.dumps(definition_schema(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        return int(FILE.read_text() != text())
    FILE.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
