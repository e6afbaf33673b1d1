"""Hostile names: they enter generated code through `repr` alone, are sent as they are, and change nothing else."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from mapforge.compiler.build import build
from mapforge.compiler.generate import generate
from mapforge.runtime.load import load
from tests.language.acme import BOTH, N, both_ways, compiled, entry_yaml, exactly, mapper_of, raw_event, vendor_yaml

NAMES = {
    "apostrophe": "it's",
    "quote": 'a"b',
    "braces": "{x}{0}{{y}}%s",
    "triple": "\"\"\"'''",
    "newline": "a\nb\r\n",
    "keyword": "class",
    "builtin": "str",
    "constant": "None",
    "dunder": "__class__",
    "struct": "__struct_fields__",
    "module": "s",
    "local": "raw",
    "field": "f0",
    "type": "Raw_x",
    "code": "');import os;os.abort()#",
    "backslash": "\\",
    "tab": "\t\\t",
    "comment": "# noqa\n#",
    "non-ASCII": "größe 新 😀",
    "separator": "\u2028\u2029\u0085",
    "direction": "\u202e\u200f",
    "NUL": "a\x00b",
    "DEL": "\x7f",
    "space": " ",
    "digits": "123",
    "long": "n" * 100_000,
}
names = pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
# A path has at most 2,000 characters.
names_in_paths = pytest.mark.parametrize("name", [pytest.param(n, id=k) for k, n in NAMES.items() if len(n) < 1000])
VENDOR = vendor_yaml(platforms="{klaviyo: {}}")
RAW = {"x": '"x"'}


def quoted(text: str) -> str:
    """A text in YAML's double quotes."""
    return '"' + "".join(c if c.isprintable() and c not in '\\"' else f"\\U{ord(c):08x}" for c in text) + '"'


def shape(source: str) -> list[str]:
    """The kinds of a module's nodes, which no name may change."""
    return [type(node).__name__ for node in ast.walk(ast.parse(source))]


@names
def test_the_name_of_an_attribute_is_sent_as_it_is(tmp_path: Path, name: str) -> None:
    events = entry_yaml(f"x: {{type: text, name: {quoted(name)}}}\ny: integer")
    vendor = compiled(tmp_path, VENDOR, events)
    result = both_ways(mapper_of(vendor), raw_event(x='"x"', y="5"))
    assert result.properties() == {name: "x", "y": N("5")}


@names
def test_the_name_of_an_entry_is_sent_as_it_is(tmp_path: Path, name: str) -> None:
    events = f"Order:\n  trigger: {{event: order}}\n  name: {quoted(name)}\n"
    vendor = compiled(tmp_path, vendor_yaml(platforms="{omnisend: {origin: acme}}"), events)
    assert both_ways(mapper_of(vendor), raw_event()).body("omnisend")["eventName"] == name


@names
def test_an_origin_is_sent_as_it_is(tmp_path: Path, name: str) -> None:
    platforms = f"{{omnisend: {{origin: {quoted(name)}}}}}"
    vendor = compiled(tmp_path, vendor_yaml(platforms=platforms), "Order: {trigger: {event: order}}\n")
    assert both_ways(mapper_of(vendor), raw_event()).body("omnisend")["origin"] == name


@names_in_paths
def test_a_key_of_the_raw_event_is_read_as_it_is(tmp_path: Path, name: str) -> None:
    key = json.dumps(name)
    events = (
        "Order:\n  trigger: {event: order}\n  attributes:\n"
        f"    whole: {{type: text, from: {quoted(key)}}}\n"
        f"    inner: {{type: integer | null, from: {quoted(f'nest.{key}')}}}\n"
        f"    deep: {{type: text, from: {quoted(f'up.{key}.{key}')}}}\n"
    )
    raw = raw_event(**{name: '"there"'}, nest=f"{{{key}:5}}", up=f'{{{key}:{{{key}:"deep"}}}}')
    result = both_ways(mapper_of(compiled(tmp_path, VENDOR, events)), raw)
    assert result.properties() == {"whole": "there", "inner": N("5"), "deep": "deep"}


