"""The variables that compose files see: `--var` before the environment before `.env`.

Rules are those of `composeEnv` of buildx 0.36.1 and of the project's name in compose-go 2.13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.evaluate.schema import overrides
from bake.model.compose import files
from bake.model.compose.interpolate import Interpolation
from bake.model.compose.nodes import Node, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.host import Host

PROJECT_NAME = "COMPOSE_PROJECT_NAME"
_DEFAULT_NAME = "bake"
_DOTENV = ".env"


def variables_of(host: Host, given: Mapping[str, str]) -> dict[str, str]:
    """What the environment, the working directory's `.env` and `given` set. Raises DefinitionError."""
    environment = overrides(host, given).environment
    return {**_from_dotenv(host, environment), **environment, **given}


def _from_dotenv(host: Host, environment: Mapping[str, str]) -> dict[str, str]:
    if not files.is_file(host, _DOTENV):
        return {}
    try:
        return files.read_variables(host, _DOTENV, None, environment.get, {})
    except DefinitionError as error:
        raise DefinitionError(error.summary, None, hint="the `.env` file of the working directory") from error


def with_project_name(variables: Mapping[str, str], documents: Sequence[Node]) -> dict[str, str]:
    """`variables` with the project's name: the last one that a file gives, else the environment's."""
    named = variables.get(PROJECT_NAME) or _DEFAULT_NAME
    given = dict(variables)
    for name in (document.items.get("name") for document in documents):
        if name is not None and name.value not in (None, "") and not name.items and not name.elements:
            text = name if isinstance(name.value, str) else name.with_value(scalar(name))
            whole = Interpolation(given).document(Node({"name": text}, name.span))
            named = whole.items["name"].text or named
    return {**given, PROJECT_NAME: named}
