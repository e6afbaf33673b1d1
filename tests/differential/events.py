"""Random raw events as JSON texts: what a contract allows, samples with something broken, and hostile leaves.

Everything comes from one `random.Random`, so that a seed is a whole event.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

# A node is an Object, a list, or the JSON text of a scalar.
Node: TypeAlias = "Object | list[Node] | str"


class Object(tuple["tuple[str, Node]", ...]):
    """Members in their order; a key may stand twice."""


def parsed(text: str) -> Node:
    """The node of a JSON text; numbers keep their digits."""
    found = json.loads(text, object_pairs_hook=Object, parse_float=_Digits, parse_int=_Digits)
    return _node(found)


class _Digits(str):
    pass


def _node(value: Any) -> Node:
    if isinstance(value, Object):
        return Object((key, _node(inner)) for key, inner in value)
    if isinstance(value, list):
        return [_node(item) for item in value]
    return str(value) if isinstance(value, _Digits) else json.dumps(value)


def written(node: Node) -> str:
    if isinstance(node, Object):
        return "{" + ",".join(f"{json.dumps(key)}:{written(inner)}" for key, inner in node) + "}"
    return "[" + ",".join(map(written, node)) + "]" if isinstance(node, list) else node


# ── what a contract allows ──

_TEXTS = (
    "",
    "Ada",
    "Café Müller",
    "it's",
    'a"b\\',
    "{x}{{ y }}",
    "新しい",
    "line\nbreak\u2028",
    "😀" * 3,
    "\x00\x7f",
    "Never",
    "0",
    "null",
)
_UNLISTED = ("member.greeted", "points.expired", 'it\'s "{x}"')
_LEGAL_NAMES = ("size", "first_name", "tier", "dateOfBirth", "language", "locale", "trifft_points", "__proto__", "x1")
_OTHER_NAMES = ("", "tier-name", "$value", "it's", 'a"b', "größe", "a.b")
_OPEN = ('"Ada"', "null", "1.50", "12345678901234567890.1", "-0", "true", '[1,{"a":null}]', '{"k":"v"}', '""')
# Mostly good: what is left out of a profile is the interpreter's to say.
_EMAILS = ("ada@post.example", "a.b+c@x-y.example") * 12 + ("nobody", "", "ä@b.example", "a@b")
_PHONES = ("+14155550156", "+441234567890") * 12 + ("0415", "", "+1234567890123456", "+123456789012345")
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC", "Pacific/Kiritimati")
_CURRENCIES = ("EUR", "JPY", "KWD", "USD", "INR")
_AMOUNTS = (
    "0",
    "471",
    "19.999",
    "1.15",
    "0.30000000000000004",
    "1.0e2",
    "-5.678",
    "12345678901234567.899",
    "-0.0",
    "1E-7",
)
_INSTANTS = (
    "2026-03-01T12:00:00Z",
    "2026-12-31T23:59:59.999999999Z",
    "2026-06-30T23:30:00-08:00",
    "1990-01-01T00:00:00+00:00",
    "2031-10-26T01:30:00+02:00",
)
_DAYS = ("2026-03-01", "2024-02-29", "1999-12-31")
_URLS = ("https://a.example/x.png", "https://ä.example/%20?q=1#f", "https://a.example/新")
_NAMED: dict[str, tuple[str, ...]] = {
    "email": _EMAILS,
    "createdAt": _INSTANTS,
    "support_email": _EMAILS,
    "phone": _PHONES,
    "timezone": _ZONES,
    "domain": ("a.example", "cafe-muller.example"),
}
_SHAPED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("T[0-9]", _INSTANTS),
    ("^[0-9]{4}-", _DAYS),
    ("https", _URLS),
    ("^[A-Z]{3}$", _CURRENCIES),
    ("^[A-Z]{2}$", ("US", "DE")),
    ("[eE]", _AMOUNTS),
    ("(/", _ZONES),
    ("_-]{1,128}$", ("evt_1", "a-b_C", "x" * 128)),
    ("^[A-Z][A-Z0-9_]", ("POS", "ISSUED", "ADMIN_ISSUED")),
    ("{1,64}$", ("CODE128", "9373083048805991")),
    ("@", ("ada@post.example",)),
    ("(\\.[a-z0-9]", ("a.example", "cafe-muller.example")),
)


class Contract:
    """What the definitions of a JSON Schema allow, of the keywords that our contracts use."""

    def __init__(self, path: Path) -> None:
        schema = json.loads(path.read_text(encoding="utf-8"))
        self.definitions: Mapping[str, Any] = schema["$defs"]
        choices = [str(choice["$ref"]).rpartition("/")[2] for choice in schema.get("oneOf", ())]
        # Where the name is in a header, whatever has no members of its own is a raw event.
        bodies = [name for name, one in self.definitions.items() if "$ref" in one or "allOf" in one]
        self.events = tuple(choices or bodies)

    def event(self, rng: Random) -> tuple[str, Node]:
        name = rng.choice(self.events)
        return name, self.made(self.definitions[name], rng)

    def made(self, schema: Mapping[str, Any], rng: Random, key: str = "") -> Node:
        if "$ref" in schema or "allOf" in schema:
            return self.made(self._whole(schema), rng, key)
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return self.made(rng.choice(schema[word]), rng, key)
        if "const" in schema or "enum" in schema:
            return json.dumps(schema["const"] if "const" in schema else rng.choice(schema["enum"]))
        if "not" in schema:
            return json.dumps(rng.choice(_UNLISTED))
        kinds = schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else kinds[0] if rng.random() < 0.85 else rng.choice(kinds)
        return _MAKERS[kind](self, schema, rng, key)

    def _whole(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A schema with what it refers to; members of both are laid over each other."""
        parts = [self.definitions[schema["$ref"].rpartition("/")[2]]] if "$ref" in schema else []
        parts += [
            *schema.get("allOf", ()),
            {key: value for key, value in schema.items() if key not in ("$ref", "allOf")},
        ]
        whole: dict[str, Any] = {}
        for part in parts:
            known = self._whole(part) if "$ref" in part or "allOf" in part else part
            properties = dict(whole.get("properties", {}))
            for name, inner in known.get("properties", {}).items():
                properties[name] = {"allOf": [properties[name], inner]} if name in properties else inner
            required = [*whole.get("required", ()), *known.get("required", ())]
            whole = {**whole, **known, "required": required}
            if properties:
                whole["properties"] = properties
        return whole

    def _object(self, schema: Mapping[str, Any], rng: Random, key: str) -> Node:
        properties: Mapping[str, Any] = schema.get("properties", {})
        required = schema.get("required", ())
        there = [name for name in properties if name in required or rng.random() < 0.75]
        if rng.random() < 0.1:
            rng.shuffle(there)
        members = [(name, self.made(properties[name], rng, name)) for name in there]
        if not properties and schema.get("additionalProperties", True):
            legal = "propertyNames" in schema
            names = rng.sample(_LEGAL_NAMES if legal else (*_LEGAL_NAMES, *_OTHER_NAMES), rng.randrange(4))
            members = [(name, parsed(rng.choice(_OPEN))) for name in names]
        return Object(members)

    def _array(self, schema: Mapping[str, Any], rng: Random, key: str) -> Node:
        return [self.made(schema["items"], rng, key) for _ in range(rng.randrange(4))]

    def _string(self, schema: Mapping[str, Any], rng: Random, key: str) -> Node:
        pattern = schema.get("pattern")
        texts = _NAMED.get(key, _TEXTS) if pattern is None else _of_pattern(pattern)
        least, most = schema.get("minLength", 0), schema.get("maxLength", 10**6)
        return json.dumps(
            rng.choice([text for text in texts if least <= len(text) <= most]), ensure_ascii=rng.random() < 0.5
        )


