"""`mapforge map --rejects`: what fails is kept whole, with every reason."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calls import FAULTY, GOOD, call, raw


def kept(project: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project / "kept.ndjson").read_bytes().splitlines()]


def test_a_reject_holds_place_raw_event_headers_and_every_fault(project: Path) -> None:
    options = ["--rejects", "kept.ndjson", "--header", "X-Shop=7", "--event", "card.issued"]
    assert call("map", "acme", *options, cwd=project, stdin=GOOD + b"\n" + FAULTY).code == 1
    (one,) = kept(project)
    balance, pieces = one.pop("faults")
    assert one == {
        "place": "stdin:2",
        "raw": FAULTY.decode(),
        "event": "card.issued",
        "headers": {"X-Shop": "7"},
    }
    assert balance == {
        "code": "MF705",
        "entry": "CardIssued",
        "platform": None,
        "attribute": "balance",
        "path": "card.balance",
        "expected": "a decimal number",
        "got": "a string that is not one",
        "place": "mappings/acme/events.yaml:5",
        "reason": "balance from card.balance: expected a decimal number, got a string that is not one",
    }
    assert (pieces["attribute"], pieces["place"]) == ("pieces", "mappings/acme/events.yaml:6")


@pytest.mark.parametrize(
    "event",
    [
        FAULTY.replace(b": ", b" :\t"),
        FAULTY + b"  ",
        b"  " + FAULTY,
        FAULTY.replace(b"4-5-6", "Ä\u2028\u007f\U0001f600".encode()),
        FAULTY.replace(b"4-5-6", b"\\u00c4\\/\\ud83d\\ude00"),
        FAULTY.replace(b'"2"', b"1.0e2, 1E+2, 0.30000000000000004"),
        b"{\x0b\x0c",
        b"{\x00",
    ],
)
def test_a_raw_event_is_kept_byte_for_byte(event: bytes, project: Path) -> None:
    stdin = GOOD + b"\n" + event + b"\r\n" + GOOD
    assert call("map", "acme", "--rejects", "kept.ndjson", cwd=project, stdin=stdin).code == 1
    assert [one["raw"].encode() for one in kept(project)] == [event]


@pytest.mark.parametrize("event", [b"\xff", b'{"a": "\xc3\x28"}', FAULTY.replace(b"4-5-6", b"\xed\xa0\x80")])
def test_a_raw_event_that_is_no_utf_8_is_kept_byte_for_byte(event: bytes, project: Path) -> None:
    (project / "one.json").write_bytes(event)
    assert call("map", "acme", "--rejects", "kept.ndjson", "one.json", cwd=project).code == 1
    (one,) = kept(project)
    assert base64.b64decode(one["raw_base64"]) == event
    assert "raw" not in one


def test_a_file_over_several_lines_is_kept_with_its_line_ends(project: Path) -> None:
    event = b'\r\n{\r\n  "type": "card.issued",\n  oops\n}\n\n'
    (project / "one.json").write_bytes(event)
    assert call("map", "acme", "--rejects", "kept.ndjson", "one.json", cwd=project).code == 1
    assert [one["raw"].encode() for one in kept(project)] == [event]


def test_rejects_are_appended(project: Path) -> None:
    for number in (1, 2):
        faulty = raw(number=number, card="{}")
        assert call("map", "acme", "--rejects", "kept.ndjson", cwd=project, stdin=faulty).code == 1
    assert [json.loads(one["raw"])["id"] for one in kept(project)] == ["e1", "e2"]


def test_what_was_kept_can_be_mapped_again(project: Path) -> None:
    call("map", "acme", "--rejects", "kept.ndjson", cwd=project, stdin=FAULTY)
    mended = kept(project)[0]["raw"].replace('"dear"', "1").replace('"2"', "2").encode()
    assert call("map", "acme", cwd=project, stdin=mended).code == 0


@pytest.mark.parametrize("path", ["gone/kept.ndjson", "folder"])
def test_rejects_that_cannot_be_written_fail_before_any_event_is_taken(path: str, project: Path) -> None:
    (project / "folder").mkdir()
    done = call("map", "acme", "--rejects", path, cwd=project, stdin=GOOD)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"mapforge: --rejects {path} cannot be written: ")


def test_rejects_into_a_file_that_is_read_are_refused(project: Path) -> None:
    (project / "kept.ndjson").write_bytes(FAULTY + b"\n")
    done = call("map", "acme", "--rejects", "kept.ndjson", project / "kept.ndjson", cwd=project)
    assert done == (2, "", "mapforge: --rejects kept.ndjson is one of the files that are read\n")
    assert (project / "kept.ndjson").read_bytes() == FAULTY + b"\n"
