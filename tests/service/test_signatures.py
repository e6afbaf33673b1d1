"""Signatures: what the vendor signed is taken, and nothing that was changed on the way, is old or is hostile."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mapforge import model
from mapforge.compiler.signatures import STANDARD_WEBHOOKS
from mapforge.delivery.secrets import Secret
from mapforge.service.signatures import Unsigned, headers_of, sign, verify

NOW = 1_800_000_000.0
SECRET = Secret("the-secret")
BODY = b'{"id": 1}'
PLAIN = model.Signature(scheme="hmac", header="x-sign")
TIMED = model.Signature(
    scheme="hmac", header="x-sign", algorithm="sha1", encodings=("base64",), prefix="v0=", signs="v0:timestamp:body",
    timestamp="x-time", window=300,
)  # fmt: skip
EITHER = model.Signature(scheme="hmac", header="x-sign", encodings=("hex", "base64"))
TOKEN = model.Signature(scheme="token", header="x-key", prefix="Key ")
ALL = {"bearer": None, "plain": PLAIN, "timed": TIMED, "either": EITHER, "token": TOKEN, "standard": STANDARD_WEBHOOKS}
HMACS = {name: one for name, one in ALL.items() if one is not None and one.scheme != "token"}


def why(
    signature: model.Signature | None,
    headers: Mapping[str, str],
    body: bytes = BODY,
    *secrets: Secret,
    now: float = NOW,
) -> str | None:
    """Why a webhook is refused; None: it is not."""
    try:
        verify(signature, secrets or (SECRET,), headers, body, now)
    except Unsigned as unsigned:
        return str(unsigned)
    return None


@pytest.mark.parametrize("signature", ALL.values(), ids=list(ALL))
@given(body=st.binary(max_size=200))
def test_what_is_signed_is_taken(signature: model.Signature | None, body: bytes) -> None:
    assert why(signature, sign(signature, SECRET, body, NOW), body) is None


@pytest.mark.parametrize("signature", HMACS.values(), ids=list(HMACS))
@given(body=st.binary(min_size=1, max_size=50), bit=st.integers(0, 50 * 8 - 1))
def test_one_bit_of_the_body_more_or_less_is_another_body(signature: model.Signature, body: bytes, bit: int) -> None:
    assume(bit < len(body) * 8)
    changed = bytearray(body)
    changed[bit // 8] ^= 1 << bit % 8
    headers = sign(signature, SECRET, body, NOW)
    assert why(signature, headers, bytes(changed)) == f"the signature in {signature.header} does not fit the body"


@pytest.mark.parametrize("signature", HMACS.values(), ids=list(HMACS))
@given(data=st.data())
def test_one_bit_of_a_digest_more_or_less_is_another_digest(signature: model.Signature, data: st.DataObject) -> None:
    headers = sign(signature, SECRET, BODY, NOW)
    written = headers[signature.header].removeprefix(signature.prefix)
    is_hex = signature.encodings[0] == "hex"
    digest = bytearray(bytes.fromhex(written) if is_hex else base64.b64decode(written))
    bit = data.draw(st.integers(0, len(digest) * 8 - 1))
    digest[bit // 8] ^= 1 << bit % 8
    changed = digest.hex() if is_hex else base64.b64encode(digest).decode()
    found = why(signature, {**headers, signature.header: signature.prefix + changed})
    assert found == f"the signature in {signature.header} does not fit the body"


@pytest.mark.parametrize("signature", [TIMED, STANDARD_WEBHOOKS], ids=["timed", "standard"])
@given(seconds=st.integers(-300, 300).filter(bool))
def test_another_time_inside_the_window_does_not_fit(signature: model.Signature, seconds: int) -> None:
    assert signature.timestamp is not None
    headers = {**sign(signature, SECRET, BODY, NOW), signature.timestamp: str(int(NOW) + seconds)}
    assert why(signature, headers) == f"the signature in {signature.header} does not fit the body"


@given(id=st.text("abc_123", max_size=20).filter(lambda id: id != "msg_1"))
def test_another_id_does_not_fit(id: str) -> None:
    headers = {**sign(STANDARD_WEBHOOKS, SECRET, BODY, NOW), "webhook-id": id}
    assert why(STANDARD_WEBHOOKS, headers) == "the signature in webhook-signature does not fit the body"


@pytest.mark.parametrize("signature", ALL.values(), ids=list(ALL))
@given(said=st.text(max_size=100), data=st.data())
def test_hostile_headers_raise_nothing_else(signature: model.Signature | None, said: str, data: st.DataObject) -> None:
    headers = sign(signature, SECRET, BODY, NOW)
    name = data.draw(st.sampled_from(sorted(headers)))
    before = headers[name]
    part = data.draw(st.sampled_from([said, before + said, said + before, before[:-1], before[: len(before) // 2]]))
    found = why(signature, {**headers, name: part})
    assert found is None or "the-secret" not in found


@pytest.mark.parametrize("signature", ALL.values(), ids=list(ALL))
def test_a_header_that_is_not_there_is_named(signature: model.Signature | None) -> None:
    headers = sign(signature, SECRET, BODY, NOW)
    for name in headers:
        assert why(signature, {key: value for key, value in headers.items() if key != name}) == (
            f"there is no header {name}"
        )


@pytest.mark.parametrize("signature", ALL.values(), ids=list(ALL))
def test_another_secret_does_not_fit_and_an_old_one_may_stay_a_while(signature: model.Signature | None) -> None:
    headers = sign(signature, SECRET, BODY, NOW)
    other = Secret("another")
    assert why(signature, headers, BODY, other) is not None
    assert why(signature, headers, BODY, other, SECRET) is None
    assert why(signature, headers, BODY, SECRET, other) is None


# ── by the vendors' own words ─────────────────────────────────────────────────────────────────────


def test_a_digest_as_the_standard_library_makes_it() -> None:
    digest = hmac.new(b"the-secret", BODY, hashlib.sha256)
    assert why(PLAIN, {"x-sign": digest.hexdigest()}) is None
    assert why(PLAIN, {"x-sign": digest.hexdigest().upper()}) is None
    assert why(PLAIN, {"x-sign": base64.b64encode(digest.digest()).decode()}) is not None
    assert why(EITHER, {"x-sign": digest.hexdigest()}) is None
    assert why(EITHER, {"x-sign": base64.b64encode(digest.digest()).decode()}) is None


def test_the_example_of_standard_webhooks() -> None:
    """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""
    secret = Secret("whsec_" + base64.b64encode(b"twenty-four-bytes-of-it!").decode())
    signed = b"msg_2.1800000000." + BODY
    digest = base64.b64encode(hmac.digest(b"twenty-four-bytes-of-it!", signed, "sha256")).decode()
    headers = {"webhook-id": "msg_2", "webhook-timestamp": "1800000000"}
    assert why(STANDARD_WEBHOOKS, {**headers, "webhook-signature": f"v1,{digest}"}, BODY, secret) is None
    several = f"v1,bm90IGl0 v1a,{digest} v1,{digest}"
    assert why(STANDARD_WEBHOOKS, {**headers, "webhook-signature": several}, BODY, secret) is None
    assert why(STANDARD_WEBHOOKS, {**headers, "webhook-signature": f"v1a,{digest}"}, BODY, secret) == (
        "webhook-signature does not begin with v1,"
    )
    broken = Secret("whsec_not base64")
    assert why(STANDARD_WEBHOOKS, {**headers, "webhook-signature": f"v1,{digest}"}, BODY, broken) == (
        "the connection's signing secret is no Base64 after whsec_"
    )


