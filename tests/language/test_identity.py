"""Who an event is about: what each platform takes, what is left out, and what happens where nobody is left."""

from __future__ import annotations

from typing import Any

import pytest

from tests.language.acme import BOTH, entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy

ALL = "{email: email, phone: phone, external_id: id, klaviyo_id: kid, shopify_id: sid}"
VENDOR = vendor_yaml(identity=ALL, platforms=BOTH, more="person: who\n")
SKIP = VENDOR.replace("sid}", "sid, none: skip}")
EVENTS = entry_yaml("x: text | null")


def who(mapped: MappedBy, person: str, vendor: str = VENDOR) -> tuple[Any, Any]:
    """The profile of each platform, None where it gets no payload."""
    result = mapped(EVENTS, raw_event(who=person), vendor=vendor)
    sent = {platform: result.body(platform) for _, platform in result.entries}
    klaviyo = sent["klaviyo"]["data"]["attributes"]["profile"]["data"] if "klaviyo" in sent else None
    return klaviyo, sent["omnisend"]["contact"] if "omnisend" in sent else None


def test_each_platform_gets_the_identifiers_it_takes_under_its_own_names(mapped: MappedBy) -> None:
    person = '{"email":"a@b.example","phone":"+14155550156","id":47,"kid":"01H","sid":5}'
    klaviyo = {"email": "a@b.example", "phone_number": "+14155550156", "external_id": "47"}
    omnisend = {"email": "a@b.example", "phone": "+14155550156"}
    assert who(mapped, person) == ({"type": "profile", "id": "01H", "attributes": klaviyo}, omnisend)


def test_klaviyos_own_id_alone_is_enough(mapped: MappedBy) -> None:
    result = mapped(EVENTS, raw_event(who='{"kid":"01H"}'), vendor=VENDOR, to="klaviyo")
    assert result.body()["data"]["attributes"]["profile"]["data"] == {"type": "profile", "id": "01H", "attributes": {}}


@pytest.mark.parametrize("bad", ['"nobody"', '"a@b"', '""', '"a b@c.example"', '"ä@b.example"'])
def test_an_invalid_e_mail_is_left_out_with_a_warning_while_another_identifier_remains(
    mapped: MappedBy, bad: str
) -> None:
    result = mapped(EVENTS, raw_event(who=f'{{"email":{bad},"phone":"+14155550156"}}'), vendor=VENDOR)
    assert [(note.platform, note.reason, note.code, note.place) for note in result.warnings] == [
        ("klaviyo", "email left out: not an e-mail address", "MF710", "acme/vendor.yaml:4"),
        ("omnisend", "email left out: not an e-mail address", "MF710", "acme/vendor.yaml:4"),
    ]
    assert result.body("omnisend")["contact"] == {"phone": "+14155550156"}
    assert result.payload().profile_key == "phone:+14155550156"


@pytest.mark.parametrize("bad", ['"4155550156"', '"+0155550156"', '"+1 415 555"', '""', '"+1234567890123456"'])
def test_an_invalid_phone_is_left_out_with_a_warning(mapped: MappedBy, bad: str) -> None:
    result = mapped(EVENTS, raw_event(who=f'{{"email":"a@b.example","phone":{bad}}}'), vendor=VENDOR)
    assert [note.reason for note in result.warnings] == ["phone left out: not an E.164 number"] * 2
    assert result.body("omnisend")["contact"] == {"email": "a@b.example"}


def test_omnisend_takes_a_phone_of_15_characters_with_the_plus(mapped: MappedBy) -> None:
    fifteen, sixteen = "+12345678901234", "+123456789012345"
    assert who(mapped, f'{{"phone":"{fifteen}"}}')[1] == {"phone": fifteen}
    result = mapped(EVENTS, raw_event(who=f'{{"phone":"{sixteen}","email":"a@b.example"}}'), vendor=VENDOR)
    assert [(note.platform, note.reason) for note in result.warnings] == [
        ("omnisend", "phone left out: over 15 characters")
    ]
    assert result.body()["data"]["attributes"]["profile"]["data"]["attributes"]["phone_number"] == sixteen


