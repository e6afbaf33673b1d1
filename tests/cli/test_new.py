"""`mapforge new`: raw events of a made-up vendor to a folder that compiles, tests and maps, or to nothing at all."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mapforge.cli.new.contract import contract
from mapforge.cli.new.names import attribute_name, entry_name, path_text, unique
from mapforge.cli.new.writing import quoted
from mapforge.compiler import source
from mapforge.compiler.vendors import compile_folder
from mapforge.runtime.decode import untyped
from mapforge.schemas import payload_schema
from tests.cli.calls import Done, call, spawn, tree

MIA = {"id": 31, "email": "mia@post.example", "mobile": None, "firstName": "Mia"}
POURED: dict[str, Any] = {
    "type": "cup.poured",
    "id": "ev_501",
    "occurred_at": "2026-05-04T07:40:00+02:00",
    "member": MIA,
    "cup": {"drink": "Flat white", "price": 3.8, "extras": ["oat milk"], "barista": None},
    "card": {"number": "6035 1122", "stamps": 7, "valid_until": "2026-12-31"},
}
AS_GUEST = {
    **POURED,
    "id": "ev_502",
    "member": {"id": 32, "email": None, "mobile": "+4915112345679"},
    "cup": {"drink": "Espresso", "price": 2, "extras": []},
    "card": None,
}
FULL = {
    "type": "card.full",
    "id": "ev_503",
    "occurred_at": "2026-05-05T07:41:00+02:00",
    "member": MIA,
    "card": {"number": "6035 1122", "stamps": 10, "free": True, "map": "https://brewclub.example/map"},
}
LEAST = {"event": "cup.poured", "id": "1", "created_at": 1772366400, "email": "mia@post.example"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project without a vendor."""
    (tmp_path / "mappings").mkdir()
    return tmp_path


def saved(root: Path, *bodies: object) -> list[str]:
    """The names of files with these raw events."""
    for number, body in enumerate(bodies, 1):
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        (root / f"raw{number}.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    return [f"raw{number}.json" for number in range(1, len(bodies) + 1)]


def new(root: Path, *bodies: object, options: tuple[str, ...] = ()) -> Done:
    return call("new", "brewclub", *options, "--from", *saved(root, *bodies), cwd=root)


def lines(root: Path) -> list[str]:
    """The lines of events.yaml without those of its head."""
    text = (root / "mappings/brewclub/events.yaml").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines()[3:] if line]


def vendor(root: Path) -> str:
    return (root / "mappings/brewclub/vendor.yaml").read_text(encoding="utf-8")


def is_untouched(root: Path) -> bool:
    return not list((root / "mappings").iterdir()) and not (root / "snapshots").exists()


def hold(root: Path) -> None:
    """The folder compiles with nothing to report, and every sample gives bodies that both platforms take."""
    folder = root / "mappings/brewclub"
    assert compile_folder(folder).diagnostics == ()
    agreed = Draft202012Validator(json.loads((folder / "contract.schema.json").read_bytes()))
    for sample in folder.glob("samples/raw?.json"):
        assert list(agreed.iter_errors(json.loads(sample.read_bytes()))) == []
        for platform in ("klaviyo", "omnisend"):
            done = call("map", "brewclub", "--to", platform, "--bodies", sample, cwd=root)
            assert (done.code, done.err) == (0, "")
            # Not splitlines: texts may hold U+0085 and its like.
            bodies = [json.loads(line) for line in done.out.split("\n") if line]
            assert (len(bodies), [error for body in bodies for error in _errors(platform, body)]) == (1, [])


def _errors(platform: str, body: object) -> list[object]:
    return list(Draft202012Validator(payload_schema(platform, "event")).iter_errors(body))


