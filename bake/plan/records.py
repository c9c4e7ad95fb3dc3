"""What planning gives, and what it is told besides the definition."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import TypeAlias

    from bake.progress import Note
    from bake.solve import Solve, SolveKey

    Elsewhere: TypeAlias = Callable[[Collection[str], Collection[str]], "Plan"]


@record
class Join:
    """The results of one target's Solves, which become one: an index of their images.

    `names` are the references to push the index to, with their tags; none if nothing is pushed.
    `annotations` are exporter attributes (`annotation-index.KEY`, …) for the index. `gathers` says that the
    Solves leave parts of one output.
    """

    target: str
    solves: tuple[SolveKey, ...]
    names: tuple[str, ...] = ()
    insecure: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict)
    gathers: bool = False


@record
class Plan:
    """Solves in an order that builds inputs first, and one `Join` for each target.

    `notes` are what a person should read before the build. `elsewhere` plans some of the targets, and what
    they need, without nodes that were lost meanwhile.
    """

    solves: Mapping[SolveKey, Solve]
    joins: Mapping[str, Join]
    notes: tuple[Note, ...] = ()
    elsewhere: Elsewhere | None = field(default=None, compare=False, repr=False)

    def inputs(self, key: SolveKey) -> tuple[SolveKey, ...]:
        """The Solves whose results the Solve `key` takes as contexts, each once."""
        return tuple(dict.fromkeys(link.solve for link in self.solves[key].links))


@record
class GitFacts:
    """What Git says about the work tree around a context: `root` is absolute, `revision` may end in
    `-dirty`, `remote` is the URL of its remote."""

    root: str
    revision: str = ""
    remote: str = ""


@record
class PlanOptions:
    """What planning needs besides definition, nodes and host.

    `git` maps contexts (absolute paths, see `contexts.local_directories`) to what Git knows of them.
    `image_stores` maps docker contexts to their engine's image store, "" being the current context:
    it decides in which format images are loaded. `proxies` are build arguments from Docker's
    configuration. `remote` is the URL of a remote definition. `node_id` tells this client's shared
    context copies from others'. `terminal` says that standard output is a terminal. `policies` maps
    remote contexts to those of their Dockerfiles that have a policy beside them. `cgroup_parent` is that
    of the containers of build steps, "" for the builder's. `balance` shares targets among equal nodes.
    `scratch` is a folder, not there yet, where parts of outputs may wait for each other.
    """

    git: Mapping[str, GitFacts] = field(default_factory=dict)
    image_stores: Mapping[str, str] = field(default_factory=dict)
    proxies: Mapping[str, str] = field(default_factory=dict)
    remote: str = ""
    node_id: str = ""
    terminal: bool = False
    policies: Mapping[str, Collection[str]] = field(default_factory=dict)
    cgroup_parent: str = ""
    balance: bool = True
    scratch: str = ""
