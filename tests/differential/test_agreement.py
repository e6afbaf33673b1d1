"""Generated mappers and the interpreter agree on every raw event: equal bytes, or the interpreter's faults.

MAPFORGE_EXAMPLES is how many events the tests of this module try of each vendor.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mapforge import model
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.platforms import PLATFORMS as KNOWN
from mapforge.runtime.decode import untyped, utf8
from mapforge.runtime.mappers import Mapper, of_sources
from mapforge.runtime.outcomes import Result
from tests.differential import events
from tests.differential.events import Contract, Node, Object

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
EXAMPLES = int(os.environ.get("MAPFORGE_EXAMPLES", "100"))
PLATFORMS = ("klaviyo", "omnisend")
ALL = (*PLATFORMS, "shopify")
# An identifier that is left out may be the last: that is no broken event, but a fault all the same.
NOBODY = "MF707"
# A contract may allow what a platform's metafield does not take: an integer beyond 2^53, a name over two lines.
MAY_FAIL = {"jericommerce": {NOBODY, "MF708"}}

seeds = st.integers(0, 2**64 - 1)


def share(part: float) -> settings:
    """The settings of a test that tries this part of a vendor's events; a seed is an event, with nothing to shrink."""
    return settings(
        max_examples=max(10, int(EXAMPLES * part)),
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )


def mapper_of(folder: Path) -> Mapper:
    vendor = compile_vendor(folder, folder.name)
    return of_sources(vendor, generate(vendor))


VENDORS = sorted(path.parent.name for path in (ROOT / "mappings").glob("*/vendor.yaml"))
MAPPERS = {vendor: mapper_of(ROOT / "mappings" / vendor) for vendor in VENDORS}
ACME = mapper_of(HERE / "acme")
CONTRACTS = {vendor: Contract(ROOT / "mappings" / vendor / "contract.schema.json") for vendor in VENDORS}
SAMPLES = {
    vendor: [
        events.parsed(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "mappings" / vendor / "samples").glob("*.json"))
        if not path.name.endswith(".headers.json")
    ]
    for vendor in VENDORS
}
FORMS = [(platform.name, endpoint.kind) for platform in KNOWN.values() for endpoint in platform.endpoints.values()]


def oracle(platform: str, kind: str) -> jsonschema_rs.Draft202012Validator:
    """The platform's schema of a body, by a validator that is not the one of `mapforge test`."""
    text = (ROOT / "schemas" / platform / f"{kind}.schema.json").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text), retriever=_schema)


def _schema(uri: str) -> Any:
    return json.loads((ROOT / "schemas" / uri.partition("/schemas/")[2]).read_text("utf-8"))


SCHEMAS = {form: oracle(*form) for form in FORMS}


def said(result: Result) -> tuple[object, ...]:
    return result.payloads, result.skipped, result.warnings, result.faults


def agreed(mapper: Mapper, raw: bytes, to: tuple[str, ...] = PLATFORMS, event: str | None = None) -> Result:
    """The result, once both paths agree on it and a second run gives the same."""
    result = mapper.map(raw, None, to, event)
    reference = mapper.interpret(raw, {}, to, event)
    assert said(result) == said(reference)
    assert mapper.map(raw, None, to, event) == result
    alone = by_module(mapper, raw, to, event)
    if alone is not None:
        skipped = reference.skipped if alone.payloads or alone.skipped else []
        assert said(alone) == (reference.payloads, skipped, reference.warnings, reference.faults)
        assert (alone.warnings, alone.faults) == ([], [])
    for payload in result.payloads:
        exact(payload.body)
    return result


def by_module(mapper: Mapper, raw: bytes, to: tuple[str, ...], event: str | None) -> Result | None:
    """What the generated module itself makes, None where it raises or there is none."""
    try:
        body = utf8(raw)
        name = event if event is not None else mapper._name(untyped(body), {})
        module = mapper._mapper(name)
        return None if module is None else module(body, to, {}, name, event is None)
    except Exception:
        return None


