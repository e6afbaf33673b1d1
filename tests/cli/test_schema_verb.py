"""`mapforge schema`: what editors complete from, written and held fresh."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calls import EVENTS, call, tree

NAMES = ["acme.events.schema.json", "events.schema.json", "profile.schema.json", "vendor.schema.json"]


@pytest.fixture
def written(project: Path) -> Path:
    assert call("schema", cwd=project) == (0, "", "4 written\n")
    return project


def events(project: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((project / "schemas/mapping/acme.events.schema.json").read_bytes())
    return schema


def test_schemas_are_written_and_then_fresh(written: Path) -> None:
    assert sorted(tree(written / "schemas/mapping")) == NAMES
    assert call("schema", "--check", cwd=written) == (0, "", "fresh\n")
    before = tree(written)
    assert call("schema", cwd=written) == (0, "", "0 written\n")
    assert tree(written) == before


def test_stale_schemas_fail_by_name_and_are_left_as_they_are(written: Path) -> None:
    (written / "schemas/mapping/vendor.schema.json").write_text("{}")
    (written / "schemas/mapping/acme.events.schema.json").unlink()
    (written / "schemas/mapping/gone.events.schema.json").write_text("{}")
    before = tree(written)
    done = call("schema", "--check", cwd=written)
    stale = "acme.events.schema.json, gone.events.schema.json, vendor.schema.json"
    assert done == (1, "", f"mapforge: not fresh: {stale}; run: mapforge schema\n")
    assert tree(written) == before
    assert call("schema", cwd=written).code == 0
    assert sorted(tree(written / "schemas/mapping")) == NAMES


def test_a_vendor_with_profile_updates_has_a_schema_of_theirs(written: Path) -> None:
    profile = written / "mappings/acme/profile.yaml"
    profile.write_text("Buyer:\n  trigger: {event: card.sold}\n  attributes: {name: text}\n")
    assert call("schema", cwd=written) == (0, "", "1 written\n")
    schema = json.loads((written / "schemas/mapping/acme.profile.schema.json").read_bytes())
    assert schema["title"] == "Profile updates of acme"
    assert schema["$defs"]["ProfileDocument"]["properties"]["like"]["anyOf"][0] == {"enum": ["Buyer"]}
    assert events(written)["$defs"]["EventDocument"]["properties"]["like"]["anyOf"][0] == {
        "enum": ["CardIssued", "CardSold"]
    }
    profile.unlink()
    assert call("schema", "--check", cwd=written).code == 1
    assert call("schema", cwd=written) == (0, "", "1 written\n")
    assert sorted(tree(written / "schemas/mapping")) == NAMES


def test_a_file_that_is_not_ours_stays(written: Path) -> None:
    (written / "schemas/mapping/README.md").write_text("mine")
    call("schema", cwd=written)
    assert (written / "schemas/mapping/README.md").read_text() == "mine"


def test_types_groups_events_and_entries_are_completed(project: Path) -> None:
    vendor = project / "mappings/acme/vendor.yaml"
    vendor.write_text(vendor.read_text() + "groups:\n  person: {name: text}\n  shop: {shop: text}\n")
    call("schema", cwd=project)
    definitions = events(project)["$defs"]
    type_ = definitions["AttributeDocument"]["properties"]["type"]["anyOf"][0]["enum"]
    assert type_[:2] == ["text", "text | null"]
    assert type_[-2:] == ["money", "money | null"]
    entry = definitions["EventDocument"]["properties"]
    assert list(entry["use"]["properties"]) == ["person", "shop"]
    assert entry["like"]["anyOf"][0] == {"enum": ["CardIssued", "CardSold"]}
    one, several = definitions["TriggerDocument"]["properties"]["event"]["oneOf"]
    names = {"enum": ["card.issued", "card.sold", "card.viewed"]}
    assert (one["anyOf"][0], several["items"]["anyOf"][0]) == (names, names)


def test_a_contract_without_one_of_gives_the_definitions_that_nothing_refers_to(project: Path) -> None:
    path = project / "mappings/acme/contract.schema.json"
    contract = json.loads(path.read_bytes())
    del contract["oneOf"]
    path.write_text(json.dumps(contract))
    call("schema", cwd=project)
    one = events(project)["$defs"]["TriggerDocument"]["properties"]["event"]["oneOf"][0]
    assert one["anyOf"][0] == {"enum": ["card.issued", "card.sold", "card.viewed"]}


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_without_a_contract_any_name_is_taken(content: str | None, project: Path) -> None:
    path = project / "mappings/acme/contract.schema.json"
    path.unlink() if content is None else path.write_text(content)
    assert call("schema", cwd=project).code == 0
    one = events(project)["$defs"]["TriggerDocument"]["properties"]["event"]["oneOf"][0]
    assert "anyOf" not in one


def test_a_mapping_that_is_not_yet_right_is_completed_all_the_same(project: Path) -> None:
    (project / "mappings/acme/events.yaml").write_text(EVENTS.replace("type: money", "type: "))
    assert call("schema", cwd=project).code == 0
    assert events(project)["$defs"]["EventDocument"]["properties"]["like"]["anyOf"][0]["enum"] == [
        "CardIssued",
        "CardSold",
    ]
