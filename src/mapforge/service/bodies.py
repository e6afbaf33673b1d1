"""What operators' calls say and get, as pydantic models: closed, bounded, and strict where a person writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from mapforge.delivery.exchange import unfit_key, unfit_shop
from mapforge.delivery.secrets import Secret
from mapforge.platforms import PLATFORMS

MOST = 2**63 - 1
AT_ONCE = 100
EVENTS_AT_ONCE = 500
_PAGE = 500

Number: TypeAlias = Annotated[int, Field(ge=1, le=MOST)]
Numbers: TypeAlias = Annotated[list[Number], Field(min_length=1, max_length=AT_ONCE)]
Count: TypeAlias = Annotated[int, Field(ge=0, le=MOST)]
Source: TypeAlias = Annotated[str, Field(min_length=1, max_length=4096)]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
NewName: TypeAlias = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="It stands in the address of its webhooks.")
]


def _platform(name: str) -> str:
    if name not in PLATFORMS:
        raise PydanticCustomError("platform", "there is no such platform; there are: {names}", {"names": _NAMES})
    return name


_NAMES = ", ".join(PLATFORMS)
PlatformName: TypeAlias = Annotated[str, AfterValidator(_platform), Field(json_schema_extra={"enum": list(PLATFORMS)})]


def _key(key: SecretStr) -> SecretStr:
    unfit = unfit_key(Secret(key.get_secret_value()))
    if unfit is not None:
        raise PydanticCustomError("key", unfit)
    return key


def _shop(shop: str) -> str:
    unfit = unfit_shop(shop)
    if unfit is not None:
        raise PydanticCustomError("shop", unfit)
    return shop


Key: TypeAlias = Annotated[SecretStr, Field(min_length=1, max_length=4096), AfterValidator(_key)]
Shop: TypeAlias = Annotated[str, Field(max_length=120), AfterValidator(_shop)]


class _Said(BaseModel):
    """What a caller says: nothing is converted, and nothing is overlooked."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


# ── what comes in ─────────────────────────────────────────────────────────────────────────────────


class OutletIn(_Said):
    """A platform that a connection sends to. What is not said stays as it is; a new one needs its key."""

    platform: PlatformName
    key: Key | None = Field(None, description="An API key or token. It is sealed at once and never comes out again.")
    shop: Shop | None = Field(None, description="A Shopify shop's domain, such as a-shop.myshopify.com.")
    enabled: bool | None = None


class ConnectionIn(_Said):
    """A connection, new or changed. What is not said stays as it is; a new one needs its vendor."""

    vendor: Name | None = None
    merchant: Name | None = Field(None, description="Whose connection it is, for people; a new one's id unless said.")
    events: bool | None = None
    profiles: bool | None = None
    enabled: bool | None = None
    signing: Key | None = Field(None, description="The secret that the vendor signs its webhooks with.")
    outlets: Annotated[list[OutletIn], Field(max_length=len(PLATFORMS))] = []


class SwitchIn(_Said):
    """What is switched on or off. A module that is off makes no payloads of what comes meanwhile."""

    enabled: bool | None = None
    events: bool | None = None
    profiles: bool | None = None


class OutletSwitchIn(_Said):
    """An outlet that is off keeps what waits and gets nothing of what is mapped meanwhile."""

    enabled: bool


class ReplayIn(_Said):
    """Dead letters whose events are mapped anew, for the platforms that missed them."""

    letters: Numbers
    dry_run: bool = Field(False, description="Write nothing; show what differs.")
    backfill: bool = Field(False, description="Say that the events are old, so that no flow mails a customer.")


class LettersIn(_Said):
    """Dead letters."""

    letters: Numbers


class PayloadsIn(_Said):
    """Held payloads."""

    payloads: Numbers


class RawEventIn(_Said):
    """A raw event. id: what it is known by in the queue."""

    id: Annotated[str, Field(min_length=1, max_length=400)]
    raw: Annotated[str, Field(description="Its bytes, in Base64.")]


class EventsIn(_Said):
    """Raw events that did not come as webhooks. event: their name, where neither bodies nor headers say it."""

    event: Name | None = None
    headers: Annotated[dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=4096)]],
                       Field(max_length=50)] = {}  # fmt: skip
    events: Annotated[list[RawEventIn], Field(min_length=1, max_length=EVENTS_AT_ONCE)]


class SyncFrom(BaseModel):
    """Which sync. source: a file or an address; event: the name that its raw events go by."""

    model_config = ConfigDict(extra="forbid")

    source: Source
    event: Name | None = None


class NewSyncIn(_Said):
    """A sync that begins. page: its first page."""

    source: Source
    event: Name | None = None
    page: Source


class SyncIn(NewSyncIn):
    """How far a sync is: so many lines of a page, with this digest; before: of the pages before it."""

    id: Number
    lines: Count
    before: Count
    digest: Annotated[str, Field(max_length=200)]
    ended: bool


class Page(BaseModel):
    """Which part of a list."""

    model_config = ConfigDict(extra="forbid")

    connection: Name | None = None
    after: Annotated[int, Field(ge=0, le=MOST, description="The last number of the page before.")] = 0
    limit: Annotated[int, Field(ge=1, le=_PAGE)] = 100


