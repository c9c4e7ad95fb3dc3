"""Docker's config.json: takes its path, gives what it says.

A damaged one counts as none and is warned of, as with docker's own commands (cli/config, 28).
"""

from __future__ import annotations

import json
import warnings
from typing import Any

from bake.errors import BakeWarning, reason


def read(path: str) -> dict[str, Any]:
    """The object in the file; {} without the file and, with a BakeWarning, for one that cannot be read."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read() or b"{}")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except json.JSONDecodeError as exc:
        # without the cause: it holds the text
        fault = f"{path}:{exc.lineno}:{exc.colno}: {exc.msg}"
    except (OSError, ValueError, RecursionError) as exc:
        fault = f"{path}: {reason(exc)}"
    else:
        if isinstance(found, dict):
            return found
        fault = f"{path}: not a JSON object"
    leave_out(fault)
    return {}


def leave_out(fault: str) -> None:
    """Warn of a part that is damaged, once: who reads it does not matter."""
    warnings.warn(f"docker's configuration is damaged and left out: {fault}", BakeWarning, stacklevel=1)
