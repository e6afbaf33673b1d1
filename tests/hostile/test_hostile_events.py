"""Hostile raw events: payloads, or faults with code and place; never an exception, never an unbounded time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime.mappers import Mapper, of_sources
from tests.language.acme import BOTH, Mapped, both_ways, compiled, mapper_of, raw_event, vendor_yaml
from tests.language.conftest import MappedBy

ROOT = Path(__file__).parents[2]
SECRET = "S3CRET-of-the-customer"
EVENTS = """
Order:
  trigger: {event: order}
  keep: {from: bag, except: [x]}
  attributes:
    t: {type: text | null}
    n: {type: integer | null}
    d: {type: decimal | null}
    j: {type: text | null, join: [t, u]}
    w: {type: text | null, template: "{{ t }}-{{ n }}"}
    o: {type: object | null}
    l: {type: list | null, each: {type: text | null, from: a}}
    p: {type: list | null, from: "l[?a != 'zz'].a"}
    at: {type: date | null, from: day, format: MMMM}
"""


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    return mapper_of(compiled(tmp_path_factory.mktemp("acme"), vendor_yaml(platforms=BOTH), EVENTS))


@pytest.fixture(scope="module")
def ninety_nine() -> Mapper:
    vendor = compile_vendor(ROOT / "mappings" / "99minds", "99minds")
    return of_sources(vendor, generate(vendor))


@pytest.fixture(autouse=True)
def within_seconds() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < 10


NO_JSON = {
    "nothing": b"",
    "blanks": b" \n",
    "a word": b"order",
    "a truncated object": b'{"type":"order"',
    "a truncated text": b'{"type":"ord',
    "two values": b"{}{}",
    "a byte order mark": b"\xef\xbb\xbf" + raw_event(),
    "UTF-16": raw_event().decode().encode("utf-16"),
    "UTF-32": raw_event().decode().encode("utf-32"),
    "Latin-1": raw_event(t='"é"').decode().encode("latin-1"),
    "a broken byte in what nothing reads": raw_event(z='"\x01\x01"').replace(b"\x01\x01", b"\xff\xfe"),
    "an encoded surrogate": raw_event(z='"@@@"').replace(b"@@@", b"\xed\xa0\x80"),
    "an overlong slash": raw_event(z='"@@"').replace(b"@@", b"\xc0\xaf"),
    "a lone surrogate escape": raw_event(z='"\\ud800"'),
    "a lone surrogate escape in a key": raw_event(more='"\\udc00":1'),
    "a lone surrogate escape beside a huge integer": raw_event(z='"\\ud800 "', y="1" * 5000),
    "a lone surrogate escape in a key beside a huge integer": raw_event(more='"\\udc00":' + "1" * 5000),
    "a control character": raw_event(z='"a\x01b"'),
    "a raw newline": raw_event(z='"a\nb"'),
    "an unknown escape": raw_event(z='"\\x41"'),
    "NaN": raw_event(z="NaN"),
    "Infinity beside a huge integer": raw_event(z="-Infinity", y="1" * 5000),
    "a comment": raw_event(z="/* */ 1"),
    "a trailing comma": raw_event(z="[1,]"),
    "a leading zero": raw_event(z="01"),
    "an apostrophe": b"{'type':'order'}",
    "a NUL at the end": raw_event() + b"\x00",
    "10 MB of blanks": b" " * 10_000_000,
    "10 MB of quotes": b'"' * 10_000_000,
    "10 MB of the name's key": b'{"type"' * 1_400_000,
    "10 MB of backslashes": b'{"type":"' + b"\\" * 10_000_000,
}


def one_fault(mapper: Mapper, raw: bytes, event: str | None = None) -> str:
    """The code of the only fault, which is of the event as a whole."""
    result = both_ways(mapper, raw, event=event)
    (fault,) = result.faults
    assert (fault.entry, fault.platform, fault.attribute, fault.place, result.entries) == (None, None, None, "acme", [])
    return fault.code


@pytest.mark.parametrize("raw", NO_JSON.values(), ids=NO_JSON.keys())
def test_what_is_no_json_in_utf_8_is_a_fault(acme: Mapper, raw: bytes) -> None:
    assert (one_fault(acme, raw), one_fault(acme, raw, event="order")) == ("MF701", "MF701")


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        raw_event(z="[" * 100_000 + "]" * 100_000),
        raw_event(t="[" * 100_000 + "]" * 100_000),
        raw_event(z="[" * 100_000 + "]" * 100_000, y="1" * 5000),
    ],
    ids=["open", "closed", "objects", "in what nothing reads", "in what is read", "beside a huge integer"],
)
def test_what_is_nested_beyond_the_stack_is_a_fault(acme: Mapper, raw: bytes) -> None:
    assert one_fault(acme, raw) == "MF702"


@pytest.mark.parametrize("levels", [101, 300, 600, 900])
def test_what_is_nested_within_the_stack_and_sent_is_a_fault_of_its_attribute(acme: Mapper, levels: int) -> None:
    result = both_ways(acme, raw_event(o='{"a":' * levels + "1" + "}" * levels))
    assert [(fault.code, fault.attribute) for fault in result.faults] == [("MF702", "o")]


@pytest.mark.parametrize("raw", [b"[]", b'"order"', b"5", b"null", b"true", b"[{}]"])
def test_what_is_no_object_is_a_fault(acme: Mapper, raw: bytes) -> None:
    assert one_fault(acme, raw) == ("MF704" if raw == b"null" else "MF705")
    result = both_ways(acme, raw, event="order")
    assert (result.entries, {fault.entry for fault in result.faults}) == ([], {"Order"})


def test_an_event_of_10_mb_is_mapped(acme: Mapper) -> None:
    result = both_ways(acme, raw_event(z='"' + "x" * 10_000_000 + '"', t='"t"'))
    assert result.properties()["t"] == "t"


def test_a_million_keys_that_nothing_reads_are_passed_over(acme: Mapper) -> None:
    many = ",".join(f'"k{at}":{{}}' for at in range(300_000))
    assert both_ways(acme, raw_event(z=f"{{{many}}}", t='"t"')).properties()["t"] == "t"


@pytest.mark.parametrize("name", ["x" * 100_000, "\x00", "it's", "💥", "{}", "__class__", "*"])
def test_a_hostile_name_of_an_event_is_a_fault(acme: Mapper, name: str) -> None:
    assert one_fault(acme, raw_event(type=json.dumps(name))) == "MF703"


TEXTS = {
    "quotes": '"\\"\'`\\"\\"\\""',
    "braces": '"{{ x }}{% raw %}${y}%s{0}"',
    "newlines": '"a\\nb\\r\\n\\u2028\\u0085"',
    "NUL": '"a\\u0000b"',
    "controls": '"\\u0001\\u001f\\u007f"',
    "directions": '"\\u202eabc\\u200f"',
    "astral": '"\\ud83d\\ude00 \\uFFFF \\uD7FF"',
    "markup": '"<script>&amp;</script>"',
    "path": '"../../etc/passwd"',
    "long": '"' + "é" * 45_000 + '"',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_hostile_text_changes_nothing_but_itself(acme: Mapper, text: str) -> None:
    plain = json.loads(text)
    raw = raw_event(t=text, o=f"{{{text}:{text}}}", l=f'[{{"a":{text}}}]', bag=f'{{"k":{text}}}')
    texts = {"t": plain, "j": plain, "o": {plain: plain}, "l": [plain], "p": [plain], "k": plain}
    absent = dict.fromkeys(("n", "d", "w", "at"))
    assert both_ways(acme, raw, slow=None if len(raw) > 100_000 else False).properties() == {**texts, **absent}


def customer_data(mapped: Mapped) -> list[str]:
    """Whatever a log may show of a result."""
    result = mapped.result
    return [repr(part) for part in (result, result.faults, result.skipped, result.warnings, result.payloads)]


@pytest.mark.parametrize(
    "raw",
    [
        {"t": f'["{SECRET}"]'},
        {"n": f'"{SECRET}"', "d": f'"{SECRET}"', "o": f'"{SECRET}"', "l": f'"{SECRET}"', "day": f'"{SECRET}"'},
        {"email": f'"{SECRET}"'},
        {"email": f'["{SECRET}"]'},
        {"id": f'"{SECRET * 20}"'},
        {"at": f'"{SECRET}"'},
        {"type": f'"{SECRET}"'},
        {"bag": f'{{"{SECRET} ":"{SECRET}"}}'},
        {"bag": f'["{SECRET}"]'},
        {"l": f'[{{"a":{{"{SECRET}":1}}}}]'},
        {"o": f'{{"{SECRET}":1e99}}'},
        {"z": f'"{SECRET}'},
        {"t": f'"{SECRET}"'},
    ],
)
def test_no_customer_data_stands_in_faults_notes_or_a_repr(acme: Mapper, raw: dict[str, str | None]) -> None:
    result = both_ways(acme, raw_event(**raw))
    assert all(SECRET not in shown for shown in customer_data(result))
    assert result.faults or result.entries


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"type":"giftcard.issued"}',
        b'{"type":null}',
        b'{"type":"nothing"}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_every_fault_of_99minds_has_a_code_and_a_place(ninety_nine: Mapper, body: bytes) -> None:
    result = both_ways(ninety_nine, body)
    assert result.faults
    for fault in result.faults:
        assert fault.code.startswith("MF7")
        assert fault.place == "99minds" or fault.place.startswith("99minds/")
        assert fault.expected
        assert fault.got


def test_a_regular_expression_cannot_be_made_to_run_for_ever(mapped: MappedBy) -> None:
    slow = '"' + "a" * 90_000 + "@" + "a-" * 2_000 + '"'
    result = mapped("Order: {trigger: {event: order}}\n", raw_event(email=slow))
    assert [fault.code for fault in result.faults] == ["MF707"]


def test_a_number_of_a_million_digits_is_a_fault_at_once(acme: Mapper) -> None:
    for digits in ("1" * 1_000_000, "0." + "1" * 1_000_000, "1e" + "9" * 1_000_000, "-" + "0." + "0" * 1_000_000):
        for text in (digits, f'"{digits}"'):
            result = both_ways(acme, raw_event(d=text))
            assert [(fault.code, fault.attribute) for fault in result.faults] == [("MF706", "d")]


def test_numbers_of_every_size_are_compared(mapped: MappedBy) -> None:
    events = 'Order:\n  trigger: {event: order}\n  attributes:\n    x: {type: boolean, from: "v > `5`"}\n'
    for digits in ("1e999999999", "1" * 5000, "5.0" + "0" * 100 + "1"):
        result = mapped(events, raw_event(v=digits), slow=len(digits) == 5000)
        assert result.entries == [] or result.properties() == {"x": True}
    assert mapped(events, raw_event(v="1e-999999999")).properties() == {"x": False}