def _of_pattern(pattern: str) -> tuple[str, ...]:
    return next(texts for part, texts in _SHAPED if part in pattern)


def _integers(schema: Mapping[str, Any]) -> list[int]:
    least, most = schema.get("minimum", -(10**20)), schema.get("maximum", 10**20)
    within = [number for number in (0, 1, 47, 2**53 + 1, 2**63 - 1, 1_772_366_400) if least <= number <= most]
    return [*within, *(bound for bound in (least, most) if abs(bound) < 10**20)]


_MAKERS: dict[str, Callable[[Contract, Mapping[str, Any], Random, str], Node]] = {
    "object": Contract._object,
    "array": Contract._array,
    "string": Contract._string,
    "integer": lambda contract, schema, rng, key: str(rng.choice(_integers(schema))),
    "number": lambda contract, schema, rng, key: rng.choice(_AMOUNTS),
    "boolean": lambda contract, schema, rng, key: rng.choice(("true", "false")),
    "null": lambda contract, schema, rng, key: "null",
}

# ── what may be wrong with it ──

LEAVES = (
    *("null", "true", "false", "0", "-0", "-0.0", "5.0", "5.5", "1.0e2", "1e400", "-1e-400", "1e99999999999999999999"),
    *(
        "1" * 51,
        "0." + "1" * 51,
        "9" * 5000,
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e50",
    ),
    *(
        '"1.0e2"',
        '"NaN"',
        '"Infinity"',
        '"1_000"',
        '" 5"',
        '"٣"',
        '"5"',
        '"-0.00"',
        '""',
        '"true"',
        "[]",
        "{}",
        "[null]",
    ),
    *('"\\u0000"', '"\\u00e9"', '"it\'s {x} \\"\\"\\""', '"2026-02-30"', '"2026-03-01T12:00:00"'),
    *('"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"2026-03-01T24:00:00Z"', "1772366400", "1e20"),
    *(
        '"EUR"',
        '"eur"',
        '"XAU"',
        '"Europe/Berlin"',
        '"Mars/Olympus"',
        '"de"',
        '"xx-nothing"',
        '"https://a b"',
        '"ftp://a"',
    ),
    *(
        '"Never"',
        '"__class__"',
        '"{{ 7 * 7 }}"',
        '"${jndi}"',
        '"\\u202e"',
        "[" * 60 + "]" * 60,
        '{"a":' * 120 + "1" + "}" * 120,
    ),
    *(
        '"+14155550156"',
        '"ada@post.example"',
        '"open"',
        '"order"',
        '{"a":1,"a":2}',
        '[{"code":1,"qty":2},{"code":null,"qty":1}]',
    ),
)
_NO_JSON = (
    *('"\\ud800"', '"\\udc00\\ud83d"', '"\\x"', '"a\nb"', '"\x01"', "[" * 100_000),
    *("NaN", "Infinity", "tru", "01", "1.", "+1", "'a'", "", '{"a":1,}', "/* */ 1"),
)
_LARGE = ('"' + "x" * 100_001 + '"', "[" * 2000 + "]" * 2000, '"' + "é" * 60_000 + '"')


