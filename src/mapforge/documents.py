"""The YAML documents as pydantic models: what keys there are and what shape each has, nothing about names.

schemas/mapping/ is generated from them. Every scalar is text here; the JSON Schemas accept numbers and booleans where
text is read, because an editor's YAML parser makes `places: 2` a number.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
NAME = r"^[A-Za-z0-9 _().$-]+$"
TYPE_NAME = r"^[A-Za-z0-9_-]+$"
TYPE = r"^\s*[A-Za-z0-9_-]+\s*(\|\s*null\s*)?$"

Text: TypeAlias = Annotated[str, WithJsonSchema(SCALAR)]
TypeText: TypeAlias = Annotated[
    str,
    Field(pattern=TYPE),
    WithJsonSchema(
        {
            "type": "string",
            "anyOf": [
                {
                    "enum": [
                        f"{base}{null}"
                        for base in (
                            "text",
                            "id",
                            "integer",
                            "decimal",
                            "boolean",
                            "date",
                            "datetime",
                            "url",
                            "object",
                            "list",
                        )
                        for null in ("", " | null")
                    ]
                },
                {"pattern": TYPE},
            ],
        }
    ),
]
PathText: TypeAlias = Annotated[str, Field(min_length=1), WithJsonSchema({**SCALAR, "description": "JMESPath"})]
Truth: TypeAlias = Annotated[Literal["true", "false"], WithJsonSchema({"enum": [True, False, "true", "false"]})]
Places: TypeAlias = Annotated[
    str,
    Field(pattern=r"^([0-9]|currency)$"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 9},
                {"enum": ["currency"]},
                {"type": "string", "pattern": "^[0-9]$"},
            ]
        }
    ),
]
Scale: TypeAlias = Annotated[
    str,
    Field(pattern=r"^(-?[0-9]{1,2}|minor)$"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": -99, "maximum": 99},
                {"enum": ["minor"]},
                {"type": "string", "pattern": "^-?[0-9]{1,2}$"},
            ]
        }
    ),
]
Debounce: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{1,6}(ms|s|m)$")]
Batch: TypeAlias = Annotated[
    str,
    Field(pattern=r"^[1-9][0-9]{0,4}$"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 99999},
                {"type": "string", "pattern": "^[1-9][0-9]{0,4}$"},
            ]
        }
    ),
]
HeaderName: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
Window: TypeAlias = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}(s|m)$")]
Encoding: TypeAlias = Literal["hex", "base64"]
Version: TypeAlias = Annotated[str, WithJsonSchema({"enum": [1, "1"]})]


# The tags of the unions below, which pydantic puts in its locations: no key is called so.
TEXT, LIST, MAPPING, HEADER = TAGS = ("<text>", "<list>", "<mapping>", "<header>")


def shape(value: object) -> str:
    """Which of the shapes a value has; the tag of the unions below."""
    return MAPPING if isinstance(value, (dict, Document)) else LIST if isinstance(value, list) else TEXT


def is_key(name: str) -> bool:
    """Whether an entry or an attribute can be called so."""
    return re.fullmatch(NAME[1:-1], name) is not None


def is_type_name(name: str) -> bool:
    """Whether a type can be called so."""
    return re.fullmatch(TYPE_NAME[1:-1], name) is not None


class Document(BaseModel):
    """A closed mapping."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False, frozen=True)


class ConstantDocument(Document):
    """A constant in place of a path."""

    constant: Text = Field(description="The constant itself.")


class HeaderDocument(Document):
    """An HTTP header in place of a path."""

    header: Text = Field(description="The header's name, in any case.")


class TimeDocument(Document):
    """The time's path with its input."""

    from_: PathText = Field(alias="from", description="The path of the time, from the raw root.")
    input: Text | None = Field(None, description="epoch_seconds, epoch_milliseconds or a CLDR pattern.")


def _source_shape(value: object) -> str:
    if isinstance(value, dict) and "header" in value:
        return HEADER
    return shape(value)