def test_three_samples_make_a_vendor_that_passes_its_test(root: Path) -> None:
    done = new(root, POURED, AS_GUEST, FULL)
    assert (done.code, done.out) == (0, ""), done.err
    assert "mappings/brewclub: CupPoured, CardFull; samples: 3" in done.err
    assert "mapforge test brewclub --update" in done.err
    hold(root)
    assert call("check", "--strict", cwd=root).code == 0
    tested = spawn("test", cwd=root)
    assert (tested.code, tested.err) == (0, ""), tested.out
    before = tree(root)
    assert spawn("test", "--update", cwd=root).code == 0
    assert tree(root) == before


def test_attributes_are_the_leaves_with_types_and_what_may_be_missing(root: Path) -> None:
    assert new(root, POURED, AS_GUEST, FULL).code == 0
    assert lines(root) == [
        "CupPoured:  # from 2 samples",
        "trigger: {event: cup.poured}",
        "attributes:",
        "member_id: {type: id, from: member.id}",
        "member_email: {type: text | null, from: member.email}",
        "member_mobile: {type: text | null, from: member.mobile}",
        "member_first_name: {type: text | null, from: member.firstName}",
        "cup_drink: {type: text, from: cup.drink}",
        "cup_price: {type: decimal, from: cup.price}",
        "cup_extras: {type: list, from: cup.extras}",
        "# left out: cup.barista: null in every sample",
        "card_number: {type: text | null, from: card.number, sensitive: true}",
        "card_stamps: {type: integer | null, from: card.stamps}",
        "card_valid_until: {type: date | null, from: card.valid_until}",
        "CardFull:  # from 1 sample",
        "trigger: {event: card.full}",
        "attributes:",
        "member_id: {type: id, from: member.id}",
        "member_email: {type: text, from: member.email}",
        "# left out: member.mobile: null in every sample",
        "member_first_name: {type: text, from: member.firstName}",
        "card_number: {type: text, from: card.number, sensitive: true}",
        "card_stamps: {type: integer, from: card.stamps}",
        "card_free: {type: boolean, from: card.free}",
        "card_map: {type: url, from: card.map}",
    ]


def test_the_samples_are_kept_as_they_came(root: Path) -> None:
    odd = json.dumps(LEAST).replace('"1"', '"1" ').replace(", ", " ,\r\n")
    assert new(root, odd).code == 0
    assert (root / "mappings/brewclub/samples/raw1.json").read_bytes() == odd.encode()


def test_the_person_and_its_identifiers_are_found(root: Path) -> None:
    assert new(root, POURED, AS_GUEST, FULL).code == 0
    assert "person: member\nidentity: {email: email, phone: mobile, external_id: id}\n" in vendor(root)


def test_an_identifier_that_is_never_valid_is_none(root: Path) -> None:
    assert new(root, {**LEAST, "phone": "0151 12345"}).code == 0
    assert "\nidentity: {email: email}\n" in vendor(root)
    assert "phone: text" in lines(root)


def test_what_the_call_says_comes_before_every_guess(root: Path) -> None:
    body = {
        **LEAST,
        "what": "cup.drunk",
        "key": 7,
        "drunk": {"at": 1772366400123},
        "friends": [{"email": "a@b.example"}],
    }
    options = ("--event", "what", "--id", "key", "--time", "drunk.at", "--person", "friends[0]", "--to", "klaviyo")
    assert new(root, body, options=options).code == 0
    assert "CupDrunk:  # from 1 sample" in lines(root)
    made = json.loads((root / "snapshots/brewclub/klaviyo/CupDrunk/raw1.json").read_bytes())["data"]["attributes"]
    assert (made["unique_id"], made["time"]) == ("7", "2026-03-01T12:00:00Z")
    assert made["profile"]["data"]["attributes"] == {"email": "a@b.example"}
    assert "omnisend" not in vendor(root)


