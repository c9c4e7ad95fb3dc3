"""`--print` of 60 and 450 lines against `docker buildx bake --print`, of 1,000 targets against the plugin."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING

from tools.bench.pairs import race

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.bench.pairs import Pair
    from tools.bench.setting import Setting

SIZES = {"60 lines": 6, "450 lines": 62, "1,000 targets": 1000}


def definition(targets: int) -> str:
    """A definition as people write them: variables, templates, lists, a group of all targets."""
    names = ", ".join(f'"svc{number}"' for number in range(targets))
    blocks = [_target(number) for number in range(targets)]
    values = {"REGISTRY": "docker.io/acme", "VERSION": "1.2.3"}
    head = "".join(f'variable "{name}" {{\n  default = "{value}"\n}}\n' for name, value in values.items())
    return f'{head}group "default" {{\n  targets = [{names}]\n}}\n' + "\n".join(blocks)


def _target(number: int) -> str:
    return (
        f'target "svc{number}" {{\n'
        f'  context = "services/{number}"\n'
        f'  args = {{ VERSION = "${{VERSION}}-{number}" }}\n'
        f'  tags = ["${{REGISTRY}}/svc{number}:${{VERSION}}", "${{REGISTRY}}/svc{number}:latest"]\n'
        f'  platforms = ["linux/amd64", "linux/arm64"]\n'
        f'  labels = {{ "org.opencontainers.image.title" = "svc{number}" }}\n'
        "}"
    )


def run(setting: Setting) -> Iterator[tuple[str, Pair]]:
    """Each size, with the syntax trees of an earlier run kept (warm) and with an empty cache (cold)."""
    for name, targets in SIZES.items():
        folder = setting.work / str(targets)
        folder.mkdir()
        (folder / "docker-bake.hcl").write_text(definition(targets))
        theirs = setting.theirs("bake", "--print", plugin_alone=targets == max(SIZES.values()))
        cache = setting.work / f"cache-{targets}"
        empty = partial(shutil.rmtree, cache, ignore_errors=True)
        for heat, prepare in (("warm", bool), ("cold", empty)):
            ours = setting.ours("--print", prepare=prepare, XDG_CACHE_HOME=str(cache))
            yield f"print, {name}, {heat}", race(ours, theirs, str(folder), setting.rounds)
