"""`pybake create`: buildx create's options, word for word."""

from __future__ import annotations

import sys
from typing import Any

import click

from bake.cli.builder_options import everywhere, shown, timeout
from bake.cli.options import flag, many


@click.command("create")
@everywhere
@click.argument("endpoint", required=False, default="", metavar="[CONTEXT|ENDPOINT]")
@flag("--append", help="Append a node to builder instead of changing it")
@flag("--bootstrap", help="Boot builder after creation")
@click.option("--buildkitd-config", default="", metavar="FILE", help="BuildKit daemon config file")
@click.option("--config", default="", hidden=True)
@click.option("--buildkitd-flags", default="", metavar="FLAGS", help="BuildKit daemon flags")
@click.option(
    "--driver", default="", metavar="NAME", help="Driver to use (docker-container, kubernetes, local, remote)"
)
@many(
    "--driver-opt",
    "driver_opts",
    metavar="NAME=VALUE",
    help="Options for the driver, such as image, network, memory, cacert",
)
@flag("--leave", help="Remove a node from builder instead of changing it")
@click.option("--name", default="", metavar="NAME", help="Builder instance name")
@click.option("--node", default="", metavar="NAME", help="Create/modify node with given name")
@many("--platform", "platforms", metavar="PLATFORM", help="Fixed platforms for current node")
@timeout
@flag("--use", help="Set the current builder instance")
def command(**options: Any) -> int:
    """Create a new builder instance.

    CONTEXT is a docker context, whose engine runs the builder's container; ENDPOINT is the address of a
    BuildKit (unix://, tcp://, ssh://, docker-container://) for the driver `remote`.

    Drivers: docker-container (the default without an address) runs BuildKit in a container, kubernetes in
    pods, local as a process on this machine; remote uses one that is already running.

    \b
    pybake create --name mine --use --driver-opt network=host
    pybake create --name farm --driver remote --platform linux/amd64 tcp://amd.example:1234
    pybake create --name farm --append --platform linux/arm64 tcp://arm.example:1234
    """
    from bake.api import builders
    from bake.api.machine import this_machine

    host = this_machine()
    if options["leave"]:
        builders.leaving(host, options["name"], options["node"])
        return 0
    wish = builders.Wish(
        name=options["name"],
        driver=options["driver"],
        node=options["node"],
        platforms=options["platforms"],
        driver_opts=options["driver_opts"],
        flags=options["buildkitd_flags"],
        config=options["buildkitd_config"] or options["config"],
        endpoint=options["endpoint"],
        append=bool(options["append"]),
        use=bool(options["use"]),
        timeout=builders.timeout_of(options["timeout"]),
    )
    created = builders.created(host, wish)
    if created.wants_restart:
        sys.stderr.write("WARNING: new settings may not be used until builder is restarted\n")
    if options["bootstrap"]:
        with shown() as emit:
            builders.bootstrap(host, created.state, emit)
    print(created.state.builder.name)
    return 0