def hostile(rng: Random) -> str:
    """A scalar, or worse, that hardly any rule takes."""
    return rng.choice(rng.choices((LEAVES, _NO_JSON, _LARGE), (90, 7, 3))[0])


def broken(node: Node, rng: Random) -> bytes:
    """The event after a few mutations, and now and then as bytes that no encoder makes."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        node = _mutated(node, rng)
    body = written(node).encode("utf-8", "surrogatepass")
    return _bytes_broken(body, rng) if rng.random() < 0.08 else body


def _mutated(node: Node, rng: Random) -> Node:
    if isinstance(node, Object) and node:
        return _object_mutated(node, rng)
    if isinstance(node, list) and node and rng.random() < 0.7:
        at = rng.randrange(len(node))
        return [*node[:at], _mutated(node[at], rng), *node[at + 1 :]]
    return rng.choice((lambda: hostile(rng), lambda: [node], lambda: Object([("a", node)])))()


def _object_mutated(node: Object, rng: Random) -> Node:
    at = rng.randrange(len(node))
    key, inner = node[at]
    if rng.random() < 0.75 and isinstance(inner, (list, Object)):
        return Object([*node[:at], (key, _mutated(inner, rng)), *node[at + 1 :]])
    changes: tuple[Callable[[], list[tuple[str, Node]]], ...] = (
        list,
        lambda: [(key, "null")],
        lambda: [(key, hostile(rng))],
        lambda: [(key, hostile(rng))],
        lambda: [(key, hostile(rng))],
        lambda: [(key, hostile(rng)), (key, inner)],
        lambda: [(key, inner), (key, hostile(rng))],
        lambda: [(key + rng.choice(("", " ", "s", "\x00")), inner)],
        lambda: [(key, inner), (rng.choice(("type", "id", "topic", "extra", "")), hostile(rng))],
        lambda: [(key, _mutated(inner, rng))],
    )
    return Object([*node[:at], *rng.choice(changes)(), *node[at + 1 :]])


def _bytes_broken(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body)) if body else 0
    return rng.choice(
        (
            body[:at],
            body[:at] + b"\xff" + body[at:],
            body[:at] + b"\xed\xa0\x80" + body[at:],
            body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :],
            b"\xef\xbb\xbf" + body,
            body + body,
            body + b" \n\t",
            b"",
            b"[" + body + b"]",
        )
    )
