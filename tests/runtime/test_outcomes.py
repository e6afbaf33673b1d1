"""What comes of a raw event: whole, picklable, and without customer data in any text that a log may show."""

from __future__ import annotations

import pickle
from io import StringIO

import pytest
from rich.console import Console

from mapforge.diagnostics import MapforgeError
from mapforge.runtime.outcomes import Fault, MappingError, Note, Payload, Result

PAYLOAD = Payload("acme", "Order", "order", "klaviyo", "event", b"SECRET", "e1", "2026-03-01T12:00:00Z", "email:SECRET")
FAULTS = [
    Fault("MF705", "Order", None, "total", "order.total", "a decimal number", "a boolean", "acme/events.yaml:5"),
    Fault("MF704", "Order", "klaviyo", "id", None, "a value", "none", "acme/vendor.yaml:3"),
    Fault("MF701", None, None, None, None, "JSON", "a truncated text", "acme"),
]
REASONS = [
    "total from order.total: expected a decimal number, got a boolean",
    "id: expected a value, got none",
    "expected JSON, got a truncated text",
]
RESULT = Result([PAYLOAD], [Note("Order", None, "skipped", "acme/events.yaml:1", "MF709")], [], FAULTS, True)


def test_the_repr_of_a_payload_holds_no_customer_data() -> None:
    assert repr(PAYLOAD) == "Payload(acme/Order to klaviyo, 6 bytes)"
    assert "SECRET" not in repr(RESULT)
    assert "SECRET" not in f"{PAYLOAD} {PAYLOAD!s}"


def test_rich_shows_no_customer_data_either() -> None:
    shown = StringIO()
    Console(file=shown).print(PAYLOAD, RESULT, [PAYLOAD])
    assert "SECRET" not in shown.getvalue()


def test_a_fault_is_a_line() -> None:
    assert [fault.reason for fault in FAULTS] == REASONS


def test_raise_for_faults_names_every_fault_with_code_and_place() -> None:
    with pytest.raises(MappingError) as caught:
        RESULT.raise_for_faults()
    assert caught.value.faults == tuple(FAULTS)
    assert str(caught.value) == "\n".join(
        f"{fault.place}: {fault.code}: {reason}" for fault, reason in zip(FAULTS, REASONS, strict=True)
    )
    assert isinstance(caught.value, MapforgeError)


def test_raise_for_faults_is_silent_without_a_fault() -> None:
    result = Result([PAYLOAD])
    result.raise_for_faults()
    assert result == Result([PAYLOAD])


def test_results_and_errors_survive_pickling() -> None:
    assert pickle.loads(pickle.dumps(RESULT)) == RESULT
    error = pickle.loads(pickle.dumps(MappingError(tuple(FAULTS))))
    assert (type(error), error.faults, str(error)) == (MappingError, tuple(FAULTS), str(MappingError(tuple(FAULTS))))


def test_results_do_not_share_their_lists() -> None:
    first, second = Result([]), Result([])
    assert first.faults is not second.faults
