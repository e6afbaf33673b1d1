"""`mapforge show`: the resolved entries for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.calls import EVENTS, acme, call

KEYS = (
    "name type base sends path join template constant map when absent blank scale round places as format input zone "
    "currency fields each optional sensitive assumed origin at alternatives"
).split()


def test_text_has_a_line_for_each_attribute(project: Path) -> None:
    done = call("show", "acme", "CardIssued", cwd=project)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "CardIssued\n"
        "  trigger  card.issued\n"
        "  identity email email\n"
        "  to       klaviyo, omnisend\n"
        "  number   id                                   card.number   attributes\n"
        "  balance  money (decimal) round down places 2  card.balance  attributes\n"
        "  pieces   integer                              card.pieces   attributes\n"
    )


def test_text_of_a_vendor_has_every_entry(project: Path) -> None:
    titles = [line for line in call("show", "acme", cwd=project).out.splitlines() if line and not line.startswith(" ")]
    assert titles == ["CardIssued", "CardSold"]


def test_json_has_stable_keys(project: Path) -> None:
    done = call("show", "acme", "--format", "json", cwd=project)
    assert (done.code, done.err) == (0, "")
    said = json.loads(done.out)
    assert list(said) == ["vendor", "events", "profiles"]
    assert (said["vendor"], said["profiles"], len(said["events"])) == ("acme", [], 2)
    entry = said["events"][0]
    assert list(entry) == ("event trigger like use person identity name keep assumed attributes".split())
    assert [sorted(attribute) for attribute in entry["attributes"]] == [sorted(KEYS)] * 3
    balance = entry["attributes"][1]
    assert {key: value for key, value in balance.items() if value not in (None, False)} == {
        "name": "balance",
        "type": "money",
        "base": "decimal",
        "sends": "number",
        "path": "card.balance",
        "round": "down",
        "places": 2,
        "origin": "attributes",
        "at": "mappings/acme/events.yaml:5",
    }


def test_json_of_one_entry_holds_that_one(project: Path) -> None:
    said = json.loads(call("show", "acme", "CardSold", "--format", "json", cwd=project).out)
    assert [entry["event"] for entry in said["events"]] == ["CardSold"]
    assert said["events"][0]["trigger"] == {"event": ["card.sold"], "when": "gift"}


def test_members_of_an_object_are_shown_set_in(tmp_path: Path) -> None:
    events = EVENTS.replace(
        "    pieces: {type: integer, from: card.pieces}\n",
        "    card: {type: object, fields: {number: {type: id, sensitive: true}, balance: money}}\n",
    )
    root = acme(tmp_path, events=events)
    text = call("show", "acme", "CardIssued", cwd=root).out
    assert [line.split()[0] for line in text.splitlines()[-3:]] == ["card", "number", "balance"]
    assert text.splitlines()[-1].startswith("    balance ")
    entry = json.loads(call("show", "acme", "CardIssued", "--format", "json", cwd=root).out)["events"][0]
    assert [field["name"] for field in entry["attributes"][-1]["fields"]] == ["number", "balance"]


def test_a_vendor_that_does_not_compile_shows_its_errors(tmp_path: Path) -> None:
    done = call("show", "acme", cwd=acme(tmp_path, events=EVENTS.replace("type: money", "type: mony")))
    assert (done.code, done.out) == (1, "")
    assert "did you mean `money`?" in done.err
