"""Base64, URLs and JSON."""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.types import DYNAMIC, NUMBER, STRING
from bake.evaluate.values import Value, is_wholly_known, normalized, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.host import Host


def _base64_encode(arguments: Sequence[Value], _host: Host) -> Value:
    return normalized(b2a_base64(arguments[0].raw.encode(), newline=False).decode())


def _base64_decode(arguments: Sequence[Value], _host: Host) -> Value:
    given = arguments[0].raw
    try:
        decoded = strict_base64(given)
    except ValueError as error:
        raise FunctionError(f"failed to decode base64 data '{given}'") from error
    try:
        return normalized(decoded.decode())
    except UnicodeDecodeError as error:
        message = "the result of decoding the the provided string is not valid UTF-8"
        raise FunctionError(message) from error


def strict_base64(text: str) -> bytes:
    """Base64 with full padding and no other characters than line ends; ValueError otherwise."""
    text = text.replace("\r", "").replace("\n", "")
    if len(text) % 4 or not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text):
        raise ValueError("not base64")
    try:
        return a2b_base64(text)
    except Base64Error as error:
        raise ValueError(str(error)) from error


def _url_encode(arguments: Sequence[Value], _host: Host) -> Value:
    from urllib.parse import quote_plus

    return normalized(quote_plus(arguments[0].raw))


def _json_encode(arguments: Sequence[Value], _host: Host) -> Value:
    (value,) = arguments
    if not is_wholly_known(value):
        return unknown(STRING)
    return normalized(json_text(value))


def json_text(value: Value) -> str:
    """The JSON text of a known value; FunctionError for what JSON has no form for."""
    from bake.evaluate.convert import ConversionError
    from bake.evaluate.jsonvalue import to_json

    if _has_infinity(value):
        raise FunctionError("cannot serialize infinity as JSON")
    try:
        return to_json(value)
    except ConversionError as error:
        raise FunctionError(str(error)) from error


def _has_infinity(value: Value) -> bool:
    if value.type == NUMBER:
        return value.raw is not None and bool(value.raw.infinite)
    parts = value.raw.values() if isinstance(value.raw, dict) else value.raw
    return isinstance(value.raw, dict | tuple) and any(map(_has_infinity, parts))


def _json_decode(arguments: Sequence[Value], _host: Host) -> Value:
    from bake.evaluate.functions.jsontext import JSONError, decode

    try:
        return decode(arguments[0].raw)
    except JSONError as error:
        raise FunctionError(str(error)) from error


_TEXT: Final = (Parameter("str", STRING),)
FUNCTIONS: Final = {
    "base64decode": Function(_base64_decode, _TEXT, returns=STRING),
    "base64encode": Function(_base64_encode, _TEXT, returns=STRING),
    "jsondecode": Function(_json_decode, _TEXT),
    "jsonencode": Function(
        _json_encode,
        (Parameter("val", DYNAMIC, allow_null=True, allow_unknown=True, allow_dynamic=True),),
        returns=STRING,
    ),
    "urlencode": Function(_url_encode, _TEXT, returns=STRING),
}