@pytest.mark.parametrize(
    ("time", "written"),
    [
        (1772366400, "time: {from: created_at, input: epoch_seconds}"),
        (1772366400123, "time: {from: created_at, input: epoch_milliseconds}"),
        ("2026-03-01T12:00:00Z", "time: created_at"),
    ],
)
def test_times_are_read_as_they_come(time: object, written: str, root: Path) -> None:
    assert new(root, {**LEAST, "created_at": time, "cup": {"poured_at": time}}).code == 0
    assert written in vendor(root)
    assert any(line.startswith("cup_poured_at: {type: datetime, from: cup.poured_at") for line in lines(root))
    hold(root)


def test_a_time_without_an_offset_asks_for_a_zone(root: Path) -> None:
    body = {**LEAST, "created_at": "2026-03-01T12:00:00"}
    done = new(root, body)
    assert (done.code, "--zone Europe/Berlin" in done.err, is_untouched(root)) == (2, True, True)
    assert new(root, body, options=("--zone", "Europe/Berlin")).code == 0
    assert '"time": "2026-03-01T11:00:00Z"' in (root / "snapshots/brewclub/klaviyo/CupPoured/raw1.json").read_text()


def test_a_name_in_a_header_comes_with_the_samples(root: Path) -> None:
    body = {key: value for key, value in LEAST.items() if key != "event"}
    (root / "raw1.headers.json").write_text('{"X-Brew-Event": "cup.poured"}')
    done = call(
        "new", "brewclub", "--event-header", "x-brew-event", "--from", *saved(root, body), "raw1.headers.json", cwd=root
    )
    assert (done.code, "event: {header: x-brew-event}" in vendor(root)) == (0, True), done.err
    assert (root / "mappings/brewclub/samples/raw1.headers.json").read_text() == '{"X-Brew-Event": "cup.poured"}'
    agreed = json.loads((root / "mappings/brewclub/contract.schema.json").read_bytes())
    assert ("oneOf" in agreed, list(agreed["$defs"])) == (False, ["cup.poured"])
    assert spawn("test", cwd=root).code == 0


def test_values_of_two_types_are_left_out_and_said(root: Path) -> None:
    assert new(root, {**LEAST, "cup": 1, "size": 2}, {**LEAST, "id": "2", "cup": {"a": 1}, "size": "L"}).code == 0
    assert lines(root)[-2:] == [
        "# left out: cup: a number here and an object there: no type takes both",
        "# left out: size: a number here and a string there: no type takes both",
    ]
    hold(root)


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("order_id", 5, "order_id: id"),
        ("price", 5, "price: decimal"),
        ("points", 5, "points: integer"),
        ("pin", 1234, "pin: {type: id, sensitive: true}"),
        ("accessToken", "t", "access_token: {type: text, from: accessToken, sensitive: true}"),
        ("iban", "DE00", "iban: {type: text, sensitive: true}"),
        ("lines", [{"pin": 1}], "lines: {type: list, sensitive: true}"),
        ("empty", {}, "empty: object"),
        ("spinner", "s", "spinner: text"),
        ("no", "s", '"no": text'),
        ("big", 10**60, "# left out: big: a number beyond what a type or a platform takes"),
        ("long", "x" * 100_001, "# left out: long: a string beyond what a type or a platform takes"),
    ],
)
def test_a_type_goes_by_the_key_and_the_value(key: str, value: object, line: str, root: Path) -> None:
    assert new(root, {**LEAST, key: value}).code == 0
    assert lines(root)[-1] == line


def test_hostile_keys_get_legal_names_and_paths_that_read_them(root: Path) -> None:
    keys = [
        'a"b',
        "a'b",
        "{x}",
        "[0]",
        "new\nline",
        "tab\t",
        "__class__",
        "Größe",
        "日本",
        "",
        "a.b",
        "Size",
        "size",
        "SIZE",
    ]
    keys += [
        "back\\slash",
        "# no comment",
        "null",
        "*",
        "&a",
        "tier-name",
        "$value",
        "\u2028",
        "\x7f",
        "1",
        "-",
        "a: b",
        "~",
    ]
    body = {**LEAST, "hostile": {key: number for number, key in enumerate(keys)}, **dict.fromkeys(keys, "text")}
    done = new(root, body)
    assert done.code == 0, done.err
    hold(root)
    made = json.loads((root / "snapshots/brewclub/omnisend/CupPoured/raw1.json").read_bytes())["properties"]
    assert all(re.fullmatch(r"[A-Za-z0-9_]{1,128}", name) for name in made)
    assert len({name.casefold() for name in made}) == len(made) >= 2 * len(keys)
    assert spawn("test", cwd=root).code == 0