PathOrConstant: TypeAlias = Annotated[
    Annotated[PathText, Tag(TEXT)] | Annotated[ConstantDocument, Tag(MAPPING)], Discriminator(shape)
]
PathOrHeader: TypeAlias = Annotated[
    Annotated[PathText, Tag(TEXT)] | Annotated[HeaderDocument, Tag(MAPPING)], Discriminator(shape)
]
TimeSource: TypeAlias = Annotated[
    Annotated[PathText, Tag(TEXT)] | Annotated[HeaderDocument, Tag(HEADER)] | Annotated[TimeDocument, Tag(MAPPING)],
    Discriminator(_source_shape),
]
Paths: TypeAlias = Annotated[
    Annotated[PathText, Tag(TEXT)] | Annotated[list[PathText], Tag(LIST), Field(min_length=1)],
    Discriminator(shape),
]
Absent: TypeAlias = Annotated[
    Annotated[Text, Tag(TEXT)] | Annotated[ConstantDocument, Tag(MAPPING)], Discriminator(shape)
]
Names: TypeAlias = Annotated[
    Annotated[Text, Tag(TEXT)] | Annotated[list[Text], Tag(LIST), Field(min_length=1)], Discriminator(shape)
]

Encodings: TypeAlias = Annotated[
    Annotated[Encoding, Tag(TEXT)] | Annotated[list[Encoding], Tag(LIST), Field(min_length=1)], Discriminator(shape)
]


class Refinements(Document):
    """What a type or an attribute may say about how a value is read and written."""

    scale: Scale | None = Field(None, description="Moves the decimal point: -2 makes 12.23 of 1223; minor by currency.")
    round: Literal["down", "up", "half_up", "half_even", "floor", "ceiling"] | None = Field(
        None, description="How to round; needs places. down is toward zero."
    )
    places: Places | None = Field(None, description="How many decimal places are sent, or those of the currency.")
    as_: Literal["text", "money", "percent"] | None = Field(None, alias="as", description="Sends a text made of it.")
    format: Text | None = Field(None, description='A CLDR date pattern such as "MMMM d, yyyy".')
    input: Text | None = Field(None, description="epoch_seconds, epoch_milliseconds or a CLDR pattern it comes in.")
    zone: PathOrConstant | None = Field(None, description="The time zone: a path, or {constant: Europe/Berlin}.")
    currency: PathOrConstant | None = Field(None, description="The ISO 4217 code: a path, or {constant: EUR}.")
    blank: list[Text] | None = Field(None, description="Source values that count as missing.")
    absent: Absent | None = Field(None, description="What is sent where the source is missing; omit leaves it out.")


class TypeDocument(Refinements):
    """A named type."""

    base: Literal["text", "id", "integer", "decimal", "boolean", "date", "datetime", "url", "object", "list"] = Field(
        description="The base type."
    )
    describe: Text | None = Field(None, description="For the docs.")


class AttributeDocument(Refinements):
    """One attribute: type, source and what becomes of the value."""

    type: TypeText = Field(description="A base or named type; `T | null` may be absent, then sent as null.")
    name: Text | None = Field(None, description="The name it is sent under, where the key cannot spell it.")
    from_: Paths | None = Field(None, alias="from", description="JMESPath; a list: the first that is present.")
    join: list[PathText] | None = Field(None, min_length=1, description="Parts joined by the separator.")
    separator: Text | None = Field(None, description="Between the parts of join; a space unless told.")
    template: Text | None = Field(None, description="A Jinja2 template over text, names, filters and if-expressions.")
    constant: Text | None = Field(None, description="A constant.")
    map: dict[str, Text] | None = Field(None, min_length=1, description="Value table {RAW: sent}; '*' for the rest.")
    when: Text | None = Field(None, description="A predicate; where it is false, the attribute is as if absent.")
    fields: Attributes | None = Field(None, min_length=1, description="The members of an object.")
    each: AttributeValue | None = Field(None, description="One attribute for each element of a list.")
    sensitive: Truth | None = Field(None, description="Never in a log, an error, a listing or the docs.")
    describe: Text | None = Field(None, description="For the docs.")
    assumed: Text | None = Field(None, description="Why we think so, where the vendor's page does not say.")


AttributeValue: TypeAlias = Annotated[
    Annotated[TypeText, Tag(TEXT)]
    | Annotated[AttributeDocument, Tag(MAPPING)]
    | Annotated[list[AttributeDocument], Tag(LIST), Field(min_length=2)],
    Discriminator(shape),
]
Attributes: TypeAlias = dict[Annotated[str, Field(pattern=NAME)], AttributeValue]


