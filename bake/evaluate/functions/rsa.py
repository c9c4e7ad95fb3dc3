"""Decryption of RSA with PKCS #1 v1.5 padding, keys in PKCS #1 PEM.

Plain arithmetic, not hardened against timing: it decrypts what the author of a bake file put there, on
that person's own machine.
"""

from __future__ import annotations

import re
from typing import Final

from bake.evaluate.functions.encoding import strict_base64

_PEM: Final = re.compile(r"-----BEGIN ([^\n-]*)-----\s*\n(.*?)\n?-----END \1-----", re.DOTALL)
_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_MIN_BITS: Final = 1024


class KeyFormatError(ValueError):
    """The key cannot be read, or it does not fit the text."""


def decrypt(encrypted: bytes, pem: str) -> bytes:
    """The plain bytes; KeyFormatError where the key or the text is not right."""
    modulus, _, exponent = _private_key(_body(pem))[1:4]
    if modulus.bit_length() < _MIN_BITS:
        raise KeyFormatError(f"crypto/rsa: {modulus.bit_length()}-bit keys are insecure")
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(encrypted)
    if len(encrypted) > size or number >= modulus:
        raise KeyFormatError("crypto/rsa: decryption error")
    padded = pow(number, exponent, modulus).to_bytes(size)
    # 00 02, at least eight bytes that are not zero, 00, the text
    end = padded.find(b"\0", 2)
    if padded[:2] != b"\0\2" or end < 10:
        raise KeyFormatError("crypto/rsa: decryption error")
    return padded[end + 1 :]


def _body(pem: str) -> bytes:
    found = _PEM.search(pem)
    if found is None:
        raise KeyFormatError("failed to parse key: no key found")
    headers, separator, body = found[2].rpartition("\n\n")
    if separator and "4,ENCRYPTED" in headers:
        raise KeyFormatError(
            "failed to parse key: password protected keys are not supported."
            " Please decrypt the key prior to use"
        )
    try:
        return strict_base64(re.sub(r"\s", "", body))
    except ValueError as error:
        raise KeyFormatError("failed to parse key: no key found") from error


def _private_key(der: bytes) -> list[int]:
    """The integers of an RSAPrivateKey: version, modulus, public exponent, private exponent, …"""
    content, _ = _element(der, _SEQUENCE)
    numbers: list[int] = []
    while content:
        number, content = _element(content, _INTEGER)
        numbers.append(int.from_bytes(number))
    if len(numbers) < 9:
        raise KeyFormatError("x509: failed to parse private key: it has too few parts")
    return numbers


def _element(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the DER element at the start, and what follows it."""
    if len(der) < 2 or der[0] != tag:
        raise KeyFormatError("x509: failed to parse private key: it is not in PKCS #1 format")
    size, start = der[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(der[2:start])
    if len(der) < start + size:
        raise KeyFormatError("x509: failed to parse private key: it is cut off")
    return der[start : start + size], der[start + size :]
