"""A platform's pointer leads to the attribute and to the line of the mapping that made it."""

from __future__ import annotations

import pytest

from mapforge import model
from mapforge.delivery.outcomes import Reason
from mapforge.delivery.tracing import traced
from tests.language.acme import compiled, vendor_yaml

EVENTS = """
Order:
  trigger: {event: order}
  identity: {email: email, phone: phone}
  value: {from: total, currency: currency}
  attributes:
    slashed: {type: text, name: "a/b~c", constant: x}
    lines: {type: list, absent: omit}
    total: integer
"""
PROFILE = """
Points:
  trigger: {event: points}
  attributes:
    points: integer
  standard:
    first_name: {type: text, from: name}
    city: {type: text}
"""
BULK = "/data/attributes/events-bulk-create/data/0/attributes"


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> model.Vendor:
    platforms = "{klaviyo: {rename: {total: sum}}, omnisend: {origin: acme, rename: {slashed: abc, points: score}}}"
    return compiled(tmp_path_factory.mktemp("acme"), vendor_yaml(platforms=platforms), EVENTS, PROFILE)


def place(vendor: model.Vendor, entry: str, platform: str, kind: str, pointer: str | None) -> tuple[str | None, str]:
    found = traced(Reason("400", "no", pointer=pointer), vendor, entry, platform, kind)
    assert (found.entry, found.platform, found.pointer) == (entry, platform, pointer)
    return found.attribute, found.place.removeprefix("acme/")


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("/data/attributes/properties/sum", ("total", "events.yaml:9")),
        ("/data/attributes/properties/lines/3/name", ("lines", "events.yaml:8")),
        ("/data/attributes/properties/a~1b~0c", ("slashed", "events.yaml:7")),
        (f"{BULK}/events/data/2/attributes/properties/sum", ("total", "events.yaml:9")),
        ("/data/attributes/properties/total", (None, "events.yaml:2")),
        ("/data/attributes/profile/data/attributes/email", (None, "events.yaml:4")),
        (f"{BULK}/profile/data/attributes/phone_number", (None, "events.yaml:4")),
        ("/data/attributes/profile", (None, "events.yaml:4")),
        ("/data/attributes/value", (None, "events.yaml:5")),
        ("/data/attributes/value_currency", (None, "events.yaml:5")),
        ("/data/attributes/time", (None, "vendor.yaml:3")),
        ("/data/attributes/unique_id", (None, "vendor.yaml:3")),
        ("/data", (None, "events.yaml:2")),
        ("", (None, "events.yaml:2")),
        (None, (None, "events.yaml:2")),
    ],
)
def test_a_pointer_of_klaviyo(vendor: model.Vendor, pointer: str | None, found: tuple[str | None, str]) -> None:
    assert place(vendor, "Order", "klaviyo", "event", pointer) == found


@pytest.mark.parametrize(
    ("kind", "pointer", "found"),
    [
        ("event", "/properties/abc", ("slashed", "events.yaml:7")),
        ("event", "/items/3/properties/abc", ("slashed", "events.yaml:7")),
        ("event", "/contact/email", (None, "events.yaml:4")),
        ("event", "/eventTime", (None, "vendor.yaml:3")),
        ("event", "/eventID", (None, "vendor.yaml:3")),
    ],
)
def test_a_field_of_omnisend(vendor: model.Vendor, kind: str, pointer: str, found: tuple[str | None, str]) -> None:
    assert place(vendor, "Order", "omnisend", kind, pointer) == found


@pytest.mark.parametrize(
    ("platform", "kind", "pointer", "found"),
    [
        ("klaviyo", "profile", "/data/attributes/first_name", ("first_name", "profile.yaml:7")),
        ("klaviyo", "profile", "/data/attributes/location/city", ("city", "profile.yaml:8")),
        (
            "klaviyo",
            "profile",
            "/data/attributes/profiles/data/0/attributes/first_name",
            ("first_name", "profile.yaml:7"),
        ),
        ("klaviyo", "profile", "/data/attributes/properties/points", ("points", "profile.yaml:5")),
        ("klaviyo", "profile", "/data/attributes/properties/first_name", (None, "profile.yaml:2")),
        ("omnisend", "contact", "/firstName", ("first_name", "profile.yaml:7")),
        ("omnisend", "contact", "/customProperties/score", ("points", "profile.yaml:5")),
    ],
)
def test_a_pointer_into_an_update(
    vendor: model.Vendor, platform: str, kind: str, pointer: str, found: tuple[str | None, str]
) -> None:
    assert place(vendor, "Points", platform, kind, pointer) == found


def test_an_entry_that_is_no_longer_in_the_build_has_no_place(vendor: model.Vendor) -> None:
    reason = Reason("400", "no", pointer="/data/attributes/value")
    for known in (vendor, None):
        found = traced(reason, known, "Gone", "klaviyo", "event")
        assert (found.entry, found.platform, found.place) == ("Gone", "klaviyo", "")
