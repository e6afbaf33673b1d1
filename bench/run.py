"""How fast a generated mapper is: one raw GiftcardIssued event to Klaviyo's body, bytes to bytes.

    python bench/run.py [--rounds 15] [--slack 0.15] [--json FILE]

Compared, in one process and one run:

* mapforge: the mapper generated from mappings/99minds, with the event's name looked up in the body, and with the name
  known beforehand (as where a header says it);
* by hand, msgspec, dicts: plain code by a good engineer, with the standard library's own calls, as one writes it from
  the vendor's page (bench/peers/untyped.py). The base;
* by hand, msgspec, dicts, tuned: the same with every trick that mapforge's own values know, such as bound decimal
  contexts and no strftime (bench/peers/untyped_tuned.py). What a profiler and a week add to the base;
* by hand, msgspec, Structs: the same, typed in and out and tuned for this one event (bench/peers/typed.py);
* jmespath + jinja2 + jsonschema: what a team writes first (bench/peers/libraries.py), everything compiled once;
* orjson, no mapping: loads and dumps of the same bytes. It checks nothing; a floor.

Before anything is timed, every mapper must write the same bytes for each sample of the event, and must refuse each of a
list of broken events: broken UTF-8, wrong types, missing values, texts that are no numbers, times that are no times,
nobody to send it to, what is beyond Klaviyo's limits. So no one is fast by leaving a check out.

The implementations take turns, and a turn lasts at least 20 ms of the process's own time. The time of one is the median
of its rounds; a ratio is the median of the rounds' ratios, each of two turns that stand close together, so that a busy
machine slows both sides of it. Garbage collection is on, as in a service, and starts each turn from nothing. The second
pair of columns is the same for an event with a date to write, for the first has none. Asserted are two ratios of the
first; below a floor the exit status is 1.
"""

from __future__ import annotations

import argparse
import copy
import gc
import json
import platform
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import process_time_ns
from typing import Any

import msgspec
import orjson
from peers import libraries, typed, untyped, untyped_tuned

from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime import mappers

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "mappings" / "99minds"
EVENT = "giftcard.issued"
TIMED = {"event": "giftcard-issued", "with a date": "giftcard-issued-next-day"}
LEAST_ROUNDS = 15
ROUND_NS = 20_000_000

OURS = "mapforge"
OURS_ROUTED = "mapforge, the event's name known"
BASE = "by hand, msgspec, dicts (the base)"
TUNED_DICTS = "by hand, msgspec, dicts, tuned"
TUNED = "by hand, msgspec, Structs, tuned"
LIBRARIES = "jmespath + jinja2 + jsonschema"
NO_MAPPING = "orjson, loads and dumps, no mapping"
FLOORS = {"hand-written untyped msgspec": (BASE, 2.0), "jmespath+jinja2+jsonschema": (LIBRARIES, 40.0)}

MapEvent = Callable[[bytes], bytes]


# What is compared


def implementations() -> dict[str, MapEvent]:
    """By name, in the order of the table; the last one maps nothing."""
    vendor = compile_vendor(VENDOR)
    mapper = mappers.of_sources(vendor, generate(vendor))
    return {
        OURS: lambda raw: mapper.map(raw, to="klaviyo").payloads[0].body,
        OURS_ROUTED: lambda raw: mapper.map(raw, to="klaviyo", event=EVENT).payloads[0].body,
        TUNED: typed.map_event,
        TUNED_DICTS: untyped_tuned.map_event,
        BASE: untyped.map_event,
        LIBRARIES: libraries.map_event,
        NO_MAPPING: lambda raw: orjson.dumps(orjson.loads(raw)),
    }


# Equal output, equal checks


def samples() -> dict[str, bytes]:
    """The raw events as a vendor sends them, without blanks, by the name of the sample."""
    paths = sorted((VENDOR / "samples").glob("giftcard-issued*.json"))
    return {path.stem: _sent(json.loads(path.read_bytes(), parse_float=Decimal)) for path in paths}