def test_deep_objects_are_sent_as_they_came(root: Path) -> None:
    body = {**LEAST, "a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}
    assert new(root, body).code == 0
    assert lines(root)[-1] == "a_b_c_d_e: {type: object, from: a.b.c.d.e}"
    hold(root)


def test_more_than_a_platform_takes_is_cut_and_said(root: Path) -> None:
    assert new(root, {**LEAST, **{f"k{number}": 1 for number in range(450)}}).code == 0
    assert lines(root)[-1] == "# left out: 51 more: a platform takes 400"
    hold(root)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "raw1.json is empty"),
        ("[]", "raw1.json is no JSON object"),
        ("{", "raw1.json is no JSON"),
        ('{"a": "\udc00"}', "raw1.json is no JSON"),
        ("[" * 100_000, "raw1.json is no JSON"),
        ({**LEAST, "event": "two words, and more!"}, "--event PATH, or --event-header NAME"),
        ({**LEAST, "id": None}, "--id PATH"),
        ({**LEAST, "created_at": "yesterday"}, "--time PATH"),
        ({**LEAST, "email": "nobody"}, "--person PATH"),
    ],
)
def test_what_cannot_be_read_or_guessed_is_an_error_and_writes_nothing(content: object, said: str, root: Path) -> None:
    done = new(root, content)
    assert (done.code, done.out, said in done.err, is_untouched(root)) == (2, "", True, True), done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("brewclub",),
        ("../brewclub", "--from", "raw1.json"),
        ("brewclub", "--from", "none.json"),
        ("brewclub", "--from", "raw1.json", "sub/raw1.json"),
        ("brewclub", "--from", "raw1.json", "--to", "mailer"),
        ("brewclub", "--from", "raw1.json", "--event", "a["),
        ("brewclub", "--from", "raw1.json", "--event", "email", "--event-header", "x"),
        ("brewclub", "--from", "raw1.json", "--event-header", "x"),
        ("brewclub", "--from", "raw1.json", "--id", "email.x"),
        ("brewclub", "--from", "raw1.json", "--time", "email"),
        ("brewclub", "--from", "raw1.json", "--zone", "Brewland"),
        ("brewclub", "--from", "raw1.json", "--person", "id"),
        ("brewclub", "--from", "raw1.json", "--event", "@"),
    ],
)
def test_a_call_that_cannot_be_meant_is_an_error_and_writes_nothing(arguments: tuple[str, ...], root: Path) -> None:
    (root / "sub").mkdir()
    saved(root / "sub", LEAST)
    saved(root, LEAST)
    done = call("new", *arguments, cwd=root)
    assert (done.code, done.out, is_untouched(root)) == (2, "", True), done.err


@pytest.mark.parametrize("there", ["mappings/brewclub", "snapshots/brewclub"])
def test_what_is_there_is_not_overwritten(there: str, root: Path) -> None:
    (root / there).mkdir(parents=True)
    (root / there / "mine").write_text("mine")
    done = new(root, LEAST)
    assert (done.code, f"{there} is there already" in done.err) == (2, True)
    assert tree(root).keys() == {f"{there}/mine", "raw1.json"}


def test_names_with_the_same_words_make_two_entries(root: Path) -> None:
    assert new(root, LEAST, {**LEAST, "event": "cup_poured"}, {**LEAST, "event": "CupPoured"}).code == 0
    assert [line.partition(":")[0] for line in lines(root) if "# from" in line] == [
        "CupPoured",
        "CupPoured_2",
        "CupPoured_3",
    ]
    hold(root)


