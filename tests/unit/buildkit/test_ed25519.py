"""Judged by RFC 8032's own examples, section 7.1, and by OpenSSL."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from bake.buildkit import ed25519

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), EXAMPLES)
def test_examples(seed: str, public: str, message: str, signature: str) -> None:
    assert ed25519.public_key(bytes.fromhex(seed)).hex() == public
    assert ed25519.sign(bytes.fromhex(seed), bytes.fromhex(message)).hex() == signature


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL's program is not there")
@pytest.mark.parametrize("size", [1, 32, 1000])
def test_another_implementation_accepts_the_signature(tmp_path: Path, size: int) -> None:
    seed, message = os.urandom(32), os.urandom(size)
    # SubjectPublicKeyInfo of RFC 8410: a fixed head, then the key
    encoded = bytes.fromhex("302a300506032b6570032100") + ed25519.public_key(seed)
    (tmp_path / "key").write_text(
        f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(encoded).decode()}\n-----END PUBLIC KEY-----\n"
    )
    (tmp_path / "message").write_bytes(message)
    (tmp_path / "signature").write_bytes(ed25519.sign(seed, message))

    words = ["-verify", "-pubin", "-inkey", "key", "-rawin", "-in", "message", "-sigfile", "signature"]
    ran = subprocess.run(["openssl", "pkeyutl", *words], cwd=tmp_path, capture_output=True, check=False)
    assert b"Verified Successfully" in ran.stdout


def test_a_seed_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        ed25519.sign(b"s" * 31, b"")