@names_in_paths
def test_a_literal_in_a_predicate_is_compared_as_it_is(tmp_path: Path, name: str) -> None:
    literal = "`" + json.dumps(name) + "`"
    rule = f"{{type: text, when: {quoted(f'v == {literal}')}, from: x, absent: other}}"
    events = f"Order:\n  trigger: {{event: order}}\n  attributes: {{x: {rule}}}\n"
    mapper = mapper_of(compiled(tmp_path, VENDOR, events))
    given = [json.dumps(name), json.dumps(name + "!")]
    assert [both_ways(mapper, raw_event(v=v, **RAW)).properties()["x"] for v in given] == ["x", "other"]


@names
def test_a_raw_event_of_that_name_is_routed_and_sent(tmp_path: Path, name: str) -> None:
    events = f"Order:\n  trigger: {{event: {quoted(name)}}}\n  name: received\n  attributes: {{x: text}}\n"
    vendor = compiled(tmp_path, vendor_yaml(platforms="{omnisend: {origin: acme}}"), events)
    result = both_ways(mapper_of(vendor), raw_event(type=json.dumps(name), **RAW))
    assert (result.body("omnisend")["eventName"], result.payload("omnisend").event) == (name, name)


@names
def test_the_catch_all_sends_that_name(tmp_path: Path, name: str) -> None:
    vendor = compiled(tmp_path, vendor_yaml(platforms="{omnisend: {origin: acme}}"), '"*": {}\n')
    result = both_ways(mapper_of(vendor), raw_event(type=json.dumps(name)))
    assert result.body("omnisend")["eventName"] == name


@names
def test_map_keys_blanks_constants_and_absent_are_what_they_are(tmp_path: Path, name: str) -> None:
    text = quoted(name)
    events = (
        "Order:\n  trigger: {event: order}\n  attributes:\n"
        f"    mapped: {{type: text, from: v, map: {{? {text} : {text}}}}}\n"
        f"    blank: {{type: text, from: v, blank: [{text}], absent: {text}}}\n"
        f"    constant: {{type: text, constant: {text}}}\n"
        f"    joined: {{type: text, join: [x, x], separator: {text}}}\n"
    )
    result = both_ways(
        mapper_of(compiled(tmp_path, VENDOR, events)), raw_event(v=json.dumps(name), **RAW), to="klaviyo"
    )
    properties = result.properties() if result.entries else {}
    assert properties.pop("mapped", name) == name
    assert set(properties.items()) <= {("blank", name), ("constant", name), ("joined", f"x{name}x")}
    assert len(properties) == 3 or [fault.code for fault in result.faults] == ["MF708"]


@names
def test_a_template_writes_it_as_it_is(tmp_path: Path, name: str) -> None:
    text = name.replace("{{", "{ {").replace("}}", "} }").replace("{#", "").replace("\r\n", "\n")[:1000]
    events = entry_yaml(f"x: {{type: text, template: {quoted('<' + text + '>{{ x }}')}}}")
    result = both_ways(mapper_of(compiled(tmp_path, VENDOR, events)), raw_event(**RAW))
    assert result.properties() == {"x": f"<{text}>x"}


@names
def test_kept_keys_are_what_they_are(tmp_path: Path, name: str) -> None:
    events = f"Order:\n  trigger: {{event: order}}\n  keep: {{from: bag, except: [{quoted(name + '!')}]}}\n"
    key, other = json.dumps(name), json.dumps(name + "!")
    result = both_ways(mapper_of(compiled(tmp_path, VENDOR, events)), raw_event(bag=f"{{{key}:1.0,{other}:2}}"))
    assert result.properties() == {name: N("1.0")}


