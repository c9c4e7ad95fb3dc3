"""Ask the reference for every expression of tests/conformance/functions and write down what it says.

    python -m tools.record_functions [PATH OF docker-buildx]

Without a path, the reference is the one among the engine's tools. The answers go to recorded.json with
the reference's version: the JSON text of the value, or the line of the first fault.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.conformance.functions.calls import LEAD, RECORDED, cases

HOME: Final = "/home/user"
_OTHERS: Final = re.compile(r", and \d+ other diagnostic\(s\)$")
_STACK: Final = re.compile(r"(panic in function implementation: [^\n]*)\n.*", re.DOTALL)
_VERSION: Final = re.compile(r"\bv?(\d+\.\d+\.\d+)")


def main(arguments: list[str]) -> int:
    program = arguments[0] if arguments else _reference()
    expressions = [one for group in cases().values() for one in group]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda one: ask(program, one), expressions)
        recorded = dict(sorted(zip(expressions, answers, strict=True)))
    text = json.dumps({"version": version(program), "answers": recorded}, indent=0, ensure_ascii=False)
    RECORDED.write_text(text + "\n", encoding="utf-8")
    print(f"{len(recorded)} answers in {RECORDED.name}")
    return 0


def version(program: str) -> str:
    """The reference's version, such as 0.29.1."""
    printed = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    found = _VERSION.search(printed)
    return found[1] if found else printed.strip()


def ask(program: str, expression: str) -> dict[str, str]:
    """`value`, the JSON text of a list with the value in it, or `error`, `f.hcl:1,5-9: Summary; Detail.`"""
    with tempfile.TemporaryDirectory() as folder:
        target = 'target "default" {\n  args = {\n    v = jsonencode([x])\n  }\n}\n'
        Path(folder, "f.hcl").write_text(f"{LEAD}{expression}\n{target}", encoding="utf-8")
        environment = {"HOME": HOME, "BUILDX_CONFIG": folder, "PATH": "/usr/bin:/bin"}
        command = [program, "bake", "-f", "f.hcl", "--print", "--progress=quiet"]
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            # the reference cuts characters in the middle in some messages
            encoding="utf-8",
            errors="replace",
            timeout=120,
            check=False,
        )
    if done.returncode == 0:
        # args print with template marks doubled, which JSON text never needs otherwise
        text = json.loads(done.stdout)["target"]["default"]["args"]["v"]
        return {"value": text.replace("$${", "${").replace("%%{", "%{")}
    fault = done.stderr.rpartition("ERROR: ")[2].rstrip("\n")
    return {"error": _OTHERS.sub("", _STACK.sub(r"\1", fault))}


def _reference() -> str:
    from tools.engine.packages import obtain

    return obtain().program("docker-buildx")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