def test_a_standard_secret_that_holds_nothing_lets_nobody_in() -> None:
    digest = base64.b64encode(hmac.digest(b"", b"msg_2.1800000000." + BODY, "sha256")).decode()
    headers = {"webhook-id": "msg_2", "webhook-timestamp": "1800000000", "webhook-signature": f"v1,{digest}"}
    assert why(STANDARD_WEBHOOKS, headers, BODY, Secret("whsec_")) == (
        "the connection's signing secret holds nothing after whsec_"
    )


@pytest.mark.parametrize(("seconds", "taken"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_the_window_is_open_to_both_sides(seconds: int, taken: bool) -> None:
    found = why(TIMED, sign(TIMED, SECRET, BODY, NOW), now=NOW + seconds)
    assert found == (None if taken else "the time in x-time is more than 300 s away")


@pytest.mark.parametrize("said", ["", "now", "-5", "1e9", "1" * 16, "\u0661", " 1800000000"])
def test_a_time_that_is_none_is_said(said: str) -> None:
    headers = {**sign(TIMED, SECRET, BODY, NOW), "x-time": said}
    assert why(TIMED, headers) == "x-time holds no seconds since 1970"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Bearer the-secret", None),
        ("bearer  the-secret ", None),
        ("Basic " + base64.b64encode(b"anybody:the-secret").decode(), None),
        ("Basic " + base64.b64encode(b":the-secret").decode(), None),
        ("Basic " + base64.b64encode(b"the-secret").decode(), "the secret in authorization is another one"),
        ("Basic ***", "authorization holds no Basic credentials"),
        ("Bearer", "the secret in authorization is another one"),
        ("the-secret", "authorization is neither Bearer nor Basic"),
        ("", "authorization is neither Bearer nor Basic"),
    ],
)
def test_a_secret_in_authorization(said: str, found: str | None) -> None:
    assert why(None, {"authorization": said}) == found


def test_a_secret_beyond_ascii_comes_as_its_bytes() -> None:
    secret = Secret("größe")
    assert why(None, {"authorization": "Bearer " + "größe".encode().decode("latin-1")}, BODY, secret) is None


def test_what_proves_is_not_kept() -> None:
    assert (headers_of(None), headers_of(TIMED), headers_of(TOKEN)) == (("authorization",), ("x-sign",), ("x-key",))
