"""How fast mapforge maps, beside what people would use in its place. Bytes in, bytes out; everything compiled once.

    python bench/run.py [--rounds 15] [--quick] [--slack 0.15] [--docs docs/performance.md] [--json FILE]

Four events, each to Klaviyo: 99minds' GiftcardIssued and OrderPlaced, TRIFFT's Transaction created, which makes an
event and a profile, and JeriCommerce's event of any name. events.py says what each is measured against:

* plain hand-written Python on msgspec's dicts (the base, peers/…/untyped.py), on Structs with every trick (typed.py),
  and for GiftcardIssued on dicts with every trick (untyped_tuned.py);
* jmespath + jinja2 + jsonschema, what a team writes first (libraries.py);
* hand-written JavaScript (js/…/by_hand.js), RudderStack's template engine, Segment's mapping-kit with liquid, and
  JSONata, in a process that takes its turns;
* jq, VRL and glom (engines.py), and for GiftcardIssued jq that does all of it (alone.jq);
* orjson's loads and dumps of the same bytes: no mapping and no check, a floor.

Before anything is timed, each maps all samples of the event, and gets a list of broken events that nobody may take.
Ours, the hand-written Python and the libraries must write the same bytes and refuse all. So must the hand-written
JavaScript and RudderStack's templates, but the same as numbers, for JavaScript keeps no digits. Of the others the table
says how many samples they map alike and how many broken events they refuse, with the checks that stand in plain code
around them; jq alone has none around it.

Then mapforge alone: a second platform from the same raw event, and every entry of every vendor beside the decoding and
encoding of its own types without any mapping.

The implementations take turns, and a turn lasts at least 20 ms of the process's own time. The time of one is the median
of its rounds; a ratio is the median of the rounds' ratios, each of two turns that stand close together, so that a busy
machine slows both sides of it. Garbage collection is on, as in a service, and starts each turn from nothing. The claims
at the end are those of claims.py; of those that are held here, one that fails makes the exit status 1.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from types import CodeType

import msgspec
import orjson
from claims import CLAIMS, Claim, Measured
from events import (
    BASE,
    EVENTS,
    GIFTCARD_ISSUED,
    HELD,
    NO_MAPPING,
    OURS,
    OURS_ROUTED,
    STRICT,
    Event,
)
from measure import Implementation, InNode, Node
from report import Row, Table, rewrite
from samples import MAPPINGS, Raw, broken, names, sample

from mapforge.cli.bench.floor import code_of, types_alone
from mapforge.cli.bench.report import machine
from mapforge.cli.bench.turns import Headers, InPython, Times, measure, ratio
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime import mappers
from mapforge.runtime.outcomes import Result

LEAST_ROUNDS = 15


def mapper_of(vendor: str) -> mappers.Mapper:
    """A vendor's mapper, compiled now."""
    model = compile_vendor(MAPPINGS / vendor, f"mappings/{vendor}")
    return mappers.of_sources(model, generate(model))


def implementations(event: Event, node: Node) -> dict[str, Implementation]:
    """Ours and an event's peers, by name, in the order of the table; the last one maps nothing."""
    mapper = mapper_of(event.vendor)
    named: dict[str, Implementation] = {OURS: _ours(mapper, None)}
    if event.name is not None:
        named[OURS_ROUTED] = _ours(mapper, event.name)
    for name, peer in event.peers.items():
        named[name] = InNode(node, peer) if isinstance(peer, str) else InPython(peer)
    return {**named, NO_MAPPING: InPython(_round_trip)}


def _ours(mapper: mappers.Mapper, name: str | None) -> Implementation:
    return InPython(lambda raw, headers: mapper.map(raw, headers, to="klaviyo", event=name), _bodies)


def _bodies(result: Result) -> list[bytes]:
    result.raise_for_faults()
    return [payload.body for payload in result.payloads]


def _round_trip(raw: bytes, _: Headers) -> list[bytes]:
    return [orjson.dumps(orjson.loads(raw))]


# Equal output, equal checks


def check(event: Event, named: Mapping[str, Implementation]) -> dict[str, tuple[str, str]]:
    """By name, how many samples it maps as we do and how many broken events it refuses; exits where ours would fail."""
    mapped, refused = event.all_samples(), list(broken(event.timed(), event.broken))
    found = {NO_MAPPING: ("-", "-")}
    for name, one in named.items():
        if name == NO_MAPPING:
            continue
        alike = [sample for sample, raw in mapped.items() if _same(named[OURS].map(*raw), _taken(one, raw), name)]
        # What is told the name of the event does not look at it.
        asked = [(what, raw) for what, raw in refused if name != OURS_ROUTED or not what.startswith(str(event.name_at))]
        taken = [what for what, raw in asked if _taken(one, raw)]
        if name in HELD and (len(alike) < len(mapped) or taken):
            missed = sorted(set(mapped) - set(alike))
            sys.exit(f"{event.title}, {name}: does not map alike {missed}, and takes {taken}")
        found[name] = f"{len(alike)}/{len(mapped)}", f"{len(asked) - len(taken)}/{len(asked)}"
    return found


def _taken(one: Implementation, raw: Raw) -> Sequence[bytes] | None:
    try:
        return one.map(*raw)
    except Exception:
        return None


