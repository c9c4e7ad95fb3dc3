"""The bake definition: targets and groups.

Frozen Pydantic models. A target's field counts as given when it is in `model_fields_set`; merging,
inheriting and printing go by that, what plans a build reads the values, which have the defaults of
buildx. The rules of each field stand in `bake.model.fields`. Every value knows its origin: `origins`
maps a field's path (`context`, `args.VERSION`, `tags[0]`) to where it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from pydantic import Field

from bake.model.base import Model, hyphenated
from bake.model.entries import Attest, CacheEntry, Output
from bake.model.policy import Policy
from bake.model.resources import Resources
from bake.model.secrets import SSH, Secret
from bake.source import Origin

DEFAULT_CONTEXT = "."
DEFAULT_DOCKERFILE = "Dockerfile"


Text: TypeAlias = "str | Mapping[str, Any]"
"""An entry as files write it: its string form or its object form."""

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    class TargetFields(TypedDict, total=False):
        """What a target may be given in Python: a list for each tuple, a text for each entry will do."""

        description: str
        inherits: Sequence[str]
        annotations: Sequence[str]
        attest: Sequence[Attest | Text]
        context: str
        contexts: Mapping[str, str]
        dockerfile: str
        dockerfile_inline: str | None
        args: Mapping[str, str]
        labels: Mapping[str, str]
        tags: Sequence[str]
        cache_from: Sequence[CacheEntry | Text]
        cache_to: Sequence[CacheEntry | Text]
        target: str | None
        secret: Sequence[Secret | Text]
        ssh: Sequence[SSH | Text]
        platforms: Sequence[str]
        output: Sequence[Output | Text]
        pull: bool | None
        no_cache: bool | None
        network: str | None
        no_cache_filter: Sequence[str]
        shm_size: str | None
        ulimits: Sequence[str]
        resources: Resources | Mapping[str, Any] | None
        call: str | None
        entitlements: Sequence[str]
        extra_hosts: Mapping[str, str]
        policy: Sequence[Policy | Text]
        linked: bool
        origins: Mapping[str, Origin]


class Target(Model):
    """One build.

    Paths are as written, relative to the working directory. `linked` says that nobody asked for it:
    it is only the context of another target.
    """

    name: str
    description: str = ""
    inherits: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()
    attest: tuple[Attest, ...] = ()
    context: str = DEFAULT_CONTEXT
    contexts: Mapping[str, str] = Field(default_factory=dict)
    dockerfile: str = DEFAULT_DOCKERFILE
    dockerfile_inline: str | None = None
    args: Mapping[str, str] = Field(default_factory=dict)
    labels: Mapping[str, str] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    cache_from: tuple[CacheEntry, ...] = ()
    cache_to: tuple[CacheEntry, ...] = ()
    target: str | None = None
    secret: tuple[Secret, ...] = ()
    ssh: tuple[SSH, ...] = ()
    platforms: tuple[str, ...] = ()
    output: tuple[Output, ...] = ()
    pull: bool | None = None
    no_cache: bool | None = None
    network: str | None = None
    no_cache_filter: tuple[str, ...] = ()
    shm_size: str | None = None
    ulimits: tuple[str, ...] = ()
    resources: Resources | None = None
    call: str | None = None
    entitlements: tuple[str, ...] = ()
    extra_hosts: Mapping[str, str] = Field(default_factory=dict)
    policy: tuple[Policy, ...] = ()

    linked: bool = Field(default=False, exclude=True)
    origins: Mapping[str, Origin] = Field(default_factory=dict, exclude=True, repr=False)

    if TYPE_CHECKING:

        def __init__(self, *, name: str, **fields: Unpack[TargetFields]) -> None: ...

    def with_(self, **changes: Unpack[TargetFields]) -> Self:
        """A copy with these fields instead, checked as if they were given to a new target. What is changed
        in Python has no origin. Raises pydantic's ValidationError, a ValueError."""
        fields = type(self).model_validate({"name": self.name, **changes})
        names = fields.model_fields_set
        origins = {
            path: origin
            for path, origin in self.origins.items()
            if re.split(r"[.\[]", path, maxsplit=1)[0] not in {hyphenated(name) for name in names}
        }
        changed = {name: fields.__dict__[name] for name in names}
        return self.trusted_set(
            {**self.__dict__, **changed, "origins": origins}, self.model_fields_set | names
        )

    def given(self) -> dict[str, Any]:
        """The fields that were given, by name, but for the name itself and what is not printed."""
        apart = ("name", "linked", "origins")
        return {key: self.__dict__[key] for key in self.model_fields_set if key not in apart}


class Group(Model):
    """A name for several targets or groups. `of_matrix` says that it is the label of a matrix target, which
    gives way to any group of its name."""

    name: str
    targets: tuple[str, ...]
    description: str = ""
    origins: Mapping[str, Origin] = Field(default_factory=dict, exclude=True, repr=False)
    of_matrix: bool = Field(default=False, exclude=True, repr=False)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            name: str,
            targets: Sequence[str],
            description: str = "",
            origins: Mapping[str, Origin] = ...,
        ) -> None: ...

    def with_(self, **changes: Any) -> Self:
        """A copy with these fields instead. Raises pydantic's ValidationError, a ValueError."""
        given = {name: self.__dict__[name] for name in self.model_fields_set if name != "origins"}
        return type(self).model_validate({**given, **changes})


class Definition(Model):
    """All targets and groups by name, in the order of the files; after selecting, those selected.

    `variables` are evaluating's (`bake.evaluate.config.Variable`), None when all files are compose's, which
    declare none; `warnings` are BakeErrors that stop nobody. `url` is where a remote definition came from,
    `root` the URL that its contexts are inside of. `selected` says that it is what is to be built. `hidden`
    are groups of matrices that gave way; listed as in the reference, and of no other effect.
    """

    targets: Mapping[str, Target] = Field(default_factory=dict)
    groups: Mapping[str, Group] = Field(default_factory=dict)
    variables: tuple[Any, ...] | None = Field(default=None, exclude=True, repr=False)
    warnings: tuple[Any, ...] = Field(default=(), exclude=True)
    url: str = Field(default="", exclude=True, repr=False)
    root: str = Field(default="", exclude=True, repr=False)
    selected: bool = Field(default=False, exclude=True, repr=False)
    hidden: tuple[Group, ...] = Field(default=(), exclude=True, repr=False)

    def with_(self, *parts: Target | Group) -> Self:
        """A copy with these targets and groups, in the place of those of their names."""
        targets = {part.name: part for part in parts if isinstance(part, Target)}
        groups = {part.name: part for part in parts if isinstance(part, Group)}
        return self.trusted_set(
            {
                **self.__dict__,
                "targets": {**self.targets, **targets},
                "groups": {**self.groups, **groups},
            },
            self.model_fields_set | {"targets", "groups"},
        )
