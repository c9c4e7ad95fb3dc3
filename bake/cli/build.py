"""`pybake build`: buildx build's options, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bake.cli.builder_options import builder
from bake.cli.options import flag, many
from bake.cli.run_options import (
    call,
    check,
    debug,
    metadata_file,
    no_cache,
    progress,
    pull,
    report,
    run_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def legacy(*names: str) -> Callable[[Any], Any]:
    """An option for limits that `--resource` has replaced: taken, not shown."""
    return click.option(*names, hidden=True, metavar="VALUE")


@click.command("build")
@click.argument("contexts", nargs=-1, metavar="PATH | URL | -")
@many("--add-host", metavar="HOST:IP", help='Add a custom host-to-IP mapping (format: "host:ip")')
@many(
    "--allow",
    metavar="ENTITLEMENT",
    help='Allow extra privileged entitlement (e.g., "network.host", "security.insecure", "device", '
    '"buildx.local.delete")',
)
@many("--annotation", metavar="ANNOTATION", help='Add annotation to the image (format: "[TYPE:]KEY=VALUE")')
@many("--attest", metavar="OPTIONS", help='Attestation parameters (format: "type=sbom,generator=image")')
@many("--build-arg", metavar="NAME[=VALUE]", help="Set build-time variables")
@many("--build-context", metavar="NAME=PATH", help="Additional build contexts (e.g., name=path)")
@builder
@many(
    "--cache-from",
    metavar="SOURCE",
    help='External cache sources (e.g., "user/app:cache", "type=local,src=path/to/dir")',
)
@many(
    "--cache-to",
    metavar="DESTINATION",
    help='Cache export destinations (e.g., "user/app:cache", "type=local,dest=path/to/dir")',
)
@call
@click.option(
    "--cgroup-parent",
    metavar="CGROUP",
    help='Set the parent cgroup for the "RUN" instructions during build',
)
@check
@debug
@click.option("-f", "--file", metavar="FILE", help='Name of the Dockerfile (default: "PATH/Dockerfile")')
@click.option("--iidfile", metavar="FILE", help="Write the image ID to a file")
@many("--label", metavar="NAME=VALUE", help="Set metadata for an image")
@flag("--load", help='Shorthand for "--output=type=docker"')
@metadata_file
@click.option(
    "--network",
    default="default",
    metavar="MODE",
    help='Set the networking mode for the "RUN" instructions during build (default, none, host)',
)
@no_cache
@many("--no-cache-filter", metavar="STAGE", help="Do not cache specified stages")
@many("-o", "--output", metavar="OUTPUT", help='Output destination (format: "type=local,dest=path")')
@many(
    "--platform",
    metavar="PLATFORM",
    help='Set target platform for build (e.g., "linux/amd64,linux/arm64") [default: the builder\'s own]',
)
@many(
    "--policy", metavar="OPTIONS", help='Policy configuration (format: "filename=path[,reset=true|false]…")'
)
@progress
@click.option(
    "--provenance", metavar="OPTIONS", help='Shorthand for "--attest=type=provenance" (true, false, mode=max)'
)
@pull
@flag("--push", help='Shorthand for "--output=type=registry,unpack=false"')
@flag("-q", "--quiet", help="Suppress the build output and print image ID on success")
@report
@many(
    "--resource",
    metavar="NAME=VALUE",
    help='Resource limits for build containers (format: "memory=2g", "cpu-quota=50000")',
)
@click.option(
    "--sbom", metavar="OPTIONS", help='Shorthand for "--attest=type=sbom" (true, false, generator=IMAGE)'
)
@many(
    "--secret",
    metavar="SECRET",
    help='Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")',
)
@click.option("--shm-size", metavar="BYTES", help='Shared memory size for build containers (e.g., "128m")')
@many(
    "--ssh",
    metavar="AGENT",
    help='SSH agent socket or keys to expose to the build (format: "default|<id>[=<socket>|<key>[,<key>]]")',
)
@many("-t", "--tag", metavar="NAME", help='Image identifier (format: "[registry/]repository[:tag]")')
@click.option("--target", metavar="STAGE", help="Set the target build stage to build [default: the last one]")
@many("--ulimit", metavar="LIMIT", help='Ulimit options (format: "TYPE=SOFT[:HARD]")')
@click.option("--print", "printed", hidden=True, metavar="METHOD")
@legacy("-m", "--memory")
@legacy("--memory-swap")
@legacy("-c", "--cpu-shares")
@legacy("--cpu-period")
@legacy("--cpu-quota")
@legacy("--cpuset-cpus")
@legacy("--cpuset-mems")
@legacy("--isolation")
@many("--security-opt", hidden=True, metavar="OPTION", help="Security options")
@flag("--squash", hidden=True, help="Squash newly built layers into a single new layer")
@flag("--compress", hidden=True, help="Compress the build context using gzip")
@flag("--rm", hidden=True, help="Remove intermediate containers after a successful build")
@flag("--force-rm", hidden=True, help="Always remove intermediate containers")
@run_options
def command(**options: Any) -> int:
    """Start a build.

    PATH is the folder with the build's files, URL a Git repository or an archive. `-` reads an archive of
    the files, or a Dockerfile that needs none, from standard input; `-f -` reads a Dockerfile for PATH.
    """
    from bake.cli.single import build

    return build(options)
