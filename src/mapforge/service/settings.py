"""The environment → the service's settings, or every problem with them at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mapforge.delivery.secrets import VARIABLE, Secret
from mapforge.delivery.settings import Settings as DeliverySettings
from mapforge.delivery.sources import AUTHORIZATION
from mapforge.diagnostics import MapforgeError, did_you_mean

PREFIX = "MAPFORGE_"
ADMIN_URL = "MAPFORGE_ADMIN_URL"
SHORTEST_TOKEN = 16
_OTHERS = (VARIABLE, ADMIN_URL, AUTHORIZATION)  # variables of ours that are no settings of the service

Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class SettingsError(MapforgeError):
    """Settings that cannot be meant. wrong: each with its variable and what is wrong, none with its value."""

    def __init__(self, wrong: tuple[str, ...]) -> None:
        super().__init__("settings cannot be used")
        self.wrong = wrong


class Settings(BaseSettings):
    """What a service goes by: variables of the environment with the prefix MAPFORGE_. Times are seconds, sizes bytes.

    queue: the queue's file. host, port: where webhooks come in; admin_host, admin_port: where operators do.
    admin_token: without one no admin route answers. workers: deliver in this process, too.

    max_body, max_depth: what a webhook's body may have. body_memory: what all bodies under way may have together.
    body_seconds: how long a body may take to come. dry_run: whether POST /v1/map/{vendor} is there. drain: how long a
    stop waits for what was begun. retry_after: what a caller is told where the queue cannot be written. traces: by
    OpenTelemetry; its own variables say where to.

    delivery: the fields of mapforge.delivery.settings.Settings, as MAPFORGE_DELIVERY__GIVE_UP.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    queue: Path = Path("queue.db")
    host: str = "127.0.0.1"
    port: Port = 8787
    admin_host: str = "127.0.0.1"
    admin_port: Port = 8788
    admin_token: SecretStr | None = None
    workers: bool = True
    max_body: Annotated[int, Field(ge=1024)] = 1_048_576
    max_depth: Annotated[int, Field(ge=8, le=500)] = 100
    body_memory: Annotated[int, Field(ge=1024)] = 134_217_728
    body_seconds: Seconds = 30.0
    dry_run: bool = True
    drain: Seconds = 25.0
    retry_after: Annotated[int, Field(ge=1, le=3600)] = 5
    traces: bool = False
    log_format: Literal["json", "text"] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    delivery: dict[str, Any] = {}

    @field_validator("admin_token")
    @classmethod
    def _long(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and len(given.get_secret_value()) < SHORTEST_TOKEN:
            raise PydanticCustomError("token", "takes at least {most} characters", {"most": SHORTEST_TOKEN})
        return given

    @field_validator("delivery")
    @classmethod
    def _delivery(cls, given: dict[str, Any]) -> dict[str, Any]:
        problems = list(_wrong(given))
        if problems:
            raise PydanticCustomError("delivery", "{problems}", {"problems": "; ".join(problems)})
        return given

    @property
    def of_delivery(self) -> DeliverySettings:
        """What the queue and its senders go by."""
        return msgspec.convert(self.delivery, DeliverySettings, strict=False)

    @property
    def token(self) -> Secret | None:
        """The admin token."""
        return None if self.admin_token is None else Secret(self.admin_token.get_secret_value())


_FIELDS = {field.name: field for field in msgspec.structs.fields(DeliverySettings)}


def _wrong(given: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with settings of the delivery."""
    for name, value in given.items():
        if name not in _FIELDS:
            nearest = did_you_mean(name, list(_FIELDS))
            yield f"there is no {name}" + (f"; did you mean {nearest}?" if nearest else "")
            continue
        try:
            made = msgspec.convert(value, _FIELDS[name].type, strict=False)
        except msgspec.ValidationError as error:
            yield f"{name}: {_takes(_FIELDS[name].type) or error}"
            continue
        if isinstance(made, (int, float)) and not 0 < made < float("inf"):
            yield f"{name}: takes a number above 0"


def _takes(kind: Any) -> str:
    """What a setting of a few words takes: msgspec would say the wrong one."""
    return f"takes {' or '.join(get_args(kind))}" if get_origin(kind) is Literal else ""


def settings_of(**given: Any) -> Settings:
    """The settings of the environment; what is given counts first. SettingsError with every problem."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise SettingsError(tuple(_problem(one["loc"], one["msg"]) for one in found)) from None


def _problem(where: tuple[int | str, ...], message: str) -> str:
    variable = PREFIX + str(where[0]).upper() if where else PREFIX
    return f"{variable}: {message}"


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables with our prefix that nothing reads, each with the nearest that is read."""
    known = [PREFIX + name.upper() for name in Settings.model_fields] + list(_OTHERS)
    found = []
    for name in sorted(environment):
        base = name.upper().partition("__")[0]
        if base.startswith(PREFIX) and base not in known:
            nearest = did_you_mean(base, known)
            found.append(name + (f" (did you mean {nearest}?)" if nearest else ""))
    return found
