"""The platforms' own rules, ids and limits; a fault of one platform does not hold back the other."""

from __future__ import annotations

import uuid

import pytest

from tests.language.acme import BOTH, N, entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy

VENDOR = vendor_yaml(platforms=BOTH)
NEVER = vendor_yaml(platforms="{klaviyo: {}, omnisend: {origin: acme, null_if: {expiration_date: Never}}}")


def test_omnisends_null_if_touches_that_attribute_alone(mapped: MappedBy) -> None:
    events = entry_yaml("expiration_date: {type: date, absent: Never}\ndeliver_at: {type: date, absent: Never}")
    result = mapped(events, vendor=NEVER)
    assert result.properties() == {"expiration_date": "Never", "deliver_at": "Never"}
    assert result.properties("omnisend") == {"expiration_date": None, "deliver_at": "Never"}


def test_null_if_leaves_other_values_alone(mapped: MappedBy) -> None:
    result = mapped(entry_yaml("expiration_date: text"), raw_event(expiration_date='"never"'), vendor=NEVER)
    assert result.properties("omnisend") == {"expiration_date": "never"}


@pytest.mark.parametrize(
    ("kind", "word", "raw", "sends"),
    [
        ("integer", "0", "0", None),
        ("decimal", "0", "0.00", None),
        ("decimal", "1e-9", "1e-9", None),
        ("boolean", "false", "false", None),
        ("boolean", "false", "true", True),
        ("integer", "1", "2", N("2")),
        ("text | null", "x", "null", None),
    ],
)
def test_null_if_compares_values_of_the_type_that_is_sent(
    mapped: MappedBy, kind: str, word: str, raw: str, sends: object
) -> None:
    vendor = vendor_yaml(platforms=f"{{klaviyo: {{null_if: {{x: '{word}'}}}}}}")
    assert mapped(entry_yaml(f"x: {kind}"), raw_event(x=raw), vendor=vendor).properties() == {"x": sends}


def test_rules_go_by_the_mappings_own_name(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {null_if: {x: a}, rename: {x: z}}}")
    assert mapped(entry_yaml("x: {type: text, name: y}"), raw_event(x='"a"'), vendor=vendor).properties() == {"z": None}


def test_name_is_what_is_sent_where_no_rename_is(mapped: MappedBy) -> None:
    assert mapped(entry_yaml("x: {type: text, name: y}"), raw_event(x='"a"')).properties() == {"y": "a"}


def test_as_of_a_platform_leaves_null_and_omitted_alone(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {as: {x: text, y: percent, z: text}}}")
    events = entry_yaml("x: integer | null\ny: {type: decimal, absent: omit}\nz: boolean")
    assert mapped(events, raw_event(z="true"), vendor=vendor).properties() == {"x": None, "z": "true"}


def test_as_of_a_platform_writes_digits_and_never_an_exponent(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {as: {x: text}}}")
    assert mapped(entry_yaml("x: decimal"), raw_event(x="1e-9"), vendor=vendor).properties() == {"x": "0.000000001"}


def test_renames_may_change_places(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {rename: {a: b, b: a}}}")
    assert mapped(entry_yaml("a: text\nb: text"), raw_event(a='"1"', b='"2"'), vendor=vendor).properties() == {
        "b": "1",
        "a": "2",
    }


def test_klaviyos_unique_id_is_the_raw_events(mapped: MappedBy) -> None:
    result = mapped(entry_yaml("x: text | null"), raw_event(id="47"), vendor=VENDOR)
    assert (result.payload().unique_id, result.body()["data"]["attributes"]["unique_id"]) == ("47", "47")


def test_omnisends_event_id_is_a_uuid5_of_vendor_entry_and_id(mapped: MappedBy) -> None:
    result = mapped(entry_yaml("x: text | null"), raw_event(id='"a/ü"'), vendor=VENDOR)
    expected = str(uuid.uuid5(uuid.NAMESPACE_URL, "mapforge:acme:Order:a/ü"))
    assert (result.payload("omnisend").unique_id, result.body("omnisend")["eventID"]) == (expected, expected)


