"""`mapforge test`: samples against snapshots, contract and platform schemas. In its own process, for it runs pytest."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mapforge.cli.testing import suite
from mapforge.cli.testing.expected import Sample, Sampled
from mapforge.runtime.outcomes import Payload, Result
from tests.cli.calls import EVENTS, FAULTY, GOOD, SKIPPED, VENDOR, Done, acme, raw, spawn, tree

ISSUED = "snapshots/acme/klaviyo/CardIssued/card-issued.json"


@pytest.fixture
def tested(project: Path) -> Path:
    """acme with its snapshots written."""
    done = spawn("test", "--update", cwd=project)
    assert (done.code, done.err) == (0, ""), done.out
    return project


def run(project: Path) -> Done:
    return spawn("test", cwd=project)


def test_snapshots_that_are_right_pass_and_stay_as_they_are(tested: Path) -> None:
    assert sorted(tree(tested / "snapshots/acme")) == [
        "klaviyo/CardIssued/card-issued.json",
        "klaviyo/CardSold/card-sold.json",
        "omnisend/CardIssued/card-issued.json",
        "omnisend/CardSold/card-sold.json",
        "resolved/CardIssued.txt",
        "resolved/CardSold.txt",
    ]
    before = tree(tested)
    done = run(tested)
    assert (done.code, done.err) == (0, ""), done.out
    assert spawn("test", "acme", "--update", cwd=tested).code == 0
    assert tree(tested) == before


def test_a_snapshot_is_the_body_pretty_with_every_digit(tested: Path) -> None:
    assert '        "balance": 19.99,\n' in (tested / ISSUED).read_text()
    assert (tested / "snapshots/acme/resolved/CardSold.txt").read_text().splitlines()[
        1
    ] == "  trigger  card.sold when gift"


def test_a_changed_snapshot_fails_with_the_lines_that_differ(tested: Path) -> None:
    path = tested / ISSUED
    path.write_text(path.read_text().replace("19.99", "20.00"))
    done = run(tested)
    assert done.code == 1
    assert '-         "balance": 20.00,' in done.out
    assert '+         "balance": 19.99,' in done.out
    assert "klaviyo/CardIssued/card-issued.json" in done.out
    assert "mapforge test --update" in done.err


def test_a_changed_mapping_fails_and_update_mends_it(tested: Path) -> None:
    (tested / "mappings/acme/events.yaml").write_text(EVENTS.replace("pieces:", "parts:"))
    assert run(tested).code == 1
    assert spawn("test", "--update", cwd=tested).code == 0
    assert '"parts": 2' in (tested / ISSUED).read_text()
    assert run(tested).code == 0


def test_an_orphan_fails_and_update_removes_it(tested: Path) -> None:
    orphan = tested / "snapshots/acme/klaviyo/CardGone/card-gone.json"
    orphan.parent.mkdir()
    orphan.write_text("{}\n")
    done = run(tested)
    assert (done.code, "klaviyo/CardGone/card-gone.json" in done.out) == (1, True)
    assert spawn("test", "--update", cwd=tested).code == 0
    assert not orphan.parent.exists()
    assert run(tested).code == 0


def test_a_missing_snapshot_fails_and_is_not_written(tested: Path) -> None:
    (tested / ISSUED).unlink()
    done = run(tested)
    assert (done.code, "klaviyo/CardIssued/card-issued.json" in done.out) == (1, True)
    assert not (tested / ISSUED).exists()


def test_an_entry_that_no_sample_hits_fails(tested: Path) -> None:
    (tested / "mappings/acme/samples/card-sold.json").unlink()
    done = spawn("test", "--update", cwd=tested)
    assert (done.code, "CardSold to klaviyo" in done.out) == (1, True)


def test_a_sample_that_the_contract_does_not_allow_fails(tested: Path) -> None:
    path = tested / "mappings/acme/contract.schema.json"
    path.write_text(path.read_text().replace('"gift",', '"gift", "shop",'))
    done = run(tested)
    assert (done.code, "test_samples_fit_the_contract" in done.out) == (1, True)


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_contract_that_is_missing_or_broken_fails_in_words(content: str | None, tested: Path) -> None:
    path = tested / "mappings/acme/contract.schema.json"
    path.unlink() if content is None else path.write_text(content)
    done = run(tested)
    assert done.code == 1
    assert "mappings/acme/contract.schema.json" in done.out + done.err


def test_a_body_that_the_platform_does_not_allow_fails() -> None:
    body = b'{"data": {"type": "event"}}'
    payload = Payload("acme", "CardIssued", "card.issued", "klaviyo", "event", body, "e1", "2026-03-01T12:00:00Z", "k")
    vendor = cast(Any, SimpleNamespace(entries=()))
    held = Sampled(vendor, (Sample("card-issued", GOOD, Result([payload])),))
    with pytest.raises(AssertionError):
        suite.test_payloads_fit_the_platform(lambda _: held, "acme")


def test_skips_and_faults_of_samples_are_outcomes(tmp_path: Path) -> None:
    samples = {"card-issued": GOOD, "card-sold": raw("card.sold", 6), "not-a-gift": SKIPPED, "dear": FAULTY}
    root = acme(tmp_path, samples=samples)
    assert spawn("test", "--update", cwd=root).code == 0
    outcomes = {name: content.decode() for name, content in tree(root / "snapshots/acme/outcomes").items()}
    assert outcomes == {
        "dear.txt": (
            "fault MF705 CardIssued: balance from card.balance: expected a decimal number, got a string that is not "
            "one (mappings/acme/events.yaml:5)\n"
            "fault MF705 CardIssued: pieces from card.pieces: expected an integer, got a string "
            "(mappings/acme/events.yaml:6)\n"
        ),
        "not-a-gift.txt": "skipped MF709 CardSold: `gift` does not hold (mappings/acme/events.yaml:8)\n",
    }
    assert spawn("test", "--root", root, cwd=tmp_path.parent).code == 0


def test_headers_beside_a_sample_are_used_and_damage_is_said(tmp_path: Path) -> None:
    root = acme(tmp_path, vendor=VENDOR.replace("id: id", "id: {header: x-id}"))
    beside = root / "mappings/acme/samples/card-issued.headers.json"
    beside.write_text('{"X-Id": "h1"}')
    beside.with_name("card-sold.headers.json").write_text('{"X-Id": "h2"}')
    assert spawn("test", "--update", cwd=root).code == 0
    assert '"unique_id": "h1"' in (root / ISSUED).read_text()
    beside.write_text("[]")
    done = run(root)
    assert (done.code, done.out) == (1, "")
    assert "card-issued.headers.json must be an object of texts" in done.err


def test_a_mapping_that_does_not_compile_is_a_screen(tested: Path) -> None:
    (tested / "mappings/acme/events.yaml").write_text(EVENTS.replace("type: money", "type: mony"))
    done = run(tested)
    assert (done.code, done.out) == (1, "")
    assert "did you mean `money`?" in done.err


def test_the_project_s_own_pytest_has_no_say(tested: Path) -> None:
    (tested / "conftest.py").write_text("raise SystemExit(3)\n")
    (tested / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    done = spawn("test", cwd=tested, PYTEST_ADDOPTS="--nonsense", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert (done.code, done.err) == (0, ""), done.out
