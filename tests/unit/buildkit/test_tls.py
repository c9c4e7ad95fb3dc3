"""Files that cannot be used, and refusals in words. Real handshakes stand in the tests of the engine."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.endpoint import TCPAddress, unreachable
from bake.buildkit.tls import TLS, TLSError, explained

if TYPE_CHECKING:
    from pathlib import Path


def failure(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] words (_ssl.c:1)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("reason", "words", "hint"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "wants a client's certificate", "cert=FILE,key=FILE"),
        ("TLSV1_ALERT_UNKNOWN_CA", "does not know who signed", "signed by the server's authority"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "has expired", "renew"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", "refuses our certificate", "still valid"),
        ("WRONG_VERSION_NUMBER", "does not speak TLS", "leave the certificates out"),
        ("SOMETHING_NEW", "TLS failed: something new", "speak TLS"),
    ],
)
def test_refusals_in_words(reason: str, words: str, hint: str) -> None:
    error = explained(failure(reason))
    assert words in str(error)
    assert hint in error.hint


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(TLSError, match=r"gone\.pem`: No such file") as caught:
        TLS(ca=str(tmp_path / "gone.pem")).context()
    told = unreachable(TCPAddress("h", 1), caught.value)
    assert told.hint == caught.value.hint


def test_a_file_without_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no PEM")
    with pytest.raises(TLSError, match="holds no certificate"):
        TLS(ca=str(tmp_path / "ca.pem")).context()


def test_an_identity_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no PEM")
    path = str(tmp_path / "cert.pem")
    with pytest.raises(TLSError, match="cannot be used"):
        TLS(cert=path, key=path).context()
