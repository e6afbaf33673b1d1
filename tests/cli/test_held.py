"""`mapforge held`: what may have arrived, and the operator's word on it; end to end on a queue's file."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from tests.cli.calls import Done, raw
from tests.cli.office import KEY, Operator
from tests.delivery.house import then

CUSTOMER = "ada@post.example"


def hold(operator: Operator, *numbers: int) -> list[int]:
    """Payloads to Omnisend that may have arrived."""
    operator.connected("omnisend")
    respond = then(*[httpx.ReadTimeout("slow")] * len(numbers))
    # One by one: an outlet rests after some failures in a row.
    for number in numbers:
        operator.delivered(raw(number=number).replace(b"ada", b"p%d" % number), respond=respond)
    return held(operator)


def held(operator: Operator, *arguments: str) -> list[int]:
    said = json.loads(operator.ok("held", "list", "--format", "json", *arguments))
    return [one["id"] for one in said["payloads"]]


def test_a_held_payload_is_listed_and_shown(operator: Operator) -> None:
    (payload,) = hold(operator, 1)
    head, row = (re.split(" {2,}", line.strip()) for line in operator.ok("held", "list").splitlines())
    assert head == ["PAYLOAD", "CONNECTION", "ENTRY", "PLATFORM", "SINCE", "WHY"]
    why = "no answer came (ReadTimeout); it may have arrived, and a repeat may reach the customer"
    assert (row[:4], row[5]) == ([str(payload), "shop", "CardIssued", "omnisend"], why)
    shown = operator.ok("held", "show", str(payload)).splitlines()
    assert shown[0] == f"payload {payload}: CardIssued to omnisend, of event 1 of shop"
    assert re.fullmatch(r"its id at omnisend: [0-9a-f-]{36}", shown[2])
    assert operator.hides(KEY, "p1@post.example")
    assert '    "email": "p1@post.example"' in operator.ok("held", "show", str(payload), "--raw").splitlines()


def test_the_operators_word_is_done(operator: Operator) -> None:
    first, second, third = hold(operator, 1, 2, 3)
    assert operator("held", "send", str(first)) == Done(0, "", "on their way: 1 payload\n")
    assert operator("held", "drop", str(second)) == Done(0, "", "dropped: 1 payload\n")
    assert held(operator) == [third]
    home = operator.delivered()
    (sent,) = home.platforms.requests
    assert sent.body["contact"]["email"] == "p1@post.example"


@pytest.mark.parametrize("verb", ["send", "drop"])
def test_several_are_decided_only_with_a_yes(verb: str, operator: Operator) -> None:
    hold(operator, 1, 2)
    done = operator("held", verb, "--all")
    assert (done.code, done.err) == (2, f"mapforge: this would {verb} 2 held payloads: say --yes\n")
    assert len(held(operator)) == 2
    done = operator("held", verb, "--connection", "shop", "--yes")
    assert (done.code, done.err.endswith(": 2 payloads\n"), held(operator)) == (0, True, [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["send"], "say which payloads: their numbers, or --connection, or --all"),
        (["drop", "1", "--all"], "say which payloads: their numbers, or --connection, or --all"),
        (["send", "7"], "there is no held payload 7: it was decided already, or never was"),
        (["show", "7"], "there is no held payload 7: it was decided already, or never was"),
        (["drop", "9" * 30], "body.payloads[0]: Input should be less than or equal to 9223372036854775807"),
        (["list", "--connection", "shopp"], "there is no such connection; did you mean shop?"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_a_wrong_call_says_what_is_meant(arguments: list[str], words: str, operator: Operator) -> None:
    operator.connected("omnisend")
    done = operator("held", *arguments)
    assert (done.code, done.out, words in done.err) == (2, "", True), done.err


def test_over_http_it_is_the_same(operator: Operator) -> None:
    first, second = hold(operator, 1, 2)
    with operator.service() as url:
        assert held(operator, "--url", url) == [first, second]
        assert operator("held", "send", str(first), "--url", url).err == "on their way: 1 payload\n"
        assert operator("held", "drop", str(second), "--url", url).err == "dropped: 1 payload\n"
        assert operator("held", "list", "--url", url) == Done(0, "", "no payloads\n")
