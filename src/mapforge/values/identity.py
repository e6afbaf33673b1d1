"""Who an event is about, as a platform takes it: addresses, phone numbers, customers' ids; and an event's own id."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from typing import Any

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_is_email = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+").fullmatch
# The same without the length of a label, in half the time: _SHORT characters have no room for a longer one.
_ALNUM = r"[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+"
_is_short_email = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]++@{_ALNUM}(?:\.{_ALNUM})++").fullmatch

_is_phone = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch

_CUSTOMER = "gid://shopify/Customer/"
_is_number = re.compile(r"[0-9]{1,20}").fullmatch

_LONGEST_EMAIL = 254
_SHORT = 65


def valid_email(text: str) -> bool:
    """Whether this is an e-mail address as browsers check it, with a dot in its domain and at most 254 characters.

    The form is https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address.
    """
    if len(text) <= _SHORT:
        return _is_short_email(text) is not None
    return len(text) <= _LONGEST_EMAIL and _is_email(text) is not None


def customer_gid(text: str) -> str | None:
    """The global id of a Shopify customer, of itself or of its digits; None where it is neither.

    The form is https://shopify.dev/docs/api/usage/gids.
    """
    digits = text.removeprefix(_CUSTOMER)
    return f"{_CUSTOMER}{digits}" if _is_number(digits) else None


def key_of(*identifiers: tuple[str, int]) -> Callable[..., str]:
    """A function of a text or None for each identifier to what names the person: the first that is there, and its kind.

    identifiers: the name of each, and how many characters it has at most. Raises ValueError where one has more, or none
    is there.
    """
    starts = [f"{name}:" for name, _ in identifiers]
    mosts = [most for _, most in identifiers]
    count = len(identifiers)

    def of(*values: str | None) -> str:
        if len(values) != count:
            raise ValueError(f"{len(values)} values for {count} identifiers")
        key = None
        for at, value in enumerate(values):
            if value is not None:
                if len(value) > mosts[at]:
                    raise ValueError(f"{starts[at]} over {mosts[at]} characters")
                if key is None:
                    key = starts[at] + value
        if key is None:
            raise ValueError("nobody")
        return key

    return of


_VARIANTS = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def uuid5_of(prefix: str) -> Callable[[str], str]:
    """uuid5(NAMESPACE_URL, prefix + name) with the prefix hashed once: a quarter of the time of uuid.uuid5."""
    begun = uuid5_begun(prefix)

    def of(name: str) -> str:
        digest = begun.copy()
        digest.update(name.encode())
        text = digest.hexdigest()
        return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANTS[text[16]]}{text[17:20]}-{text[20:32]}"

    return of


def uuid5_begun(prefix: str) -> Any:
    """The hash of what goes before the names of a prefix."""
    return hashlib.sha1(uuid.NAMESPACE_URL.bytes + prefix.encode(), usedforsecurity=False)


def valid_phone(text: str) -> bool:
    """Whether this is a phone number in E.164: a plus and 7 to 15 digits, the first not 0, nothing else."""
    return _is_phone(text) is not None
