"""How fast mapforge maps, beside what people would use in its place. Bytes in, bytes out; everything compiled once.

    python bench/run.py [--rounds 15] [--quick] [--slack 0.15] [--docs docs/performance.md] [--json FILE]

First, one raw GiftcardIssued event to Klaviyo's body, in one process and one run, against

* plain hand-written Python on msgspec's dicts (the base, bench/peers/untyped.py), the same with every trick
  (untyped_tuned.py), and on Structs, tuned for this one event (typed.py);
* jmespath + jinja2 + jsonschema, what a team writes first (libraries.py);
* mapping languages: jq, VRL and glom in Python (engines.py), RudderStack's template engine, Segment's mapping-kit with
  liquid, and JSONata in JavaScript (bench/js), each from its registry;
* hand-written JavaScript (bench/js/by_hand.js), in one Node.js process that takes its turns in the same run;
* orjson's loads and dumps of the same bytes: no mapping and no check, a floor.

Before anything is timed, each maps all samples of the event, and gets a list of broken events that nobody may take.
Ours and the hand-written Python must write the same bytes and refuse all; of the others the table says how many samples
they map alike (JavaScript's as numbers, for it keeps no digits) and how many broken events they refuse, with the checks
that stand in plain code around them.

Then mapforge alone: a second platform from the same raw event; three other events; and every entry of every vendor
beside the decoding and encoding of its own types without any mapping.

The implementations take turns, and a turn lasts at least 20 ms of the process's own time. The time of one is the median
of its rounds; a ratio is the median of the rounds' ratios, each of two turns that stand close together, so that a busy
machine slows both sides of it. Garbage collection is on, as in a service, and starts each turn from nothing. The claims
at the end are those of claims.py; of those that are held here, one that fails makes the exit status 1.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from types import CodeType

import msgspec
import orjson
from claims import CLAIMS, Claim, Measured
from measure import Implementation, InNode, Node
from peers import engines, libraries, typed, untyped, untyped_tuned
from report import page, table
from samples import EVENT, MAPPINGS, broken, names, sample, samples

from mapforge.cli.bench.floor import code_of, types_alone
from mapforge.cli.bench.turns import InPython, Times, measure, ratio
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime import mappers

LEAST_ROUNDS = 15
OURS = "mapforge"
OURS_ROUTED = "mapforge, the event's name known"
BASE = "by hand, msgspec, dicts (the base)"
TUNED_DICTS = "by hand, msgspec, dicts, tuned"
TUNED = "by hand, msgspec, Structs, tuned"
LIBRARIES = "jmespath + jinja2 + jsonschema"
VRL, JQ, GLOM = "VRL, pyvrl", "jq", "glom"
JAVASCRIPT, RUDDERSTACK = "by hand, JavaScript", "RudderStack's template engine"
SEGMENT, JSONATA = "Segment's mapping-kit, liquid", "JSONata"
NO_MAPPING = "orjson, loads and dumps, no mapping"
STRICT = (OURS, OURS_ROUTED, TUNED, TUNED_DICTS, BASE, LIBRARIES)
OTHERS = {
    "OrderPlaced": ("99minds", "order-placed"),
    "TRIFFT Transaction created, with the profile": ("trifft", "transaction-created"),
    "JeriCommerce, any event": ("jericommerce", "unknown-event"),
}


def mapper_of(vendor: str) -> mappers.Mapper:
    """A vendor's mapper, compiled now."""
    model = compile_vendor(MAPPINGS / vendor, f"mappings/{vendor}")
    return mappers.of_sources(model, generate(model))


def peers(node: Node) -> dict[str, Implementation]:
    """By name, in the order of the table; the last one maps nothing."""
    mapper = mapper_of("99minds")
    return {
        OURS: InPython(lambda raw: mapper.map(raw, to="klaviyo").payloads[0].body),
        OURS_ROUTED: InPython(lambda raw: mapper.map(raw, to="klaviyo", event=EVENT).payloads[0].body),
        TUNED: InPython(typed.map_event),
        TUNED_DICTS: InPython(untyped_tuned.map_event),
        BASE: InPython(untyped.map_event),
        JAVASCRIPT: InNode(node, "by_hand"),
        RUDDERSTACK: InNode(node, "rudderstack"),
        VRL: InPython(engines.vrl_map_event),
        SEGMENT: InNode(node, "segment"),
        JSONATA: InNode(node, "jsonata"),
        JQ: InPython(engines.jq_map_event),
        GLOM: InPython(engines.glom_map_event),
        LIBRARIES: InPython(libraries.map_event),
        NO_MAPPING: InPython(lambda raw: orjson.dumps(orjson.loads(raw))),
    }


# Equal output, equal checks


def check(named: Mapping[str, Implementation]) -> dict[str, tuple[str, str]]:
    """By name, how many samples it maps as we do and how many broken events it refuses; exits where ours would fail."""
    mapped, refused = samples(), dict(broken(samples()["giftcard-issued"]))
    found = {NO_MAPPING: ("-", "-")}
    for name, one in named.items():
        if name == NO_MAPPING:
            continue
        alike = [sample for sample, raw in mapped.items() if _same(named[OURS].map(raw), _taken(one, raw), name)]
        # What is told the name of the event does not look at it.
        asked = [raw for what, raw in refused.items() if name != OURS_ROUTED or not what.startswith("type")]
        kept = [raw for raw in asked if _taken(one, raw) is None]
        if name in STRICT and (len(alike) < len(mapped) or len(kept) < len(asked)):
            sys.exit(f"{name} maps {len(alike)} of {len(mapped)} samples alike, refuses {len(kept)} of {len(asked)}")
        found[name] = f"{len(alike)}/{len(mapped)}", f"{len(kept)}/{len(asked)}"
    return found


