"""All pages: links lead somewhere, shown code is real, tables are fresh, and no package registry is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mapforge import documents
from mapforge.cli.reference import reference, renewed
from mapforge.compiler import expressions, types
from mapforge.compiler.generate import generate
from mapforge.compiler.vendors import compile_vendor
from mapforge.model import SENDS
from mapforge.platforms import PLATFORMS
from mapforge.values import templates
from tests.docs.pages import ROOT, excerpts

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ARCHITECTURE = ROOT / "docs" / "architecture.md"
REFERENCE = ROOT / "docs" / "mapping-reference.md"
REGISTRIES = [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "com"), ("crates", "io"), ("anaconda", "org")]

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_RULES = r"(?:(?:money_1|expiry_1) = .*\n|klaviyo_1 = (?:.*\n)+?\)\n)"
_ATTRIBUTES = r"[ ]+\S.* # (?:original_value|balance|amount|currency|expiration_date) .*\n"
_BODY = r" {8}(?:sent = properties|written = klaviyo_1).*\n"
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The fragments of a page's headings, as code hosts make them."""
    titles = _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    targets = _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    astray = []
    for target in targets:
        path, _, fragment = target.partition("#")
        if path.startswith(("https://", "http://")):
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (fragment and fragment not in anchors(file)):
            astray.append(target)
    assert astray == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_a_package_registry(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [".".join(host) for host in REGISTRIES if ".".join(host) in text] == []


def test_every_page_is_in_an_index() -> None:
    index = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/README.md"))
    assert [named(page) for page in PAGES if page.name != "README.md" and page.name not in index] == []


def test_the_generated_code_of_the_architecture_page_is_generated(pytestconfig: pytest.Config) -> None:
    page = ARCHITECTURE.read_text(encoding="utf-8")
    ((_, shown),) = excerpts(page)
    source = generate(compile_vendor(ROOT / "mappings" / "99minds", "mappings/99minds"))["giftcard.issued"]
    if pytestconfig.getoption("update_snapshots"):
        ARCHITECTURE.write_text(page.replace(shown, excerpt(source)), encoding="utf-8")
    else:
        assert shown == excerpt(source), "run: make snapshots"


def excerpt(source: str) -> str:
    """The Struct of a card, and the lines of a generated module that tell what becomes of its values."""
    card = re.search(r"^class Raw_card\(.*?(?=^$)", source, re.MULTILINE | re.DOTALL)
    assert card is not None
    lines = (re.findall(f"^{line}", source, re.MULTILINE) for line in (_RULES, _ATTRIBUTES, _BODY))
    return "# …\n".join([card[0], *map("".join, lines)])


def test_the_tables_of_keys_are_fresh() -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    assert page == renewed(page), f"run: python -m mapforge.cli.reference {named(REFERENCE)}"


def test_the_tables_have_every_key_of_every_document() -> None:
    page = reference()
    kinds = [kind for kind in vars(documents).values() if isinstance(kind, type)]
    models = [kind for kind in kinds if issubclass(kind, documents.Document) and kind is not documents.HeaderDocument]
    keys = {field.alias or name for kind in models for name, field in kind.model_fields.items()}
    assert {key for key in keys if f"| `{key}` |" not in page} == set()


def test_the_refinements_are_those_of_the_compiler() -> None:
    rows = re.findall(r"^\| `([a-z]+)(?:: (\w+))?` \| (.+?) \|", prose("Refinements"), re.MULTILINE)
    said = {(key, word): tuple(re.findall(r"`(\w+)`", bases)) for key, word, bases in rows}
    fits = {(key, ""): bases for key, bases in types._FITS.items() if key != "as"}
    assert said == {**fits, **{("as", word): bases for word, bases in types._RENDERS.items()}}


def test_the_base_types_are_those_of_the_model() -> None:
    assert re.findall(r"^\| `(\w+)` \|", prose("Types"), re.MULTILINE) == list(SENDS)


def test_the_filters_functions_and_identifiers_are_all_named() -> None:
    wanted = {
        "Templates": templates._FILTERS,
        "Paths": expressions.FUNCTIONS,
        "Identity": {name for platform in PLATFORMS.values() for name in platform.identifiers},
    }
    missing = {title: [word for word in words if f"`{word}`" not in prose(title)] for title, words in wanted.items()}
    assert missing == {"Templates": [], "Paths": [], "Identity": []}


def prose(title: str) -> str:
    """A section of the reference, up to the next heading."""
    page = REFERENCE.read_text(encoding="utf-8")
    found = re.search(rf"^##+ {title}\n(.*?)(?=^##)", page, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]
