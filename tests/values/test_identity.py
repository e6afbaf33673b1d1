"""Identity: which texts are e-mail addresses and phone numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapforge.values.identity import valid_email, valid_phone


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com",
        "ada.lovelace+cards@mail.example.co.uk",
        "a@b.c",
        "UPPER@EXAMPLE.COM",
        "!#$%&'*+/=?^_`{|}~-@example.com",
        ".dots..anywhere.@example.com",
        "ada@xn--bcher-kva.example",
        f"ada@{'a' * 63}.com",
        f"{'a' * 242}@example.com",
    ],
)
def test_an_address_as_browsers_take_it_is_valid(text: str) -> None:
    assert valid_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@localhost",
        "@example.com",
        "ada@",
        "ada@example.com\n",
        " ada@example.com",
        "ada @example.com",
        "ada@@example.com",
        "ada@.example.com",
        "ada@example.com.",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exam_ple.com",
        "ada@example..com",
        "äda@example.com",
        "ada@bücher.example",
        "ada@１２.example",
        '"ada lovelace"@example.com',
        "ada@[127.0.0.1]",
        "Ada <ada@example.com>",
        "ada@example.com,bob@example.com",
        f"ada@{'a' * 64}.com",
        f"{'a' * 243}@example.com",
    ],
)
def test_any_other_text_is_not_an_address(text: str) -> None:
    assert not valid_email(text)


@pytest.mark.parametrize("text", ["+4915112345678", "+12025550123", "+1234567", "+123456789012345"])
def test_a_number_in_e164_is_valid(text: str) -> None:
    assert valid_phone(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "4915112345678",
        "+0915112345678",
        "+123456",
        "+1234567890123456",
        "+1 202 5550123",
        "+12025550123\n",
        "+1-202-5550123",
        "+１2025550123",
        "+1202555012٣",
        "++12025550123",
        " +12025550123",
        "0049 151 12345678",
    ],
)
def test_any_other_text_is_not_a_phone_number(text: str) -> None:
    assert not valid_phone(text)


near_emails = st.from_regex(r"[a-z.+_-]{1,8}@[a-z0-9-]{0,4}\.?[a-z0-9-]{0,4}\n?", fullmatch=True)


@given(st.text() | st.emails() | near_emails)
def test_a_valid_address_is_one_to_the_platforms_too(text: str) -> None:
    if valid_email(text):
        assert re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text)
        assert text.isascii()
        assert len(text) <= 254


def test_a_hostile_text_is_answered_at_once() -> None:
    hostile = ["a" * 1_000_000, "a@" + "a." * 126, "a@" + "a-" * 126 + "!", "+" + "1" * 1_000_000]
    assert [(valid_email(text), valid_phone(text)) for text in hostile] == [(False, False)] * 4