def test_an_identifier_that_a_platform_does_not_take_cannot_identify_there(mapped: MappedBy) -> None:
    result = mapped(EVENTS, raw_event(who='{"id":"47"}'), vendor=VENDOR)
    assert result.entries == [("Order", "klaviyo")]
    (fault,) = result.faults
    assert (fault.code, fault.platform, fault.attribute, fault.place) == (
        "MF707",
        "omnisend",
        "identity",
        "acme/vendor.yaml:4",
    )
    assert fault.reason == "identity: expected one of email, phone, got none that is valid"


def test_with_none_left_it_is_an_error_by_default(mapped: MappedBy) -> None:
    result = mapped(EVENTS, raw_event(who='{"email":"nobody"}'), vendor=VENDOR)
    assert [(fault.platform, fault.code) for fault in result.faults] == [("klaviyo", "MF707"), ("omnisend", "MF707")]
    assert (result.entries, [note.platform for note in result.warnings]) == ([], ["klaviyo", "omnisend"])


def test_with_none_left_none_skip_skips_that_platform_with_the_reason(mapped: MappedBy) -> None:
    result = mapped(EVENTS, raw_event(who='{"id":"47"}'), vendor=SKIP)
    assert [(note.platform, note.reason, note.code) for note in result.skipped] == [
        ("omnisend", "nobody to send it to", "MF707")
    ]
    assert (result.entries, result.faults) == ([("Order", "klaviyo")], [])


@pytest.mark.parametrize("person", ["null", "{}", None])
def test_an_absent_person_is_nobody(mapped: MappedBy, person: str | None) -> None:
    result = mapped(EVENTS, raw_event(who=person), vendor=SKIP)
    assert ([note.platform for note in result.skipped], result.faults) == (["klaviyo", "omnisend"], [])


def test_an_identifier_of_another_type_is_a_fault_named_once(mapped: MappedBy) -> None:
    result = mapped(EVENTS, raw_event(who='{"email":5}'), vendor=VENDOR)
    assert [(fault.attribute, fault.path, fault.platform, fault.reason) for fault in result.faults] == [
        ("email", "who.email", None, "email from who.email: expected a text, got a number")
    ]


def test_an_identifier_of_another_type_that_one_platform_takes_holds_back_that_platform_alone(mapped: MappedBy) -> None:
    result = mapped(EVENTS, raw_event(who='{"email":"a@b.example","id":true}'), vendor=VENDOR)
    assert [(fault.attribute, fault.platform) for fault in result.faults] == [("external_id", "klaviyo")]
    assert result.entries == [("Order", "omnisend")]
    good = mapped(EVENTS, raw_event(who='{"email":"a@b.example","id":true}'), vendor=VENDOR, to="omnisend", slow=True)
    assert (good.entries, good.faults) == ([("Order", "omnisend")], [])


def test_an_entry_may_name_another_person(mapped: MappedBy) -> None:
    events = entry_yaml("x: text | null", "person: friend")
    result = mapped(events, raw_event(friend='{"email":"f@b.example"}', who='{"email":"a@b.example"}'), vendor=VENDOR)
    assert result.payload().profile_key == "email:f@b.example"


def test_an_entrys_own_identity_replaces_the_vendors_whole_and_never_merges(mapped: MappedBy) -> None:
    events = entry_yaml("x: text | null", "identity: {phone: tel}")
    person = '{"email":"a@b.example","phone":"+14155550156","tel":"+14155550157"}'
    result = mapped(events, raw_event(who=person), vendor=VENDOR)
    assert result.body("omnisend")["contact"] == {"phone": "+14155550157"}


def test_identity_is_relative_to_the_person_and_without_one_to_the_raw_root(mapped: MappedBy) -> None:
    result = mapped(EVENTS, raw_event(email='"root@b.example"'))
    assert result.payload().profile_key == "email:root@b.example"


def test_an_e_mail_as_an_attribute_is_not_validated(mapped: MappedBy) -> None:
    result = mapped(entry_yaml("mail: text"), raw_event(mail='"nobody"'))
    assert result.properties() == {"mail": "nobody"}


@pytest.mark.parametrize(("length", "taken"), [(255, True), (256, False)])
def test_an_external_id_has_at_most_255_characters(mapped: MappedBy, length: int, taken: bool) -> None:
    person = f'{{"email":"a@b.example","id":"{"i" * length}"}}'
    result = mapped(EVENTS, raw_event(who=person), vendor=VENDOR)
    assert [note.reason for note in result.warnings] == ([] if taken else ["external_id left out: over 255 characters"])
