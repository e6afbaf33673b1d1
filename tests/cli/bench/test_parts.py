"""What the lines of a generated mapper work at."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mapforge.cli.bench.parts import Part, parts_of
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor

MAPPINGS = Path(__file__).parents[3] / "mappings"
SOURCE = """\
# acme card.issued: CardIssued.
money_1 = s.rule(base='decimal')

def make_card_1(raw_card):
    return Made_card_1(
        raw_card.number,  # mappings/acme/events.yaml:5
    )

def map_event(body, to, headers, name, routed):
    raw = decode(body)
    raw_card = raw.card
    if routed and raw.type != name:
        raise s.Fallback
    time = time_1(raw.at)
    made_profile = False

    # CardIssued mappings/acme/events.yaml:1
    if (raw_card.kind == 'gift'):
        out = Out0(
            raw_card.number,  # the "#1" number mappings/acme/events.yaml:4
            money_1(raw_card.balance), # balance mappings/acme/events.yaml:5
        )
        email = c if (c := raw.email) is None or s.valid_email(c) else s.missing()
        if s.same(out.balance, 1):
            changed.balance = None
        value, value_currency = s.worth(out.balance, 'EUR')
        event_id = event_id_1(source_id)
        payloads.append(s.Payload('acme', written))
    something_new = 1
    return payloads
"""


def test_comments_name_attributes_and_assignments_the_rest() -> None:
    together = Part("attributes", "out")
    assert parts_of(SOURCE) == {
        10: Part("decoding", "raw"),
        11: Part("objects of the raw event", "raw_card"),
        12: Part("checks of limits"),
        13: Part("checks of limits"),
        14: Part("the time", "time"),
        15: Part("what is made", "made_profile"),
        18: Part("what is made"),
        19: together,
        20: Part("attributes", 'the "#1" number', "mappings/acme/events.yaml:4"),
        21: Part("attributes", "balance", "mappings/acme/events.yaml:5"),
        22: together,
        23: Part("identifiers", "email"),
        24: Part("encoding"),
        25: Part("encoding", "changed.balance"),
        26: Part("the value", "(value, value_currency)"),
        27: Part("the event's id", "event_id"),
        28: Part("the envelope", "payloads"),
        30: Part("the envelope", "payloads"),
    }


@pytest.mark.parametrize("vendor", sorted(path.parent.name for path in MAPPINGS.glob("*/vendor.yaml")))
def test_no_statement_of_a_real_mapper_is_unknown(vendor: str) -> None:
    unknown = []
    for event, source in generate(compile_vendor(MAPPINGS / vendor, f"mappings/{vendor}")).items():
        parts, lines = parts_of(source), source.splitlines()
        unknown += [f"{event}: {lines[line - 1].strip()}" for line in _statements(source) if line not in parts]
    assert unknown == []


def _statements(source: str) -> list[int]:
    """The lines where statements of the function that maps begin."""
    functions = [one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef)]
    (mapping,) = [one for one in functions if one.name == "map_event"]
    return [one.lineno for one in ast.walk(mapping) if isinstance(one, ast.stmt) and one is not mapping]
