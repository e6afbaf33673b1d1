"""jq, VRL and glom, as giftcard_issued/engines.py. This event has nothing to convert: they write what stands around it.

The open properties go through them too; their digits are put back afterwards.
"""

from __future__ import annotations

import json
from typing import Any

import glom
import jq
from pyvrl import Transform

from peers.plain import check_limits
from peers.prepared import decode, encode, or_nothing, profile, without_decimals
from peers.values import (
    DEEPEST,
    EARLIEST,
    LONG_ENOUGH,
    LONGEST_ID,
    LONGEST_NAME,
    MOST_PROPERTIES,
    Headers,
    Invalid,
    as_it_came,
    identifier,
    instant,
    whole,
)


def prepared(raw: bytes, headers: Headers) -> dict[str, Any]:
    """The raw event, checked and converted. Raises on one that does not fit."""
    raw.decode()
    event, name = decode(raw), headers["x-jericommerce-event-type"]
    event_id, time = identifier(event["id"]), instant(event["createdAt"], None)
    given = or_nothing(event.get("properties"))
    if not 0 < len(event_id) <= LONGEST_ID or not 0 < len(name) <= LONGEST_NAME:
        raise Invalid("beyond a limit of Klaviyo")
    if time < EARLIEST or len(given) > MOST_PROPERTIES:
        raise Invalid("beyond a limit of Klaviyo")
    properties = {key: as_it_came(value, DEEPEST - 1, whole) for key, value in given.items()}
    return {
        "id": event_id,
        "time": time,
        "name": name,
        "person": profile({"email": event.get("email")}),
        "properties": properties,
    }


def _body(event: dict[str, Any], body: dict[str, Any]) -> bytes:
    """The body, with the digits that the properties had."""
    body["data"]["attributes"]["properties"] = event["properties"]
    written = encode(body)
    if len(written) > LONG_ENOUGH:
        check_limits(written, event["properties"])
    return written


_jq = jq.compile("""
{
  data: {
    type: "event",
    attributes: {
      properties: .properties,
      metric: {data: {type: "metric", attributes: {name: .name}}},
      profile: {data: {type: "profile", attributes: {email: .person.email}}},
      time: .time,
      unique_id: .id
    }
  }
}
""")


def jq_map_event(raw: bytes, headers: Headers) -> list[bytes]:
    """jq: the event goes in as text, and comes out as text."""
    event = prepared(raw, headers)
    return [_body(event, json.loads(_jq.input_text(encode(event).decode()).text()))]


_vrl = Transform("""
attributes = {
  "properties": .properties,
  "metric": {"data": {"type": "metric", "attributes": {"name": .name}}},
  "profile": {"data": {"type": "profile", "attributes": {"email": .person.email}}},
  "time": .time,
  "unique_id": .id,
}
. = {"data": {"type": "event", "attributes": attributes}}
""")


def vrl_map_event(raw: bytes, headers: Headers) -> list[bytes]:
    """VRL in the process: a dict goes in, and a dict comes out. It has no decimals, so floats go in."""
    event = prepared(raw, headers)
    return [_body(event, _vrl.remap(without_decimals(event)))]


_spec = {
    "data": {
        "type": glom.Val("event"),
        "attributes": {
            "properties": "properties",
            "metric": {"data": {"type": glom.Val("metric"), "attributes": {"name": "name"}}},
            "profile": {"data": {"type": glom.Val("profile"), "attributes": {"email": "person.email"}}},
            "time": "time",
            "unique_id": "id",
        },
    }
}


def glom_map_event(raw: bytes, headers: Headers) -> list[bytes]:
    """glom: a spec over the decoded dicts."""
    event = prepared(raw, headers)
    return [_body(event, glom.glom(event, _spec))]