def exact(body: bytes) -> Any:
    """JSON in which no key stands twice; a number that is whole as an integer, any other as one with a fraction."""
    return json.loads(body, object_pairs_hook=_once, parse_float=_number, parse_constant=_no_constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    assert len(found) == len(pairs)
    return found


def _number(digits: str) -> int | float:
    assert "e" not in digits.lower()
    number = Decimal(digits)
    return int(number) if number == int(number) else 0.5


def _no_constant(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


def assert_valid(result: Result) -> None:
    for payload in result.payloads:
        SCHEMAS[payload.platform, payload.kind].validate(exact(payload.body))


@pytest.mark.parametrize("vendor", VENDORS)
@share(0.5)
@given(seed=seeds)
def test_what_a_contract_allows_is_sent_and_both_paths_agree(vendor: str, seed: int) -> None:
    mapper = MAPPERS[vendor]
    name, node = CONTRACTS[vendor].event(Random(seed))
    result = agreed(mapper, events.written(node).encode(), mapper.head.platforms, _said_beside(mapper, name))
    assert {fault.code for fault in result.faults} <= MAY_FAIL.get(vendor, {NOBODY})
    assert {fault.platform for fault in result.faults if fault.code != NOBODY} <= {"shopify"}
    assert result.slow_path == bool(result.faults or result.warnings)
    assert_valid(result)


@pytest.mark.parametrize("vendor", VENDORS)
@share(0.5)
@given(seed=seeds)
def test_both_paths_agree_on_broken_events(vendor: str, seed: int) -> None:
    rng, mapper = Random(seed), MAPPERS[vendor]
    name, node = CONTRACTS[vendor].event(rng)
    node = node if rng.random() < 0.5 else rng.choice(SAMPLES[vendor])
    everywhere = mapper.head.platforms
    to = rng.choice((everywhere, everywhere, *((platform,) for platform in everywhere)))
    told = name if rng.random() < 0.3 else _said_beside(mapper, name)
    agreed(mapper, events.broken(node, rng), to, told)


def _said_beside(mapper: Mapper, name: str) -> str | None:
    """The name of a raw event whose body does not say it."""
    return name if isinstance(mapper.model.source.event, model.Header) else None


@share(0.5)
@given(seeds)
def test_what_uses_every_feature_of_the_language_is_sent_and_both_paths_agree(seed: int) -> None:
    rng = Random(seed)
    result = agreed(ACME, events.written(everything(rng)).encode(), ALL)
    assert {fault.code for fault in result.faults} <= {NOBODY}
    assert_valid(result)


@share(0.5)
@given(seeds)
def test_both_paths_agree_on_broken_events_of_a_vendor_that_uses_every_feature(seed: int) -> None:
    rng = Random(seed)
    to = rng.choice((ALL, ("klaviyo",), ("omnisend",), ("shopify",)))
    topic = rng.choice(TOPICS) if rng.random() < 0.3 else None
    agreed(ACME, events.broken(everything(rng), rng), to, topic)


# ── raw events of the synthetic vendor ──

TOPICS = ("order", "order.again", "order.counted", 'it\'s "{x}"\n', "unheard.of", "viewed")


def everything(rng: Random) -> Node:
    """A raw event of acme; what an entry may miss is missing now and then."""
    pairs = [(key, rng.choice(choices)) for key, choices in CHOICES.items()]
    members = [
        ("meta", _some(rng, META, needed=("topic", "id", "at"))),
        ("shop", _some(rng, SHOP, needed=("zone", "locale", "currency"))),
        ("buyer", _some(rng, PERSON)),
        ("friend", _some(rng, PERSON)),
        *((key, events.parsed(text)) for key, text in pairs if key in NEEDED or rng.random() < 0.8),
    ]
    if rng.random() < 0.3:
        rng.shuffle(members)
    return Object(members)


def _some(rng: Random, choices: Mapping[str, tuple[str, ...]], needed: tuple[str, ...] = ()) -> Object:
    return Object(
        (key, events.parsed(rng.choice(texts)))
        for key, texts in choices.items()
        if key in needed or rng.random() < 0.85
    )


META = {
    "topic": (*('"order"', '"order.again"', '"order.counted"') * 4, *(json.dumps(topic) for topic in TOPICS)),
    "id": ('"evt_1"', "47"),
    "at": ("1772366400", "1772366400.0", "1.7723664e9"),
    "more": ('{"topic":"order"}', "null"),
}
SHOP = {
    "zone": ('"Europe/Berlin"', '"Asia/Tokyo"'),
    "locale": ('"en-US"', '"de"', '"fr_CH"'),
    "currency": ('"EUR"', '"JPY"', '"KWD"'),
    "name": ('"Café"', "null", '"it\'s"'),
    "domain": ('"a.example"',),
}
PERSON = {
    "email": (*('"ada@post.example"',) * 8, '"nobody"', "null"),
    "phone": (*('"+14155550156"',) * 8, '"+123456789012345"'),
    "id": ("47", '"u1"'),
    "kid": ('"01H"',),
    "sid": ("5",),
    "first": ('"Ada"', '""', "null"),
    "last": ('"L"',),
    "vip": ("true", "false", "null"),
    "tags": ('["x","y"]', "[]"),
    "extra": ('{"a":[1.10,null,{"b":1e2}]}', "{}", "null"),
}
NEEDED = ("total", "items", "state")
CHOICES = {
    "number": ('"n1"', "48"),
    "count": ("0", "5", "11", "null"),
    "total": ("471", "19.999", '"1.0e2"', "-5.678", "-0.0"),
    "cents": ("1999", '"-5"'),
    "rate": ("0.15", "1e-9", "null"),
    "due": ('"2026-03-01T12:00:00Z"', '"2026-03-01T12:00:00"', '"0000-00-00"', '""', "null"),
    "date": ('"1.3.2026"', '"-"'),
    "epoch": ("1772366400123",),
    "state": ('"open"', '"draft"', '"1"', '"x&y"', '"größe"'),
    "flag": ("true", "false", "null"),
    "bag": (
        '{"z":1.50,"text":"no","hidden":1,"f_one":2,"q":{"r":[1e2]}}',
        '{"it\'s":1,"ok":"\\u00e9"}',
        "{}",
        "null",
    ),
    "items": (
        "[]",
        '[{"code":1,"qty":2,"price":"1.005","sizes":[{"w":1},{}],"day":"2026-03-01T12:00:00Z"},{"code":"b","qty":0}]',
    ),
    'a"b': ('{"class":"c"}', "null"),
    "{x}": ('{"\\n":"newline"}',),
    "class": ('{"def":"d"}',),
    "__class__": ('{"__init__":"i"}', "{}"),
    "é": ('"é"',),
    "import": ('"import"', "null"),
    "object": ('"object"',),
}


@pytest.mark.parametrize("mapper", [*MAPPERS.values(), ACME], ids=[*MAPPERS, "acme"])
def test_the_same_model_gives_the_same_sources(mapper: Mapper) -> None:
    assert generate(mapper.model) == generate(mapper.model)
