"""The bake definition: targets and groups.

Frozen Pydantic models. A target's field counts as given when it is in `model_fields_set`; merging,
inheriting and printing go by that, what plans a build reads the values, which have the defaults of
buildx. The rules of each field stand in `bake.model.fields`. Every value knows its origin: `origins`
maps a field's path (`context`, `args.VERSION`, `tags[0]`) to where it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from bake.model.base import Model
from bake.model.entries import SSH, Attest, CacheEntry, Output, Policy, Resources, Secret
from bake.source import Origin

DEFAULT_CONTEXT = "."
DEFAULT_DOCKERFILE = "Dockerfile"


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

    def given(self) -> dict[str, Any]:
        """The fields that were given, by name, but for the name itself and what is not printed."""
        apart = ("name", "linked", "origins")
        return {key: self.__dict__[key] for key in self.model_fields_set if key not in apart}


class Group(Model):
    """A name for several targets or groups."""

    name: str
    targets: tuple[str, ...]
    description: str = ""
    origins: Mapping[str, Origin] = Field(default_factory=dict, exclude=True, repr=False)


class Definition(Model):
    """All targets and groups by name, in the order of the files; after selecting, those selected.

    `variables` are evaluating's (`bake.evaluate.config.Variable`), None when all files are compose's, which
    declare none; `warnings` are BakeErrors that stop nobody.
    """

    targets: Mapping[str, Target] = Field(default_factory=dict)
    groups: Mapping[str, Group] = Field(default_factory=dict)
    variables: tuple[Any, ...] | None = Field(default=None, exclude=True, repr=False)
    warnings: tuple[Any, ...] = Field(default=(), exclude=True)
