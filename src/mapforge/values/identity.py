"""Texts to whether they are an e-mail address, a phone number or a customer's id that a platform takes."""

from __future__ import annotations

import re

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_is_email = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+").fullmatch
# The same without the length of a label, in half the time: SHORT_EMAIL characters have no room for a longer one.
_ALNUM = r"[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+"
short_email = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]++@{_ALNUM}(?:\.{_ALNUM})++").fullmatch

_CUSTOMER = "gid://shopify/Customer/"
_is_number = re.compile(r"[0-9]{1,20}").fullmatch

LONGEST_EMAIL = 254
LONGEST_PHONE = 16
SHORT_EMAIL = 65


def valid_email(text: str) -> bool:
    """Whether this is an e-mail address as browsers check it, with a dot in its domain and at most 254 characters.

    The form is https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address.
    """
    if len(text) <= SHORT_EMAIL:
        return short_email(text) is not None
    return len(text) <= LONGEST_EMAIL and _is_email(text) is not None


def customer_gid(text: str) -> str | None:
    """The global id of a Shopify customer, of itself or of its digits; None where it is neither.

    The form is https://shopify.dev/docs/api/usage/gids.
    """
    digits = text.removeprefix(_CUSTOMER)
    return f"{_CUSTOMER}{digits}" if _is_number(digits) else None


valid_phone = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch
"""Whether this is a phone number in E.164: a plus and 7 to 15 digits, the first not 0, nothing else."""
