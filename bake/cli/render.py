"""`pybake render`: what a template becomes, before anything parses it."""

from __future__ import annotations

import sys

import click

from bake.cli.options import many


@click.command("render")
@click.argument("file")
@many("--data", metavar="FILE", help="Data for the template (JSON, TOML or YAML)")
@many("--define", metavar="NAME=VALUE", help="Define a name for the template")
def command(file: str, data: tuple[str, ...], define: tuple[str, ...]) -> int:
    """Render FILE, a Jinja2 template, and print the result.

    The template sees the names of --data and --define, `env` (the environment), `git` (sha, short_sha,
    branch, tag, dirty, commit_time) and `platform` (os, architecture, variant).
    """
    from bake.api.definition import Files, rendered
    from bake.api.machine import read_stdin, this_machine

    host = this_machine()
    sys.stdout.write(rendered(Files((file,), data, define), host, read_stdin))
    return 0
