"""A webhook and the secrets it may be signed with → nothing, or Unsigned with the reason; in constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from mapforge import model
from mapforge.delivery.secrets import Secret
from mapforge.diagnostics import MapforgeError

AUTHORIZATION = "authorization"
_ID = "webhook-id"
_WHSEC = "whsec_"
_DIGITS = 15

Headers = Mapping[str, str]


class Unsigned(MapforgeError):
    """A webhook that is not signed as it must be. The text is for the operator: a header's name, and what is wrong."""


def verify(
    signature: model.Signature | None, secrets: Sequence[Secret], headers: Headers, body: bytes, now: float
) -> None:
    """Raise Unsigned unless the vendor sent this. headers by their lower-case names; now: seconds since 1970.

    secrets: any of them will do, so that one can be changed for another. signature None: the secret itself comes in
    `Authorization`, after Bearer, or as the password of Basic.
    """
    if signature is None:
        _token(_of_authorization(headers), secrets, AUTHORIZATION)
    elif signature.scheme == "token":
        said = _after(signature.prefix, _of(headers, signature.header), signature.header)
        _token(_bytes(said), secrets, signature.header)
    else:
        _timely(signature, headers, now)
        _hmac(signature, secrets, headers, body)


def headers_of(signature: model.Signature | None) -> tuple[str, ...]:
    """The headers that hold a secret or a proof, which is kept nowhere."""
    return (AUTHORIZATION,) if signature is None else (signature.header,)


def sign(
    signature: model.Signature | None, secret: Secret, body: bytes, now: float, id: str = "msg_1"
) -> dict[str, str]:
    """The headers of a webhook that `verify` takes: to try a service, and for tests. id: of Standard Webhooks."""
    if signature is None:
        return {AUTHORIZATION: f"Bearer {secret.reveal()}"}
    if signature.scheme == "token":
        return {signature.header: signature.prefix + secret.reveal()}
    said = {} if signature.timestamp is None else {signature.timestamp: str(int(now))}
    if signature.scheme == "standard-webhooks":
        said[_ID] = id
    digest = _digest(signature, secret, _signed(signature, said, body))
    return {**said, signature.header: signature.prefix + _written(digest, signature.encodings[0])}


# ── tokens ────────────────────────────────────────────────────────────────────────────────────────


def _token(said: bytes, secrets: Sequence[Secret], header: str) -> None:
    if not _any(_same(said, secret.reveal().encode()) for secret in secrets):
        raise Unsigned(f"the secret in {header} is another one")


def _of_authorization(headers: Headers) -> bytes:
    scheme, _, said = _of(headers, AUTHORIZATION).partition(" ")
    if scheme.lower() == "bearer":
        return _bytes(said.strip())
    if scheme.lower() == "basic":
        return _password(said)
    raise Unsigned(f"{AUTHORIZATION} is neither Bearer nor Basic")


def _password(said: str) -> bytes:
    try:
        return base64.b64decode(_bytes(said.strip()), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        raise Unsigned(f"{AUTHORIZATION} holds no Basic credentials") from None


# ── hmac ──────────────────────────────────────────────────────────────────────────────────────────


def _timely(signature: model.Signature, headers: Headers, now: float) -> None:
    """The timestamp is inside the window, to either side: the vendor's clock may be ahead."""
    if signature.timestamp is None or signature.window is None:
        return
    said = _of(headers, signature.timestamp)
    if not (said.isascii() and said.isdigit() and len(said) <= _DIGITS):
        raise Unsigned(f"{signature.timestamp} holds no seconds since 1970")
    if abs(now - int(said)) > signature.window:
        raise Unsigned(f"the time in {signature.timestamp} is more than {signature.window} s away")


def _hmac(signature: model.Signature, secrets: Sequence[Secret], headers: Headers, body: bytes) -> None:
    said = _of(headers, signature.header)
    # Standard Webhooks signs with an old and a new secret at once, one after the other.
    parts = said.split(" ") if signature.scheme == "standard-webhooks" else [said]
    given = [part.removeprefix(signature.prefix) for part in parts if part.startswith(signature.prefix)]
    if not given:
        raise Unsigned(f"{signature.header} does not begin with {signature.prefix}")
    signed = _signed(signature, headers, body)
    wanted = [_digest(signature, secret, signed) for secret in secrets]
    if not _any(_same(one, digest) for part in given for one in _read(part, signature) for digest in wanted):
        raise Unsigned(f"the signature in {signature.header} does not fit the body")


def _signed(signature: model.Signature, headers: Headers, body: bytes) -> bytes:
    """What is signed, byte for byte."""
    if signature.signs == "body":
        return body
    return b"".join(
        body if part == "body" else _bytes(_of(headers, _word(part, signature))) if named else part.encode()
        for part, named in _parts(signature.signs)
    )


@lru_cache(maxsize=64)
def _parts(signs: str) -> tuple[tuple[str, bool], ...]:
    """The parts, and whether each stands for something."""
    parts = re.split(f"({model.SIGNED_WORDS})", signs)
    return tuple((part, position % 2 == 1) for position, part in enumerate(parts) if part)


def _word(part: str, signature: model.Signature) -> str:
    return _ID if part == "id" else signature.timestamp or ""


def _digest(signature: model.Signature, secret: Secret, signed: bytes) -> bytes:
    key = secret.reveal()
    if signature.scheme == "standard-webhooks" and key.startswith(_WHSEC):
        return hmac.digest(_decoded(key.removeprefix(_WHSEC)), signed, signature.algorithm)
    return hmac.digest(key.encode(), signed, signature.algorithm)


def _decoded(key: str) -> bytes:
    try:
        found = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raise Unsigned(f"the connection's signing secret is no Base64 after {_WHSEC}") from None
    if not found:  # anybody can sign with an empty key
        raise Unsigned(f"the connection's signing secret holds nothing after {_WHSEC}")
    return found


def _read(said: str, signature: model.Signature) -> Iterator[bytes]:
    """The bytes of a signature in each encoding that it may have."""
    size = hashlib.new(signature.algorithm).digest_size
    for encoding in signature.encodings:
        try:
            found = bytes.fromhex(said) if encoding == "hex" else base64.b64decode(said, validate=True)
        except ValueError:
            continue
        if len(found) == size:
            yield found


def _written(digest: bytes, encoding: str) -> str:
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


# ── both ──────────────────────────────────────────────────────────────────────────────────────────


def _of(headers: Headers, name: str) -> str:
    said = headers.get(name)
    if said is None:
        raise Unsigned(f"there is no header {name}")
    return said


def _bytes(said: str) -> bytes:
    """A header's value as it came."""
    return said.encode("latin-1", "replace")


def _after(prefix: str, said: str, header: str) -> str:
    if not said.startswith(prefix):
        raise Unsigned(f"{header} does not begin with {prefix}")
    return said.removeprefix(prefix)


def _same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)


def _any(found: Iterator[bool]) -> bool:
    """Whether one of them is so; all are looked at, so that time says nothing of which."""
    return sum(found) > 0
