"""Secrets: sealed at rest, opened by any of the keys, shown nowhere."""

from __future__ import annotations

import pickle
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from mapforge.delivery.queue import Connection
from mapforge.delivery.secrets import Keys, Secret, SecretError, fresh_key, keys_of
from tests.delivery.house import house

OLD, NEW = fresh_key(), fresh_key()


@given(st.text())
def test_what_is_sealed_opens_to_the_same_and_does_not_hold_it(text: str) -> None:
    sealed = Keys((OLD,)).seal(Secret(text))
    assert Keys((OLD,)).open(sealed) == Secret(text)
    assert len(text) < 4 or text.encode() not in sealed


def test_a_rotated_secret_opens_with_the_new_key_alone() -> None:
    sealed = Keys((OLD,)).seal(Secret("pk_1"))
    rotated = Keys((NEW, OLD)).rotated(sealed)
    assert Keys((NEW,)).open(rotated).reveal() == "pk_1"
    with pytest.raises(SecretError, match="sealed by a key that is not in MAPFORGE_SECRET_KEY"):
        Keys((NEW,)).open(sealed)


def test_keys_come_from_the_environment_newest_first() -> None:
    keys = keys_of({"MAPFORGE_SECRET_KEY": f" {NEW}, {OLD} "})
    assert Keys((NEW,)).open(keys.seal(Secret("a"))) == Secret("a")
    assert keys.open(Keys((OLD,)).seal(Secret("b"))) == Secret("b")


@pytest.mark.parametrize("value", ["", " , "])
def test_without_a_key_the_error_says_how_to_make_one(value: str) -> None:
    with pytest.raises(SecretError, match=r"MAPFORGE_SECRET_KEY is not set; make a key: python -c"):
        keys_of({"MAPFORGE_SECRET_KEY": value})


@pytest.mark.parametrize("key", ["short", "pk_live_of_a_merchant_by_mistake", "é" * 44])
def test_a_key_that_is_none_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(SecretError) as refused:
        Keys((key,))
    assert key not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_secret_shows_itself_in_no_text() -> None:
    secret = Secret("pk_live")
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r:>20}", pretty_repr(secret), repr(Keys((OLD,)))]
    assert [text for text in shown if "pk_live" in text or OLD in text] == []
    assert "pk_live" not in secret.fingerprint
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        msgspec.json.encode(secret)


def test_the_same_secret_has_the_same_fingerprint() -> None:
    assert Secret("a").fingerprint == Secret("a").fingerprint != Secret("b").fingerprint


def test_the_queues_file_holds_no_secret_and_rotating_seals_all_of_them_anew(tmp_path: Path) -> None:
    old, both = Keys((OLD,)), Keys((NEW, OLD))
    with house(tmp_path) as home:
        signing = old.seal(Secret("whsec_shop"))
        home.store.add_connection(Connection(id="shop", merchant="M", vendor="acme", signing=signing)).result()
        outlet = home.store.add_outlet("shop", "klaviyo", old.seal(Secret("pk_live"))).result()
        assert home.store.rotate(both.rotated).result() == 2
        (kept,), connection = home.store.outlets(), home.store.connection("shop")
        assert connection is not None
        assert connection.signing is not None
        new = Keys((NEW,))
        assert (new.open(kept.key).reveal(), new.open(connection.signing).reveal()) == ("pk_live", "whsec_shop")
        shown = repr((kept, connection, outlet)) + pretty_repr([kept, connection])
        assert "key" not in shown.replace("klaviyo", "")
    content = b"".join(path.read_bytes() for path in tmp_path.glob("queue.db*"))
    assert b"pk_live" not in content
    assert b"whsec_shop" not in content