class RawWanted(BaseModel):
    """Whether customer data is asked for."""

    model_config = ConfigDict(extra="forbid")

    raw: Annotated[bool, Field(description="With customer data.")] = False


# ── what goes out ─────────────────────────────────────────────────────────────────────────────────


class OutletOut(BaseModel):
    """An outlet. trouble: what it waits for."""

    platform: str
    enabled: bool
    shop: str | None
    trouble: str | None


class ConnectionOut(BaseModel):
    """A connection. signing: whether it has a secret for its webhooks."""

    id: str
    merchant: str
    vendor: str
    enabled: bool
    events: bool
    profiles: bool
    signing: bool
    outlets: list[OutletOut]


class ConnectionsOut(BaseModel):
    """All connections, by their ids."""

    connections: list[ConnectionOut]


class ChangedOut(BaseModel):
    """A connection after a call. changed: what is not as it was, such as `merchant`, `klaviyo` or `klaviyo.key`."""

    connection: ConnectionOut
    added: bool
    changed: list[str]


class CheckOut(BaseModel):
    """One thing that was looked at. `unproven`: it could not be seen whether it is well."""

    platform: str | None
    of: Literal["mapper", "signing", "key"]
    state: Literal["well", "wrong", "unproven"]
    says: str


class TestedOut(BaseModel):
    """What a test of a connection found. well: nothing is wrong."""

    connection: str
    well: bool
    checks: list[CheckOut]


class ReasonOut(BaseModel):
    """Why. place: the mapping's file:line. pointer: where in the body the platform found it.

    detail: what the platform says, which may quote customer data; null unless that is asked for.
    """

    code: str
    reason: str
    place: str
    entry: str | None
    platform: str | None
    attribute: str | None
    pointer: str | None
    detail: str | None = None


class LetterOut(BaseModel):
    """A dead letter. event: the number of the raw event; name: the event's; payload: of the one that was rejected."""

    id: int
    event: int
    payload: int | None
    connection: str
    name: str | None
    at: datetime
    reasons: list[ReasonOut]


class LettersOut(BaseModel):
    """A page of dead letters. next: what `after` is for the next page; null: there is none."""

    letters: list[LetterOut]
    next: int | None


class WholeLetterOut(LetterOut):
    """A dead letter. raw: the raw event, or raw_base64 where it is no UTF-8; null unless they are asked for."""

    raw: str | None
    raw_base64: str | None


class ChangeOut(BaseModel):
    """A payload of a replay. kept_back: why it is not sent. difference: from the payload before, in a dry run."""

    entry: str
    platform: str
    kept_back: str | None
    difference: str | None


class ReplayOut(BaseModel):
    """What came of an event's replay, or would.

    letters: those that are put away. left: those that stay, of what is switched off. reasons: of the one that is new.
    """

    event: int
    connection: str
    letters: list[int]
    left: list[int]
    changes: list[ChangeOut]
    reasons: list[ReasonOut]
    skipped: list[ReasonOut]


class ReplaysOut(BaseModel):
    """What came of replays, by their events."""

    dry_run: bool
    replays: list[ReplayOut]


class DroppedOut(BaseModel):
    """How many were put away."""

    dropped: int


class HeldOut(BaseModel):
    """A payload that may have arrived, and waits for a word."""

    id: int
    event: int
    connection: str
    entry: str
    platform: str
    since: datetime
    reason: str


class HeldPageOut(BaseModel):
    """A page of held payloads. next: what `after` is for the next page; null: there is none."""

    payloads: list[HeldOut]
    next: int | None


class WholeHeldOut(HeldOut):
    """A held payload. unique_id: what the platform knows it by. body: null unless it is asked for."""

    unique_id: str
    body: str | None


class SentOut(BaseModel):
    """How many go once more."""

    sent: int


class DepthOut(BaseModel):
    """How many rows stand in a state, and for how many seconds the oldest does."""

    state: str
    rows: int
    oldest: float


class TroubleOut(BaseModel):
    """An outlet that sends nothing at the moment, and why."""

    connection: str
    platform: str
    reason: str


class AcceptedOut(BaseModel):
    """A raw event in the queue. repeat: it was there before."""

    event: int
    repeat: bool


class EventsOut(BaseModel):
    """What became of raw events, in their order."""

    events: list[AcceptedOut]


class SyncOut(BaseModel):
    """How far a sync is."""

    id: int
    connection: str
    source: str
    event: str | None
    page: str
    lines: int
    before: int
    digest: str
    ended: bool
    began: int
    at: int


class FoundSyncOut(BaseModel):
    """The latest sync of a source, if there was one."""

    sync: SyncOut | None


class WaitOut(BaseModel):
    """What sends nothing for so many seconds more, and why: an outlet, or all of them where the queue is in the way."""

    connection: str | None
    platform: str | None
    reason: str
    seconds: float


class QueueOut(BaseModel):
    """What stands in the queue. troubles: as they stand in the file; waits: of the worker in this process, if any."""

    depths: list[DepthOut]
    troubles: list[TroubleOut]
    waits: list[WaitOut]
