"""Every code that a diagnostic or a fault can carry: what it means, why, an example that has it and one that has not.

`mapforge explain`, docs/errors.md and the golden tests are made of this. A code is never reused.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from mapforge.diagnostics import escaped

Severity = Literal["error", "warning", "note", "fault", "skipped"]

BASE: Mapping[str, str] = {
    "vendor.yaml": """\
mapforge: 1
vendor: acme
source:
  event: type
  id: id
  time: at
  zone: {constant: Europe/Berlin}
  locale: {constant: en-US}
  currency: currency
person: customer
identity: {email: email}
platforms:
  klaviyo: {}
  omnisend: {origin: acme}
""",
    "events.yaml": """\
CardIssued:
  trigger: {event: card.issued}
  attributes:
    balance: {type: decimal, from: card.balance}
    note: text | null
""",
}
"""The small vendor over whose files every example lies."""

_WIDTH = 88
_SHOWN = 160


class Code(msgspec.Struct, frozen=True):
    """One code. bad, good: files of the vendor `acme` laid over BASE; None where there is no such file.

    Of a fault, `raw` is a raw event that has it and `mended` one that has not.
    """

    code: str
    title: str
    why: str
    bad: Mapping[str, str | None] = {}
    good: Mapping[str, str | None] = {}
    severity: Severity = "error"
    raw: str = ""
    mended: str = ""


def page(code: str) -> str:
    """The page of a code as plain text; KeyError for one that there is not."""
    one = CODES[code]
    why = textwrap.fill(one.why, _WIDTH)
    examples = [f"{title}:\n\n{textwrap.indent(text, '    ')}" for title, text in _examples(one)]
    return "\n\n".join([f"{one.code} ({one.severity}): {one.title}", why, *examples])


def reference() -> str:
    """docs/errors.md: the pages of all codes."""
    head = [
        "# Errors, warnings, notes and faults",
        "Made from src/mapforge/codes.py. `mapforge explain CODE` shows the same on the screen. The examples are"
        " files of a vendor `acme`; what they do not show is as here:",
        *(_fenced(name, text) for name, text in BASE.items()),
    ]
    parts = [part for title, codes in _families() for part in (f"## {title}", *map(_section, codes))]
    return "\n\n".join([*head, *parts]) + "\n"


def _families() -> Iterable[tuple[str, list[Code]]]:
    for digit, title in _FAMILIES.items():
        yield f"MF{digit}xx: {title}", [code for code in CODES.values() if code.code[2] == digit]


def _section(one: Code) -> str:
    examples = [part for title, text in _examples(one) for part in (f"{title}:", f"```yaml\n{text}\n```")]
    return "\n\n".join([f"### {one.code}: {one.title}", f"*{one.severity.capitalize()}.* {one.why}", *examples])


def _fenced(name: str, text: str) -> str:
    return f"```yaml\n# {name}\n{text}```"


def _examples(one: Code) -> list[tuple[str, str]]:
    if not one.raw:
        return [("Wrong", _files(one.bad)), ("Right", _files(one.good))]
    mapping = [("The mapping", _files(one.bad))] if one.bad else []
    return [*mapping, ("Such a raw event", _shown(one.raw)), ("One that goes through", _shown(one.mended))]


def _files(files: Mapping[str, str | None]) -> str:
    return "\n\n".join(_file(name, text) for name, text in files.items())


def _file(name: str, text: str | None) -> str:
    if text is None:
        return f"# there is no {name}"
    return "\n".join([f"# {name}", *map(_shown, text.rstrip("\n").split("\n"))])


def _shown(line: str) -> str:
    return escaped(line if len(line) <= _SHOWN else line[:_SHOWN] + "…")


def _attributes(text: str) -> dict[str, str | None]:
    return {"events.yaml": _HEAD + textwrap.indent(text, "    ") + "\n"}


def _vendor(old: str, new: str) -> dict[str, str | None]:
    """vendor.yaml of BASE with one change."""
    assert BASE["vendor.yaml"].count(old) == 1, old
    return {"vendor.yaml": BASE["vendor.yaml"].replace(old, new)}


def _and_child(text: str) -> dict[str, str | None]:
    """events.yaml of BASE with a second entry."""
    return {"events.yaml": BASE["events.yaml"] + "\n" + text + "\n"}


def _event(text: str) -> dict[str, str | None]:
    return {"events.yaml": text + "\n"}


def _profile(text: str) -> dict[str, str | None]:
    return {"profile.yaml": text + "\n"}


def _raw(old: str = "", new: str = "") -> str:
    """A raw event of the vendor, with one change."""
    assert RAW.count(old) == 1 or not old, old
    return RAW.replace(old, new) if old else RAW


_HEAD = "CardIssued:\n  trigger: {event: card.issued}\n  attributes:\n"
RAW = (
    '{"type": "card.issued", "id": "1", "at": "2026-03-31T10:00:00Z", "currency": "EUR",'
    ' "customer": {"email": "ada@acme.test"}, "card": {"balance": 12.5, "kind": "GIFT"}}'
)

_FAMILIES = {
    "1": "files and their shape",
    "2": "names",
    "3": "types and attributes",
    "4": "paths, conditions and templates",
    "5": "platforms",
    "6": "what is open",
    "7": "raw events",
}

_CHILD = "CardReloaded:\n  trigger: {event: card.reloaded}\n  like: CardIssued\n"

_FILES = (
    Code(
        "MF101",
        "a file cannot be read as text",
        "A mapping file is UTF-8 text without control characters. Editors, diffs and YAML parsers disagree about"
        " anything else, so that two people would read two files. Save the file as UTF-8; inside double quotes a"
        " control character can be written as an escape.",
        _event('CardIssued:\n  describe: "A card\x07"'),
        _event('CardIssued:\n  describe: "A card\\a"'),
    ),
    Code(
        "MF102",
        "YAML cannot read the file",
        "The file breaks YAML's own rules at this place, and nothing after it can be trusted. Mostly a colon, a quote"
        " or a bracket is missing, or a line is indented by mistake. Mend this place; other mistakes of the file are"
        " told once it can be read.",
        _event("CardIssued:\n  trigger: {event: card.issued\n  describe: A card is issued"),
        _event("CardIssued:\n  trigger: {event: card.issued}"),
    ),
    Code(
        "MF103",
        "a key stands twice in one mapping",
        "Of two equal keys YAML readers silently keep one, and which one differs. What the other said would be lost"
        " without a word. Remove one of them.",
        _attributes("note: text | null\nnote: {type: text, from: card.note}"),
        _attributes("note: text | null"),
    ),
    Code(
        "MF104",
        "anchors and aliases are not part of the language",
        "A mapping is read beside the vendor's page, line by line, and an alias sends the reader elsewhere. What"
        " several attributes share is a named type or a group of vendor.yaml; what several entries share is said"
        " with `like`. Write the value out, or use one of those.",
        _attributes("balance: &money {type: decimal, from: card.balance}"),
        _attributes("balance: {type: decimal, from: card.balance}"),
    ),
    Code(
        "MF105",
        "tags are not part of the language",
        "Every scalar is read as text, and the key it stands under decides what it is. A tag would say it a second"
        " time. Remove the tag; a text that begins with `!`, such as a negated condition, needs quotes.",
        _attributes("note: !!str text"),
        _attributes("note: text"),
    ),
    Code(
        "MF106",
        "merge keys are not part of the language",
        "`<<` copies keys from elsewhere, with rules of its own for those that are there twice. The language has named"
        " types, groups and `like` for what is shared. Write the keys out, or use one of those.",
        _event("CardIssued:\n  <<: {describe: A card is issued}\n  trigger: {event: card.issued}"),
        _event("CardIssued:\n  describe: A card is issued\n  trigger: {event: card.issued}"),
    ),
    Code(
        "MF107",
        "a file is larger than a mapping can be",
        "A file holds at most 1 MiB, 100,000 keys and values, 40 levels and 1,000 mistakes. Hand-written mappings stay"
        " far below; what is larger is generated, or an attack. Divide the file by event family.",
        _event("CardIssued: " + "[" * 41 + "]" * 41),
        _event("CardIssued:\n  trigger: {event: card.issued}"),
    ),
    Code(
        "MF108",
        "a file is not one mapping",
        "A mapping file is one YAML document, and that is a mapping of names to values. It is not empty, no list, and"
        " `---` begins no second document in it. Write keys with values, or remove the file.",
        _event("- CardIssued\n- CardReloaded"),
        _event("CardIssued:\n  trigger: {event: card.issued}"),
    ),
    Code(
        "MF109",
        "a path, a text or a name needs quotes",
        "Brackets, braces, commas, `*`, `@`, `&` and backticks mean something to YAML, and paths use them too. Without"
        " quotes YAML takes the path apart. Put the whole value in double quotes.",
        _attributes("note: {type: text, from: lines[0].note}"),
        _attributes('note: {type: text, from: "lines[0].note"}'),
    ),
    Code(
        "MF110",
        "a key is no text",
        "YAML lets a list or a mapping be a key; no key of the language is one. Mostly a quote is missing around a name"
        " that begins with a bracket. Write a name.",
        _event("[CardIssued]:\n  trigger: {event: card.issued}"),
        _event("CardIssued:\n  trigger: {event: card.issued}"),
    ),
    Code(
        "MF111",
        "a vendor's folder has no vendor.yaml",
        "vendor.yaml says what all events of the vendor share: where a raw event keeps its name, id, time and person,"
        " and which platforms get it. Without it no entry can be read to its end. Add the file.",
        {"vendor.yaml": None},
        {"vendor.yaml": BASE["vendor.yaml"]},
    ),
    Code(
        "MF112",
        "the file is of another version of the language",
        "`mapforge: 1` is the version of the language that the folder is written in. What another version means is not"
        " for this one to judge, so nothing else is said of the folder. Update mapforge, or write 1.",
        _vendor("mapforge: 1", "mapforge: 2"),
        _vendor("mapforge: 1", "mapforge: 1"),
    ),
    Code(
        "MF113",
        "the vendor and its folder have two names",
        "The folder's name is what commands, builds and snapshots know the vendor by. Were another name inside, ids"
        " that are made of it would surprise whoever copies a folder. Give both one name.",
        _vendor("vendor: acme", "vendor: acme-europe"),
        _vendor("vendor: acme", "vendor: acme"),
    ),
    Code(
        "MF114",
        "a file of the folder is not read",
        "Mapping files end in .yaml; a file that ends in .yml or .YAML looks like one and would be left out without a"
        " word. Rename it, or move it elsewhere.",
        {"orders.yml": "OrderPlaced:\n  trigger: {event: order.placed}\n"},
        {"orders.yaml": "OrderPlaced:\n  trigger: {event: order.placed}\n"},
    ),
    Code(
        "MF115",
        "there is no such vendor",
        "A vendor is a folder with a vendor.yaml, under mappings/ unless told otherwise. There is none of this name."
        " Look at the spelling, and at the folder that the command runs in.",
        dict.fromkeys(BASE),
        dict(BASE),
    ),
    Code(
        "MF120",
        "a key is unknown here",
        "Every key of the language is listed, and one that is not would be ignored: a misspelt `absent` would lose its"
        " rule in silence. Correct the spelling; `mapforge schema` writes schemas from which editors complete keys.",
        _event("CardIssued:\n  triger: {event: card.issued}"),
        _event("CardIssued:\n  trigger: {event: card.issued}"),
    ),
    Code(
        "MF121",
        "a key is missing",
        "What has no sensible answer must be said: the type of an attribute, the event of a trigger, the source of a"
        " vendor. Add the key.",
        _attributes("balance: {from: card.balance}"),
        _attributes("balance: {type: decimal, from: card.balance}"),
    ),
    Code(
        "MF122",
        "a value has the wrong shape",
        "A key takes a text, a list or a mapping, and another shape stands here. The label under the carets says what"
        " was found. Mostly brackets or an indentation are missing.",
        _event("CardIssued:\n  trigger: card.issued"),
        _event("CardIssued:\n  trigger: {event: card.issued}"),
    ),
    Code(
        "MF123",
        "a value is none that the key takes",
        "Some keys take a few words only, or a spelling such as a digit, `word | null` or a path that is not empty. The"
        " hint says which. Write one of those.",
        _attributes("balance: {type: decimal, from: card.balance, round: upwards, places: 2}"),
        _attributes("balance: {type: decimal, from: card.balance, round: up, places: 2}"),
    ),
    Code(
        "MF124",
        "a key or a list element has no value",
        "YAML reads nothing as null, and null is no value in the language: was something forgotten, or is it to be"
        " empty? Give it a value or leave it out; the empty text is ''.",
        _event("CardIssued:\n  describe:\n  trigger: {event: card.issued}"),
        _event("CardIssued:\n  describe: A card is issued\n  trigger: {event: card.issued}"),
    ),
    Code(
        "MF125",
        "a list or a mapping has too few elements",
        "An empty list says nothing, and a single alternative is no alternative. Either something was forgotten or the"
        " key can go. Name at least as many as the message asks for.",
        _attributes("note:\n  - {type: text | null}"),
        _attributes("note: {type: text | null}"),
    ),
    Code(
        "MF130",
        "a name cannot be a key",
        "Keys of entries and attributes are letters, digits, space and _-().$, so that they can stand in file names,"
        " paths and rules. Any other name that a platform is to see goes through `name:`.",
        _attributes('"price/€": {type: decimal, from: card.balance}'),
        _attributes("price: {type: decimal, from: card.balance}"),
    ),
)

_NAMES = (
    Code(
        "MF201",
        "`like` names no entry above it in the file",
        "`like` starts from an entry that the reader has seen: above, in the same file. Inheritance over files, or from"
        " below, would send the reader searching. Correct the name, or move the parent above.",
        _and_child("CardReloaded:\n  trigger: {event: card.reloaded}\n  like: CardIsued"),
        _and_child("CardReloaded:\n  trigger: {event: card.reloaded}\n  like: CardIssued"),
    ),
    Code(
        "MF202",
        "`like` names an entry that is itself like another",
        "Inheritance is one level deep: whoever reads an entry looks at two places and no more. Start from the entry"
        " that the parent is like, and repeat what the parent changes.",
        _and_child(_CHILD + "\nCardRefunded:\n  trigger: {event: card.refunded}\n  like: CardReloaded"),
        _and_child(_CHILD + "\nCardRefunded:\n  trigger: {event: card.refunded}\n  like: CardIssued"),
    ),
    Code(
        "MF203",
        "`drop` names an attribute that the parent does not have",
        "`drop` leaves out what the parent has. A name that it does not have is misspelt, or the parent has changed"
        " since; in both cases something is sent that should not be. Correct the name, or remove it.",
        _and_child(_CHILD + "  drop: [notes]"),
        _and_child(_CHILD + "  drop: [note]"),
    ),
    Code(
        "MF204",
        "`change` names an attribute that the parent does not have",
        "`change` gives an attribute of the parent another meaning. What the parent does not have cannot be changed: it"
        " is misspelt, or it is new and belongs under `add`.",
        _and_child(_CHILD + "  change: {balnce: integer}"),
        _and_child(_CHILD + "  change: {balance: integer}"),
    ),
    Code(
        "MF205",
        "`change` changes nothing",
        "A change that says what the parent says already misleads: the reader looks for a difference that is not there."
        " Say what is different, or leave it out.",
        _and_child(_CHILD + "  change: {note: text | null}"),
        _and_child(_CHILD + "  change: {note: text}"),
    ),
    Code(
        "MF206",
        "`add` names an attribute that the parent has",
        "`add` is for new attributes; they are sent last. One that the parent has is changed with `change`, in its"
        " place. Use `change`, or another name.",
        _and_child(_CHILD + "  add: {note: text}"),
        _and_child(_CHILD + "  change: {note: text}"),
    ),
    Code(
        "MF207",
        "`use` or `attributes` stands beside `like`",
        "Beside `like`, every attribute is the parent's, added, changed or dropped, and the words say which. `use` and"
        " `attributes` would leave open whether they replace or extend. Use `add`, `change` and `drop`.",
        _and_child(_CHILD + "  attributes: {clerk: text}"),
        _and_child(_CHILD + "  add: {clerk: text}"),
    ),
    Code(
        "MF208",
        "`add`, `change` or `drop` stands without `like`",
        "These words say how an entry differs from its parent, and this one has none. Name the parent with `like`, or"
        " write the attributes under `attributes`.",
        _and_child("CardReloaded:\n  trigger: {event: card.reloaded}\n  add: {clerk: text}"),
        _and_child("CardReloaded:\n  trigger: {event: card.reloaded}\n  attributes: {clerk: text}"),
    ),
    Code(
        "MF209",
        "there is no such group",
        "`use` names groups that vendor.yaml lists under `groups`, each with the place where it is read. Correct the"
        " name, or write the group.",
        {
            **_vendor("platforms:", "groups:\n  customer: {customer_name: {type: text, from: name}}\nplatforms:"),
            **_event("CardIssued:\n  trigger: {event: card.issued}\n  use: {custmer: customer}"),
        },
        {
            **_vendor("platforms:", "groups:\n  customer: {customer_name: {type: text, from: name}}\nplatforms:"),
            **_event("CardIssued:\n  trigger: {event: card.issued}\n  use: {customer: customer}"),
        },
    ),
    Code(
        "MF210",
        "there is no such type",
        "A type is one of the ten base types or a name under `types` in vendor.yaml. Correct the spelling, or define"
        " the type. What uses it is not checked further until it is known.",
        _attributes("balance: {type: decimel, from: card.balance}"),
        _attributes("balance: {type: decimal, from: card.balance}"),
    ),
    Code(
        "MF211",
        "a base type is defined anew",
        "`text`, `decimal` and the others mean the same in every mapping, so that a reader need not look them up. Give"
        " the type a name of its own.",
        _vendor("platforms:", "types:\n  decimal: {base: decimal, round: down, places: 2}\nplatforms:"),
        {
            **_vendor("platforms:", "types:\n  money: {base: decimal, round: down, places: 2}\nplatforms:"),
            **_attributes("balance: {type: money, from: card.balance}"),
        },
    ),
    Code(
        "MF212",
        "a platform's rule names an attribute that there is not",
        "Rules go by the mapping's own names, for the whole vendor. One that no entry has is misspelt, and the rule"
        " would never apply. Correct the name, or remove the rule.",
        _vendor("{origin: acme}", "{origin: acme, omit: [nota]}"),
        _vendor("{origin: acme}", "{origin: acme, omit: [note]}"),
    ),
    Code(
        "MF213",
        "there is no such platform",
        "mapforge knows the platforms that it has envelopes, limits and schemas for. The name is misspelt, or the"
        " platform is not among them.",
        _vendor("klaviyo: {}", "klavio: {}"),
        _vendor("klaviyo: {}", "klaviyo: {}"),
    ),
    Code(
        "MF214",
        "`only` or `except` names an entry that there is not",
        "These rules say which entries a platform gets. A name that no entry has is misspelt, and would send too much"
        " or too little. Correct it, or remove it.",
        _vendor("klaviyo: {}", "klaviyo: {only: [CardIsued]}"),
        _vendor("klaviyo: {}", "klaviyo: {only: [CardIssued]}"),
    ),
    Code(
        "MF215",
        "an attribute is there twice",
        "The attributes of an entry come from its groups and from itself, and no two may have one name: one of them"
        " would be lost. Names that differ only by case count as one, for people read them so. Rename one, or drop it.",
        _attributes("note: text | null\nNote: {type: text, from: card.note}"),
        _attributes("note: text | null\ncard_note: {type: text, from: card.note}"),
    ),
    Code(
        "MF216",
        "an entry is there twice",
        "The names of entries are unique over all files of the vendor, without regard to case: snapshots and builds are"
        " files of that name. Rename one of them.",
        {"more.yaml": "CARDISSUED:\n  trigger: {event: card.issued.again}\n"},
        {"more.yaml": "CardIssuedAgain:\n  trigger: {event: card.issued.again}\n"},
    ),
    Code(
        "MF217",
        "`*` is listed as a raw event",
        "A trigger and `ignore` list raw events by their names; nothing in them is a pattern. All that no trigger lists"
        ' goes to the entry called "*". Name the events, or write that entry.',
        _event('Anything:\n  trigger: {event: "*"}\n  keep: data'),
        _event('"*": {keep: data}'),
    ),
    Code(
        "MF218",
        "a raw event is ignored and sent",
        "`ignore` lists raw events that are not ours to send, and a trigger lists this one all the same. Only one of"
        " them can be meant. Remove it from one of the two.",
        _vendor("platforms:", "ignore: [card.issued]\nplatforms:"),
        _vendor("platforms:", "ignore: [card.viewed]\nplatforms:"),
    ),
    Code(
        "MF219",
        "a group is never used",
        "No entry names the group under `use`. It may be left over, or an entry may have forgotten it. Use it, or leave"
        " it out.",
        _vendor("platforms:", "groups:\n  store: {store_name: {type: text, from: name}}\nplatforms:"),
        {
            **_vendor("platforms:", "groups:\n  store: {store_name: {type: text, from: name}}\nplatforms:"),
            **_event("CardIssued:\n  trigger: {event: card.issued}\n  use: {store: store}"),
        },
        "warning",
    ),
    Code(
        "MF220",
        "a type is never used",
        "No attribute has the type. It may be left over, or an attribute may have kept its base type by mistake. Use"
        " it, or leave it out.",
        _vendor("platforms:", "types:\n  points: {base: integer}\nplatforms:"),
        {
            **_vendor("platforms:", "types:\n  points: {base: integer}\nplatforms:"),
            **_attributes("balance: {type: points, from: card.balance}"),
        },
        "warning",
    ),
    Code(
        "MF221",
        "the catch-all has a trigger",
        'The entry called "*" takes every raw event that no other entry lists. A trigger would contradict that. Remove'
        " the trigger, or give the entry a name.",
        _event('"*":\n  trigger: {event: card.viewed}\n  keep: data'),
        _event("CardViewed:\n  trigger: {event: card.viewed}\n  keep: data"),
    ),
    Code(
        "MF222",
        "an identity names no identifier",
        "A platform files an event under a person, by e-mail address, phone number or an id. Without any of them no"
        " event could be sent. An entry's own identity replaces the vendor's whole, so it must name them too.",
        _vendor("identity: {email: email}", "identity: {none: skip}"),
        _vendor("identity: {email: email}", "identity: {email: email, none: skip}"),
    ),
    Code(
        "MF223",
        "`drop` names what is changed, added or dropped elsewhere",
        "What is dropped is not sent, so that a change to it, or a second drop, has no meaning; and an attribute that"
        " is dropped and added again is a changed one. Keep one of the two words.",
        _and_child(_CHILD + "  change: {balance: integer}\n  drop: [balance]"),
        _and_child(_CHILD + "  change: {balance: integer}"),
    ),
    Code(
        "MF224",
        "an update of a profile cannot be a catch-all",
        'The entry called "*" takes the raw events that no trigger lists, and sends each as an event of its own name.'
        " An update of a profile has no name, and its properties are not those of whatever comes. List the raw events"
        " that update the profile in a trigger.",
        _profile('"*":\n  attributes:\n    note: text | null'),
        _profile("Customer:\n  trigger: {event: card.issued}\n  attributes:\n    note: text | null"),
    ),
    Code(
        "MF225",
        "the parts of `signature` do not fit together",
        "A signature is held against the body in one way, and nothing of it is guessed. hmac and token stand in a"
        " header; what is signed has the body in it, once; a timestamp is signed, stands in a header and has a `window`"
        " that says how old it may be. token and standard-webhooks have no more to say than the header, or the window.",
        _vendor("person: customer\n", "signature: {header: x-sign, signs: timestamp.body}\nperson: customer\n"),
        _vendor(
            "person: customer\n",
            "signature: {header: x-sign, signs: timestamp.body, timestamp: x-time, window: 5m}\nperson: customer\n",
        ),
    ),
)

_MONEY = "balance: {type: decimal, from: card.balance"
_DAY = "type: datetime, from: card.until"

_ATTRIBUTES = (
    Code(
        "MF301",
        "`| null` stands beside `absent`",
        "Both say what is sent where the source is missing: null, or the word of `absent`. Only one can be. The answer"
        " may also come from the named type. Keep one.",
        _attributes("note: {type: text | null, absent: none}"),
        _attributes("note: {type: text, absent: none}"),
    ),
    Code(
        "MF302",
        "`absent` is not of the type that is sent",
        "A platform fixes a property's type when it first sees it, so what stands in for a missing value has the JSON"
        " type of the value. Give a value of that type, allow null with `| null`, or send the value as a text with"
        " `as`.",
        _attributes(_MONEY + ", absent: none}"),
        _attributes(_MONEY + ', absent: "0"}'),
    ),
    Code(
        "MF303",
        "a refinement does not fit the type",
        "`round`, `places`, `scale` and `currency` go with decimal; `format` and `input` with date and datetime;"
        " `zone` with datetime; `as` with numbers and booleans. On another type it would do nothing. Change the type,"
        " or remove it.",
        _attributes("balance: {type: integer, from: card.balance, scale: -2}"),
        _attributes("balance: {type: decimal, from: card.balance, scale: -2}"),
    ),
    Code(
        "MF304",
        "`round` and `places` go together",
        "Rounding needs to know to how many places, and places need to know which way: vendors differ, and a cent too"
        " much is a wrong amount. Say both.",
        _attributes(_MONEY + ", places: 2}"),
        _attributes(_MONEY + ", round: down, places: 2}"),
    ),
    Code(
        "MF305",
        "`when` may leave nothing to send",
        "Where the condition is false the attribute counts as absent, and nothing says what to send then. Allow null"
        " with `| null`, give `absent`, or let another alternative follow.",
        _attributes("note: {type: text, when: \"kind == 'GIFT'\"}"),
        _attributes("note: {type: text | null, when: \"kind == 'GIFT'\"}"),
    ),
    Code(
        "MF306",
        "alternatives send two JSON types",
        "A platform fixes a property's type at first sight, so that a text once and a number later would be lost or"
        " refused. Make all alternatives send one type: `as: text`, `as: money` and `as: percent` send texts.",
        _attributes(
            "balance:\n"
            "  - {type: text, from: card.balance_text, when: \"card.kind == 'GIFT'\"}\n"
            "  - {type: decimal, from: card.balance}"
        ),
        _attributes(
            "balance:\n"
            "  - {type: text, from: card.balance_text, when: \"card.kind == 'GIFT'\"}\n"
            "  - {type: decimal, as: text, from: card.balance}"
        ),
    ),
    Code(
        "MF307",
        "an alternative without `when` is not the last",
        "Alternatives are tried from above, and the first whose condition holds is taken. One without a condition is"
        " always taken, so that none after it ever is. Give it a `when`, or move it to the end.",
        _attributes("note:\n  - {type: text, from: card.note}\n  - {type: text, from: note}"),
        _attributes("note:\n  - {type: text, from: card.note, when: \"kind == 'GIFT'\"}\n  - {type: text, from: note}"),
    ),
    Code(
        "MF308",
        "null is written as a word",
        "Every scalar is read as text, so `absent: null` would send the text “null”. To send null where the source is"
        " missing, say `| null` behind the type. To send the word itself, say `absent: {constant: null}`.",
        _attributes("note: {type: text, absent: null}"),
        _attributes("note: {type: text | null}"),
    ),
    Code(
        "MF309",
        "an attribute has two sources",
        "`from`, `join`, `template` and `constant` each say where the value comes from, and one attribute has one"
        " source. To take the first of several paths that is there, give `from` a list.",
        _attributes("note: {type: text, from: card.note, constant: none}"),
        _attributes("note: {type: text, from: [card.note, note]}"),
    ),
    Code(
        "MF310",
        "`fields`, `each` or `map` does not fit the type",
        "`fields` lists the members of an object, or of each object of a list; `each` says what becomes of the elements"
        " of a list, and stands without `fields`; `map` replaces single values, not objects or lists. Change the type,"
        " or remove the key.",
        _attributes("card: {type: text, fields: {kind: text}}"),
        _attributes("card: {type: object, fields: {kind: text}}"),
    ),
    Code(
        "MF311",
        "a `format` on a datetime needs a `zone`",
        "An instant is another day in Tokyo than in New York, so that a date can only be written for a place. Say"
        " where: under `source` for all events, or on the type or the attribute; a path, or {constant: Europe/Berlin}.",
        {**_vendor("  zone: {constant: Europe/Berlin}\n", ""), **_attributes(f'until: {{{_DAY}, format: "MMMM d"}}')},
        _attributes(f'until: {{{_DAY}, format: "MMMM d"}}'),
    ),
    Code(
        "MF312",
        "a date pattern cannot be read",
        "`format`, and `input` where it is no epoch, are date patterns of CLDR: yyyy is the year, MM the month, dd the"
        " day, HH the hour, mm the minute. Other letters stand in single quotes.",
        _attributes(f'until: {{{_DAY}, format: "dd.mm.jjjj"}}'),
        _attributes(f'until: {{{_DAY}, format: "dd.MM.yyyy"}}'),
    ),
    Code(
        "MF313",
        "a locale is unknown",
        "The locale says how dates, amounts and percentages are written. It is a name such as en-US or de, of those"
        " that CLDR knows. Correct it.",
        _vendor("{constant: en-US}", "{constant: english}"),
        _vendor("{constant: en-US}", "{constant: en-GB}"),
    ),
    Code(
        "MF314",
        "a currency is unknown",
        "A constant currency is the upper-case code of ISO 4217, such as EUR; it must have minor digits, for amounts"
        " are rounded to them. Correct it, or give the path of the code in the raw event.",
        _vendor("currency: currency", "currency: {constant: Euro}"),
        _vendor("currency: currency", "currency: {constant: EUR}"),
    ),
    Code(
        "MF315",
        "a time zone is unknown",
        "A constant zone is a name of the IANA database, such as Europe/Berlin, spelled as there. An offset such as"
        " +01:00 is none, for it does not know summer time. Correct it, or give the path of the name in the raw event.",
        _vendor("{constant: Europe/Berlin}", "{constant: Berlin}"),
        _vendor("{constant: Europe/Berlin}", "{constant: America/New_York}"),
    ),
    Code(
        "MF316",
        "a value of `map` is not of the attribute's type",
        "What `map` puts in place of a raw value goes through the type like any other, and this one cannot. Give a"
        " value of the type, or change the type.",
        _attributes("level: {type: integer, map: {GOLD: 1, SILVER: two}}"),
        _attributes("level: {type: integer, map: {GOLD: 1, SILVER: 2}}"),
    ),
    Code(
        "MF317",
        "`constant` is not of the attribute's type",
        "A constant is sent as the type says, and no event can come for which that would work. Give a value of the"
        " type, or change the type. Objects and lists have no constants.",
        _attributes("level: {type: integer, constant: one}"),
        _attributes("level: {type: integer, constant: 1}"),
    ),
    Code(
        "MF318",
        "a currency is needed and not known",
        "`as: money`, `places: currency` and `scale: minor` depend on the currency: yen have no decimal places, dinars"
        " have three. Say where the code stands: under `source` for all events, or on the type or the attribute.",
        {**_vendor("  currency: currency\n", ""), **_attributes(_MONEY + ", scale: minor}")},
        {**_vendor("  currency: currency\n", ""), **_attributes(_MONEY + ", scale: minor, currency: card.currency}")},
    ),
    Code(
        "MF319",
        "`as: money` needs `round` and `places`",
        "An amount that is written for people has the digits of its currency, and what lies behind them must be rounded"
        " one way or the other. Say both; `places: currency` takes the digits of the currency.",
        _attributes(_MONEY + ", as: money}"),
        _attributes(_MONEY + ", as: money, round: down, places: currency}"),
    ),
    Code(
        "MF320",
        "a locale is needed and not known",
        "Names of months, signs and their order depend on the language and the country. Give `source` a locale, such as"
        " {constant: en-US}, or the path of its name in the raw event.",
        {**_vendor("  locale: {constant: en-US}\n", ""), **_attributes("rate: {type: decimal, as: percent}")},
        _attributes("rate: {type: decimal, as: percent}"),
    ),
    Code(
        "MF321",
        "`separator` stands without `join`",
        "`separator` is what stands between the parts of `join`, and there are none. Add `join`, or remove it.",
        _attributes('name: {type: text, from: card.name, separator: ", "}'),
        _attributes('name: {type: text, join: [card.name, card.kind], separator: ", "}'),
    ),
    Code(
        "MF322",
        "`join` or `template` makes a text, and the type takes none",
        "`join` and `template` give a text. An integer, a boolean, an object or a list cannot be made of one: nothing"
        " turns silently into another type. Take `from`, or a type that takes a text.",
        _attributes("level: {type: integer, join: [card.level]}"),
        _attributes("level: {type: integer, from: card.level}"),
    ),
)

_EXPRESSIONS = (
    Code(
        "MF401",
        "a path or a condition does not parse",
        "Paths and conditions are JMESPath: steps with dots, `[0]`, `[*]`, `[?kind == 'GIFT']`, `&&`, `||`, `!` and"
        " `|`. Texts stand in single quotes, numbers and booleans in backticks, keys with other characters in double"
        " quotes.",
        _attributes('note: {type: text, from: "card..note"}'),
        _attributes('note: {type: text, from: "card.note"}'),
    ),
    Code(
        "MF402",
        "a path uses what the language refuses",
        "A path says where a value stands. Lists and objects made in a path, flattening, projections over the values of"
        " an object and all functions but length, contains, starts_with and ends_with are left out, so that every path"
        " can be held against the contract. The hint names the way that is there.",
        _attributes('note: {type: text, from: "join(card.lines)"}'),
        _attributes("note: {type: text, join: [card.first, card.second]}"),
    ),
    Code(
        "MF403",
        "a template does not parse",
        "Templates are written in Jinja2's syntax, and this one breaks it; the label has Jinja2's own words. Mostly a"
        " brace or a quote is missing.",
        _attributes('url: {type: url, template: "https://{{ shop.domain }"}'),
        _attributes('url: {type: url, template: "https://{{ shop.domain }}"}'),
    ),
    Code(
        "MF404",
        "a template uses what the language refuses",
        "A template puts values into a text. It has names, dots, a few filters, comparisons and if-expressions; no"
        " loops, calls, arithmetic, tests or blocks, so that it ends, stays small and reaches nothing but the raw"
        " event. What needs more is the vendor's job, or another attribute.",
        _attributes('note: {type: text, template: "{% for line in lines %}{{ line }}{% endfor %}"}'),
        _attributes("note: {type: list, from: lines}"),
    ),
    Code(
        "MF405",
        "a condition is neither true nor false",
        "A condition compares a path with a literal, or is the path of a boolean, or several of them with `&&`, `||`"
        " and `!`. JMESPath takes any text or list for true, so that `kind == 'A' || 'B'` would always hold; here that"
        " is an error. Compare each side.",
        _attributes("note: {type: text | null, when: \"kind == 'GIFT' || 'STORE'\"}"),
        _attributes("note: {type: text | null, when: \"kind == 'GIFT' || kind == 'STORE'\"}"),
    ),
)

_MANY = "\n".join(f"a{number}: text" for number in range(1, 402))
_FEWER = "\n".join(f"a{number}: text" for number in range(1, 401))

_UPDATE = "Customer:\n  trigger: {event: card.issued}\n"
_SHOP = _vendor("klaviyo: {}", "klaviyo: {}\n  shopify: {namespace: acme}")
_SHOPPER = _UPDATE + "  identity: {email: email, shopify_id: shop}\n"

_PLATFORMS = (
    Code(
        "MF501",
        "a platform needs an option",
        "Omnisend files events under the name of the app that sends them, its `origin`, which is agreed with Omnisend."
        " Shopify keeps metafields under a `namespace`, by convention the vendor's name. Without it a request would be"
        " refused. Name it in vendor.yaml.",
        _vendor("{origin: acme}", "{}"),
        _vendor("{origin: acme}", "{origin: acme}"),
    ),
    Code(
        "MF502",
        "a platform has no such option",
        "`origin` belongs to Omnisend's requests, `namespace` to Shopify's; this platform's have no place for it, so it"
        " would never be read. Remove it.",
        _vendor("klaviyo: {}", "klaviyo: {origin: acme}"),
        _vendor("klaviyo: {}", "klaviyo: {}"),
    ),
    Code(
        "MF503",
        "two attributes are sent under one name",
        "After `name` and `rename` each attribute of an entry must still have a name of its own: of two with one name"
        " the platform would keep one. Choose another name.",
        _vendor("klaviyo: {}", "klaviyo: {rename: {note: balance}}"),
        _vendor("klaviyo: {}", "klaviyo: {rename: {note: remark}}"),
    ),
    Code(
        "MF504",
        "a platform's `as` does not fit the attribute",
        "`as: text` writes a number or a boolean as a text, `as: percent` a number; whatever else the attribute sends"
        " is not touched. No attribute of this name sends such a value, so the rule would never apply. Remove it.",
        _vendor("klaviyo: {}", "klaviyo: {as: {note: percent}}"),
        _vendor("klaviyo: {}", "klaviyo: {as: {balance: percent}}"),
    ),
    Code(
        "MF505",
        "a platform takes no attribute of this name",
        "Omnisend's properties are called by letters, digits and _, at most 128 of them. Give the attribute such a name"
        " there with `rename`, or everywhere.",
        _attributes("card-balance: {type: decimal, from: card.balance}"),
        _attributes("card_balance: {type: decimal, from: card.balance}"),
    ),
    Code(
        "MF506",
        "an entry has more attributes than a platform takes",
        "Klaviyo takes 400 properties in an event and refuses more. Leave some out for that platform with `omit`, or"
        " put what belongs together into an object.",
        _attributes(_MANY),
        _attributes(_FEWER),
    ),
    Code(
        "MF507",
        "an event's name is too long for a platform",
        "Klaviyo's metrics have names under 128 characters. Give the entry a shorter name, or one with `name`.",
        _event("Card" * 32 + ":\n  trigger: {event: card.issued}"),
        _event("Card" * 32 + ":\n  trigger: {event: card.issued}\n  name: Card issued"),
    ),
    Code(
        "MF508",
        "an identity has nothing that a platform takes",
        "Each platform knows people by some identifiers: Klaviyo by e-mail address, phone number, external id and its"
        " own id, Omnisend by e-mail address and phone number. With none of them no event could be sent there. Add"
        " one, or leave the entries out with `except`.",
        _vendor("{email: email}", "{external_id: id}"),
        _vendor("{email: email}", "{external_id: id, email: email}"),
    ),
    Code(
        "MF509",
        "`null_if` names a value that is never sent",
        "`null_if` sends null in place of one value. No attribute of this name can have it: it is of another JSON type,"
        " or not among the attribute's constants. Correct the value, or remove the rule.",
        _vendor("klaviyo: {}", "klaviyo: {null_if: {balance: none}}"),
        _vendor("klaviyo: {}", 'klaviyo: {null_if: {balance: "0"}}'),
    ),
    Code(
        "MF510",
        "a property has the name of a platform's own field",
        "Klaviyo's profiles have fields of their own, such as first_name, title and locale; a custom property cannot be"
        " called so. Put the attribute under `standard`, where it becomes the platform's own field, or send it under"
        " another name with `rename`.",
        _profile(_UPDATE + "  attributes:\n    title: {type: text | null, from: note}"),
        _profile(_UPDATE + "  standard:\n    title: {type: text | null, from: note}"),
    ),
    Code(
        "MF511",
        "a platform takes no kept keys",
        "A metafield has a type, fixed when it is first set. What `keep` passes on has whatever type comes, so it could"
        " not be promised. Name the keys as attributes, each with its type, or leave the entry out for this platform.",
        {**_SHOP, **_profile(_SHOPPER + "  keep: card")},
        {**_SHOP, **_profile(_SHOPPER + "  attributes:\n    kind: {type: text, from: card.kind}")},
    ),
    Code(
        "MF512",
        "a platform's own field takes another type",
        "Most fields of a profile are texts, latitude and longitude may be numbers. A value of another type would be"
        " refused. Give the attribute a type that sends what the field takes.",
        _profile(_UPDATE + "  standard:\n    image: {type: integer, from: number}"),
        _profile(_UPDATE + "  standard:\n    image: {type: url, from: picture}"),
    ),
    Code(
        "MF513",
        "`only` names an entry that the platform cannot take",
        "Shopify keeps what is known of a customer and takes no events. An entry that it cannot take is never sent"
        " there, so naming it under `only` promises what will not happen. Leave it out.",
        {**_vendor("klaviyo: {}", "klaviyo: {}\n  shopify: {namespace: acme, only: [CardIssued]}")},
        {**_vendor("klaviyo: {}", "klaviyo: {}\n  shopify: {namespace: acme}")},
    ),
    Code(
        "MF514",
        "a namespace that a platform does not take",
        "The namespace of a metafield has 3 to 255 letters, digits, underscores and dashes. By convention it is the"
        " vendor's name.",
        _vendor("klaviyo: {}", "klaviyo: {}\n  shopify: {namespace: a}"),
        _vendor("klaviyo: {}", "klaviyo: {}\n  shopify: {namespace: acme}"),
    ),
)

_OPEN = (
    Code(
        "MF601",
        "something is assumed",
        "`assumed` marks what the vendor's page does not say, with the reason. It is no mistake and fails nothing;"
        " `check` lists it, so that it can be asked for, and the docs show it. Remove it once the vendor has answered.",
        _attributes("note: {type: text | null, assumed: The page has no example}"),
        _attributes("note: {type: text | null}"),
        "note",
    ),
    Code(
        "MF602",
        "a platform cannot clear a field",
        "Where an update of a profile sends null, Klaviyo clears the field. Omnisend's own fields and Shopify's"
        " metafields take no null: nothing is sent for them, and what is stored there stays. It is no mistake and fails"
        " nothing. `absent: omit` leaves a missing value out everywhere.",
        _profile(_UPDATE + "  standard:\n    first_name: {type: text | null, from: note}"),
        _profile(_UPDATE + "  standard:\n    first_name: {type: text, from: note, absent: omit}"),
        "note",
    ),
)

_NO_TRIGGER = _raw("card.issued", "card.viewed")
_LEVEL = _attributes("kind: {type: text, from: card.kind, map: {GIFT: Gift card}}")
_WHEN = _event("CardIssued:\n  trigger: {event: card.issued, when: \"card.kind == 'STORE'\"}")
_TWO_WAYS = _vendor("{email: email}", "{email: email, phone: phone}")

_RAW = (
    Code(
        "MF701",
        "a raw event is not JSON",
        "A raw event is one JSON value in UTF-8. What cannot be decoded is kept whole, and nothing is made of it."
        " Look at what cut or changed it on its way.",
        severity="fault",
        raw=_raw('"GIFT"}}', '"GIFT"'),
        mended=_raw(),
    ),
    Code(
        "MF702",
        "a raw event is nested too deep",
        "Objects and lists stand in each other more than the decoder follows. No vendor's event is like that; an attack"
        " is. The event is kept whole, and nothing is made of it.",
        severity="fault",
        raw='{"type": "card.issued", "deep": ' + "[" * 100_000 + "]" * 100_000 + "}",
        mended=_raw(),
    ),
    Code(
        "MF703",
        "no trigger takes a raw event",
        "The event's name is in no trigger, `ignore` does not list it, and there is no catch-all. A vendor may have a"
        ' new event. Write an entry for it, list it under `ignore`, or add the entry "*".',
        severity="fault",
        raw=_NO_TRIGGER,
        mended=_raw(),
    ),
    Code(
        "MF704",
        "a value that must be there is missing",
        "The path leads to nothing or to null, and neither `| null` nor `absent` says what to send then. Nothing is"
        " sent half. If the vendor may leave it out, say so in the mapping; if not, ask the vendor.",
        severity="fault",
        raw=_raw('"balance": 12.5, ', ""),
        mended=_raw(),
    ),
    Code(
        "MF705",
        "a value does not fit its type",
        "The value is there, but of another kind than the mapping says: a text for a number, a number for a text, a"
        " path through something that is no object. Nothing is turned silently into another type. Change the type to"
        " what the vendor sends, or ask the vendor.",
        severity="fault",
        raw=_raw("12.5", '"a lot"'),
        mended=_raw("12.5", '"12.5"'),
    ),
    Code(
        "MF706",
        "a number is beyond all bounds",
        "A decimal has at most 50 digits and an exponent within ±50: more is no amount, and could be written out to"
        " gigabytes of zeros. The event is kept whole. Ask the vendor.",
        severity="fault",
        raw=_raw("12.5", "1e99"),
        mended=_raw("12.5", "1e9"),
    ),
    Code(
        "MF707",
        "nobody is left to send an event to",
        "No identifier of the person is there, or none is valid on this platform. With `none: skip` in the identity the"
        " entry is skipped and counted; otherwise it is a fault. Name further identifiers, or say `none: skip` where"
        " events of nobody are to be expected.",
        severity="fault",
        raw=_raw('"email": "ada@acme.test"', ""),
        mended=_raw(),
    ),
    Code(
        "MF708",
        "a body would break a platform's limit",
        "Platforms limit the size of texts, lists, names, depths and bodies, and refuse or silently drop what is"
        " beyond. The fault says which limit. Leave the property out for this platform, or send less of it.",
        severity="fault",
        raw=_raw('"id": "1"', '"id": "' + "1" * 300 + '"'),
        mended=_raw(),
    ),
    Code(
        "MF709",
        "a raw event is skipped",
        "No `when` of the entries that list it holds, or `ignore` lists it. That is what the mapping says, so it is no"
        " fault; it is counted, with the reason.",
        _WHEN,
        severity="skipped",
        raw=_raw(),
        mended=_raw("GIFT", "STORE"),
    ),
    Code(
        "MF710",
        "an identifier is left out",
        "The identifier is not valid on this platform: no e-mail address, no E.164 phone number, empty or too long."
        " Another one remains, so the event is sent without it.",
        _TWO_WAYS,
        severity="warning",
        raw=_raw('"ada@acme.test"', '"ada@acme.test", "phone": "0171 123"'),
        mended=_raw('"ada@acme.test"', '"ada@acme.test", "phone": "+491711234567"'),
    ),
    Code(
        "MF711",
        "a value is not in its `map`",
        'The table of `map` has no line for this value, and no `"*"` for the rest. A vendor may have a new word. Add it'
        ' to the table, or add `"*"` with what is to be sent for all others.',
        _LEVEL,
        severity="fault",
        raw=_raw("GIFT", "VOUCHER"),
        mended=_raw(),
    ),
    Code(
        "MF712",
        "a kept key is left out",
        "The key has the name of a field that the platform's profiles have of their own, such as title or email: as a"
        " custom property it would be refused, or taken for that field. The rest is sent without it. Name it under"
        " `standard` if it is meant, or leave it out with `keep: {from: …, except: […]}`.",
        {"events.yaml": None, **_profile(_UPDATE + "  keep: card")},
        severity="warning",
        raw=_raw('"kind"', '"title"'),
        mended=_raw(),
    ),
)

CODES: Mapping[str, Code] = {
    one.code: one for one in (*_FILES, *_NAMES, *_ATTRIBUTES, *_EXPRESSIONS, *_PLATFORMS, *_OPEN, *_RAW)
}

if __name__ == "__main__":
    print(reference(), end="")
