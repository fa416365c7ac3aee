"""The envelope is CloudEvents 1.0 in binary mode, read here by somebody else's library."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.bus import envelope, outbox
from shared.bus.context import Story, story
from shared.bus.record_batch import read_headers
from shared.contracts.base import Received
from tests.bus_world import NOON, PARTNER, SOURCE, a_world

WORLD = a_world("tests.envelope.v1")
FACT = WORLD.counted(thing="a", n=1, partner=PARTNER)
VERSION_7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def packed(cause: Received[Any] | None = None) -> dict[str, bytes]:
    ((_, _, _, written, _),) = outbox.pack(SOURCE, [FACT], at=NOON, because=[cause])
    return dict(read_headers(written))


def a_cause() -> Received[Any]:
    return Received(
        fact=FACT, at=NOON, event_id="cause", source=SOURCE, topic="t", partition=0, offset=1,
        traceparent=TRACE, correlation_id="the-beginning",
    )  # fmt: skip


def test_another_librarys_reader_sees_the_event_we_meant() -> None:
    found = packed()
    message = KafkaMessage(headers=found, key=b"a", value=FACT.model_dump_json().encode())
    event = from_binary(message, JSONFormat(), CloudEvent)
    assert event.get_specversion() == "1.0" and event.get_source() == SOURCE
    assert event.get_type() == "pumpurs.tests.thing-counted.v1" and event.get_time() == NOON
    assert event.get_subject() == "a" and event.get_extension("partner") == PARTNER
    assert event.get_datacontenttype() == "application/json"
    schema = "urn:pumpurs:schema:pumpurs.tests.thing-counted.v1"
    assert event.get_dataschema() == schema and event.get_data() == FACT.model_dump()
    assert uuid.UUID(event.get_id()).version == 7


def test_a_fact_without_cause_begins_a_story_of_its_own() -> None:
    found = packed()
    assert found["correlationid"] == found["ce_id"]
    assert "causationid" not in found and "traceparent" not in found


def test_a_request_lends_its_story_and_trace() -> None:
    with story(correlation_id="request-1", traceparent=TRACE):
        found = packed()
    assert found["correlationid"] == b"request-1" and found["traceparent"] == TRACE.encode()


def test_a_fact_that_follows_stays_in_the_story_and_trace_of_its_cause() -> None:
    found = packed(a_cause())
    assert found["correlationid"] == b"the-beginning" and found["causationid"] == b"cause"
    assert found["traceparent"] == TRACE.encode()


def test_the_cause_is_found_by_key_or_because_there_is_only_one() -> None:
    other = WORLD.counted(thing="b")
    one, two = a_cause(), Received(**{**vars(a_cause()), "fact": other, "event_id": "two"})
    by_key = outbox._causes([other, FACT, WORLD.counted(thing="c")], Story(told=[one, two]))
    assert by_key == [two, one, None]
    assert outbox._causes([other], Story(told=[one])) == [one]
    assert outbox._causes([other], Story()) == [None]


def test_event_ids_differ_and_tell_their_time() -> None:
    moments = [NOON, datetime(2024, 1, 1, tzinfo=UTC)] * 500
    ids = outbox._event_ids(moments)
    assert len(set(ids)) == 1000
    for moment, event_id in zip(moments, ids, strict=True):
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-\w{12}", event_id
        )
        assert int(event_id.replace("-", "")[:12], 16) == moment.timestamp() * 1000


def test_numbers_sort_as_text_as_they_do_as_numbers() -> None:
    numbers = [(1_700_000_000_000, 9), (1_700_000_000_000, 10), (1_700_000_000_001, 1)]
    written = [envelope.sequence(*number) for number in numbers]
    assert written == sorted(written)
    assert [envelope.read_sequence({"ce_sequence": one}) for one in written] == numbers


def test_a_time_needs_a_zone() -> None:
    with pytest.raises(envelope.Unreadable):
        envelope.read_time(b"2017-09-15")