def _same(ours: Sequence[bytes], theirs: Sequence[bytes] | None, name: str) -> bool:
    if theirs is None or name in STRICT:
        return bool(ours) and ours == theirs
    return [json.loads(body) for body in ours] == [json.loads(body) for body in theirs]


def measured(event: Event, rounds: int) -> tuple[Table, Times]:
    """An event's table, and the rounds of each implementation."""
    with Node() as node:
        named = implementations(event, node)
        checked = check(event, named)
        raw, headers = event.timed()
        gc.collect()
        gc.freeze()
        took = measure(named, raw, headers, rounds)
    sent = sum(len(body) for body in named[OURS].map(raw, headers))
    return Table(event.title, f"{len(raw):,} bytes to {sent:,}", _rows(took, checked)), took


# mapforge alone


def second_platform(rounds: int) -> float:
    """How much more of the first platform's time the second one takes."""
    mapper, (raw, headers), name = mapper_of(GIFTCARD_ISSUED.vendor), GIFTCARD_ISSUED.timed(), GIFTCARD_ISSUED.name
    one = InPython(lambda raw, headers: mapper.map(raw, headers, to="klaviyo", event=name))
    both = InPython(lambda raw, headers: mapper.map(raw, headers, event=name))
    return ratio(measure({"one": one, "both": both}, raw, headers, rounds), "both", "one") - 1


def every_entry(rounds: int) -> dict[str, float]:
    """The time of each entry's payload for each platform, against its own types alone, decoded and encoded."""
    found: dict[str, float] = {}
    for vendor in sorted(path.parent.name for path in MAPPINGS.glob("*/vendor.yaml")):
        mapper = mapper_of(vendor)
        sources = generate(mapper.model)
        for name in names(vendor):
            raw, headers = sample(vendor, name)
            for to in mapper.head.platforms:
                result = mapper.map(raw, headers, to=to)
                title = f"{vendor}: {' + '.join(payload.entry for payload in result.payloads)} to {to}"
                if result.payloads and not result.slow_path and title not in found:
                    event = result.payloads[0].event
                    code = code_of(mapper.model, sources, event)
                    found[title] = _beside_its_types(mapper._mapper(event), code, raw, headers, to, event, rounds)
    return found


def _beside_its_types(
    map_event: mappers.MapEvent | None,
    code: CodeType,
    raw: bytes,
    headers: Headers,
    to: str,
    event: str,
    rounds: int,
) -> float:
    assert map_event is not None
    named = {
        "mapped": InPython(lambda raw, headers: map_event(raw, (to,), headers, event, False)),
        "types": InPython(types_alone(code, raw, (to,), headers, event)),
    }
    return ratio(measure(named, raw, headers, rounds), "mapped", "types")


# What is said


def main() -> int:
    arguments = _arguments()
    head = f"To Klaviyo, one core, {machine()}; medians of {arguments.rounds} rounds."
    print(head)
    tables, times = [], {}
    for event in EVENTS:
        table, times[event.title] = measured(event, arguments.rounds)
        print(f"\n{table.text()}", flush=True)
        tables.append(table)
    entries = {} if arguments.quick else every_entry(LEAST_ROUNDS)
    found = Measured(times[GIFTCARD_ISSUED.title], second_platform(arguments.rounds), entries)
    print(f"\n{_said(found)}")
    judged = [claim.judged(found) for claim in CLAIMS if claim.measurable(found)]
    print("\n" + "\n".join(one.line for one in judged))
    if arguments.docs is not None:
        rewrite(arguments.docs, head, tables, found, judged)
    if arguments.json is not None:
        arguments.json.write_bytes(_report(times, judged))
    return 0 if all(one.held(arguments.slack) for one in judged) else 1


def _rows(took: Times, checked: Mapping[str, tuple[str, str]]) -> list[Row]:
    return [
        Row(name, median(took[name]), ratio(took, BASE, name), ratio(took, name, NO_MAPPING), *checked[name])
        for name in took
    ]


def _said(found: Measured) -> str:
    lines = [f"a second platform from the same raw event: +{found.second_platform:.2f} of the first"]
    if found.entries:
        worst = max(found.entries, key=lambda name: found.entries[name])
        middle = median(found.entries.values())
        lines.append(f"{len(found.entries)} entries against their types alone: median {middle:.2f}, worst {worst}")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure generated mappers against what people use in their place.")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS, help=f"at least {LEAST_ROUNDS}, the default")
    parser.add_argument("--quick", action="store_true", help="leave out the measurement of every entry")
    parser.add_argument(
        "--slack", type=float, default=0.0, help="the part of a floor a busy machine may take, 0 to 0.5"
    )
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write tables and plot into this page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    arguments = parser.parse_args()
    if not 0 <= arguments.slack <= 0.5:
        parser.error("--slack is from 0 to 0.5")
    if arguments.rounds < LEAST_ROUNDS:
        parser.error(f"--rounds is at least {LEAST_ROUNDS}")
    return arguments


def _report(times: Mapping[str, Times], judged: list[Claim.Judged]) -> bytes:
    micros = {event: {name: round(median(rounds), 3) for name, rounds in took.items()} for event, took in times.items()}
    claims = {one.claim.words: {"measured": round(one.measured, 3), "holds": one.holds} for one in judged}
    said = {"python": machine(), "microseconds": micros, "claims": claims}
    return msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n"


if __name__ == "__main__":
    sys.exit(main())
