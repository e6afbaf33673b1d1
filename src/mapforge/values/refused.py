"""One raw value that a rule does not take."""

from __future__ import annotations


class Refused(Exception):
    """A value was refused: what was expected and what came, in words that hold no customer data.

    expected: a phrase such as ``a decimal number``; got: a JSON type or a short reason such as ``a string``.
    code: the error's page, ``mapforge explain CODE``. attribute: whose value it is, where one is looked at after all of
    them are made.
    """

    def __init__(self, expected: str, got: str, code: str = "MF705", attribute: str | None = None) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got
        self.code = code
        self.attribute = attribute


JSON_TYPES = {
    "NoneType": "null",
    "bool": "a boolean",
    "int": "a number",
    "Decimal": "a number",
    "str": "a string",
    "dict": "an object",
    "list": "a list",
}


def json_type(value: object) -> str:
    """The JSON type of a decoded value, as a phrase for an error text."""
    return JSON_TYPES[type(value).__name__]
