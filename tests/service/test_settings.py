"""Settings: from the environment, all problems at once, and no value in what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapforge.delivery.settings import Settings as DeliverySettings
from mapforge.service.settings import Settings, SettingsError, settings_of, unknown_variables


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MAPFORGE_{name.upper()}", raising=False)


def test_unless_told_it_listens_on_loopback_and_delivers() -> None:
    settings = settings_of()
    assert (settings.host, settings.port, settings.admin_host, settings.admin_port) == (
        "127.0.0.1", 8787, "127.0.0.1", 8788,
    )  # fmt: skip
    assert (settings.queue, settings.workers, settings.token) == (Path("queue.db"), True, None)
    assert settings.of_delivery == DeliverySettings()


def test_variables_are_read_and_what_the_call_says_counts_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPFORGE_PORT", "9000")
    monkeypatch.setenv("MAPFORGE_HOST", "0.0.0.0")
    monkeypatch.setenv("MAPFORGE_DELIVERY__GIVE_UP", "3600")
    monkeypatch.setenv("MAPFORGE_DELIVERY__BULK_FROM", "7")
    monkeypatch.setenv("MAPFORGE_DELIVERY__ORIGINS__KLAVIYO", "http://127.0.0.1:1/klaviyo")
    settings = settings_of(port=9001, host=None)
    assert (settings.port, settings.host) == (9001, "0.0.0.0")
    assert settings.of_delivery == DeliverySettings(
        give_up=3600.0, bulk_from=7, origins={"klaviyo": "http://127.0.0.1:1/klaviyo"}
    )


def test_every_problem_is_said_at_once_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "PORT": "70000-secret",
        "WORKERS": "secret",
        "MAX_DEPTH": "1",
        "ADMIN_TOKEN": "secret",
        "DELIVERY__LEASE": "-1",
        "DELIVERY__LEESE": "secret",
        "DELIVERY__AMBIGUOUS": "secret",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(f"MAPFORGE_{name}", value)
    with pytest.raises(SettingsError) as caught:
        settings_of()
    said = "\n".join(caught.value.wrong)
    assert [line.partition(":")[0] for line in caught.value.wrong] == [
        "MAPFORGE_PORT", "MAPFORGE_ADMIN_TOKEN", "MAPFORGE_WORKERS", "MAPFORGE_MAX_DEPTH", "MAPFORGE_DELIVERY",
    ]  # fmt: skip
    assert "takes at least 16 characters" in said
    assert (
        "lease: takes a number above 0; there is no leese; did you mean lease?; ambiguous: takes hold or retry" in said
    )
    assert "secret" not in said


@pytest.mark.parametrize("value", ["nan", "inf", "0", "-0.5"])
def test_a_time_is_a_number_above_nothing(value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of(delivery={"lease": value})
    assert "lease" in caught.value.wrong[0]


def test_the_token_is_not_shown() -> None:
    settings = settings_of(admin_token="a-token-of-sixteen-or-more")
    assert settings.token is not None
    assert settings.token.reveal() == "a-token-of-sixteen-or-more"
    assert "a-token" not in repr(settings) + str(settings) + repr(settings.token)


def test_a_variable_that_nothing_reads_is_noticed() -> None:
    environment = {"MAPFORGE_PROT": "1", "MAPFORGE_PORT": "1", "MAPFORGE_SECRET_KEY": "k", "MAPFORGE_DELIVERY__X": "1"}
    assert unknown_variables(environment) == ["MAPFORGE_PROT (did you mean MAPFORGE_PORT?)"]
