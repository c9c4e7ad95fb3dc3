from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.locking import take

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_that_is_taken_away_while_it_is_made_is_made_again(tmp_path: Path) -> None:
    """For a moment there is something of its name, and it is no folder: as it looks when one goes."""
    folder, over = tmp_path / "ingest", threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            with suppress(OSError):
                folder.symlink_to("nowhere")
            with suppress(OSError):
                folder.unlink()

    other = threading.Thread(target=come_and_go)
    other.start()
    try:
        for _ in range(20):
            os.close(take(str(folder / "data"), 60))
            (folder / "data").unlink()
            folder.rmdir()
    finally:
        over.set()
        other.join()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "ingest").write_text("")

    with pytest.raises(FileExistsError):
        take(str(tmp_path / "ingest/data"), 0)
