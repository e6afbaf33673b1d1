"""The decoding and encoding of a mapper's own types alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapforge import model
from mapforge.cli.bench.floor import code_of, types_alone
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.runtime.mappers import of_sources
from tests.cli.calls import EVENTS, FAULTY, GOOD, acme

REST = '"*": {keep: card}\n'


@pytest.fixture
def vendor(tmp_path: Path) -> model.Vendor:
    """acme, compiled."""
    return compile_vendor(acme(tmp_path) / "mappings/acme", "mappings/acme")


def test_it_encodes_the_bodies(vendor: model.Vendor) -> None:
    sources = generate(vendor)
    made = types_alone(code_of(vendor, sources, "card.issued"), GOOD, ["omnisend"], {}, "card.issued")(GOOD, {})
    (payload,) = of_sources(vendor, sources).map(GOOD, to="omnisend").payloads
    assert made == [payload.body]


def test_it_decodes_as_the_mapper_does(vendor: model.Vendor) -> None:
    alone = types_alone(code_of(vendor, generate(vendor), "card.issued"), GOOD, ["klaviyo"], {}, "card.issued")
    with pytest.raises(ValueError, match=r"Expected `int"):
        alone(FAULTY, {})


def test_a_raw_event_that_no_entry_lists_is_the_catch_all_s(tmp_path: Path) -> None:
    root = acme(tmp_path, events=EVENTS + REST)
    vendor = compile_vendor(root / "mappings/acme", "mappings/acme")
    assert code_of(vendor, generate(vendor), "card.lost").co_filename == "<mapforge acme *>"


def test_without_a_catch_all_it_has_no_code(vendor: model.Vendor) -> None:
    with pytest.raises(KeyError, match=r"card\.lost"):
        code_of(vendor, generate(vendor), "card.lost")
