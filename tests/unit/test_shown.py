"""What is shown of a record, in a debugger or a traceback, has no secrets in it."""

from __future__ import annotations

import pytest

from bake.builder.kubernetes.channels import Upgrade
from bake.buildkit.credentials import Credentials
from bake.engine.attachments import Means
from bake.evaluate.schema import Overrides
from bake.host import Host
from bake.result.registry.hosts import KeyPair, RegistrySettings

SECRET = "hunter2"
HOLDS = {"TOKEN": SECRET}


@pytest.mark.parametrize(
    "record",
    [
        Host(environment=HOLDS),
        Means(environment=HOLDS),
        Overrides(variables=HOLDS, environment=HOLDS),
        Credentials(password=SECRET, identity_token=SECRET, registry_token=SECRET),
        RegistrySettings(key_pairs=(KeyPair(SECRET.encode(), b"public"),)),
        Upgrade("https://host", SECRET),
    ],
    ids=lambda record: type(record).__name__,
)
def test_secrets_are_not_shown(record: object) -> None:
    assert SECRET not in repr(record)