def test_the_time_is_sent_as_utc_to_the_second(mapped: MappedBy) -> None:
    result = mapped(entry_yaml("x: text | null"), raw_event(at='"2026-03-01T12:00:00.9+02:00"'), vendor=VENDOR)
    times = result.body()["data"]["attributes"]["time"], result.body("omnisend")["eventTime"], result.payload().time
    assert set(times) == {"2026-03-01T10:00:00Z"}


def test_the_whole_bodies(mapped: MappedBy) -> None:
    result = mapped(entry_yaml("x: text"), raw_event(x='"é\\n\\u2028"'), vendor=VENDOR)
    assert result.payload().body.decode() == (
        '{"data":{"type":"event","attributes":{"properties":{"x":"é\\n\u2028"},"metric":{"data":{"type":"metric",'
        '"attributes":{"name":"Order"}}},"profile":{"data":{"type":"profile","attributes":{"email":"ada@post.example"}}},'
        '"time":"2026-03-01T12:00:00Z","unique_id":"evt_1"}}}'
    )
    event_id = uuid.uuid5(uuid.NAMESPACE_URL, "mapforge:acme:Order:evt_1")
    assert result.payload("omnisend").body.decode() == (
        f'{{"eventName":"Order","origin":"acme","eventID":"{event_id}",'
        '"eventTime":"2026-03-01T12:00:00Z","contact":{"email":"ada@post.example"},"properties":{"x":"é\\n\u2028"}}'
    )


# What a platform does not take is a fault of its own payload, and of that alone.

DEEP = '{"a":' * 10 + "1" + "}" * 10
LIMITS = {
    "a text over 100,000 bytes": ("text", '"' + "é" * 50_001 + '"'),
    "nesting deeper than 10 levels": ("object", DEEP),
    "a list of 4001 elements, at most 4000": ("list", "[" + ",".join(["0"] * 4001) + "]"),
    "an integer beyond 64 bits": ("object", '{"a":9223372036854775808}'),
    "an integer beyond 64 bits ": ("integer", "-9223372036854775809"),
}


@pytest.mark.parametrize("broken", LIMITS)
def test_a_limit_of_klaviyo_is_a_fault_for_klaviyo_alone(mapped: MappedBy, broken: str) -> None:
    kind, raw = LIMITS[broken]
    result = mapped(entry_yaml(f"x: {kind}"), raw_event(x=raw), vendor=VENDOR)
    (fault,) = result.faults
    assert (fault.code, fault.platform, fault.entry) == ("MF708", "klaviyo", "Order")
    assert fault.reason == f"expected what Klaviyo takes, got {broken.strip()}"
    assert result.entries == [("Order", "omnisend")]


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("text", '"' + "x" * 100_000 + '"'),
        ("text", '"' + "\\u0001" * 50_000 + '"'),
        ("object", '{"a":' * 9 + "1" + "}" * 9),
        ("list", "[" + ",".join(["0"] * 4000) + "]"),
        ("list", "[" + ",".join(['"' + "y" * 90 + '"'] * 4000) + "]"),
        ("object", '{"a":9223372036854775807,"b":-9223372036854775808}'),
    ],
)
def test_what_just_fits_is_sent_and_by_the_generated_mapper(mapped: MappedBy, kind: str, raw: str) -> None:
    result = mapped(entry_yaml(f"x: {kind}"), raw_event(x=raw), vendor=VENDOR)
    assert result.entries == [("Order", "klaviyo"), ("Order", "omnisend")]


@pytest.mark.parametrize(("count", "fits"), [(400, True), (401, False)])
def test_klaviyo_takes_400_properties(mapped: MappedBy, count: int, fits: bool) -> None:
    kept = ",".join(f'"k{position}":0' for position in range(count))
    result = mapped("Order:\n  trigger: {event: order}\n  keep: bag\n", raw_event(bag=f"{{{kept}}}"), vendor=VENDOR)
    reasons = [] if fits else [("MF708", "expected what Klaviyo takes, got 401 properties, at most 400")]
    assert (result.reasons, result.entries[-1]) == (reasons, ("Order", "omnisend"))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"at": '"1989-12-31T23:59:59Z"'}, "expected a time from 1990-01-01T00:00:00Z on, got an earlier one"),
        ({"id": '"' + "i" * 256 + '"'}, "expected an event id of 1 to 255 characters, got one of 256"),
        ({"id": '""'}, "expected an event id of 1 to 255 characters, got one of 0"),
    ],
)
def test_a_time_before_1990_and_an_id_of_another_length_are_faults_for_klaviyo_alone(
    mapped: MappedBy, raw: dict[str, str | None], reason: str
) -> None:
    result = mapped(entry_yaml("x: text | null"), raw_event(**raw), vendor=VENDOR)
    assert (result.reasons, result.faults[0].platform, result.entries) == (
        [("MF708", reason)],
        "klaviyo",
        [("Order", "omnisend")],
    )


