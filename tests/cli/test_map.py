"""`mapforge map`: raw events in, payloads and words out."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli import calls
from tests.cli.calls import FAULTY, GOOD, IGNORED, SKIPPED, UNTAKEN, acme, call, raw, spawn

KLAVIYO = (
    b'{"data":{"type":"event","attributes":{"properties":{"number":"4-5-6","balance":19.99,"pieces":2},'
    b'"metric":{"data":{"type":"metric","attributes":{"name":"CardIssued"}}},'
    b'"profile":{"data":{"type":"profile","attributes":{"email":"ada@post.example"}}},'
    b'"time":"2026-03-01T12:00:00Z","unique_id":"e1"}}}'
)


def ids(done: calls.Done) -> list[str]:
    """Which raw events the NDJSON for Klaviyo is made of."""
    return [line["body"]["data"]["attributes"]["unique_id"] for line in done.lines]


def test_one_payload_is_one_pretty_body_and_nothing_else(project: Path) -> None:
    done = call("map", "acme", "--to", "klaviyo", cwd=project, stdin=GOOD)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith('{\n  "data": {\n')
    assert '        "balance": 19.99,\n' in done.out
    assert "".join(line.strip() for line in done.out.splitlines()).replace('": ', '":').encode() == KLAVIYO


def test_several_payloads_are_a_line_each_with_stable_keys(project: Path) -> None:
    done = call("map", "acme", cwd=project, stdin=GOOD)
    assert (done.code, done.err) == (0, "")
    assert [list(line) for line in done.lines] == [["vendor", "entry", "platform", "kind", "body"]] * 2
    heads = [[line[key] for key in ("vendor", "entry", "platform", "kind")] for line in done.lines]
    assert heads == [["acme", "CardIssued", platform, "event"] for platform in ("klaviyo", "omnisend")]
    assert done.lines[0]["body"] == json.loads(KLAVIYO)


def test_platforms_are_chosen_by_to_which_may_stand_more_than_once(project: Path) -> None:
    both = call("map", "acme", cwd=project, stdin=GOOD)
    assert call("map", "acme", "--to", "klaviyo", "--to", "omnisend", cwd=project, stdin=GOOD) == both
    once = call("map", "acme", "--to", "klaviyo", cwd=project, stdin=GOOD)
    assert call("map", "acme", "--to", "klaviyo", "--to", "klaviyo", cwd=project, stdin=GOOD) == once


def test_bodies_are_bare_and_a_line_each(project: Path) -> None:
    done = call("map", "acme", "--to", "klaviyo", "--bodies", cwd=project, stdin=GOOD + b"\n" + GOOD)
    assert (done.code, done.out) == (0, f"{KLAVIYO.decode()}\n" * 2)
    assert call("map", "acme", "--to", "klaviyo", "--bodies", cwd=project, stdin=GOOD).out == f"{KLAVIYO.decode()}\n"


def test_bulk_packs_bodies_into_the_platforms_own_requests(project: Path) -> None:
    done = call("map", "acme", "--bulk", cwd=project, stdin=GOOD + b"\n" + GOOD)
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [(line["vendor"], line["platform"], line["kind"], line["payloads"]) for line in lines] == [
        ("acme", "klaviyo", "event", 1),
        ("acme", "klaviyo", "event", 1),
        ("acme", "omnisend", "event", 2),
    ]
    alone = call("map", "acme", "--to", "omnisend", cwd=project, stdin=GOOD)
    packed = call("map", "acme", "--to", "omnisend", "--bulk", cwd=project, stdin=GOOD)
    assert json.loads(packed.out)["items"] == [json.loads(alone.out)]


@pytest.mark.parametrize("name", ["event.json", "event.txt", "events.ndjson", "events.jsonl"])
def test_a_file_is_read_by_what_is_in_it(name: str, project: Path) -> None:
    (project / name).write_bytes(GOOD + b"\n")
    done = call("map", "acme", "--to", "klaviyo", "--bodies", name, cwd=project)
    assert (done.code, done.out) == (0, f"{KLAVIYO.decode()}\n")


def test_a_file_over_several_lines_is_one_raw_event(project: Path) -> None:
    laid_out = json.dumps(json.loads(GOOD, parse_float=str), indent=2).replace('"19.999"', "19.999")
    (project / "event.json").write_text("\n\n" + laid_out)
    done = call("map", "acme", "--to", "klaviyo", "--bodies", "event.json", cwd=project)
    assert (done.code, done.out) == (0, f"{KLAVIYO.decode()}\n")


def test_standard_input_is_read_for_a_dash_and_for_no_file(project: Path) -> None:
    said = call("map", "acme", cwd=project, stdin=GOOD)
    assert call("map", "acme", "-", cwd=project, stdin=GOOD) == said


def test_several_files_are_read_in_their_order(project: Path) -> None:
    (project / "one.json").write_bytes(raw(number=1))
    (project / "more.ndjson").write_bytes(raw(number=2) + b"\n" + raw(number=3) + b"\n")
    done = call("map", "acme", "--to", "klaviyo", "more.ndjson", "-", "one.json", cwd=project, stdin=raw(number=4))
    assert (done.code, ids(done)) == (0, ["e2", "e3", "e4", "e1"])
    assert done.err == "4 raw events, 4 payloads, 0 rejected\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b"\r\n \t\r\n"], ids=["lf", "crlf", "blank", "blank crlf"])
@pytest.mark.parametrize("start", [b"", b"\n\n"], ids=["at once", "after blank lines"])
def test_ndjson_takes_every_line_end_and_blank_lines(start: bytes, end: bytes, project: Path) -> None:
    done = call("map", "acme", "--to", "klaviyo", cwd=project, stdin=start + raw(number=1) + end + raw(number=2) + end)
    assert (done.code, ids(done)) == (0, ["e1", "e2"])


@pytest.mark.parametrize("broken", [b"{", b'{"type": ', b"\xff\xfe", b"{}}", b"[1,", b"nonsense"])
@pytest.mark.parametrize("at", [0, 1, 2], ids=["first", "middle", "last"])
def test_a_broken_line_is_one_fault_wherever_it_stands(broken: bytes, at: int, project: Path) -> None:
    lines = [raw(number=1), raw(number=2)]
    lines.insert(at, broken)
    done = call("map", "acme", "--to", "klaviyo", cwd=project, stdin=b"\n".join(lines))
    assert (done.code, ids(done)) == (1, ["e1", "e2"])
    said = done.err.splitlines()
    assert said[0].startswith(f"stdin:{at + 1}: error[MF701]: expected JSON")
    assert said[1:] == ["3 raw events, 2 payloads, 1 rejected"]


def test_a_file_that_is_no_json_is_one_fault(project: Path) -> None:
    (project / "event.json").write_text('{\n  "type": "card.issued",\n  oops\n}\n')
    done = call("map", "acme", "event.json", cwd=project)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("event.json: error[MF701]: expected JSON")
    assert done.err.endswith("1 raw event, 0 payloads, 1 rejected\n")


def test_no_raw_event_at_all_is_said(project: Path) -> None:
    assert call("map", "acme", cwd=project) == (0, "", "0 raw events, 0 payloads, 0 rejected\n")
    assert call("map", "acme", cwd=project, stdin=b"\n \n") == (0, "", "0 raw events, 0 payloads, 0 rejected\n")


def test_every_fault_is_named_and_the_next_event_goes_on(project: Path) -> None:
    done = call("map", "acme", "--to", "klaviyo", cwd=project, stdin=FAULTY + b"\n" + GOOD)
    assert (done.code, json.loads(done.out)) == (1, json.loads(KLAVIYO))
    assert done.err.splitlines() == [
        "stdin:1: error[MF705]: CardIssued: balance from card.balance: expected a decimal number, "
        "got a string that is not one (mappings/acme/events.yaml:5)",
        "stdin:1: error[MF705]: CardIssued: pieces from card.pieces: expected an integer, got a string "
        "(mappings/acme/events.yaml:6)",
        "2 raw events, 1 payload, 1 rejected",
    ]


def test_no_customer_data_stands_in_a_fault(project: Path) -> None:
    done = call("map", "acme", cwd=project, stdin=FAULTY)
    assert [word for word in ("dear", "4-5-6", "ada@") if word in done.err] == []


def test_an_event_that_no_entry_lists_is_said_counted_and_kept(project: Path) -> None:
    done = call("map", "acme", "--rejects", "kept.ndjson", cwd=project, stdin=UNTAKEN)
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        "stdin: error[MF703]: expected a raw event that an entry lists, got one that none does (acme)",
        "1 raw event, 0 payloads, 1 rejected (1 that no entry lists)",
    ]
    assert json.loads((project / "kept.ndjson").read_text())["raw"].encode() == UNTAKEN


def test_an_ignored_and_a_skipped_event_are_said_and_no_failure(project: Path) -> None:
    done = call("map", "acme", "--rejects", "kept.ndjson", cwd=project, stdin=IGNORED + b"\n" + SKIPPED)
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        "stdin:1: skipped[MF709]: acme ignores this raw event (acme: ignore)",
        "stdin:2: skipped[MF709]: CardSold: `gift` does not hold (mappings/acme/events.yaml:8)",
        "2 raw events, 0 payloads, 0 rejected, 2 skipped",
    ]
    assert (project / "kept.ndjson").read_bytes() == b""


def test_the_event_is_named_from_outside_where_the_input_does_not_say_it(project: Path) -> None:
    nameless = GOOD.replace(b'"type": "card.issued", ', b"")
    assert call("map", "acme", cwd=project, stdin=nameless).code == 1
    done = call("map", "acme", "--event", "card.issued", "--to", "klaviyo", "--bodies", cwd=project, stdin=nameless)
    assert (done.code, done.out) == (0, f"{KLAVIYO.decode()}\n")


HEADED = calls.VENDOR.replace("event: type, id: id", "event: {header: X-Topic}, id: {header: x-id}")


def test_headers_come_from_options_in_any_case(tmp_path: Path) -> None:
    root = acme(tmp_path, vendor=HEADED)
    headers = ["--header", "x-topic=card.issued", "--header", "X-ID=a=b"]
    done = call("map", "acme", "--to", "klaviyo", *headers, cwd=root, stdin=GOOD)
    assert json.loads(done.out)["data"]["attributes"]["unique_id"] == "a=b"


def test_headers_come_from_the_file_beside_and_an_option_goes_before_it(tmp_path: Path) -> None:
    root = acme(tmp_path, vendor=HEADED)
    (root / "sample.json").write_bytes(GOOD)
    (root / "sample.headers.json").write_text('{"X-Topic": "card.issued", "X-Id": "h1"}')
    for option, wanted in ([], "h1"), (["--header", "x-id=o1"], "o1"):
        done = call("map", "acme", "--to", "klaviyo", "sample.json", *option, cwd=root)
        assert json.loads(done.out)["data"]["attributes"]["unique_id"] == wanted


@pytest.mark.parametrize("content", ["[]", '{"X-Id": 5}', "{", ""])
def test_a_broken_file_of_headers_is_said_and_the_other_files_go_on(content: str, project: Path) -> None:
    (project / "sample.json").write_bytes(GOOD)
    (project / "sample.headers.json").write_text(content)
    done = call("map", "acme", "--to", "klaviyo", "sample.json", "-", cwd=project, stdin=GOOD)
    assert (done.code, json.loads(done.out)) == (2, json.loads(KLAVIYO))
    assert "sample.headers.json must be an object of texts" in done.err


def test_a_missing_file_is_said_and_the_other_files_go_on(project: Path) -> None:
    (project / "one.json").write_bytes(raw(number=1))
    (project / "two.json").write_bytes(raw(number=2))
    (project / "folder").mkdir()
    files = ["one.json", "gone.json", "folder", "two.json"]
    done = call("map", "acme", "--to", "klaviyo", *files, cwd=project)
    assert (done.code, ids(done)) == (2, ["e1", "e2"])
    assert done.err.splitlines() == [
        "mapforge: gone.json: No such file or directory",
        "mapforge: folder: Is a directory",
        "2 raw events, 2 payloads, 0 rejected, 2 files not read",
    ]


def test_hostile_text_in_a_raw_event_changes_nothing_but_itself(project: Path) -> None:
    hostile = "'\"{}{{x}}\n\r\t\x00\x1b[31m\u2028\\ü" + "x" * 90_000
    card = json.dumps({"number": hostile, "balance": 1, "pieces": 2})
    done = call("map", "acme", "--to", "klaviyo", cwd=project, stdin=raw(card=card))
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["data"]["attributes"]["properties"]["number"] == hostile


def test_deep_json_is_a_fault_and_the_next_event_goes_on(project: Path) -> None:
    deep = GOOD[:-1] + b', "deep": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    done = call("map", "acme", "--to", "klaviyo", "--bodies", cwd=project, stdin=deep + b"\n" + GOOD)
    assert (done.code, done.out) == (1, f"{KLAVIYO.decode()}\n")
    assert done.err.startswith("stdin:1: error[MF702]")


def test_a_long_input_streams_payloads_leave_before_it_ends(project: Path) -> None:
    command = [sys.executable, "-m", "mapforge", "map", "acme", "--to", "klaviyo", "--bodies"]
    with subprocess.Popen(command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stuck = threading.Timer(60, process.kill)
        stuck.start()
        process.stdin.write((GOOD + b"\n") * 200)
        process.stdin.flush()
        assert process.stdout.readline() == KLAVIYO + b"\n"
        process.stdin.close()
        assert process.stdout.read() == (KLAVIYO + b"\n") * 199
        stuck.cancel()
    assert process.returncode == 0


@pytest.mark.parametrize("events", [1, 5_000])
def test_a_reader_that_goes_away_leaves_no_traceback(events: int, project: Path) -> None:
    (project / "many.ndjson").write_bytes((GOOD + b"\n") * events)
    command = f"{sys.executable} -m mapforge map acme many.ndjson | head -n 1"
    done = subprocess.run(["sh", "-c", command], cwd=project, capture_output=True, check=True)
    assert json.loads(done.stdout)["entry"] == "CardIssued"
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_a_sample_maps_to_the_same_bytes_each_time_and_in_every_process(project: Path) -> None:
    first = spawn("map", "acme", cwd=project, stdin=GOOD, PYTHONHASHSEED="1")
    assert spawn("map", "acme", cwd=project, stdin=GOOD, PYTHONHASHSEED="2") == first
    assert first == call("map", "acme", cwd=project, stdin=GOOD)


def test_a_mapping_that_does_not_compile_takes_no_event(tmp_path: Path) -> None:
    root = acme(tmp_path, events=calls.EVENTS.replace("type: money", "type: mony"))
    done = call("map", "acme", "--rejects", "kept.ndjson", cwd=root, stdin=GOOD)
    assert (done.code, done.out) == (1, "")
    assert "did you mean `money`?" in done.err
    assert not (root / "kept.ndjson").exists()
