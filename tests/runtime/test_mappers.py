"""Mapper.map: whose event it is, for whom, and by which path."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mapforge.compiler.generate import generate
from mapforge.runtime.mappers import Mapper, of_sources
from tests.language.acme import BOTH, both_ways, compiled, mapper_of, raw_event, vendor_yaml

EVENTS = """
Order: {trigger: {event: order}, attributes: {x: integer}}
Again: {trigger: {event: order}, attributes: {x: integer}}
Cart: {trigger: {event: cart}, attributes: {y: text}}
"""
CATCH_ALL = '"*": {keep: bag}\n'
IGNORE = "ignore: [viewed]\n"


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    return mapper_of(compiled(tmp_path_factory.mktemp("acme"), vendor_yaml(platforms=BOTH, more=IGNORE), EVENTS))


@pytest.fixture(scope="module")
def with_catch_all(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    vendor = vendor_yaml(platforms=BOTH, more=IGNORE)
    return mapper_of(compiled(tmp_path_factory.mktemp("acme"), vendor, EVENTS + CATCH_ALL))


def entries(mapper: Mapper, raw: bytes, event: str | None = None) -> list[str]:
    """The entries that Klaviyo gets; a good event must not need the interpreter."""
    return [entry for entry, _ in both_ways(mapper, raw, to="klaviyo", event=event).entries]


def test_the_name_is_found_in_the_body(acme: Mapper) -> None:
    assert entries(acme, raw_event(x="1")) == ["Order", "Again"]


def early(nested: str, **keys: str) -> bytes:
    """A raw event in which an object with the name's key stands before the name."""
    members = {"first": nested, **keys}
    return b"{" + ",".join(f'"{key}":{value}' for key, value in members.items()).encode() + b"," + raw_event()[1:]


@pytest.mark.parametrize("nested", ['{"type":"DIGITAL"}', '{"type":"cart"}', '{"type":"viewed"}', '{"type":"order"}'])
def test_the_names_key_in_a_nested_object_before_it_is_not_the_name(
    acme: Mapper, with_catch_all: Mapper, nested: str
) -> None:
    raw = early(nested, x="1")
    assert entries(acme, raw) == entries(with_catch_all, raw) == ["Order", "Again"]


@pytest.mark.parametrize(
    "raw",
    [
        raw_event(x="1", type='"\\u006frder"'),
        raw_event(x="1", type=None, more='"t\\u0079pe":"order"'),
        raw_event(x="1", type=None, more='"type" :\n "order"'),
        raw_event(x="1", type=None, more='"type":"cart","type":"order"'),
        raw_event(x="1", type=None, more='"z":"\\"type\\":\\"cart\\"","type":"order"'),
        raw_event(x="1", type=None, more='"z":{"type":null},"type":"order"'),
    ],
)
def test_the_name_is_that_of_the_decoded_event_however_it_is_written(acme: Mapper, raw: bytes) -> None:
    assert entries(acme, raw) == ["Order", "Again"]


@pytest.mark.parametrize(
    ("raw", "made"),
    [
        (raw_event(x="1"), ["Order", "Again"]),
        (raw_event(x="1", y='"why"', type='"order"', more='"type":"cart"'), ["Cart"]),
        (raw_event(y='"why"', type='"cart"'), ["Cart"]),
        (b'{"first":1,' + raw_event(x="1")[1:], ["Order", "Again"]),
        (raw_event(type='"order"', x="1")[:16] + b"}", []),
    ],
)
def test_a_name_where_the_last_event_had_it_is_a_guess_and_no_more(acme: Mapper, raw: bytes, made: list[str]) -> None:
    for _ in range(2):
        assert entries(acme, raw_event(x="1")) == ["Order", "Again"]
        assert entries(acme, raw) == made


def test_an_event_whose_nested_name_fits_and_whose_own_is_missing_is_a_fault(with_catch_all: Mapper) -> None:
    raw = early('{"type":"order"}', x="1").replace(b'"type":"order","id"', b'"id"')
    assert [fault.code for fault in both_ways(with_catch_all, raw).faults] == ["MF704"]


@pytest.mark.parametrize("nested", ['{"type":"order"}', '{"type":"viewed"}', '{"type":"other"}', '{"type":"new"}', "1"])
def test_an_unlisted_name_goes_to_the_catch_all_whatever_stands_before_it(with_catch_all: Mapper, nested: str) -> None:
    raw = early(nested).replace(b'"type":"order","id"', b'"type":"new","id"')
    assert both_ways(with_catch_all, raw, to="klaviyo").entries == [("*", "klaviyo")]
    assert [payload.event for payload in with_catch_all.map(raw, to="klaviyo").payloads] == ["new"]


