"""A request → what Shopify answers to metafieldsSet: its variables checked, and all of them saved or none.

https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/metafieldsSet
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from mapforge.fakes import wire
from mapforge.fakes.problems import Problem, problems
from mapforge.fakes.received import Outcome
from mapforge.fakes.remembered import Remembered
from mapforge.fakes.state import State
from mapforge.platforms.metafields import MOST_BYTES as MOST_VALUE
from mapforge.platforms.shopify import SHOPIFY, VERSION

NAME = SHOPIFY.name
PATH = f"/admin/api/{VERSION}/graphql.json"
MOST_BYTES = 10_000_000
MOST_INTEGER = 2**53 - 1
_TOKEN = re.compile(r"(?:shpat_)?([A-Za-z0-9._-]+)", re.ASCII)
_VARIABLE = re.compile(r"\bmetafieldsSet\s*\(\s*metafields\s*:\s*\$(\w+)\s*\)", re.ASCII)
_RIGHTS = re.compile(r"\bcurrentAppInstallation\s*\{\s*accessScopes\s*\{\s*handle\s*\}\s*\}", re.ASCII)
_JSON = {"content-type": "application/json; charset=utf-8"}
# What GraphQL itself refuses, before a mutation looks at its input.
_SHAPES = ("required", "additionalProperties", "type")


class Shopify:
    """Shopify's double, for one mutation and for what a token may do. An account is a shop."""

    name = NAME

    def __init__(self, state: State) -> None:
        self._state = state
        self._held: Remembered[tuple[str, str, str, str], str] = Remembered(state.settings.remember)
        self._made = 0

    def account(self, request: wire.Request) -> str | None:
        """See LookAlike."""
        token = _TOKEN.fullmatch(request.headers.get("x-shopify-access-token", ""))
        return wire.account_of(token[1]) if token else None

    def endpoint(self, request: wire.Request) -> str:
        """See LookAlike."""
        return "graphql" if request.path == PATH else ""

    def answer(self, request: wire.Request, number: int) -> wire.Answer:
        """See LookAlike."""
        account = self.account(request)
        if account is None:
            return _said(401, "[API] Invalid API key or access token (unrecognized login or wrong password)")
        if request.path != PATH or request.method != "POST":
            return _said(404, "Not Found")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _said(415, "The content type must be application/json.")
        if len(request.body) > MOST_BYTES:
            return _said(413, "The body is over 10 MB.")
        try:
            return self._query(wire.decode(request.body), account, number)
        except wire.Unreadable as error:
            return _said(400, f"{error}")

    def failure(self, status: int, seconds: int) -> wire.Answer:
        """See LookAlike."""
        answer = _said(status, "Throttled" if status == 429 else "Internal Server Error")
        headers = {**answer.headers, "retry-after": f"{seconds:.1f}"} if status == 429 else answer.headers
        return msgspec.structs.replace(answer, headers=headers)

    def forget(self) -> None:
        """See LookAlike."""
        self._held.clear()

    @property
    def forgotten(self) -> int:
        """How many metafields it knows no longer."""
        return self._held.forgotten

    def _query(self, body: Any, account: str, number: int) -> wire.Answer:
        query = body.get("query") if isinstance(body, dict) else None
        if not isinstance(query, str):
            return _said(400, "query is required")
        if _RIGHTS.search(query):
            return _installation()
        variable = _VARIABLE.search(query)
        if variable is None:
            text = "This double knows metafieldsSet(metafields: $…) and currentAppInstallation alone"
            return _graphql_error(text, "undefinedField", [])
        variables = body.get("variables")
        told: Any = variables.get(variable[1]) if isinstance(variables, dict) else None
        found = problems(NAME, "metafields", {"metafields": told})
        shapes = [one for one in found if one.rule in _SHAPES]
        if shapes:
            text = f"Variable ${variable[1]} of type [MetafieldsSetInput!]! was provided invalid value"
            return _graphql_error(text, "INVALID_VARIABLE", shapes)
        found += [] if found else _beyond(told)
        return _user_errors(found) if found else self._saved(told, account, number)

    def _saved(self, told: Sequence[Any], account: str, number: int) -> wire.Answer:
        saved = [self._save(one, account, number) for one in told]
        return _data({"metafields": saved, "userErrors": []})

    def _save(self, told: Any, account: str, number: int) -> dict[str, str]:
        key = (account, told["ownerId"], told["namespace"], told["key"])
        known = self._held.get(key)
        outcome: Outcome = "updated" if known else "created"
        if known is None:
            self._made += 1
        name = known or f"gid://shopify/Metafield/{self._made}"
        self._held.put(key, name)
        self._state.received.item(
            call=number, at=self._state.clock(), platform=NAME, account=account, kind="metafield", outcome=outcome,
            name=f"{told['namespace']}.{told['key']}", id=name, person=told["ownerId"], body=told,
        )  # fmt: skip
        shown = {field: told[field] for field in ("namespace", "key", "type", "value")}
        return {"id": name, **shown, "compareDigest": sha256(told["value"].encode()).hexdigest()}


