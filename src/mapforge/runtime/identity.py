"""An identifier as it came → the identifier that a platform takes, or why it is left out."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from mapforge.platforms.base import Platform
from mapforge.values.quick import customer_gid, valid_email, valid_phone

_VALID: dict[str, Callable[[str], object]] = {"email": valid_email, "phone": valid_phone, "text": bool}
_REASONS = {"email": "not an e-mail address", "phone": "not an E.164 number", "text": "empty"}


class LeftOut(msgspec.Struct, frozen=True):
    """Why an identifier is not sent; the other identifiers are."""

    reason: str


def held(platform: Platform, name: str, value: str) -> str | LeftOut | None:
    """The identifier where the platform takes it, LeftOut where it is invalid there, None where it has no such kind."""
    identifier = platform.identifiers.get(name)
    if identifier is None:
        return None
    if identifier.rule == "customer":
        return customer_gid(value) or LeftOut("not the id of a customer")
    if not _VALID[identifier.rule](value):
        return LeftOut(_REASONS[identifier.rule])
    if len(value) > identifier.most:
        return LeftOut(f"over {identifier.most} characters")
    return value
