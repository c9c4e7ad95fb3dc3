"""Digests, passwords, RSA and UUIDs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.arguments import int_argument
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.types import NUMBER, STRING
from bake.evaluate.values import Value, normalized, string

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.host import Host

MAX_BCRYPT_COST: Final = 16
"""The largest cost that is computed: each step doubles the time, and this one takes some seconds. The
reference goes to 31, which takes days."""


def _digest(algorithm: str) -> Function:
    def body(arguments: Sequence[Value], _host: Host) -> Value:
        import hashlib

        return string(hashlib.new(algorithm, arguments[0].raw.encode(), usedforsecurity=False).hexdigest())

    return Function(body, (Parameter("str", STRING),), returns=STRING)


def _bcrypt(arguments: Sequence[Value], host: Host) -> Value:
    cost = int_argument(arguments[1]) if len(arguments) > 1 else 10
    if len(arguments) > 2:
        raise FunctionError("bcrypt() takes no more than two arguments")
    password = arguments[0].raw.encode()
    if len(password) > 72:
        raise FunctionError("error occured generating password bcrypt: password length exceeds 72 bytes")
    if cost > 31:
        raise FunctionError(
            "error occured generating password crypto/bcrypt: cost "
            f"{cost} is outside allowed inclusive range 4..31"
        )
    if cost > MAX_BCRYPT_COST:
        raise FunctionError(f"a cost of {cost} is too much work: use at most {MAX_BCRYPT_COST}")
    import bcrypt

    salt = b"$2a$%02d$%s" % (cost if cost >= 4 else 10, _bcrypt_salt(host.random(16)))
    return string(bcrypt.hashpw(password, salt).decode())


def _bcrypt_salt(salt: bytes) -> bytes:
    from binascii import b2a_base64

    usual = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    theirs = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return b2a_base64(salt, newline=False).rstrip(b"=").translate(bytes.maketrans(usual, theirs))


def _rsa_decrypt(arguments: Sequence[Value], _host: Host) -> Value:
    from bake.evaluate.functions.encoding import strict_base64
    from bake.evaluate.functions.rsa import KeyFormatError, decrypt

    ciphertext, key = (argument.raw for argument in arguments)
    try:
        encrypted = strict_base64(ciphertext)
    except ValueError as error:
        message = f'failed to decode input "{ciphertext}": cipher text must be base64-encoded'
        raise FunctionError(message) from error
    try:
        return normalized(decrypt(encrypted, key).decode(errors="replace"))
    except KeyFormatError as error:
        raise FunctionError(str(error)) from error


_NAMESPACES: Final = {
    name: bytes.fromhex(f"6ba7b81{digit}9dad11d180b400c04fd430c8")
    for name, digit in (("dns", 0), ("url", 1), ("oid", 2), ("x500", 4))
}


def _uuid4(_arguments: Sequence[Value], host: Host) -> Value:
    return string(_uuid(host.random(16), 4))


def _uuid5(arguments: Sequence[Value], _host: Host) -> Value:
    import hashlib

    namespace, name = (argument.raw for argument in arguments)
    prefix = _NAMESPACES.get(namespace) or _parse_uuid(namespace)
    digest = hashlib.sha1(prefix + name.encode(), usedforsecurity=False).digest()
    return string(_uuid(digest[:16], 5))


def _uuid(raw: bytes, version: int) -> str:
    number = int.from_bytes(raw) & ~(0xF000 << 64) & ~(0xC000 << 48)
    text = f"{number | version << 76 | 0x8000 << 48:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _parse_uuid(text: str) -> bytes:
    try:
        return _uuid_bytes(text)
    except ValueError as error:
        raise FunctionError(f"uuidv5() doesn't support namespace {text} ({error})") from error


def _uuid_bytes(text: str) -> bytes:
    """The forms that Go's uuid.Parse takes: plain, without hyphens, in braces, as a URN."""
    inner = text
    size = len(text.encode())
    if size == 45:
        if text[:9].lower() != "urn:uuid:":
            raise ValueError(f'invalid urn prefix: "{text[:9]}"')
        inner = text[9:]
    elif size == 38:
        inner = text[1:-1]
    elif size not in (36, 32):
        raise ValueError(f"invalid UUID length: {size}")
    parts = [inner[:8], inner[9:13], inner[14:18], inner[19:23], inner[24:]] if size != 32 else [inner]
    hyphens = inner[8:9] + inner[13:14] + inner[18:19] + inner[23:24] if size != 32 else "----"
    digits = "".join(parts)
    if hyphens != "----" or not set(digits) <= set("0123456789abcdefABCDEF"):
        raise ValueError("invalid UUID format")
    return bytes.fromhex(digits)


FUNCTIONS: Final = {
    "bcrypt": Function(_bcrypt, (Parameter("str", STRING),), Parameter("cost", NUMBER), STRING),
    "md5": _digest("md5"),
    "rsadecrypt": Function(
        _rsa_decrypt, (Parameter("ciphertext", STRING), Parameter("privatekey", STRING)), returns=STRING
    ),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": _digest("sha512"),
    "uuidv4": Function(_uuid4, returns=STRING),
    "uuidv5": Function(_uuid5, (Parameter("namespace", STRING), Parameter("name", STRING)), returns=STRING),
}