def _beyond(told: Sequence[Any]) -> list[Problem]:
    """The limits in prose."""
    found = []
    for at, one in enumerate(told):
        value = one["value"]
        if len(value.encode()) > MOST_VALUE:
            found.append(Problem(("metafields", at, "value"), "maxLength", str(MOST_VALUE)))
        elif one["type"] == "number_integer" and abs(int(value)) > MOST_INTEGER:
            found.append(Problem(("metafields", at, "value"), "pattern"))
    return found


def _user_errors(found: Sequence[Problem]) -> wire.Answer:
    said = [_user_error(one) for one in found]
    answer = _data({"metafields": None, "userErrors": said})
    return msgspec.structs.replace(answer, said="; ".join(f"{one['message']} {one['field']}" for one in said[:3]))


def _user_error(problem: Problem) -> dict[str, Any]:
    at = next((step for step in problem.path if isinstance(step, int)), None)
    return {"field": [str(step) for step in problem.path], **_code(problem), "elementIndex": at}


def _code(problem: Problem) -> dict[str, str]:
    if problem.rule == "maxItems":
        return {"message": f"Exceeded the maximum metafields input limit of {problem.about}.",
                "code": "LESS_THAN_OR_EQUAL_TO"}  # fmt: skip
    if problem.rule == "enum" and problem.path[-1] == "type":
        return {"message": "Type is not included in the list.", "code": "INCLUSION"}
    codes = {"maxLength": ("is too long", "TOO_LONG"), "minLength": ("can't be blank", "BLANK")}
    words, code = codes.get(problem.rule, ("is invalid", "INVALID_VALUE"))
    return {"message": f"{str(problem.path[-1]).capitalize()} {words}.", "code": code}


def _graphql_error(message: str, code: str, found: Sequence[Problem]) -> wire.Answer:
    places = [{"path": list(one.path[1:]), "explanation": _explained(one)} for one in found]
    body = {"errors": [{"message": message, "extensions": {"code": code, "problems": places}}]}
    return wire.Answer(200, msgspec.json.encode(body), _JSON, message)


def _explained(problem: Problem) -> str:
    words = {"required": "Expected value to not be null", "additionalProperties": "Field is not defined on the input"}
    return words.get(problem.rule, f"Expected a value of type {problem.about}")


def _installation() -> wire.Answer:
    """Every token here may do all that is needed."""
    scopes = [{"handle": right} for right in SHOPIFY.probe.needs]
    body = {"data": {"currentAppInstallation": {"accessScopes": scopes}}}
    return wire.Answer(200, msgspec.json.encode(body), _JSON)


def _data(payload: dict[str, Any]) -> wire.Answer:
    return wire.Answer(200, msgspec.json.encode({"data": {"metafieldsSet": payload}}), _JSON)


def _said(status: int, words: str) -> wire.Answer:
    return wire.Answer(status, msgspec.json.encode({"errors": words}), _JSON, words)
