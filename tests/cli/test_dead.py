"""`mapforge dead`: why something was not delivered, and what becomes of it after a fix, on a queue's file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from mapforge.delivery.store.file import Store
from tests.cli.calls import EVENTS, FAULTY, GOOD, UNTAKEN, Done, acme, raw
from tests.cli.office import KEY, Operator
from tests.delivery.house import Sent

TEXTUAL = raw(number=7, card='{"number": "4-5-6", "balance": 19.999, "pieces": "2"}')
CUSTOMER = "ada@post.example"


def reject_omnisend(sent: Sent) -> httpx.Response:
    """Omnisend wants nothing, and quotes what it got."""
    body = {"title": "Bad Request", "errors": [{"field": "properties.pieces", "message": f"not of {CUSTOMER}"}]}
    return httpx.Response(400, json=body) if sent.platform == "omnisend" else httpx.Response(202)


def fix(operator: Operator) -> None:
    """The mapping takes what it did not take before: pieces as a text."""
    acme(operator.project, events=EVENTS.replace("pieces: {type: integer", "pieces: {type: id"))


def letters(operator: Operator, *arguments: str) -> list[int]:
    found = json.loads(operator.ok("dead", "list", "--format", "json", *arguments))["letters"]
    return [one["id"] for one in found]


def test_a_letter_is_listed_and_shown_with_every_reason_and_its_line(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    operator.delivered(FAULTY, UNTAKEN)
    rows = [re.split(" {2,}", line.strip()) for line in operator.ok("dead", "list").splitlines()]
    assert rows[0] == ["LETTER", "CONNECTION", "EVENT", "AT", "WHY"]
    assert [row[:3] for row in rows[1:]] == [["1", "shop", "?"], ["2", "shop", "?"]]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", rows[1][3])
    assert rows[1][4].startswith("[MF705] CardIssued: ")
    shown = operator.ok("dead", "show", "1").splitlines()
    assert re.fullmatch(r"letter 1: event 1 of shop, \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", shown[0])
    assert shown[1] == "it could not be mapped:"
    places = {match[1] for line in shown if (match := re.search(r"\((mappings/acme/events\.yaml:\d+)\)$", line))}
    assert places == {"mappings/acme/events.yaml:5", "mappings/acme/events.yaml:6"}
    assert operator.hides(KEY, CUSTOMER, "4-5-6")


def test_the_raw_event_is_shown_where_it_is_asked_for(operator: Operator) -> None:
    operator.connected("klaviyo")
    operator.delivered(FAULTY)
    assert operator.ok("dead", "show", "1", "--raw").splitlines()[-2:] == ["raw event:", FAULTY.decode()]
    assert json.loads(operator.ok("dead", "show", "1", "--raw", "--format", "json"))["raw"] == FAULTY.decode()
    assert json.loads(operator.ok("dead", "show", "1", "--format", "json"))["raw"] is None


def test_what_is_no_text_is_shown_in_base64_and_control_characters_escaped(operator: Operator) -> None:
    operator.connected("klaviyo")
    operator.delivered(b"\xff", b'{"a": "\x1b[31m\xe2\x80\xae"}')
    assert operator.ok("dead", "show", "1", "--raw").splitlines()[-1] == (
        "raw event, which is no UTF-8, in base64: /w=="
    )
    assert operator.ok("dead", "show", "2", "--raw").splitlines()[-1] == '{"a": "\\x1b[31m\\u202e"}'


def test_a_rejection_shows_its_line_and_the_platforms_words_where_they_are_asked_for(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    operator.delivered(GOOD, respond=reject_omnisend)
    shown = operator.ok("dead", "show", "1").splitlines()
    assert "event 1 card.issued of shop" in shown[0]
    assert shown[1:] == [
        "a payload was rejected:",
        "  [400] CardIssued to omnisend: the platform answers 400 (mappings/acme/events.yaml:6)",
        "    at /properties/pieces",
    ]
    assert operator.hides(CUSTOMER)
    assert f"    not of {CUSTOMER}" in operator.ok("dead", "show", "1", "--raw").splitlines()


def test_a_dry_run_shows_how_payloads_differ_and_writes_nothing(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    operator.delivered(GOOD, respond=reject_omnisend)
    fix(operator)
    before = operator.queue.read_bytes()
    done = operator("dead", "replay", "1", "--dry-run")
    assert (done.code, done.err) == (0, "1 event, 1 payload would be sent\n")
    lines = done.out.splitlines()
    assert lines[:2] == ["event 1 of shop", "  CardIssued to klaviyo: it is delivered already"]
    assert "  CardIssued to omnisend: would be sent" in lines
    differs = lines[lines.index("  CardIssued to omnisend: would be sent") :]
    assert [line.strip() for line in differs if "pieces" in line] == ['-    "pieces": 2', '+    "pieces": "2"']
    assert (operator.queue.read_bytes(), letters(operator)) == (before, [1])


def test_after_a_fix_a_replay_goes_to_the_platforms_that_missed_it(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    operator.delivered(TEXTUAL)
    operator.delivered(GOOD, respond=reject_omnisend)
    fix(operator)
    done = operator("dead", "replay", "1", "2")
    assert (done.code, done.err) == (0, "2 events, 3 payloads on their way\n")
    assert done.out == (
        "event 1 of shop\n"
        "  CardIssued to klaviyo: is on its way\n"
        "  CardIssued to omnisend: is on its way\n"
        "event 2 of shop\n"
        "  CardIssued to klaviyo: it is delivered already\n"
        "  CardIssued to omnisend: is on its way\n"
    )
    home = operator.delivered()
    assert sorted(sent.platform for sent in home.platforms.requests) == ["klaviyo", "omnisend", "omnisend"]
    assert operator("dead", "list") == Done(0, "", "no letters\n")
    assert operator("dead", "replay", "1").err == (
        "mapforge: there is no open dead letter 1: it was decided already, or never was\n"
    )
    assert operator.hides(CUSTOMER)


def test_a_mapping_that_does_not_compile_is_said_and_nothing_is_done(operator: Operator) -> None:
    operator.connected("klaviyo")
    operator.delivered(FAULTY)
    acme(operator.project, events="CardIssued: {trigger: {event: card.issued}, atributes: {}}\n")
    done = operator("dead", "replay", "1")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("mapforge: mappings/acme/events.yaml:1:")
    assert letters(operator) == [1]


def test_what_stays_dead_falls_short(operator: Operator) -> None:
    operator.connected("klaviyo")
    operator.delivered(FAULTY)
    done = operator("dead", "replay", "--all")
    assert (done.code, done.err) == (1, "1 event, 0 payloads on their way, 1 still dead\n")
    assert re.search(r"^  dead\[MF705\] CardIssued: .* \(mappings/acme/events\.yaml:5\)$", done.out, re.MULTILINE)
    assert letters(operator) == [2]


def test_the_letter_of_what_is_switched_off_stays_and_falls_short(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    operator.delivered(GOOD, respond=reject_omnisend)
    operator.ok("connections", "disable", "shop", "--platform", "omnisend")
    done = operator("dead", "replay", "1")
    assert (done.code, done.err) == (1, "1 event, 0 payloads on their way, 1 still dead\n")
    assert "CardIssued to omnisend: its outlet or its module is off; switch it on, and replay once more" in done.out
    assert letters(operator) == [1]


def test_a_backfill_says_so(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    operator.delivered(TEXTUAL)
    fix(operator)
    done = operator("dead", "replay", "1", "--backfill")
    assert (done.code, done.err) == (1, "1 event, 1 payload on their way, 1 still dead\n")
    assert "CardIssued to omnisend: Omnisend has no word for an old event" in done.out
    (sent,) = operator.delivered().platforms.requests
    assert sent.body["data"]["attributes"]["backfill"] is True


def test_many_are_replayed_some_at_a_time_and_each_event_once(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    events = [raw(number=number) for number in range(230)]
    operator.delivered(*events, respond=lambda sent: httpx.Response(400))
    assert len(letters(operator, "--limit", "1000")) == 460
    done = operator("dead", "replay", "--connection", "shop", "--format", "json")
    replays = json.loads(done.out)["replays"]
    assert (done.code, [one["event"] for one in replays]) == (0, list(range(1, 231)))
    home = operator.delivered()
    assert len(home.platforms.taken) == len(set(home.platforms.taken)) == 460
    assert letters(operator) == []


def test_a_long_list_comes_in_parts(operator: Operator) -> None:
    operator.connected("klaviyo")
    operator.delivered(*(raw("card.lost", number) for number in range(5)))
    done = operator("dead", "list", "--limit", "2")
    assert ([line.split()[0] for line in done.out.splitlines()[1:]], done.err) == (
        ["1", "2"], "there are more: --after 2\n"
    )  # fmt: skip
    assert letters(operator, "--after", "2", "--limit", "9") == [3, 4, 5]
    page = json.loads(operator.ok("dead", "list", "--limit", "3", "--format", "json"))
    assert ([one["id"] for one in page["letters"]], page["next"]) == ([1, 2, 3], 3)


def test_letters_are_dropped_several_only_with_a_yes(operator: Operator) -> None:
    operator.connected("klaviyo")
    operator.delivered(*(raw("card.lost", number) for number in range(4)))
    assert operator("dead", "drop", "1") == Done(0, "", "dropped: 1 letter\n")
    done = operator("dead", "drop", "2", "3")
    assert (done.code, done.err) == (2, "mapforge: this would drop 2 dead letters: say --yes\n")
    assert letters(operator) == [2, 3, 4]
    assert operator("dead", "drop", "2", "3", "--yes").err == "dropped: 2 letters\n"
    assert operator("dead", "drop", "--connection", "shop").err == "dropped: 1 letter\n"
    assert operator("dead", "drop", "--all").err == "dropped: 0 letters\n"
    with Store(operator.queue, read_only=True) as store:
        assert [store.event(number) is not None for number in range(1, 5)] == [True] * 4


def test_all_letters_that_are_named_or_none(operator: Operator) -> None:
    operator.connected("klaviyo")
    operator.delivered(UNTAKEN)
    for verb in (["drop", "--yes"], ["replay"]):
        done = operator("dead", *verb, "1", "8")
        assert (done.code, "there is no open dead letter 8" in done.err) == (2, True)
        assert "nothing was done with the others" in done.err
    assert letters(operator) == [1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["replay"], "say which letters: their numbers, or --connection, or --all"),
        (["drop", "1", "--all"], "say which letters: their numbers, or --connection, or --all"),
        (["drop", "--all", "--connection", "shop"], "say which letters: their numbers, or --connection, or --all"),
        (["replay", "x"], "Input should be a valid integer"),
        (["replay", "0"], "body.letters[0]: Input should be greater than or equal to 1"),
        (["replay", "9" * 30], "body.letters[0]: Input should be less than or equal to 9223372036854775807"),
        (["show", "9" * 30], "path.letter: Input should be less than or equal to 9223372036854775807"),
        (["show", "7"], "there is no open dead letter 7: it was decided already, or never was"),
        (["list", "--connection", "shopp"], "there is no such connection; did you mean shop?"),
        (["list", "--limit", "0"], "--limit"),
        (["list", "--after", "-1"], "--after"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_a_wrong_call_says_what_is_meant(arguments: list[str], words: str, operator: Operator) -> None:
    operator.connected("klaviyo")
    done = operator("dead", *arguments)
    assert (done.code, done.out, words in done.err) == (2, "", True), done.err


def test_over_http_it_is_the_same(operator: Operator, tmp_path: Path) -> None:
    operator.connected("klaviyo")
    operator.delivered(TEXTUAL, UNTAKEN)
    fix(operator)
    with operator.service() as url:
        assert letters(operator, "--url", url) == [1, 2]
        assert "would be sent" in operator.ok("dead", "replay", "1", "--dry-run", "--url", url)
        assert operator("dead", "replay", "1", "--url", url).err == "1 event, 1 payload on their way\n"
        assert operator("dead", "drop", "2", "--url", url).err == "dropped: 1 letter\n"
        assert letters(operator, "--url", url) == []
    assert len(operator.delivered().platforms.taken) == 1
