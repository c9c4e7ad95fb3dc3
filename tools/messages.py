"""Makes `bake/buildkit/messages/*_pb2.py` and `.pyi` from the .proto files beside them.

`python tools/messages.py` rewrites them; `--check` only says, by its exit code and on standard error,
which are stale. Needs the dependency group `messages`: the generated code demands a protobuf runtime
at least as new as the compiler's, so that group's version decides the oldest protobuf pybake runs on.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path("bake/buildkit/messages")


def generate(into: Path, root: Path = ROOT) -> list[Path]:
    """Compile every .proto of `root` below `into`; gives the files' paths relative to `into`."""
    from grpc_tools import protoc  # type: ignore[import-untyped]

    protos = sorted(str(path.relative_to(root)) for path in (root / FOLDER).glob("*.proto"))
    arguments = ["protoc", f"-I{root}", f"--python_out={into}", f"--pyi_out={into}", *protos]
    if protoc.main(arguments) != 0:
        raise SystemExit("protoc refused the .proto files, see above")
    return sorted(path.relative_to(into) for path in (into / FOLDER).glob("*_pb2.py*"))


def stale(root: Path = ROOT) -> list[str]:
    """The generated files that are missing, changed, or left over from a .proto that is gone."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = {path: (Path(folder) / path).read_bytes() for path in generate(Path(folder), root)}
    here = {path.relative_to(root) for path in (root / FOLDER).glob("*_pb2.py*")}
    differing = {
        path for path, data in fresh.items() if path not in here or (root / path).read_bytes() != data
    }
    return sorted(map(str, differing | (here - fresh.keys())))


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        found = stale()
        print(*(f"stale: {path}; run `make messages`" for path in found), sep="\n", end="", file=sys.stderr)
        return 1 if found else 0
    for old in (ROOT / FOLDER).glob("*_pb2.py*"):
        old.unlink()
    generate(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