class IdentityDocument(Document):
    """Who the event is about: paths relative to the person."""

    email: PathText | None = Field(None, description="The e-mail address.")
    phone: PathText | None = Field(None, description="The phone number in E.164.")
    external_id: PathText | None = Field(None, description="The vendor's own id of the person.")
    klaviyo_id: PathText | None = Field(None, description="Klaviyo's id of the profile.")
    shopify_id: PathText | None = Field(None, description="Shopify's id of the customer.")
    none: Literal["error", "skip"] | None = Field(None, description="With no identifier left: error, or skip.")


class TriggerDocument(Document):
    """Which raw events make the payload."""

    event: Names = Field(description="A raw event's name, or a list of them.")
    when: Text | None = Field(None, description="A predicate from the raw root.")


class KeepDocument(Document):
    """An object whose keys are passed through."""

    from_: PathText = Field(alias="from", description="The object's path from the raw root.")
    except_: list[Text] | None = Field(None, alias="except", description="Keys that are not passed through.")


Keep: TypeAlias = Annotated[
    Annotated[PathText, Tag(TEXT)] | Annotated[KeepDocument, Tag(MAPPING)], Discriminator(shape)
]


class ValueDocument(Document):
    """Klaviyo's monetary value."""

    from_: PathText = Field(alias="from", description="The amount's path from the raw root.")
    currency: PathOrConstant | None = Field(None, description="The ISO 4217 code.")
    scale: Scale | None = Field(None, description="Moves the decimal point.")
    round: Literal["down", "up", "half_up", "half_even", "floor", "ceiling"] | None = Field(None, description="How.")
    places: Places | None = Field(None, description="Decimal places.")
    absent: Literal["omit"] | None = Field(None, description="omit: no value where the amount is missing.")


class EntryDocument(Document):
    """What an event and a profile update have in common."""

    trigger: TriggerDocument | None = Field(None, description="Which raw events make it; without, its key is the name.")
    describe: Text | None = Field(None, description="When it fires, in our words.")
    assumed: Text | None = Field(None, description="Why we think so, where the vendor's page does not say.")
    like: Text | None = Field(None, description="An entry above in the same file to start from.")
    add: Attributes | None = Field(None, min_length=1, description="Beside like: new attributes.")
    change: Attributes | None = Field(None, min_length=1, description="Beside like: present ones, changed.")
    drop: list[Text] | None = Field(None, min_length=1, description="Beside like: present ones, left out.")
    person: PathText | None = Field(None, description="Where the person stands, in place of the vendor's.")
    identity: IdentityDocument | None = Field(None, description="In place of the vendor's, whole.")
    use: dict[str, Annotated[str, WithJsonSchema(SCALAR)]] | None = Field(
        None, min_length=1, description="Groups, each with its root; `buyer | null` for a root that may be absent."
    )
    attributes: Attributes | None = Field(None, description="The attributes, in the order in which they are sent.")
    keep: Keep | None = Field(None, description="An object whose other keys are passed through as they came.")


class EventDocument(EntryDocument):
    """One event as it is sent."""

    name: Text | None = Field(None, description="The metric's name; `received` sends the raw event's own.")
    value: ValueDocument | None = Field(None, description="Klaviyo's monetary value.")


class StandardDocument(Document):
    """The fields of a profile that platforms have of their own; what a platform lacks it gets as a custom property."""

    first_name: AttributeValue | None = Field(None, description="The given name.")
    last_name: AttributeValue | None = Field(None, description="The family name.")
    organization: AttributeValue | None = Field(None, description="The company the person works for.")
    title: AttributeValue | None = Field(None, description="The person's job.")
    image: AttributeValue | None = Field(None, description="The URL of a picture of the person.")
    locale: AttributeValue | None = Field(None, description="A BCP 47 tag, such as fr or en-US.")
    birthdate: AttributeValue | None = Field(None, description="YYYY-MM-DD.")
    gender: AttributeValue | None = Field(None, description="m or f.")
    address1: AttributeValue | None = Field(None, description="Street and number.")
    address2: AttributeValue | None = Field(None, description="The address's second line.")
    city: AttributeValue | None = Field(None, description="The city.")
    region: AttributeValue | None = Field(None, description="The state, the province.")
    country: AttributeValue | None = Field(None, description="The country's name.")
    country_code: AttributeValue | None = Field(None, description="The country's code of two letters, ISO 3166-1.")
    zip: AttributeValue | None = Field(None, description="The postal code.")
    timezone: AttributeValue | None = Field(None, description="An IANA name, such as Europe/Paris.")
    latitude: AttributeValue | None = Field(None, description="A number, or a text with its digits.")
    longitude: AttributeValue | None = Field(None, description="A number, or a text with its digits.")
    ip: AttributeValue | None = Field(None, description="The IP address.")