@names
def test_a_platforms_rename_and_null_if_are_what_they_are(tmp_path: Path, name: str) -> None:
    platforms = f"{{klaviyo: {{rename: {{x: {quoted(name)}}}, null_if: {{y: {quoted(name)}}}}}}}"
    events = "Order:\n  trigger: {event: order}\n  attributes: {x: text, y: text}\n"
    mapper = mapper_of(compiled(tmp_path, vendor_yaml(platforms=platforms), events))
    result = both_ways(mapper, raw_event(y=json.dumps(name), **RAW))
    assert result.properties() == {name: "x", "y": None}


@names
def test_the_generated_module_has_the_same_shape_whatever_the_name(tmp_path: Path, name: str) -> None:
    def source(word: str) -> str:
        events = (
            f"Order:\n  trigger: {{event: {quoted(word)}}}\n  name: {quoted(word)}\n  attributes:\n"
            f"    x: {{type: text, constant: {quoted(word)}}}\n"
        )
        return generate(compiled(tmp_path, VENDOR.replace("klaviyo: {}", "omnisend: {origin: acme}"), events))[word]

    assert shape(source(name)) == shape(source("plain"))


@names
def test_a_build_holds_the_same_as_the_sources_in_memory(tmp_path: Path, name: str) -> None:
    events = f"Order:\n  trigger: {{event: {quoted(name)}}}\n  name: {quoted(name)}\n  attributes: {{x: text}}\n"
    vendor = compiled(tmp_path, vendor_yaml(platforms=BOTH.replace("klaviyo: {}, ", "")), events)
    mapper = load(build(vendor, tmp_path / "build"))["acme"]
    result = both_ways(mapper, raw_event(type=json.dumps(name), **RAW))
    assert result.payload("omnisend") == both_ways(mapper_of(vendor), raw_event(type=json.dumps(name), **RAW)).payload(
        "omnisend"
    )


def test_many_hostile_names_at_once_do_not_meet(tmp_path: Path) -> None:
    lines = [f"    a{at}: {{type: text, name: {quoted(name)}}}" for at, name in enumerate(NAMES.values())]
    keys = ["f0", "f1", "f 1", "f-1", "f_1", "f.1", "Raw", "s", "object", "None", "class", "raw_x", "_x", "$", "("]
    more = [f"    {quoted(key)}: {{type: integer, from: {quoted(json.dumps(key))}}}" for key in keys]
    given = {**{f"a{at}": f'"{at}"' for at in range(len(NAMES))}, **{key: str(at) for at, key in enumerate(keys)}}
    taken = [at for at, name in enumerate(NAMES.values()) if name not in keys]
    kept = "\n".join(line for at, line in enumerate(lines) if at in taken)
    events = "Order:\n  trigger: {event: order}\n  attributes:\n" + "\n".join(more) + "\n" + kept + "\n"
    body = both_ways(mapper_of(compiled(tmp_path, VENDOR, events)), raw_event(**given)).payload().body
    numbers = {key: N(str(at)) for at, key in enumerate(keys)}
    texts = {name: str(at) for at, name in enumerate(NAMES.values()) if at in taken}
    assert exactly(body)["data"]["attributes"]["properties"] == {**numbers, **texts}


def test_types_named_like_anything_are_types(tmp_path: Path) -> None:
    words = ["2dp", "class", "raw_x", "out", "time", "Payload", "-", "_", "9", "join", "template", "s", "None"]
    types = "types:\n" + "".join(f"  {quoted(word)}: {{base: decimal, round: down, places: 1}}\n" for word in words)
    lines = "".join(f"    a{at}: {{type: {quoted(word)}, from: x_1.v}}\n" for at, word in enumerate(words))
    events = f"Order:\n  trigger: {{event: order}}\n  attributes:\n{lines}"
    result = both_ways(mapper_of(compiled(tmp_path, vendor_yaml(more=types), events)), raw_event(x_1='{"v":1.99}'))
    assert result.properties() == {f"a{at}": N("1.9") for at in range(len(words))}
