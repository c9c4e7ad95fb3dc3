"""The door to registries and layouts: one set of connections and sign-ins for a command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bake.result.registry.auth import SignIn
from bake.result.registry.hosts import hosts
from bake.result.registry.layout import LayoutRepository
from bake.result.registry.location import parse
from bake.result.registry.remote import RemoteRepository
from bake.result.registry.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.buildkit.credentials import CredentialSource
    from bake.descriptor import Descriptor
    from bake.result.registry.hosts import Host, RegistrySettings
    from bake.result.registry.location import Location
    from bake.result.registry.repository import Repository


class Images:
    """Gives repositories. `settings` are a builder's, by registry; relative layouts stand in `folder`."""

    def __init__(
        self,
        credentials: CredentialSource,
        settings: Mapping[str, RegistrySettings] | None = None,
        transport: Transport | None = None,
        folder: str = "",
    ) -> None:
        self._credentials = credentials
        self._settings = settings or {}
        self._transport = transport or Transport()
        self._folder = folder
        self._sign_ins: dict[Host, SignIn] = {}

    def at(self, location: Location) -> Repository:
        """The repository that `location` stands in."""
        if location.layout:
            return LayoutRepository(os.path.join(self._folder, location.name))
        found = hosts(location.domain, self._settings)
        for host in found:
            self._sign_ins.setdefault(host, SignIn(self._transport, self._credentials, host))
        return RemoteRepository(location.domain, location.path, found, self._transport, self._sign_ins)

    def find(self, text: str) -> tuple[Location, Descriptor]:
        """A location and what is there. Raises UsageError for bad words, NotFoundError for nothing."""
        location = parse(text)
        return location, self.at(location).resolve(location.object)

    def close(self) -> None:
        self._transport.close()
