"""A request as it came and an answer as it goes, without the server between them; a body's bytes → its JSON."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Protocol

import msgspec

MOST_BYTES = 16_000_000
_GZIP = 31
_LONG = 24


class Request(msgspec.Struct, frozen=True):
    """A call to a platform: the path below its base URL without a slash at its end, names of headers in lower case.

    rejects: the share of the payloads of a bulk job that fail in it, later. stops: the job stops half-way.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = {}
    body: bytes = b""
    rejects: float = 0.0
    stops: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What goes back. `said` is its reason for people, in the list of calls."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}
    said: str = ""


class Unreadable(Exception):
    """A body that is not JSON; says why, without its content."""


class LookAlike(Protocol):
    """A platform's double."""

    name: str

    def account(self, request: Request) -> str | None:
        """Whose call it is, by its key; None where there is no key of the platform's form."""

    def endpoint(self, request: Request) -> str:
        """What the call is for, in the words of faults and counts."""

    def answer(self, request: Request, number: int) -> Answer:
        """Take the call, as number so and so, and note what came in it."""

    def failure(self, status: int, seconds: int) -> Answer:
        """The platform's own way to say that it fails; `seconds` until one may come again."""

    def forget(self) -> None:
        """Know nothing of what came."""


def account_of(key: str) -> str:
    """The account of a key: `acme` for acme, acme.1 and acme.2, so that an account can have several keys.

    A longer one may be a real key, pasted by mistake: it is not shown.
    """
    account = key.partition(".")[0]
    return account if len(account) <= _LONG else f"{account[:4]}…{blake2b(account.encode(), digest_size=4).hexdigest()}"


def number(text: str) -> int | None:
    """A whole number of at most nine digits in a query, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def decode(body: bytes) -> Any:
    """The JSON of a body. Raises Unreadable."""
    try:
        body.decode()
        return msgspec.json.decode(body)
    except UnicodeDecodeError:
        raise Unreadable("the body is not UTF-8") from None
    except RecursionError:
        raise Unreadable("the body is nested too deep") from None
    except msgspec.DecodeError:
        raise Unreadable("the body is not JSON") from None


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its gzip, of at most MOST_BYTES + 1 bytes. Raises Unreadable."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Unreadable("an encoding that is not gzip")
    try:
        return zlib.decompressobj(_GZIP).decompress(body, MOST_BYTES + 1)
    except zlib.error:
        raise Unreadable("the body is not gzip") from None