@pytest.mark.parametrize("name", ["", "n" * 128])
def test_a_received_name_of_another_length_is_a_fault_for_klaviyo_alone(mapped: MappedBy, name: str) -> None:
    result = mapped('"*": {keep: bag}\n', raw_event(type=f'"{name}"'), vendor=VENDOR)
    reason = f"expected an event name of 1 to 127 characters, got one of {len(name)}"
    assert (result.reasons, result.entries) == ([("MF708", reason)], [("*", "omnisend")])


def test_a_kept_name_that_omnisend_does_not_take_is_a_fault_for_omnisend_alone(mapped: MappedBy) -> None:
    events = "Order:\n  trigger: {event: order}\n  keep: bag\n"
    result = mapped(events, raw_event(bag='{"a b":1}'), vendor=VENDOR)
    assert [(fault.platform, fault.got) for fault in result.faults] == [
        ("omnisend", "a property name that is not [A-Za-z0-9_]{1,128}")
    ]
    assert result.entries == [("Order", "klaviyo")]


def test_a_body_over_5_mb_is_a_fault(mapped: MappedBy) -> None:
    large = "[" + ",".join(['"' + "x" * 99_990 + '"'] * 51) + "]"
    result = mapped(entry_yaml("x: list"), raw_event(x=large), vendor=VENDOR)
    assert [(fault.platform, fault.code, fault.expected) for fault in result.faults] == [
        ("klaviyo", "MF708", "a body of at most 5,000,000 bytes"),
        ("omnisend", "MF708", "a body of at most 5,000,000 bytes"),
    ]


FAN_OUT = """
First: {trigger: {event: order}, attributes: {x: text}}
Second: {trigger: {event: order}, attributes: {y: text}}
"""


def test_for_one_platform_all_payloads_of_a_raw_event_leave_or_none(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {}, omnisend: {origin: acme}}")
    result = mapped(FAN_OUT, raw_event(x='"' + "x" * 100_001 + '"', y='"y"'), vendor=vendor)
    assert [(fault.entry, fault.platform) for fault in result.faults] == [("First", "klaviyo")]
    assert result.entries == [("First", "omnisend"), ("Second", "omnisend")]


def test_a_faulty_attribute_holds_back_all_payloads(mapped: MappedBy) -> None:
    result = mapped(FAN_OUT, raw_event(x='"x"', y="5"), vendor=VENDOR)
    assert ([fault.entry for fault in result.faults], result.entries) == (["Second"], [])


def test_a_faulty_entry_does_not_hold_back_a_platform_that_does_not_get_it(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms="{klaviyo: {}, omnisend: {origin: acme, only: [First]}}")
    result = mapped(FAN_OUT, raw_event(x='"x"', y="5"), vendor=vendor)
    assert ([fault.entry for fault in result.faults], result.entries) == (["Second"], [("First", "omnisend")])
    asked = mapped(FAN_OUT, raw_event(x='"x"', y="5"), vendor=vendor, to="omnisend", slow=True)
    assert (asked.faults, asked.entries) == ([], [("First", "omnisend")])


def test_the_faults_of_both_entries_are_named_at_once(mapped: MappedBy) -> None:
    result = mapped(FAN_OUT, raw_event(x="5", y="5"), vendor=VENDOR)
    assert [(fault.entry, fault.attribute, fault.place) for fault in result.faults] == [
        ("First", "x", "acme/events.yaml:2"),
        ("Second", "y", "acme/events.yaml:3"),
    ]