class BulkDocument(Document):
    """How updates of many profiles are sent at once."""

    batch: Batch = Field(description="At most so many profiles in a request, if the platform allows as many.")


class ProfileDocument(EntryDocument):
    """One profile update as it is sent."""

    standard: StandardDocument | None = Field(None, description="The platform's own fields of a profile.")
    debounce: Debounce | None = Field(
        None, description="How long to wait for a further update of the same profile, such as 2s."
    )
    bulk: BulkDocument | None = Field(None, description="How many profiles a bulk request holds.")


class SourceDocument(Document):
    """How a raw event says what it is."""

    event: PathOrHeader = Field(description="The raw event's name.")
    id: PathOrHeader = Field(description="The raw event's id: unique_id, eventID.")
    time: TimeSource = Field(description="When it happened.")
    zone: PathOrConstant | None = Field(None, description="The zone in which dates are written.")
    locale: PathOrConstant | None = Field(None, description="The locale in which dates and money are written.")
    currency: PathOrConstant | None = Field(None, description="The ISO 4217 code of the event's money.")


class SignatureDocument(Document):
    """How a webhook shows that the vendor sent it. Without one, it comes with `Authorization: Bearer SECRET`."""

    scheme: Literal["hmac", "token", "standard-webhooks"] | None = Field(
        None, description="hmac unless told; token: the secret itself; standard-webhooks: standardwebhooks.com."
    )
    header: HeaderName | None = Field(None, description="The header that it stands in. hmac and token need one.")
    algorithm: Literal["sha256", "sha512", "sha1"] | None = Field(None, description="hmac: sha256 unless told.")
    encoding: Encodings | None = Field(None, description="hmac: how its bytes are written; a list: any of them.")
    prefix: Text | None = Field(None, description="What stands before it in the header, such as sha256=.")
    signs: Text | None = Field(
        None, description="hmac: body unless told; such as timestamp.body, where other letters stand for themselves."
    )
    timestamp: HeaderName | None = Field(None, description="The header with the time, in seconds since 1970.")
    window: Window | None = Field(None, description="How old a timestamp may be, such as 5m.")
    assumed: Text | None = Field(None, description="Why we think so, where the vendor's page does not say.")


class PlatformDocument(Document):
    """A platform's own rules, by the mapping's own names."""

    origin: Text | None = Field(None, description="Omnisend: the name agreed with the platform.")
    namespace: Text | None = Field(None, description="Shopify: the namespace of the metafields.")
    null_if: dict[str, Text] | None = Field(None, description="{attribute: value}: null in place of this value.")
    as_: dict[str, Literal["text", "percent"]] | None = Field(None, alias="as", description="{attribute: rendering}.")
    rename: dict[str, Text] | None = Field(None, description="{attribute: name there}.")
    omit: list[Text] | None = Field(None, description="Attributes that it does not get.")
    only: list[Text] | None = Field(None, description="The entries it gets, and no others.")
    except_: list[Text] | None = Field(None, alias="except", description="Entries it does not get.")


class VendorDocument(Document):
    """vendor.yaml: all that a vendor's events share."""

    mapforge: Version = Field(description="The version of the mapping language.")
    vendor: Text = Field(description="The vendor's name: the folder's.")
    source: SourceDocument = Field(description="How a raw event says what it is.")
    signature: SignatureDocument | None = Field(None, description="How a webhook shows that the vendor sent it.")
    person: PathText | None = Field(None, description="Where the person of an event stands; the raw root unless told.")
    identity: IdentityDocument = Field(description="Who the event is about.")
    types: dict[Annotated[str, Field(pattern=TYPE_NAME)], TypeDocument] | None = Field(None, description="Named types.")
    groups: dict[str, Attributes] | None = Field(None, description="Attributes that entries share.")
    ignore: list[Text] | None = Field(None, description="Raw events that are not ours to send.")
    platforms: dict[str, PlatformDocument] = Field(min_length=1, description="The platforms that get the entries.")
    describe: Text | None = Field(None, description="For the docs.")


AttributeDocument.model_rebuild()
EventDocument.model_rebuild()
ProfileDocument.model_rebuild()
VendorDocument.model_rebuild()
