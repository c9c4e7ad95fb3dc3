"""What a command imports from outside the standard library: start-up speed is a feature."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

PROBE = """
import sys

before = set(sys.modules)
from bake.cli.main import run

code = run(sys.argv[2:])
# What a C extension makes up for itself was found nowhere: it has no spec.
found = [name for name, module in sys.modules.items() if getattr(module, "__spec__", None)]
with open(sys.argv[1], "w") as file:
    file.write(" ".join(set(found) - before))
sys.exit(code)
"""


def third_party(pybake: Command, record: Path, *arguments: str) -> set[str]:
    """The third-party top-level packages that `pybake ARGUMENTS` imports; it must succeed."""
    pybake.runs(sys.executable, "-c", PROBE, record)(*arguments).ok()
    packages = {name.partition(".")[0] for name in record.read_text().split()}
    # The standard library's own build-time settings carry the platform in their name.
    packages = {name for name in packages if not name.startswith("_sysconfigdata")}
    return packages - sys.stdlib_module_names - {"bake"}
