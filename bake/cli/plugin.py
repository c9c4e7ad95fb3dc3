"""`docker pybake …`: pybake as a plugin of Docker's command line.

Docker finds `docker-pybake` in its folders of plugins (`~/.docker/cli-plugins`), asks it for metadata, and
runs it as `docker-pybake [DOCKER'S OPTIONS] pybake WORDS…`
(github.com/docker/cli, cli-plugins/metadata and cli-plugins/manager, 28).
"""

from __future__ import annotations

import os
import sys

NAME = "pybake"
METADATA = "docker-cli-plugin-metadata"
"""The word by which docker asks what a plugin is."""

VARIABLES = {
    "-c": "DOCKER_CONTEXT",
    "--context": "DOCKER_CONTEXT",
    "--config": "DOCKER_CONFIG",
    "-H": "DOCKER_HOST",
    "--host": "DOCKER_HOST",
}
"""Docker's own options that matter here, and the variables that say the same."""
PASSED_OVER = frozenset({"-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"})
"""Its other options that take a value."""


def main() -> None:
    """Answer docker, or run the command it passes on."""
    words = sys.argv[1:]
    if words[:1] == [METADATA]:
        print(_metadata())
        sys.exit(0)
    from bake.cli.main import main as run

    said, rest = split(words)
    if "DOCKER_CONTEXT" in said:
        os.environ.pop("DOCKER_HOST", None)  # an option beats a variable
    os.environ.update(said)
    run(rest)


def split(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """What docker's own options say, as variables, and the words that are meant for pybake.

    Without the plugin's name among them all words are: somebody calls the program by itself.
    """
    said: dict[str, str] = {}
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, joined, value = words[at].partition("=")
        takes_next = not joined and (name in VARIABLES or name in PASSED_OVER)
        if takes_next and at + 1 < len(words):
            value = words[at + 1]
        if name in VARIABLES:
            said[VARIABLES[name]] = value
        at += 1 + takes_next
    if words[at : at + 1] != [NAME]:
        return {}, words
    return said, words[at + 1 :]


def _metadata() -> str:
    import json

    from bake import __version__

    return json.dumps(
        {
            "SchemaVersion": "0.1.0",
            "Vendor": "pybake",
            "Version": __version__,
            "ShortDescription": "Declarative builds with BuildKit",
        }
    )
