"""Ed25519 signatures, by RFC 8032, section 5.1.

Takes a seed of 32 bytes, gives the public key and signatures. Python's library has no curves, and a
package for one signature in a build would be a heavy dependency. The rule: it signs only what proves to
BuildKit that a session may use a registry's tokens; it takes a millisecond, not constant time.
"""

from __future__ import annotations

from hashlib import sha512
from typing import Final, TypeAlias

SEED_SIZE: Final = 32

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_SQRT_MINUS_1: Final = pow(2, (_P - 1) // 4, _P)

_Point: TypeAlias = "tuple[int, int, int, int]"
"""Extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z."""


def public_key(seed: bytes) -> bytes:
    scalar, _ = _expand(seed)
    return _encode(_multiply(scalar, _base()))


def sign(seed: bytes, message: bytes) -> bytes:
    """The signature's 64 bytes."""
    scalar, prefix = _expand(seed)
    public = _encode(_multiply(scalar, _base()))
    nonce = _integer(sha512(prefix + message).digest()) % _ORDER
    commitment = _encode(_multiply(nonce, _base()))
    challenge = _integer(sha512(commitment + public + message).digest()) % _ORDER
    return commitment + ((nonce + challenge * scalar) % _ORDER).to_bytes(32, "little")


def _expand(seed: bytes) -> tuple[int, bytes]:
    """The secret scalar, its bits clamped, and the prefix of nonces."""
    if len(seed) != SEED_SIZE:
        raise ValueError(f"a seed of {len(seed)} bytes instead of {SEED_SIZE}")
    digest = sha512(seed).digest()
    return _integer(digest[:32]) & ((1 << 254) - 8) | (1 << 254), digest[32:]


def _integer(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _base() -> _Point:
    """The point with y = 4/5 and an even x."""
    y = 4 * pow(5, -1, _P) % _P
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _SQRT_MINUS_1 % _P
    x = _P - x if x & 1 else x
    return x, y, 1, x * y % _P


def _multiply(scalar: int, point: _Point) -> _Point:
    found: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _add(found, point)
        point = _add(point, point)
        scalar >>= 1
    return found


def _add(left: _Point, right: _Point) -> _Point:
    """The complete addition law of section 5.1.4: it doubles too."""
    x1, y1, z1, t1 = left
    x2, y2, z2, t2 = right
    a, b = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    c, d = 2 * t1 * t2 * _D % _P, 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _encode(point: _Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")
