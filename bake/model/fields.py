"""The one table of target fields: how each is spelled, decoded, merged, set, tidied and printed.

Decoding, merging, `--set`, `--print`, the JSON Schema and the reference page all go by these rows, and
nothing else in the model knows a field by name, but for the few rules that join two fields
(`bake.model.inherit`). Order is the order that `--print` prints in. Rules: docs/bake-reference.md and
docs/reference/buildx_bake.md of buildx 0.36.1.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from bake.model import held as merging
from bake.model import kinds, settings
from bake.model.base import hyphenated
from bake.model.entries import Attest, CacheEntry, Output
from bake.model.held import appended, distinct_entries, distinct_text, last_by, some_entries, without_empty
from bake.model.policy import Policy
from bake.model.secrets import SSH, Secret
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.model.held import Held, Merge
    from bake.model.kinds import Kind
    from bake.model.settings import SetRule


@record
class Field:
    """One field of a target.

    `attribute` is Target's attribute for it. `merge` puts a later file's, an heir's or a `+=` value
    to an earlier one, `tidy` is done once when a target is resolved. `set` maps the spellings that
    `--set` knows to their rules. `escaped` says that `--print` writes `${` and `%{` so that reading it
    again gives the same text. `omit_empty` leaves an empty value out of the print.
    """

    attribute: str
    kind: Kind
    merge: Merge
    description: str
    set: Mapping[str, SetRule] = field(default_factory=dict)
    tidy: Callable[[Held], Held | None] | None = None
    escaped: bool = False
    omit_empty: bool = True

    @property
    def name(self) -> str:
        """How files spell it."""
        return hyphenated(self.attribute)


_ATTRS: Mapping[str, Any] = {"type": {"type": "string"}}
_by_type, _by_id = last_by("type"), last_by("id")
_caches = appended(distinct_entries)


def _more_caches(mine: Held, theirs: Held) -> Held:
    """`--set …+=` finds a target's caches tidied, for they were laid over those of its parents; where they
    are exported to, which is not inherited, it does not."""
    return _caches(distinct_entries(mine), theirs)


_ROWS = (
    Field(
        "description",
        kinds.DESCRIPTION,
        merging.replace_unless_empty,
        "What the target is for, in words.",
    ),
    Field(
        "inherits",
        kinds.TEXTS,
        merging.append,
        "Targets to take fields from; later ones win over earlier ones, the target's own fields over all.",
    ),
    Field(
        "annotations",
        kinds.TEXTS,
        merging.append,
        "Annotations of the image, `[TYPE[PLATFORM]:]KEY=VALUE`.",
        set={"annotations": settings.MORE_TEXTS},
        tidy=distinct_text,
        escaped=True,
    ),
    Field(
        "attest",
        kinds.entries(Attest, **_ATTRS, disabled={"type": ["boolean", "string"]}),
        appended(_by_type),
        "Attestations to make (provenance, sbom), one of each type.",
        set={"attest": settings.entries(Attest, appended(_by_type), always_append=True)},
        tidy=_by_type,
    ),
    Field(
        "context",
        kinds.TEXT,
        merging.replace,
        "The build's files: a folder or a URL.",
        set={"context": settings.TEXT},
        omit_empty=False,
    ),
    Field(
        "contexts",
        kinds.MAP,
        merging.union,
        "Further contexts by name: a folder, a URL, `docker-image://`, `oci-layout://` or `target:NAME`.",
        set={"contexts": settings.KEY},
        tidy=without_empty,
    ),
    Field(
        "dockerfile",
        kinds.TEXT,
        merging.replace,
        "The Dockerfile, relative to the context.",
        set={"dockerfile": settings.TEXT},
        omit_empty=False,
    ),
    Field(
        "dockerfile_inline",
        kinds.TEXT,
        merging.replace,
        "The Dockerfile's text itself; takes precedence over `dockerfile`.",
        escaped=True,
        omit_empty=False,
    ),
    Field(
        "args",
        kinds.NULLABLE_MAP,
        merging.union,
        "Build arguments; null leaves one to the Dockerfile.",
        set={"args": settings.ARGUMENT},
        escaped=True,
    ),
    Field(
        "labels",
        kinds.NULLABLE_MAP,
        merging.union,
        "Labels of the image.",
        set={"labels": settings.KEY},
        escaped=True,
    ),
    Field(
        "tags",
        kinds.TEXTS,
        merging.replace,
        "Names of the image.",
        set={"tags": settings.TEXTS},
        tidy=distinct_text,
    ),
    Field(
        "cache_from",
        kinds.entries(CacheEntry, **_ATTRS),
        _caches,
        "Where cache is imported from.",
        set={"cache-from": settings.entries(CacheEntry, _more_caches)},
        tidy=some_entries,
    ),
    Field(
        "cache_to",
        kinds.entries(CacheEntry, **_ATTRS),
        merging.replace,
        "Where cache is exported to.",
        set={"cache-to": settings.entries(CacheEntry, _caches)},
        tidy=some_entries,
    ),
    Field(
        "target",
        kinds.TEXT,
        merging.replace,
        "The stage of the Dockerfile to build.",
        set={"target": settings.TEXT},
        omit_empty=False,
    ),
    Field(
        "secret",
        kinds.entries(Secret, id={"type": "string"}, src={"type": "string"}, env={"type": "string"}),
        appended(_by_id),
        "Secrets for the build, from files or environment variables, by id.",
        set={"secrets": settings.entries(Secret, appended(_by_id)), "secret": settings.SECRET},
        tidy=_by_id,
    ),
    Field(
        "ssh",
        kinds.entries(SSH, id={"type": "string"}, paths={"type": "array", "items": {"type": "string"}}),
        appended(_by_id),
        "SSH agents or keys for the build, by id.",
        set={"ssh": settings.entries(SSH, appended(_by_id))},
        tidy=_by_id,
    ),
    Field(
        "platforms",
        kinds.TEXTS,
        merging.replace,
        "Platforms to build for.",
        set={"platform": settings.TEXTS},
        tidy=distinct_text,
    ),
    Field(
        "output",
        kinds.entries(Output, **_ATTRS, dest={"type": "string"}),
        merging.replace,
        "Where the result goes.",
        set={
            "output": settings.entries(Output, settings.OUTPUT_MERGE),
            "push": settings.PUSH,
            "load": settings.LOAD,
        },
        tidy=some_entries,
    ),
    Field(
        "pull",
        kinds.FLAG,
        merging.replace,
        "Look for newer images of what the build starts from.",
        set={"pull": settings.FLAG},
        omit_empty=False,
    ),
    Field(
        "no_cache",
        kinds.FLAG,
        merging.replace,
        "Use no cache.",
        set={"no-cache": settings.FLAG},
        omit_empty=False,
    ),
    Field(
        "network",
        kinds.TEXT,
        merging.replace,
        "The network of build steps: default, none or host.",
        set={"network": settings.EMPTIED},
        omit_empty=False,
    ),
    Field(
        "no_cache_filter",
        kinds.TEXTS,
        merging.append,
        "Stages that use no cache.",
        set={"no-cache-filter": settings.TEXTS},
        tidy=distinct_text,
    ),
    Field(
        "shm_size",
        kinds.TEXT,
        merging.replace,
        "The size of /dev/shm, `128MiB`.",
        set={"shm-size": settings.TEXT},
        omit_empty=False,
    ),
    Field(
        "ulimits",
        kinds.TEXTS,
        merging.append,
        "Limits of build steps' processes, `TYPE=SOFT[:HARD]`.",
        set={"ulimits": settings.TEXTS},
        tidy=distinct_text,
    ),
    Field(
        "resources",
        kinds.LIMITS,
        merging.limit_by_limit,
        "Limits of build steps' containers.",
        set={"resources": settings.LIMIT},
        omit_empty=False,
    ),
    Field(
        "call",
        kinds.TEXT,
        merging.replace,
        "The frontend's method: build, check, outline or targets.",
        set={"call": settings.TEXT},
        omit_empty=False,
    ),
    Field(
        "entitlements",
        kinds.TEXTS,
        merging.append,
        "Permissions that build steps need: network.host, security.insecure, device.",
        set={"entitlements": settings.MORE_TEXTS},
        tidy=distinct_text,
    ),
    Field(
        "extra_hosts",
        kinds.NULLABLE_MAP,
        merging.union,
        "Addresses of hosts by name.",
        set={"extra-hosts": settings.KEY},
        escaped=True,
    ),
    Field(
        "policy",
        kinds.entries(Policy),
        merging.append,
        "Policies that judge the build's sources.",
        set={"policy": settings.entries(Policy, merging.append)},
    ),
)

FIELDS: Mapping[str, Field] = {row.attribute: row for row in _ROWS}
"""All rows, by Target's attribute."""

SPELLED: Mapping[str, Field] = {row.name: row for row in _ROWS}
"""All rows, as files spell them."""

SETTABLE: Mapping[str, tuple[Field, SetRule]] = {
    key: (row, rule) for row in _ROWS for key, rule in row.set.items()
}
"""What `--set` knows, in the order in which settings of one target are applied."""
