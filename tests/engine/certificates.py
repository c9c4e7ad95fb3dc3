"""An authority of our own, and certificates of any age, made with OpenSSL's program."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LONG_PAST = ("20200101000000Z", "20200102000000Z")


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM files."""

    cert: Path
    key: Path


class Authority:
    """Signs certificates in `folder`; `cert` is its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.cert = folder / "ca.pem"
        self._key = folder / "ca-key.pem"
        self._serial = 0
        self._openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", f"/CN=authority {folder.name}", "-days", "2", "-keyout", self._key, "-out", self.cert),
            *("-addext", "keyUsage=critical,keyCertSign"),
        )

    def sign(self, name: str, *, alternative: str = "IP:127.0.0.1", expired: bool = False) -> Pair:
        """A certificate for `name`, good for servers and clients."""
        pair = Pair(self.folder / f"{name}.pem", self.folder / f"{name}-key.pem")
        request = self.folder / f"{name}.csr"
        self._openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", f"/CN={name}", "-keyout", pair.key, "-out", request),
        )
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative}\nextendedKeyUsage=serverAuth,clientAuth\n")
        self._serial += 1
        self._sign(request, extensions, pair.cert, expired=expired)
        return pair

    def _sign(self, request: Path, extensions: Path, cert: Path, *, expired: bool) -> None:
        (self.folder / "index").touch()
        (self.folder / "serial").write_text(f"{self._serial:04x}")
        (self.folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca=own\n[own]\n"
            f"database={self.folder}/index\nserial={self.folder}/serial\nnew_certs_dir={self.folder}\n"
            "default_md=sha256\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n"
        )
        start, end = LONG_PAST
        dates = ("-startdate", start, "-enddate", end) if expired else ("-days", "2")
        self._openssl(
            *("ca", "-batch", "-config", self.folder / "ca.cnf", "-in", request, "-out", cert, "-notext"),
            *("-cert", self.cert, "-keyfile", self._key, "-extfile", extensions, *dates),
        )

    def _openssl(self, *words: object) -> None:
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