def test_a_name_below_the_root_and_with_odd_letters_has_its_contract(root: Path) -> None:
    body = {"meta": {"event": "a/b c~d%é", "id": 1, "time": 1772366400}, "user": {"email": "mia@post.example"}}
    assert new(root, body, options=("--event", "meta.event")).code == 0
    assert "id: meta.id" in vendor(root)
    hold(root)
    assert call("schema", cwd=root).code == 0


def test_a_contract_tells_the_names_apart() -> None:
    agreed = contract({"a": [{"n": "a", "x": 1}, {"n": "a"}], "b": [{"n": "b", "x": None, "type": "null"}]}, ("n",))
    assert agreed["oneOf"] == [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}]
    assert agreed["$defs"]["a"] == {
        "type": "object",
        "properties": {"n": {"const": "a"}, "x": {"type": "integer"}},
        "required": ["n"],
    }
    assert agreed["$defs"]["b"]["properties"] == {"n": {"const": "b"}, "x": {}, "type": {"type": "string"}}


def test_names_are_made_of_words() -> None:
    made = [attribute_name(keys) for keys in [("tierEnteredAt",), ("card", "URLPath"), ("é x",), ("日",), ("a" * 300,)]]
    assert made == ["tier_entered_at", "card_url_path", "e_x", "field", "a" * 100]
    assert [entry_name(event) for event in ("gift-card/sent", "日", "1st.cup")] == ["GiftCardSent", "Event", "1stCup"]
    assert (unique("a", {"a", "a_2"}), unique("b", {"a"})) == ("a_3", "b")


@given(st.text(max_size=30))
def test_every_text_is_read_back_from_the_yaml_it_is_written_as(text: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in text):
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.yaml"
        path.write_bytes(f"a: {{b: {quoted(text)}}}\nb: {quoted(text)}\n".encode())
        tree_, found = source.read(path, "a.yaml")
    assert (tree_ is not None, found) == (True, [])
    assert tree_ is not None
    assert getattr(tree_.get("b"), "value", None) == text


@given(st.lists(st.text(max_size=8), min_size=1, max_size=3).map(tuple))
def test_a_path_that_is_written_reads_its_keys(keys: tuple[str, ...]) -> None:
    assert path_text(keys) is not None or any("\ud800" <= one <= "\udfff" for key in keys for one in key)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)
)
WORDS = st.text(max_size=6) | st.sampled_from(
    ["id", "type", "email", "phone", "at", "pin", "__class__", "Id", "data", "event"]
)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["https://a.example", "2026-01-01", "2026-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)
OBJECTS = st.dictionaries(WORDS, VALUES, max_size=5)
ENVELOPES = st.sampled_from(["cup.poured", "card.full", "a b"]).map(lambda name: {**LEAST, "event": name})


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(OBJECTS, ENVELOPES, st.booleans()), min_size=3, max_size=3))
def test_any_three_objects_make_a_vendor_or_a_clear_error(events: list[tuple[Any, Any, bool]]) -> None:
    bodies = [{**envelope, **some} if first else {**some, **envelope} for some, envelope, first in events]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "mappings").mkdir()
        done = new(root, *bodies)
        assert "Traceback" not in done.err
        if done.code:
            assert (done.code, done.err[:10], is_untouched(root)) == (2, "mapforge: ", True)
        else:
            hold(root)


def test_every_decoded_type_has_its_attribute(root: Path) -> None:
    assert untyped(b"1.0").as_tuple().exponent == -1
    assert new(root, json.dumps(LEAST)[:-1] + ', "a": 5.0, "b": 1e2, "c": -0.0}').code == 0
    assert lines(root)[-3:] == ["a: decimal", "b: decimal", "c: decimal"]
    hold(root)
