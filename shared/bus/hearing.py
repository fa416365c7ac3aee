"""What a consumer reads of a record: first its headers alone, its value only if it is wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, cast

from pydantic import ValidationError

from shared.bus import envelope
from shared.bus.envelope import Unreadable
from shared.contracts.base import Fact, Received

Place = tuple[str, str, int]
"""Where a sender's numbers grow: (source, topic, partition)."""
Number = tuple[int, int]

NOT_NUMBERED: Number = (0, 0)
PROBLEMS_NAMED_MAX = 5


class Record(Protocol):
    """A record as Kafka gives it, or as a dead letter kept it."""

    @property
    def topic(self) -> str:
        """The topic."""

    @property
    def partition(self) -> int:
        """The partition."""

    @property
    def offset(self) -> int:
        """The position in the partition."""

    @property
    def timestamp(self) -> int:
        """When it was written, milliseconds since 1970."""

    @property
    def key(self) -> bytes | None:
        """What it is about."""

    @property
    def value(self) -> bytes | None:
        """What it says."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Its headers; a stranger may have written anything into them."""


@dataclass(frozen=True)
class KeptRecord:
    """A record that does not come from Kafka just now."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()


class OfAnotherForm(Exception):
    """The value is JSON but not what its type promises."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Heard(NamedTuple):
    """A record by its headers; `fault` says why they cannot be read.

    `place` is None where the sender does not number, or the number cannot be read.
    """

    record: Record
    headers: Mapping[str, bytes]
    place: Place | None
    number: Number
    ce_type: str
    partner: str | None
    fault: Unreadable | None

    @property
    def key(self) -> str | None:
        """The key of the record, where it is text a database can keep."""
        try:
            key = (self.record.key or b"").decode()
        except UnicodeDecodeError:
            return None
        return key if key and "\0" not in key else None

    @property
    def is_parkable(self) -> bool:
        """Whether later facts of its key may have to wait for it."""
        return self.place is not None and self.key is not None


def hear(record: Record, *, numbered: bool, office: str | None = None) -> Heard:
    """Read the headers of a record; never raises.

    `office` is the partner a topic belongs to: on its own topics an office speaks for itself
    only, whatever it writes into the headers.
    """
    headers = cast(dict[str, bytes], dict(record.headers))  # A null one is found below.
    if None in headers.values():
        return _hear_closely(record, headers, numbered=numbered, office=office)
    try:
        place, number = None, NOT_NUMBERED
        if numbered:
            epoch, n = headers[envelope.SEQUENCE].split(b"-")
            place = (headers["ce_source"].decode(), record.topic, record.partition)
            number = int(epoch), int(n)
        partner = office or headers.get("ce_partner", b"").decode() or None
        ce_type = headers["ce_type"].decode()
    except (KeyError, ValueError):  # Something is missing or not as it should be: look closely.
        return _hear_closely(record, headers, numbered=numbered, office=office)
    if not ce_type:
        return _hear_closely(record, headers, numbered=numbered, office=office)
    return Heard(record, headers, place, number, ce_type, partner, None)


def told(heard: Heard, kind: type[Fact]) -> Received[Any]:
    """The fact itself; raises Unreadable or OfAnotherForm."""
    record, headers = heard.record, heard.headers
    if record.value is None:
        raise Unreadable("value: there is none")
    try:
        fact = kind.__pydantic_validator__.validate_json(record.value)
    except ValidationError as error:
        raise _named(error) from None
    if heard.place is None and heard.partner and fact.about_partner not in (None, heard.partner):
        raise OfAnotherForm("partner: the value names another one than the topic")
    traceparent, correlation = headers.get("traceparent"), headers.get("correlationid")
    try:
        return _received(
            {
                "fact": fact,
                "at": _time(heard),
                "event_id": headers["ce_id"].decode(),
                "source": headers["ce_source"].decode(),
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "partner": heard.partner,
                "traceparent": traceparent.decode() if traceparent else None,
                "correlation_id": correlation.decode() if correlation else None,
            }
        )
    except KeyError as missing:
        raise Unreadable(f"header: {missing.args[0]} is missing") from None
    except UnicodeDecodeError:
        raise Unreadable("header: one is not UTF-8") from None


def with_trace(received: Received[Any], traceparent: str) -> Received[Any]:
    """The same fact, whose followers belong to this span."""
    return replace(received, traceparent=traceparent)


def _hear_closely(
    record: Record, headers: dict[str, bytes], *, numbered: bool, office: str | None
) -> Heard:
    """The same, step by step: as far as it can be read, and what is wrong with it."""
    place: Place | None = None
    number = NOT_NUMBERED
    try:
        if numbered:
            number = envelope.read_sequence(headers)
            source = envelope.read_text(headers, "ce_source")
            place = (source, record.topic, record.partition)
        envelope.refuse_null(headers)
        ce_type = envelope.read_text(headers, "ce_type")
        partner = office or envelope.read_optional(headers, "ce_partner")
    except Unreadable as fault:
        return Heard(record, headers, place, number, "", None, fault)
    return Heard(record, headers, place, number, ce_type, partner, None)


def _received(fields: dict[str, Any]) -> Received[Any]:
    """A Received without a frozen dataclass's ten guarded assignments, a tenth of all work."""
    made: Received[Any] = object.__new__(Received)
    object.__setattr__(made, "__dict__", fields)
    return made


def _time(heard: Heard) -> datetime:
    """When the fact became true.

    An outsider that does not say is taken at Kafka's word, and so is one that names a later moment:
    nobody can tell of what has not happened, and the broker dates the record, not its writer.
    """
    said = heard.headers.get("ce_time")
    if heard.place is not None:
        return envelope.read_time(said)
    written = datetime.fromtimestamp(heard.record.timestamp / 1000, UTC)
    return min(envelope.read_time(said), written) if said else written


def _named(error: ValidationError) -> Unreadable | OfAnotherForm:
    """What is wrong, by field and kind of mistake; the values themselves may be personal."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    if any(problem["type"] == "json_invalid" for problem in problems):
        return Unreadable("value: not JSON")
    named = [
        f"{'.'.join(map(str, problem['loc'])) or 'value'}: {problem['type']}"
        for problem in problems[:PROBLEMS_NAMED_MAX]
    ]
    return OfAnotherForm(", ".join(named))


@dataclass(frozen=True)
class SetAside:
    """A record that is not applied, the stage at which it failed, and why."""

    heard: Heard
    stage: str
    reason: str
