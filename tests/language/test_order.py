"""Order, once and for all: when, source, blank, absent, map, type, scale, round, format or as, then the platform."""

from __future__ import annotations

import pytest

from tests.language.acme import BOTH, N, entry_yaml, raw_event, vendor_yaml
from tests.language.conftest import MappedBy, Refusal, Sent

NULLED = "{klaviyo: {}, omnisend: {origin: acme, %s}}"


def test_when_comes_before_the_source(sent: Sent) -> None:
    rule = "{type: integer | null, when: \"kind == 'A'\", from: n}"
    assert sent(rule, kind='"B"', n='"no integer"') is None


def test_when_false_is_as_if_absent_and_not_looked_at_by_blank_or_map(sent: Sent) -> None:
    rule = "{type: text, when: \"kind == 'A'\", from: n, blank: [x], map: {a: b}, absent: none}"
    assert sent(rule, kind='"B"', n='"zzz"') == "none"


def test_the_source_comes_before_blank(sent: Sent) -> None:
    rule = "{type: text, join: [a, b], separator: '-', blank: [no-no], absent: blank}"
    assert sent(rule, a='"no"', b='"no"') == "blank"


def test_the_first_path_that_is_present_is_the_source_even_if_it_is_blank(sent: Sent) -> None:
    assert sent('{type: text, from: [a, b], blank: [""], absent: none}', a='""', b='"b"') == "none"


def test_blank_comes_before_absent(sent: Sent) -> None:
    assert sent('{type: text, from: a, blank: ["0000-00-00"], absent: Never}', a='"0000-00-00"') == "Never"


def test_blank_comes_before_map(sent: Sent) -> None:
    assert sent("{type: text, from: a, blank: [A], map: {A: mapped}, absent: blank}", a='"A"') == "blank"


def test_absent_is_the_finished_answer_and_not_mapped(sent: Sent) -> None:
    assert sent("{type: text, from: a, map: {Never: mapped}, absent: Never}") == "Never"


def test_absent_is_the_finished_answer_and_not_typed(sent: Sent) -> None:
    assert sent("{type: datetime, from: a, absent: Never}") == "Never"


def test_absent_is_the_finished_answer_and_neither_scaled_nor_rounded(sent: Sent) -> None:
    assert sent('{type: decimal, from: a, scale: -2, round: down, places: 2, absent: "123.456"}') == N("123.456")


def test_absent_is_the_finished_answer_and_not_rendered(sent: Sent) -> None:
    assert sent("{type: decimal, from: a, as: percent, absent: '15'}") == "15"


def test_absent_is_the_finished_answer_and_not_formatted(sent: Sent) -> None:
    assert sent("{type: date, from: a, format: 'MMMM d', absent: soon}") == "soon"


def test_null_is_the_finished_answer_where_the_source_is_missing(sent: Sent) -> None:
    assert sent("{type: decimal | null, from: a, scale: -2, as: percent}") is None


def test_map_comes_before_the_type(sent: Sent) -> None:
    assert sent('{type: integer, from: a, map: {many: "99"}}', a='"many"') == N("99")


def test_map_comes_before_scale_and_round(sent: Sent) -> None:
    rule = '{type: decimal, from: a, map: {A: "1239"}, scale: -2, round: down, places: 1}'
    assert sent(rule, a='"A"') == N("12.3")


def test_map_comes_before_format(sent: Sent) -> None:
    assert sent('{type: date, from: a, map: {A: "2026-03-31"}, format: "d MMM"}', a='"A"') == "31 Mar"


def test_the_type_comes_before_scale(refusal: Refusal) -> None:
    expected = ("MF705", "expected a decimal number, got a string that is not one")
    assert refusal("{type: decimal, from: a, scale: -2}", a='"12,5"') == expected


def test_scale_comes_before_round(sent: Sent) -> None:
    assert sent("{type: decimal, from: a, scale: -2, round: down, places: 1}", a="1299") == N("12.9")


def test_round_comes_before_as(sent: Sent) -> None:
    assert sent("{type: decimal, from: a, round: down, places: 1, as: text}", a="1.99") == "1.9"


def test_round_comes_before_as_money(sent: Sent) -> None:
    assert sent("{type: decimal, from: a, round: down, places: currency, as: money}", a="1234.999") == "€1,234.99"


def test_the_platform_comes_last(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms=NULLED % 'null_if: {x: "12.9"}')
    events = entry_yaml("x: {type: decimal, scale: -2, round: down, places: 1}")
    result = mapped(events, raw_event(x="1299"), vendor=vendor)
    assert (result.properties()["x"], result.properties("omnisend")["x"]) == (N("12.9"), None)


def test_null_if_sees_the_finished_answer_of_absent(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms=NULLED % "null_if: {x: Never}")
    result = mapped(entry_yaml("x: {type: date, absent: Never}"), vendor=vendor)
    assert (result.properties()["x"], result.properties("omnisend")["x"]) == ("Never", None)


@pytest.mark.parametrize(("raw", "there"), [("12.90", None), ("12.91", "12.91")])
def test_null_if_comes_before_the_platforms_as(mapped: MappedBy, raw: str, there: str | None) -> None:
    vendor = vendor_yaml(platforms=NULLED % 'null_if: {x: "12.9"}, as: {x: text}')
    result = mapped(entry_yaml("x: decimal"), raw_event(x=raw), vendor=vendor)
    assert (result.properties()["x"], result.properties("omnisend")["x"]) == (N(raw), there)


def test_the_platforms_as_comes_before_rename(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms=NULLED % "as: {x: percent}, rename: {x: y}")
    result = mapped(entry_yaml("x: decimal"), raw_event(x="15"), vendor=vendor)
    assert (result.properties(), result.properties("omnisend")) == ({"x": N("15")}, {"y": "15%"})


def test_omit_goes_by_the_mappings_own_name_whatever_rename_says(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms=NULLED % "rename: {x: y}, omit: [x]")
    result = mapped(entry_yaml("x: decimal\nz: decimal"), raw_event(x="15", z="1"), vendor=vendor)
    assert result.properties("omnisend") == {"z": N("1")}


def test_a_platforms_rules_leave_the_other_platform_alone(mapped: MappedBy) -> None:
    vendor = vendor_yaml(platforms=NULLED % "null_if: {x: a}, as: {y: text}, rename: {y: z}, omit: [w]")
    result = mapped(entry_yaml("x: text\ny: decimal\nw: text"), raw_event(x='"a"', y="1", w='"w"'), vendor=vendor)
    assert result.properties() == {"x": "a", "y": N("1"), "w": "w"}
    assert result.properties("omnisend") == {"x": None, "z": "1"}


def test_without_rules_both_platforms_get_the_same(mapped: MappedBy) -> None:
    result = mapped(entry_yaml("x: decimal"), raw_event(x="1.0"), vendor=vendor_yaml(platforms=BOTH))
    assert result.properties() == result.properties("omnisend") == {"x": N("1.0")}
