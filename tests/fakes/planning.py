"""Planning for tests: a machine made of names, nodes by the dozen, and a plan of a few targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.errors import BakeError, flatten
from bake.host import Host
from bake.model.target import Definition, Target
from bake.node import NodeFacts
from bake.plan.make import make
from bake.plan.records import Plan, PlanOptions
from bake.platforms import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.solve import Solve

ALL = frozenset(
    ("OCI exporter", "Docker exporter", "Cache export", "Multi-platform build", "Direct push", "Default load")
)
HERE = "/w"
KEY = b"-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n"
"""The armour of a private key, around nothing."""


def machine(
    files: Mapping[str, bytes] | None = None, folders: Iterable[str] = (), **environment: str
) -> Host:
    """A machine with these files (absolute names) and folders, besides the working directory /w."""
    contents = dict(files or {})
    known = {HERE, "/", *folders, *(name.rpartition("/")[0] or "/" for name in contents)}

    def read(path: str) -> bytes:
        if path not in contents:
            raise FileNotFoundError(2, "No such file or directory", path)
        return contents[path]

    return Host(
        environment=environment,
        working_directory=HERE,
        home="/home/me",
        platform=parse("linux/amd64"),
        random=lambda count: b"\x5a" * count,
        read=read,
        exists=lambda path: path in contents or path in known,
        is_dir=lambda path: path in known,
    )


def engine(name: str = "n", *platforms: str, store: str = "containerd", **fields: Any) -> NodeFacts:
    """A Docker Engine's node."""
    features = ALL if store == "containerd" else frozenset({"Default load"})
    return node(name, *platforms, driver="docker", image_store=store, **{"features": features, **fields})


def node(name: str = "n", *platforms: str, driver: str = "remote", **fields: Any) -> NodeFacts:
    """A node of BuildKit itself."""
    listed = tuple(parse(one) for one in platforms or ("linux/amd64",))
    return NodeFacts(
        **{"features": ALL - {"Default load"}, "platforms": listed, **fields}, name=name, driver=driver
    )


def target(name: str = "app", **fields: Any) -> Target:
    """A target, its fields spelled as attributes."""
    return Target(name=name, **fields)


def plan(
    *targets: Target,
    nodes: Iterable[NodeFacts] = (),
    host: Host | None = None,
    options: PlanOptions | None = None,
) -> Plan:
    definition = Definition(targets={one.name: one for one in targets})
    return make(definition, list(nodes) or [engine()], options or PlanOptions(), host or machine())


def solve(one: Target, node: NodeFacts | None = None, host: Host | None = None, **options: Any) -> Solve:
    """The one Solve of one target on one node."""
    made = plan(one, nodes=[node or engine()], host=host, options=PlanOptions(**options))
    (found,) = made.solves.values()
    return found


def faults(*targets: Target, **arguments: Any) -> list[BakeError]:
    """What is wrong with planning `targets`."""
    try:
        plan(*targets, **arguments)
    except (BakeError, ExceptionGroup) as exc:
        return flatten(exc)
    raise AssertionError("nothing was wrong")


def complaint(one: Target, node: NodeFacts | None = None, host: Host | None = None) -> str:
    """The only fault, as text."""
    (found,) = faults(one, nodes=[node or engine()], host=host)
    return str(found)
