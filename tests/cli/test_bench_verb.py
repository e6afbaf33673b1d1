"""`mapforge bench`: what each sample costs, and where the time goes. How long anything takes is not asserted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calls import EVENTS, FAULTY, GOOD, SKIPPED, UNTAKEN, VENDOR, acme, call, raw, spawn

REST = '"*": {keep: card}\n'


def bench(project: Path, *arguments: str) -> Any:
    """What a call says as JSON."""
    done = call("bench", "acme", "--rounds", "1", "--format", "json", *arguments, cwd=project)
    assert done.code == 0, done.err
    return json.loads(done.out)


def untimed(said: Any) -> list[Any]:
    """The samples without what differs from run to run, which is held to be a time."""
    for sample in said["samples"]:
        micros, speed, types = (sample.pop(key) for key in ("micros", "events_per_second", "times_types"))
        assert micros > 0
        assert speed == pytest.approx(1e6 / micros, rel=0.01)
        # Whether it was measured, for what the interpreter maps has no types of its own.
        sample["beside_types"] = types is not None and types > 0
    samples: list[Any] = said["samples"]
    return samples


def names(said: Any) -> list[str]:
    return [sample["sample"] for sample in said["samples"]]


ISSUED = {
    "sample": "card-issued",
    "entries": ["CardIssued"],
    "bytes_in": 153,
    "bytes_out": 521,
    "payloads": 2,
    "slow_path": False,
    "refused": [],
    "beside_types": True,
}


def test_each_sample_has_its_cost_and_who_mapped_it(tmp_path: Path) -> None:
    samples = {"card-issued": GOOD, "dear": FAULTY, "lost": UNTAKEN, "no-json": b"{", "not-a-gift": SKIPPED}
    said = bench(acme(tmp_path, samples=samples))
    nothing = {"bytes_out": 0, "payloads": 0, "beside_types": False}
    by_interpreter = {**nothing, "slow_path": True}
    assert untimed(said) == [
        ISSUED,
        {"sample": "dear", "entries": ["CardIssued"], "bytes_in": 155, "refused": ["MF705"], **by_interpreter},
        {"sample": "lost", "entries": [], "bytes_in": 151, "refused": ["MF703"], **by_interpreter},
        {"sample": "no-json", "entries": [], "bytes_in": 2, "refused": ["MF701"], **by_interpreter},
        {
            "sample": "not-a-gift",
            "entries": ["CardSold"],
            "bytes_in": 152,
            "refused": [],
            "slow_path": False,
            **nothing,
        },
    ]
    assert (said["vendor"], said["rounds"], said["profile"]) == ("acme", 1, None)


def test_blanks_and_line_ends_of_a_sample_are_not_measured_and_digits_stay(tmp_path: Path) -> None:
    pretty = json.dumps(json.loads(GOOD), indent=4).encode().replace(b"19.999", b"19.9990")
    (measured,) = untimed(bench(acme(tmp_path, samples={"card-issued": pretty})))
    assert measured == {**ISSUED, "bytes_in": 154}


@pytest.mark.parametrize("event", ["CardSold", "card.sold", "card-sold"])
def test_an_entry_a_raw_event_or_a_sample_narrows(event: str, project: Path) -> None:
    assert names(bench(project, event)) == ["card-sold"]
    assert names(bench(project, event, "CardIssued")) == ["card-issued", "card-sold"]


def test_a_raw_event_of_the_catch_all_narrows(tmp_path: Path) -> None:
    root = acme(tmp_path, events=EVENTS + REST, samples={"card-issued": GOOD, "lost": UNTAKEN})
    assert names(bench(root, "card.lost")) == names(bench(root, "*")) == ["lost"]


def test_what_was_refused_is_found_by_its_entry_and_raw_event(tmp_path: Path) -> None:
    root = acme(tmp_path, samples={"card-sold": raw("card.sold", 6), "dear": FAULTY})
    assert names(bench(root, "CardIssued")) == names(bench(root, "card.issued")) == ["dear"]


def test_a_platform_narrows_what_is_made(project: Path) -> None:
    (klaviyo,) = bench(project, "CardIssued", "--to", "klaviyo")["samples"]
    (omnisend,) = bench(project, "CardIssued", "--to", "omnisend")["samples"]
    (both,) = bench(project, "CardIssued", "--to", "klaviyo", "--to", "omnisend")["samples"]
    assert [one["payloads"] for one in (klaviyo, omnisend, both)] == [1, 1, 2]
    assert klaviyo["bytes_out"] + omnisend["bytes_out"] == both["bytes_out"] == ISSUED["bytes_out"]


def test_headers_beside_a_sample_are_used(tmp_path: Path) -> None:
    root = acme(tmp_path, vendor=VENDOR.replace("id: id", "id: {header: X-Id}"), samples={"card-issued": GOOD})
    (root / "mappings/acme/samples/card-issued.headers.json").write_text('{"X-Id": "h1"}')
    (measured,) = untimed(bench(root))
    assert (measured["refused"], measured["beside_types"]) == ([], True)


def test_people_get_a_table_and_words_about_it(project: Path) -> None:
    done = call("bench", "acme", "--rounds", "1", cwd=project)
    assert done.code == 0
    heads, *rows = [re.split(r"  +", line) for line in done.out.splitlines()]
    assert heads == ["sample", "entries", "µs", "events/s", "× types", "bytes in", "out", "payloads", "by"]
    assert [[*row[:2], *row[5:]] for row in rows] == [
        ["card-issued", "CardIssued", "153", "521", "2", "generated"],
        ["card-sold", "CardSold", "151", "463", "2", "generated"],
    ]
    assert re.fullmatch(r"Python [\d.]+ on \w+, rules (compiled|in Python), median of 1\n", done.err)


def test_a_terminal_sees_how_far_it_is_and_a_pipe_does_not(project: Path) -> None:
    verb = ("bench", "acme", "--rounds", "1")
    piped = spawn(*verb, cwd=project, FORCE_COLOR="", TERM="xterm")
    shown = spawn(*verb, cwd=project, FORCE_COLOR="1", TERM="xterm")
    assert [(done.code, "measured" in done.err) for done in (piped, shown)] == [(0, False), (0, True)]


def test_an_entry_without_a_sample_and_a_vendor_without_any_are_wrong_calls(tmp_path: Path) -> None:
    root = acme(tmp_path, samples={"card-issued": GOOD})
    done = call("bench", "acme", "CardSold", cwd=root)
    words = "mapforge: no sample of acme is of CardSold; add one to mappings/acme/samples\n"
    assert (done.code, done.out, done.err) == (2, "", words)
    (root / "mappings/acme/samples/card-issued.json").unlink()
    done = call("bench", "acme", cwd=root)
    assert (done.code, done.out, done.err) == (2, "", "mapforge: there is no sample in mappings/acme/samples\n")


def test_a_profile_says_what_each_attribute_and_each_kind_of_work_takes(project: Path) -> None:
    svg = project / "flames.svg"
    arguments = ("CardIssued", "--rounds", "1", "--profile", "--seconds", "1.5", "--output", "flames.svg")
    done = spawn("bench", "acme", *arguments, "--format", "json", cwd=project)
    if "py-spy may not watch a process here" in done.err:
        pytest.skip("no process may be watched here")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert sum(part["percent"] for part in said["profile"]) == pytest.approx(100, abs=1)
    assert sum(part["micros"] for part in said["profile"]) == pytest.approx(said["samples"][0]["micros"], rel=0.02)
    assert {"attributes", "decoding", "encoding", "the time", "identifiers", "the envelope", "around the mapper"} <= {
        part["work"] for part in said["profile"]
    }
    assert ("balance", "mappings/acme/events.yaml:5") in {(part["name"], part["place"]) for part in said["profile"]}
    assert "map_event (&lt;mapforge acme card.issued&gt;" in svg.read_text(encoding="utf-8")
