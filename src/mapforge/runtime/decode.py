"""The bytes of a raw event → decoded JSON: numbers as int or Decimal, never float."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec

from mapforge.values.numbers import NOT_A_NUMBER, number
from mapforge.values.quick import check_utf8
from mapforge.values.refused import Refused
from mapforge.values.wire import encode

NOT_JSON = "MF701"
TOO_DEEP = "MF702"
MOST_INTEGER_DIGITS = 4000

_decoder: msgspec.json.Decoder[object] = msgspec.json.Decoder(object, float_hook=number)
_beside_position = re.compile(r"JSON is malformed: ")


def typed(kind: Any) -> Any:
    """A decode function for a Struct type that a generated mapper reads. It raises on what `untyped` would explain."""
    return msgspec.json.Decoder(kind, float_hook=Decimal).decode


def utf8(raw: bytes | bytearray | memoryview | str) -> bytes:
    """The raw event as UTF-8 bytes, checked: what a mapper does not read could hide a broken byte. Refused: MF701."""
    try:
        if isinstance(raw, str):
            return raw.encode()
        body = raw if type(raw) is bytes else bytes(raw)
        check_utf8(body)
        return body
    except UnicodeDecodeError as error:
        raise Refused("JSON in UTF-8", f"a byte that is not, at {error.start}", NOT_JSON) from None
    except UnicodeEncodeError as error:
        raise Refused("JSON in UTF-8", f"a lone surrogate at character {error.start}", NOT_JSON) from None


def untyped(body: bytes | str) -> Any:
    """Any JSON value. Refused: MF701 what is not JSON, MF702 nesting too deep."""
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError:
        return _with_huge_integers(body)
    except msgspec.DecodeError as error:
        raise Refused("JSON", _beside_position.sub("", str(error)), NOT_JSON) from None
    except RecursionError:
        raise too_deep() from None


def is_json(raw: bytes) -> bool:
    """Whether it is JSON by itself, and not a line of several that are; nothing is kept of it."""
    try:
        msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def too_deep() -> Refused:
    """What is said of an event that nests more than the stack bears."""
    return Refused("JSON of less depth", "nesting too deep", TOO_DEEP)


def _with_huge_integers(body: bytes | str) -> Any:
    """msgspec refuses an integer of thousands of digits; one that nothing reads is no reason to refuse the event."""
    import json

    try:
        found = json.loads(body, parse_float=number, parse_int=_integer, parse_constant=_no_constant)
        encode(found)  # which json.loads, unlike msgspec, leaves to the encoder: half of a surrogate pair
        return found
    except RecursionError:
        raise too_deep() from None
    except UnicodeEncodeError:
        raise Refused("JSON", "half of a surrogate pair", NOT_JSON) from None
    except ValueError as error:
        raise Refused("JSON", str(error), NOT_JSON) from None


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < MOST_INTEGER_DIGITS else NOT_A_NUMBER


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