def _taken(one: Implementation, raw: bytes) -> bytes | None:
    try:
        return one.map(raw)
    except Exception:
        return None


def _same(ours: bytes, theirs: bytes | None, name: str) -> bool:
    if theirs is None or name in STRICT:
        return ours == theirs
    return bool(json.loads(ours) == json.loads(theirs))


# mapforge alone


def second_platform(rounds: int) -> float:
    """How much more of the first platform's time the second one takes."""
    mapper, (raw, _) = mapper_of("99minds"), sample("99minds", "giftcard-issued")
    one = InPython(lambda raw: mapper.map(raw, to="klaviyo", event=EVENT).payloads[0].body)
    both = InPython(lambda raw: mapper.map(raw, event=EVENT).payloads[1].body)
    return ratio(measure({"one": one, "both": both}, raw, rounds), "both", "one") - 1


def other_events(rounds: int) -> dict[str, tuple[float, float]]:
    """Of further events, to Klaviyo: µs, and the time against orjson's round trip of the same bytes."""
    found = {}
    for title, (vendor, name) in OTHERS.items():
        mapper, (raw, headers) = mapper_of(vendor), sample(vendor, name)
        named = {
            OURS: InPython(_mapping(mapper, headers)),
            NO_MAPPING: InPython(lambda raw: orjson.dumps(orjson.loads(raw))),
        }
        took = measure(named, raw, rounds)
        found[title] = median(took[OURS]), ratio(took, OURS, NO_MAPPING)
    return found


def _mapping(mapper: mappers.Mapper, headers: dict[str, str]) -> Callable[[bytes], bytes]:
    return lambda raw: mapper.map(raw, headers, to="klaviyo").payloads[0].body


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
    headers: dict[str, str],
    to: str,
    event: str,
    rounds: int,
) -> float:
    assert map_event is not None
    named = {
        "mapped": InPython(lambda raw: map_event(raw, (to,), headers, event, False)),
        "types": InPython(types_alone(code, raw, (to,), headers, event)),
    }
    return ratio(measure(named, raw, rounds), "mapped", "types")


# What is said


def main() -> int:
    arguments = _arguments()
    node = Node()
    try:
        named = peers(node)
        checked = check(named)
        raw = samples()["giftcard-issued"]
        gc.collect()
        gc.freeze()
        took = measure(named, raw, arguments.rounds)
    finally:
        node.close()
    rows = _rows(took, checked)
    head = f"GiftcardIssued to Klaviyo, {len(raw):,} bytes to {len(named[OURS].map(raw)):,}, one core, {_machine()}"
    print(f"{head}; medians of {arguments.rounds} rounds\n\n{table(rows)}")
    entries = {} if arguments.quick else every_entry(3)
    others = other_events(arguments.rounds)
    measured = Measured(took, second_platform(arguments.rounds), entries)
    print(f"\n{_said(measured, others)}")
    judged = [claim.judged(measured) for claim in CLAIMS if claim.measurable(measured)]
    print("\n" + "\n".join(one.line for one in judged))
    if arguments.docs is not None:
        arguments.docs.write_text(page(arguments.docs.read_text(), head, rows, others, measured, judged))
    if arguments.json is not None:
        arguments.json.write_bytes(_report(took, judged))
    return 0 if all(one.held(arguments.slack) for one in judged) else 1


Row = tuple[str, float, float, float, str, str]


def _rows(took: Times, checked: Mapping[str, tuple[str, str]]) -> list[Row]:
    """Name, µs, speed against the base, time against orjson, samples mapped alike, broken events refused."""
    return [
        (name, median(took[name]), ratio(took, BASE, name), ratio(took, name, NO_MAPPING), *checked[name])
        for name in took
    ]


def _said(measured: Measured, others: Mapping[str, tuple[float, float]]) -> str:
    lines = [f"a second platform from the same raw event: +{measured.second_platform:.2f} of the first"]
    lines += [f"{title}: {micros:.2f} µs, {times:.2f} times orjson" for title, (micros, times) in others.items()]
    if measured.entries:
        worst = max(measured.entries, key=lambda name: measured.entries[name])
        middle = median(measured.entries.values())
        lines.append(f"{len(measured.entries)} entries against their types alone: median {middle:.2f}, worst {worst}")
    return "\n".join(lines)


def _machine() -> str:
    return f"Python {platform.python_version()} on {platform.machine()}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure generated mappers against what people use in their place.")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS, help=f"at least {LEAST_ROUNDS}, the default")
    parser.add_argument("--quick", action="store_true", help="leave out the measurement of every entry")
    parser.add_argument(
        "--slack", type=float, default=0.0, help="the part of a floor a busy machine may take, 0 to 0.5"
    )
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write table and plot into this page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    arguments = parser.parse_args()
    if not 0 <= arguments.slack <= 0.5:
        parser.error("--slack is from 0 to 0.5")
    if arguments.rounds < LEAST_ROUNDS:
        parser.error(f"--rounds is at least {LEAST_ROUNDS}")
    return arguments


def _report(took: Times, judged: list[Claim.Judged]) -> bytes:
    micros = {name: round(median(rounds), 3) for name, rounds in took.items()}
    claims = {one.claim.words: {"measured": round(one.measured, 3), "holds": one.holds} for one in judged}
    said = {"python": _machine(), "microseconds": micros, "claims": claims}
    return msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n"


if __name__ == "__main__":
    sys.exit(main())
