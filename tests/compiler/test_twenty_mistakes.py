"""A folder full of mistakes: every one is told in one run, at its place, and none makes a second."""

from __future__ import annotations

import pathlib

from mapforge.compiler.vendors import compile_folder

TWENTY = pathlib.Path(__file__).parent / "broken" / "twenty"

MISTAKES = [
    ("MF120", "cards.yaml:2:3", "unknown key `triger`"),
    ("MF123", "cards.yaml:7:50", "`sensitive` cannot be `yes`"),
    ("MF301", "cards.yaml:8:19", "`| null` beside `absent`"),
    ("MF306", "cards.yaml:10:16", "the alternatives of `level` send two types"),
    ("MF307", "cards.yaml:10:16", "only the last alternative may lack `when`"),
    ("MF405", "cards.yaml:12:47", "this is no condition"),
    ("MF215", "cards.yaml:13:5", "the attribute `Note` is there twice"),
    ("MF210", "cards.yaml:14:20", "there is no type `txt`"),
    ("MF205", "cards.yaml:19:12", "`change` leaves `balance` as it is"),
    ("MF204", "cards.yaml:19:28", "`change` names an attribute that CardIssued does not have"),
    ("MF203", "cards.yaml:20:10", "`drop` names an attribute that CardIssued does not have"),
    ("MF201", "cards.yaml:24:9", "there is no `CardReloadedTwice` to be like"),
    ("MF403", "cards.yaml:27:36", "the template does not parse"),
    ("MF401", "orders.yaml:2:40", "the condition does not parse"),
    ("MF209", "orders.yaml:3:9", "there is no group `shop`"),
    ("MF402", "orders.yaml:5:34", "the language refuses flattening `[]`"),
    ("MF303", "orders.yaml:6:54", "`scale` does not fit an integer"),
    ("MF310", "orders.yaml:7:67", "`each` does not fit text"),
    ("MF302", "orders.yaml:8:59", "`absent` is not a boolean"),
    ("MF120", "orders.yaml:9:58", "unknown key `typ` in `name`"),
    ("MF130", "orders.yaml:10:5", "`price €` cannot be a key"),
    ("MF124", "orders.yaml:11:5", "`empty` has no value"),
    ("MF201", "orders.yaml:13:22", "`OrderPaid` stands below"),
    ("MF216", "orders.yaml:15:1", "`orderplaced` is there twice"),
    ("MF208", "orders.yaml:17:3", "`add` without `like`"),
    ("MF122", "orders.yaml:21:15", "`attributes` must be a mapping"),
    ("MF401", "vendor.yaml:7:9", "the path does not parse"),
    ("MF315", "vendor.yaml:8:9", "`Berlin` is no zone"),
    ("MF120", "vendor.yaml:9:3", "unknown key `local` in `source`"),
    ("MF304", "vendor.yaml:15:33", "`round` needs `places`"),
    ("MF123", "vendor.yaml:16:18", "`base` cannot be `integr`"),
    ("MF211", "vendor.yaml:17:3", "`text` is a base type"),
    ("MF312", "vendor.yaml:18:36", "the date pattern cannot be read"),
    ("MF309", "vendor.yaml:23:46", "two sources: `from` and `join`"),
    ("MF121", "vendor.yaml:25:5", "`type` is missing in `store_name`"),
    ("MF218", "vendor.yaml:27:23", "`card.issued` is ignored and sent"),
    ("MF214", "vendor.yaml:30:32", "there is no entry `CardReloadd`"),
    ("MF501", "vendor.yaml:31:3", "Omnisend needs an `origin`"),
    ("MF212", "vendor.yaml:31:24", "there is no attribute `expires`"),
    ("MF213", "vendor.yaml:32:3", "there is no platform `omnisent`"),
]


def test_many_mistakes_in_one_folder_are_each_told_once_at_their_place() -> None:
    compiled = compile_folder(TWENTY, "twenty")
    found = [
        (each.code, f"{each.span.file}:{each.span.line}:{each.span.column}".removeprefix("twenty/"), each.message)
        for each in compiled.diagnostics
    ]
    assert found == MISTAKES
    assert compiled.vendor is None


def test_the_mistakes_are_of_more_than_twenty_kinds() -> None:
    assert len({code for code, place, message in MISTAKES}) > 20
