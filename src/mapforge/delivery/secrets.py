"""Keys and tokens → what is stored of them, and back: encrypted at rest, never in a log, an error or a repr."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from mapforge.diagnostics import MapforgeError

VARIABLE = "MAPFORGE_SECRET_KEY"


class SecretError(MapforgeError):
    """Secrets that cannot be sealed or opened; the text says what to do and holds none of them."""


class Secret:
    """A key, a token or a signing secret: shown as ***, compared and read by `reveal` alone."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for a header or a signature and nothing else."""
        return self._text

    @property
    def fingerprint(self) -> str:
        """The same for the same secret, and of no use to find it."""
        return hashlib.blake2b(self._text.encode(), digest_size=8, person=b"mapforge").hexdigest()

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        raise TypeError("a Secret is not pickled")


class Keys:
    """The keys that seal and open. The first one seals; each of them opens, so that keys can be rotated."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise SecretError(f"{VARIABLE} holds no keys of 32 bytes in base64; make one: {_MAKE}") from None

    def seal(self, secret: Secret) -> bytes:
        """What is stored."""
        return self._fernet.encrypt(secret.reveal().encode())

    def open(self, sealed: bytes) -> Secret:
        """The secret. Raises SecretError where none of the keys sealed it."""
        try:
            return Secret(self._fernet.decrypt(sealed).decode())
        except InvalidToken:
            raise SecretError(f"a secret was sealed by a key that is not in {VARIABLE}") from None

    def rotated(self, sealed: bytes) -> bytes:
        """The same secret, sealed by the first key."""
        return self.seal(self.open(sealed))

    def __repr__(self) -> str:
        return "Keys(***)"


_MAKE = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


def fresh_key() -> str:
    """A key for MAPFORGE_SECRET_KEY."""
    return Fernet.generate_key().decode()


def keys_of(environment: Mapping[str, str] = os.environ) -> Keys:
    """The keys of MAPFORGE_SECRET_KEY: one, or several with commas between, the newest first."""
    keys = tuple(key.strip() for key in environment.get(VARIABLE, "").split(",") if key.strip())
    if not keys:
        raise SecretError(f"{VARIABLE} is not set; make a key: {_MAKE}")
    return Keys(keys)
