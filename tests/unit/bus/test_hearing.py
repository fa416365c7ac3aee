"""What of a record can be read is read; what is wrong is said without quoting it."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.bus.envelope import Unreadable
from shared.bus.hearing import Heard, OfAnotherForm, hear, told
from tests.bus_world import EPOCH, NOON, PARTNER, SOURCE, a_record, a_world

WORLD = a_world("tests.hearing.v1")
FACT = WORLD.counted(thing="a", n=1, partner=PARTNER)


def heard(**changes: Any) -> Heard:
    return hear(a_record(FACT, 1, **changes), numbered=True)


def test_a_fact_is_read_with_what_its_envelope_says() -> None:
    one = heard(traceparent=b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01")
    assert one.fault is None
    assert one.place == (SOURCE, "tests.hearing.v1", 0) and one.number == (EPOCH, 1)
    received = told(one, WORLD.counted)
    assert received.fact == FACT and received.at == NOON and received.partner == PARTNER
    assert received.traceparent is not None and received.correlation_id == "the-beginning"
    with pytest.raises(dataclasses.FrozenInstanceError):
        received.offset = 2  # type: ignore[misc]  # that it cannot be set is the point


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ce_sequence": ...}, "sequence: no readable ce_sequence"),
        ({"ce_sequence": b"x-1"}, "sequence: no readable ce_sequence"),
        ({"ce_sequence": b"12"}, "sequence: no readable ce_sequence"),
        ({"ce_sequence": None}, "sequence: no readable ce_sequence"),
        ({"ce_source": ...}, "header: ce_source is missing"),
        ({"ce_type": ...}, "header: ce_type is missing"),
        ({"ce_type": b"\xff"}, "header: ce_type is not UTF-8"),
        ({"ce_partner": b"\xff"}, "header: ce_partner is not UTF-8"),
        ({"ce_partner": None}, "null-header: the header ce_partner has no value"),
        ({"x-anything": None}, "null-header: the header x-anything has no value"),
    ],
)
def test_headers_that_cannot_be_read_are_named(changes: dict[str, Any], reason: str) -> None:
    fault = heard(**changes).fault
    assert fault is not None and fault.reason == reason


def test_a_record_with_a_bad_header_still_moves_its_number() -> None:
    one = heard(ce_partner=None)
    assert one.place is not None and one.number == (EPOCH, 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": None}, "value: there is none"),
        ({"value": b"{"}, "value: not JSON"),
        ({"value": b"\xff\xfe"}, "value: not JSON"),
        ({"ce_time": b"yesterday"}, "header: ce_time is missing or not a time"),
        ({"ce_time": b"2017-09-15T12:00:00"}, "header: ce_time has no zone"),
        ({"ce_id": ...}, "header: ce_id is missing"),
        ({"ce_id": b"\xff"}, "header: one is not UTF-8"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unreadable) as fault:
        told(heard(**changes), WORLD.counted)
    assert fault.value.reason == reason


@pytest.mark.parametrize(
    ("said", "at"),
    [
        (b"2017-09-15T11:59:59+00:00", NOON - timedelta(seconds=1)),
        (b"2017-09-15T12:00:01+00:00", NOON),
        (b"9999-12-31T00:00:00+00:00", NOON),
        (..., NOON),
    ],
)
def test_what_an_outsider_says_is_never_later_than_its_record(said: Any, at: datetime) -> None:
    record = a_record(FACT, 1, ce_time=said, ce_sequence=...)
    assert told(hear(record, numbered=False, office=PARTNER), WORLD.counted).at == at


def test_a_value_of_another_form_is_told_by_field_and_never_quoted() -> None:
    with pytest.raises(OfAnotherForm) as fault:
        told(heard(value=b'{"thing": "Anna Priede", "n": "seven"}'), WORLD.counted)
    assert fault.value.reason == "n: int_parsing"


def test_a_field_nobody_knows_yet_is_ignored() -> None:
    received = told(heard(value=b'{"thing": "a", "n": 1, "colour": "red"}'), WORLD.counted)
    assert received.fact.n == 1


def test_an_office_speaks_for_itself_only_whatever_it_writes() -> None:
    record = a_record(FACT, 1, ce_partner=b"90000000002", ce_sequence=...)
    one = hear(record, numbered=False, office=PARTNER)
    assert one.partner == PARTNER and told(one, WORLD.counted).partner == PARTNER
    stranger = hear(record, numbered=False, office="90000000009")
    with pytest.raises(OfAnotherForm, match="partner"):
        told(stranger, WORLD.counted)


def test_an_outsider_that_gives_no_time_is_taken_at_kafkas_word() -> None:
    one = hear(a_record(FACT, 1, ce_time=..., ce_sequence=...), numbered=False, office=PARTNER)
    assert told(one, WORLD.counted).at == NOON
    with pytest.raises(Unreadable):
        told(heard(ce_time=...), WORLD.counted)
