"""Costs and shares of a profile as people and programs get them."""

from __future__ import annotations

from collections import Counter

from mapforge.cli.bench.cost import Cost
from mapforge.cli.bench.parts import Part
from mapforge.cli.bench.report import Share, as_json, as_text, machine, shares

COSTS = [
    Cost("card-issued", ["CardIssued"], 12.5, 2.345, 2183, 1285, 1, False, []),
    Cost("dear", ["CardIssued", "Me"], 37.5, None, 190, 0, 0, True, ["MF705", "MF707"]),
    Cost("nobody", [], 100.0, None, 190, 0, 0, True, []),
]
DECODING = Part("decoding", "raw")
BALANCE = Part("attributes", "balance", "mappings/acme/events.yaml:5")
NUMBER = Part("attributes", "number", "mappings/acme/events.yaml:4")
OUT = Part("attributes", "out")
PIECES = Part("attributes", "pieces", "mappings/acme/events.yaml:6")
TESTS, SENT = Part("encoding"), Part("encoding", "sent")
MADE, CHECKS = Part("what is made", "made_profile"), Part("checks of limits")
COUNTED = Counter(
    {DECODING: 400, BALANCE: 300, NUMBER: 194, SENT: 60, TESTS: 30, OUT: 10, PIECES: 4, MADE: 1, CHECKS: 1}
)
SHARES = shares(COUNTED, COSTS)


def test_shares_are_of_an_event_s_time_over_all_samples_the_most_first() -> None:
    assert shares(Counter({DECODING: 1, BALANCE: 3}), COSTS) == [
        Share(BALANCE, 75.0, 37.5),
        Share(DECODING, 25.0, 12.5),
    ]


def test_the_tables_say_the_cost_of_each_sample_and_where_the_time_goes() -> None:
    assert as_text(COSTS, SHARES) == (
        "sample       entries              µs  events/s  × types  bytes in    out  payloads  by\n"
        "card-issued  CardIssued        12.50    80,000     2.35     2,183  1,285         1  generated\n"
        "dear         CardIssued + Me   37.50    26,667        -       190      0         0  refused MF705, MF707\n"
        "nobody       -                100.00    10,000        -       190      0         0  interpreter\n"
        "\n"
        "     %      µs\n"
        "  50.8   25.40  attributes\n"
        "  30.0   15.00    balance  mappings/acme/events.yaml:5\n"
        "  19.4    9.70    number   mappings/acme/events.yaml:4\n"
        "   1.0    0.50    out\n"
        "   0.4    0.20    1 more, each under 0.5 %\n"
        "  40.0   20.00  decoding\n"
        "   9.0    4.50  encoding\n"
        "   6.0    3.00    sent\n"
        "   3.0    1.50    tests\n"
        "   0.1    0.05  what is made\n"
        "   0.1    0.05  checks of limits"
    )


def test_without_a_profile_there_is_the_first_table_alone() -> None:
    assert as_text(COSTS[:1], None) == (
        "sample       entries        µs  events/s  × types  bytes in    out  payloads  by\n"
        "card-issued  CardIssued  12.50    80,000     2.35     2,183  1,285         1  generated"
    )


def test_programs_get_every_number() -> None:
    assert as_json("acme", 5, COSTS[:2], SHARES[:2]) == {
        "vendor": "acme",
        "python": machine(),
        "rounds": 5,
        "samples": [
            {
                "sample": "card-issued",
                "entries": ["CardIssued"],
                "micros": 12.5,
                "events_per_second": 80_000,
                "times_types": 2.345,
                "bytes_in": 2183,
                "bytes_out": 1285,
                "payloads": 1,
                "slow_path": False,
                "refused": [],
            },
            {
                "sample": "dear",
                "entries": ["CardIssued", "Me"],
                "micros": 37.5,
                "events_per_second": 26_667,
                "times_types": None,
                "bytes_in": 190,
                "bytes_out": 0,
                "payloads": 0,
                "slow_path": True,
                "refused": ["MF705", "MF707"],
            },
        ],
        "profile": [
            {"work": "decoding", "name": "raw", "place": None, "percent": 40.0, "micros": 20.0},
            {
                "work": "attributes",
                "name": "balance",
                "place": "mappings/acme/events.yaml:5",
                "percent": 30.0,
                "micros": 15.0,
            },
        ],
    }


def test_a_profile_that_nobody_asked_for_is_null() -> None:
    assert as_json("acme", 1, [], None)["profile"] is None
