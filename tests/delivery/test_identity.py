"""What a raw event is known by: the short way, which reads two values, agrees with the long one on whatever comes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge.delivery.identity import Identity, event_id
from mapforge.runtime.mappers import Mapper
from mapforge.values.refused import Refused
from tests.delivery.house import EVENTS
from tests.language.acme import compiled, mapper_of, vendor_yaml

SOURCES = {
    "plain": "{event: type, id: id, time: at}",
    "nested": "{event: event.type, id: event.data.id, time: at}",
    "through": "{event: event, id: event.id, time: at}",
    "headers": "{event: {header: x-event}, id: {header: x-id}, time: at}",
    "header": "{event: {header: x-event}, id: id, time: at}",
    "index": '{event: type, id: "ids[0]", time: at}',
    "hostile": '{event: \'"class"\', id: \'"a.b"."ä-1"\', time: at}',
}
KEYS = ("type", "id", "event", "data", "ids", "ä-1", "class", "a.b", "at")
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=5),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(KEYS), VALUES | st.just("order") | st.just(7), max_size=6) | VALUES


@pytest.fixture(scope="module", params=SOURCES)
def mapper(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    vendor = vendor_yaml(source=SOURCES[request.param])
    return mapper_of(compiled(tmp_path_factory.mktemp(request.param), vendor, EVENTS))


@given(body=BODIES, name=st.none() | st.just("order"), header=st.none() | st.text(max_size=3))
def test_both_ways_agree(mapper: Mapper, body: Any, name: str | None, header: str | None) -> None:
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    headers = {} if header is None else {"x-event": header, "x-id": header}
    try:
        known = Identity(mapper).of(raw, headers, name)
    except Refused:
        known = f"sha256/{hashlib.sha256(raw).hexdigest()}"
    assert known == event_id(mapper, raw, headers, name)


@pytest.mark.parametrize("raw", [b"", b"{", b'{"id": 01}', b'{"x": "\xff"}', b"[" * 100_000])
def test_what_is_no_json_is_refused_and_known_by_its_bytes(mapper: Mapper, raw: bytes) -> None:
    with pytest.raises(Refused):
        Identity(mapper).of(raw, {})
    assert event_id(mapper, raw, {}).startswith("sha256/")


def test_a_name_that_is_told_counts(tmp_path: Path) -> None:
    acme = mapper_of(compiled(tmp_path, vendor_yaml(source=SOURCES["plain"]), EVENTS))
    assert Identity(acme).of(b'{"id": 7}', {}, "order") == "order/7"
    assert Identity(acme).of(b'{"id": 7, "type": "other"}', {}, "order") == "order/7"