def broken(sound: bytes) -> Iterator[tuple[str, bytes]]:
    """Raw events that no mapper may take, and what is wrong with each."""
    yield "bytes that are not UTF-8, in a value that nothing reads", sound.replace(b"YK1DSP", b"YK1D\xffP")
    yield "half of a document", sound[: len(sound) // 2]
    event = json.loads(sound, parse_float=Decimal)
    for path, value in _BROKEN:
        changed, place, key = _place(event, path)
        place[key] = value
        yield f"{path}: {str(value)[:40]!r}", _sent(changed)
    for path in _REQUIRED:
        changed, place, key = _place(event, path)
        del place[key]
        yield f"{path} left out", _sent(changed)


def _place(event: dict[str, Any], path: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """A copy of the event, the object in it that holds the path's last key, and that key."""
    changed = copy.deepcopy(event)
    *within, key = path.split(".")
    place = changed
    for step in within:
        place = place[step]
    return changed, place, key


_REQUIRED = (
    *("id", "type", "occurred_at", "store", "card", "transaction", "store.name", "store.domain", "store.currency"),
    *("store.currency.symbol", "card.number", "card.id", "card.original_value", "card.balance", "card.barcode"),
    *("card.barcode.value", "transaction.amount", "transaction.type", "transaction.activity"),
)
_BROKEN: tuple[tuple[str, Any], ...] = (
    ("type", "giftcard.reissued"),
    ("id", "x" * 256),
    ("occurred_at", "20260720T152103Z"),
    ("occurred_at", "2026-W30-1T15:21:03Z"),
    ("occurred_at", "2026-07-20T24:00:00Z"),
    ("occurred_at", "2026-07-20"),
    ("occurred_at", "1989-12-31T23:59:59Z"),
    ("card.expires_at", "2027-02-30T10:00:00Z"),
    ("card.expires_at", 1784561663),
    ("transaction.amount", "1_000.5"),
    ("transaction.amount", " 12.5 "),
    ("transaction.amount", "007"),
    ("transaction.amount", "٣٫٥"),
    ("transaction.amount", "NaN"),
    ("transaction.amount", True),
    ("card.balance", ""),
    ("card.balance", "1e60"),
    ("card.original_value", "1." + "0" * 50),
    ("customer.store_credit.balance", "12,50"),
    ("customer.loyalty.points", "17528"),
    ("customer.loyalty.points", Decimal("1.5")),
    ("customer.loyalty.points", 2**64),
    ("customer.email", 17),
    ("customer.first_name", ["Wei"]),
    ("customer.loyalty", "Gold"),
    ("store", "Café Müller"),
    ("card.pin", {"digits": 6439}),
    ("card.theme.images", "large.png"),
    ("card.barcode.value", ["9373083048805991"]),
    ("wallet.google.url", "https://pay.google.example/a b"),
    ("wallet.google.url", "https://pay.google.example/ab "),
    ("wallet.google.url", "https://pay.google.example/ab\n"),
    ("wallet.apple.url", "https://wallet.apple.example/a\u00a0b"),
    ("wallet.apple.url", "ftp://wallet.apple.example/p"),
    ("transaction.note", "x" * 100_001),
    ("customer", {"email": "wei.brown@post", "phone": "14155550156", "id": None}),
)


_sent = msgspec.json.Encoder(decimal_format="number").encode


def check(named: dict[str, MapEvent]) -> tuple[int, int]:
    """How many samples all mappers map alike, and how many broken events all refuse; exits where one does not."""
    mapped, refused = samples(), dict(broken(samples()[TIMED["event"]]))
    for name, map_event in named.items():
        if name == NO_MAPPING:
            continue
        for sample, raw in mapped.items():
            if map_event(raw) != named[OURS](raw):
                sys.exit(f"{name} and {OURS} write other bytes for {sample}")
        for what, raw in refused.items():
            if name == OURS_ROUTED and what.startswith("type"):
                continue  # it was told the type
            if (taken := _taken(map_event, raw)) is not None:
                sys.exit(f"{name} takes a broken event ({what}): {taken[:200]!r}")
    return len(mapped), len(refused)


def _taken(map_event: MapEvent, raw: bytes) -> bytes | None:
    try:
        return map_event(raw)
    except Exception:
        return None


# Time


def measure(named: dict[str, MapEvent], raw: bytes, rounds: int) -> dict[str, list[float]]:
    """Each one's rounds, in µs an event."""
    counts = {name: _iterations(map_event, raw) for name, map_event in named.items()}
    took: dict[str, list[float]] = {name: [] for name in named}
    for _ in range(rounds):
        for name, map_event in named.items():
            gc.collect()
            took[name].append(_timed(map_event, raw, counts[name]) / counts[name] / 1000)
    return took


def ratio(took: dict[str, list[float]], slow: str, fast: str) -> float:
    """How many times as fast one is as another: the median of the rounds' ratios."""
    return median(left / right for left, right in zip(took[slow], took[fast], strict=True))


def _timed(map_event: MapEvent, raw: bytes, iterations: int) -> int:
    turns = range(iterations)
    start = process_time_ns()
    for _ in turns:
        map_event(raw)
    return process_time_ns() - start


def _iterations(map_event: MapEvent, raw: bytes) -> int:
    """How often it is called in a round, so that the round lasts long enough; it warms up on the way."""
    iterations = 1
    while (took := _timed(map_event, raw, iterations)) < ROUND_NS // 2:
        iterations *= 2
    return int(iterations * ROUND_NS / took * 1.25) + 1


# What is said


def main() -> int:
    arguments = _arguments()
    named = implementations()
    mapped, refused = check(named)
    raws = {column: samples()[sample] for column, sample in TIMED.items()}
    gc.collect()
    gc.freeze()
    times = {column: measure(named, raw, arguments.rounds) for column, raw in raws.items()}
    raw = raws["event"]
    print(f"GiftcardIssued to Klaviyo, {len(raw):,} bytes to {len(named[OURS](raw)):,}, one core, Python {_python()}")
    print(
        f"{mapped} samples mapped alike, {refused} broken events refused by all; medians of {arguments.rounds} rounds\n"
    )
    _print_table(times)
    ratios = {words: ratio(times["event"], peer, OURS) for words, (peer, _) in FLOORS.items()}
    print()
    for words, (_, floor) in FLOORS.items():
        print(f"ours vs {words}: {ratios[words]:.2f} (floor {floor:g})")
    if arguments.json is not None:
        arguments.json.write_bytes(_report(times, ratios, arguments.rounds))
    kept = 1 - arguments.slack
    return 0 if all(ratios[words] >= floor * kept for words, (_, floor) in FLOORS.items()) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure a generated mapper against hand-written code.")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS, help=f"at least {LEAST_ROUNDS}, the default")
    parser.add_argument(
        "--slack", type=float, default=0.0, help="the part of a floor a busy machine may take, 0 to 0.5"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    arguments = parser.parse_args()
    if not 0 <= arguments.slack <= 0.5:
        parser.error("--slack is from 0 to 0.5")
    if arguments.rounds < LEAST_ROUNDS:
        parser.error(f"--rounds is at least {LEAST_ROUNDS}")
    return arguments


def _python() -> str:
    return f"{platform.python_version()} on {platform.machine()}"


def _print_table(times: dict[str, dict[str, list[float]]]) -> None:
    width = max(map(len, times["event"]))
    heads = "".join(f"  {'µs/' + column if column == 'event' else column:>11}  {'× base':>6}" for column in times)
    print(f"{'implementation':<{width}}{heads}")
    for name in times["event"]:
        cells = "".join(f"  {median(took[name]):>11.2f}  {ratio(took, BASE, name):>6.3g}" for took in times.values())
        print(f"{name:<{width}}{cells}")


def _report(times: dict[str, dict[str, list[float]]], ratios: dict[str, float], rounds: int) -> bytes:
    medians = {column: {name: round(median(took[name]), 3) for name in took} for column, took in times.items()}
    asserted = {words: {"ratio": round(ratios[words], 3), "floor": floor} for words, (_, floor) in FLOORS.items()}
    report = {"python": _python(), "rounds": rounds, "microseconds": medians, "ratios": asserted}
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


if __name__ == "__main__":
    sys.exit(main())