def test_an_ignored_event_is_skipped(with_catch_all: Mapper) -> None:
    result = both_ways(with_catch_all, raw_event(type='"viewed"'))
    assert ([note.place for note in result.skipped], result.faults, result.entries) == (["acme: ignore"], [], [])


def test_an_event_that_no_trigger_takes_is_a_fault(acme: Mapper) -> None:
    assert [fault.code for fault in both_ways(acme, raw_event(type='"new"')).faults] == ["MF703"]


def test_a_told_name_goes_before_the_bodys(acme: Mapper) -> None:
    assert entries(acme, raw_event(y='"y"'), event="cart") == ["Cart"]


def test_without_to_every_platform_gets_its_payloads(acme: Mapper) -> None:
    payloads = acme.map(raw_event(x="1")).payloads
    assert [(p.vendor, p.entry, p.event, p.platform, p.kind, p.profile_key) for p in payloads] == [
        ("acme", entry, "order", platform, "event", "email:ada@post.example")
        for entry in ("Order", "Again")
        for platform in ("klaviyo", "omnisend")
    ]


@pytest.mark.parametrize("to", ["omnisend", ["omnisend"], ("omnisend",), frozenset({"omnisend"})])
def test_to_may_be_one_platform_or_many(acme: Mapper, to: str | list[str]) -> None:
    assert {payload.platform for payload in acme.map(raw_event(x="1"), to=to).payloads} == {"omnisend"}


def test_the_order_of_payloads_does_not_depend_on_to(acme: Mapper) -> None:
    assert acme.map(raw_event(x="1"), to=["omnisend", "klaviyo"]) == acme.map(raw_event(x="1"))


@pytest.mark.parametrize("to", ["mailchimp", ["klaviyo", "Omnisend"], "", "klav"])
def test_an_unknown_platform_is_a_value_error_that_names_the_known_ones(acme: Mapper, to: str | list[str]) -> None:
    with pytest.raises(ValueError, match=r"no platform .*; acme is mapped to klaviyo, omnisend"):
        acme.map(raw_event(x="1"), to=to)


def test_no_platform_at_all_gets_nothing(acme: Mapper) -> None:
    result = acme.map(raw_event(x="1"), to=[])
    assert (result.payloads, result.faults, [note.entry for note in result.skipped]) == ([], [], ["Order", "Again"])


@pytest.mark.parametrize("raw", [raw_event(x="1"), raw_event(x="1").decode(), bytearray(raw_event(x="1"))])
def test_a_raw_event_is_bytes_or_text(acme: Mapper, raw: bytes | str) -> None:
    assert acme.map(raw) == acme.map(raw_event(x="1"))


def test_the_same_event_gives_the_same_bytes(acme: Mapper) -> None:
    assert acme.map(raw_event(x="1")) == acme.map(raw_event(x="1"))


def test_a_module_that_cannot_be_loaded_leaves_all_to_the_interpreter(tmp_path: Path) -> None:
    vendor = compiled(tmp_path, vendor_yaml(), EVENTS)
    good = mapper_of(vendor).map(raw_event(x="1"))
    for sources in ({}, {"order": "def ("}, {"order": "raise OSError"}, {"order": "x = 1"}):
        result = of_sources(vendor, sources).map(raw_event(x="1"))
        assert (result.payloads, result.slow_path, good.slow_path) == (good.payloads, True, False)


def test_the_verdict_of_the_interpreter_counts_where_the_module_raises(tmp_path: Path) -> None:
    vendor = compiled(tmp_path, vendor_yaml(), EVENTS)
    sources = {name: text.replace("payloads = []", "raise KeyError", 1) for name, text in generate(vendor).items()}
    assert of_sources(vendor, sources).map(raw_event(x="1")).slow_path


def test_a_vendor_without_entries_takes_nothing(tmp_path: Path) -> None:
    vendor = msgspec.structs.replace(compiled(tmp_path, vendor_yaml(), EVENTS), entries=(), events=())
    mapper = mapper_of(vendor)
    assert [fault.code for fault in both_ways(mapper, raw_event()).faults] == ["MF703"]
