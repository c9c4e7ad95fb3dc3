from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.content import BusyError, ExistsError, InvalidError, MismatchError, MissingError, Store

if TYPE_CHECKING:
    from pathlib import Path

DATA = b"some content"
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
OTHER = f"sha256:{hashlib.sha256(b'other').hexdigest()}"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def files(store: Store) -> list[str]:
    return sorted(
        os.path.relpath(os.path.join(folder, name), store.path)
        for folder, _, found in os.walk(store.path)
        for name in found
    )


def test_a_blob_stands_under_its_digest(store: Store) -> None:
    with store.write("ref") as writer:
        writer.append(DATA[:4])
        writer.append(DATA[4:])
        assert not store.has(DIGEST)
        assert writer.commit(DIGEST, len(DATA)) == DIGEST
    assert files(store) == [f"blobs/sha256/{DIGEST[7:]}"]
    assert store.info(DIGEST).size == len(DATA)
    assert b"".join(store.read(DIGEST)) == DATA
    assert os.stat(store.blob_path(DIGEST)).st_mode & 0o222 == 0


def test_an_unknown_algorithm_of_a_known_kind_is_hashed_anew(store: Store) -> None:
    digest = f"sha512:{hashlib.sha512(DATA).hexdigest()}"
    with store.write("ref") as writer:
        writer.append(DATA)
        writer.commit(digest)
    assert [blob.digest for blob in store.blobs()] == [digest]


def test_a_write_is_continued_where_it_broke_off(store: Store) -> None:
    with store.write("ref", total=12) as writer:
        writer.append(DATA[:4])
    found = store.ingest("ref")
    assert (found.ref, found.offset, found.total) == ("ref", 4, 12)
    with Store(store.path).write("ref") as writer:
        assert writer.offset == 4
        assert writer.started == pytest.approx(found.started)
        writer.append(DATA[4:])
        assert writer.commit(DIGEST) == DIGEST
    assert store.ingests() == []


def test_a_write_may_begin_anew(store: Store) -> None:
    with store.write("ref") as writer:
        writer.append(b"wrong beginning, and longer than the right one")
        writer.restart()
        writer.append(DATA)
        assert writer.commit(DIGEST) == DIGEST


@pytest.mark.parametrize(("digest", "total"), [(OTHER, 0), (DIGEST, 5), ("", 5)])
def test_what_is_not_as_announced_is_no_blob(store: Store, digest: str, total: int) -> None:
    with store.write("ref") as writer:
        writer.append(DATA)
        with pytest.raises(MismatchError):
            writer.commit(digest, total)
    assert store.blobs() == []
    assert [ingest.ref for ingest in store.ingests()] == ["ref"]


def test_a_blob_is_written_once(store: Store) -> None:
    assert store.put(DATA) == DIGEST
    assert store.put(DATA) == DIGEST
    with pytest.raises(ExistsError):
        store.write("ref", expected=DIGEST)
    with store.write("ref") as writer:
        writer.append(DATA)
        with pytest.raises(ExistsError):
            writer.commit()
    assert files(store) == [f"blobs/sha256/{DIGEST[7:]}"]


def test_a_ref_has_one_writer(store: Store) -> None:
    with store.write("ref"):
        with pytest.raises(BusyError):
            Store(store.path, patience=0).write("ref")
        store.write("other").close()
    store.write("ref").close()


def test_parts_of_a_blob(store: Store) -> None:
    store.put(DATA)
    assert b"".join(store.read(DIGEST, 5)) == DATA[5:]
    assert b"".join(store.read(DIGEST, 5, 3)) == DATA[5:8]
    assert b"".join(store.read(DIGEST, 5, 300)) == DATA[5:]
    assert b"".join(store.read(DIGEST, 500)) == b""


def test_what_is_not_there(store: Store) -> None:
    for ask in (store.info, store.delete, lambda digest: list(store.read(digest))):
        with pytest.raises(MissingError, match=OTHER):
            ask(OTHER)
    for about in (store.ingest, store.abort):
        with pytest.raises(MissingError, match="ref"):
            about("ref")
    assert store.blobs() == []
    assert store.ingests() == []


def test_a_write_is_given_up(store: Store) -> None:
    with store.write("ref") as writer:
        writer.append(DATA)
    store.abort("ref")
    assert files(store) == []


@pytest.mark.parametrize(
    "digest",
    ["", "sha256:", "sha256:abc", "md5:" + "0" * 32, "sha256:../../../../etc/passwd", "sha256:" + "G" * 64],
)
def test_digests_cannot_lead_elsewhere(store: Store, digest: str) -> None:
    with pytest.raises(InvalidError):
        store.info(digest)


def test_foreign_files_are_no_blobs(store: Store) -> None:
    store.put(DATA)
    with open(os.path.join(store.path, "blobs", "sha256", "notes.txt"), "w") as file:
        file.write("x")
    assert [blob.digest for blob in store.blobs()] == [DIGEST]


def test_what_was_written_for_nothing_is_swept(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "made" / "store"))
    store.put(DATA)
    store.write("begun").close()
    store.sweep()
    assert os.listdir(tmp_path) == []


def test_what_is_kept_or_was_there_before_is_not_swept(store: Store) -> None:
    Store(store.path).put(DATA)
    store.put(DATA)
    store.put(b"other")
    store.keep()
    store.put(b"more")
    store.sweep()
    assert sorted(blob.digest for blob in store.blobs()) == sorted([DIGEST, OTHER])


def test_what_another_build_needs_too_is_not_swept(store: Store) -> None:
    store.put(DATA)
    store.put(b"other")
    with pytest.raises(ExistsError):
        Store(store.path).write("ref", expected=DIGEST)
    with pytest.raises(ExistsError):
        store.write("ref", expected=OTHER)
    store.sweep()
    assert [blob.digest for blob in store.blobs()] == [DIGEST]
