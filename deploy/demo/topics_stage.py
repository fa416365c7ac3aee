"""Every byte of every topic is read again: nobody is named there, and no order is paid twice."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from deploy.demo import people
from deploy.demo.book import Book
from deploy.demo.names import Human
from deploy.demo.scenario import places
from deploy.practice_office import FILE_ISSUED, RETURNED, SETTLED

SECONDS_MAX, MOMENT, RECORDS_MAX = 5.0, 0.2, 1_000
SETTINGS = {"enable.auto.commit": False, "enable.partition.eof": True}
ESCAPE = "\\u"
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
CODE = re.compile(r"3299\d\d-?\d{5}")
ACCOUNT = re.compile(r"LV\d\dZZZZ\d{13}")
BEGINNING = 5
"""So many letters of each family name are looked for first, which is quick."""
WORD = re.compile(r"[^\W\d_]+")


class PersonOnTheBus(AssertionError):
    """A topic holds what must never leave a service."""


class PaidTwice(AssertionError):
    """An order went to an office more than once, or got two outcomes, or none."""


@dataclass(frozen=True)
class Record:
    """One record of a topic, as it lies there."""

    key: bytes
    headers: Mapping[str, bytes]
    value: bytes

    @property
    def kind(self) -> str:
        """The type of the fact."""
        return self.headers.get("ce_type", b"").decode()

    @property
    def text(self) -> str:
        """All of it, to look into."""
        headers = b" ".join(name.encode() + b" " + value for name, value in self.headers.items())
        return b" ".join((self.key, headers, self.value)).decode("utf-8", "replace")


def everybody() -> Iterator[Human]:
    """All people of the demo."""
    for where in places():
        for number in where.pupils:
            yield people.pupil(where, number)
            yield people.parent(where, number)
        for name in where.staff:
            yield people.staff(name)


def found_in(text: str, humans: Iterable[Human]) -> set[str]:
    """What of these people stands in a text: codes, accounts, family names."""
    if ESCAPE in text:
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    known = list(humans)
    codes = {human.personal_code for human in known}
    accounts = {human.account for human in known}
    names = {human.last_name for human in known}
    digits = {found.replace("-", "") for found in CODE.findall(text)}
    found = (digits & codes) | (set(ACCOUNT.findall(text)) & accounts)
    if any(beginning in text for beginning in {name[:BEGINNING] for name in names}):
        found |= set(WORD.findall(text)) & names
    return found


async def run(book: Book) -> None:
    """Read all topics from the first record to the last; raises PersonOnTheBus."""
    humans = list(everybody())
    topics = await asyncio.to_thread(everything, book.bootstrap)
    size = 0
    for topic, records in sorted(topics.items()):
        text = "\n".join(record.text for record in records)
        size += len(text)
        if seen := await asyncio.to_thread(found_in, text, humans):
            raise PersonOnTheBus(f"{topic}: {len(seen)} words of people")
    count = sum(map(len, topics.values()))
    assert count, "a bus without records proves nothing"
    book.diary.note(
        f"{count} records of {len(topics)} topics read ({size} characters): nobody is in them"
    )
    book.diary.note(f"{paid_once(topics)} orders went to their office in one file each, once")


def paid_once(topics: Mapping[str, Sequence[Record]]) -> int:
    """How many orders the offices were told to pay; raises PaidTwice.

    A record may stand in the log again, then with the same file's id; an order in a second file,
    or with two outcomes, would be another payment.
    """
    files: dict[str, list[str]] = {}
    outcomes: dict[str, set[str]] = {}
    for record in (record for records in topics.values() for record in records):
        if record.kind == FILE_ISSUED:
            file = json.loads(record.value)
            files[file["file_id"]] = file["order_ids"]
        elif record.kind in (SETTLED, RETURNED):
            outcomes.setdefault(json.loads(record.value)["order_id"], set()).add(record.kind)
    times = Counter(order for orders in files.values() for order in orders)
    if set(times.values()) != {1} or set(times) != set(outcomes):
        raise PaidTwice(f"in files: {times.most_common(3)}, reported: {len(outcomes)}")
    if any(len(kinds) > 1 for kinds in outcomes.values()):
        raise PaidTwice("an order was both settled and returned")
    return len(times)


def everything(bootstrap: str) -> dict[str, list[Record]]:
    """Every record by topic."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "demo-reader", **SETTINGS})
    try:
        found: dict[str, list[Record]] = {}
        ends: dict[tuple[str, int], int] = {}
        for name, topic in consumer.list_topics(timeout=SECONDS_MAX).topics.items():
            if not name.startswith("__"):
                found[name] = []
                for number in topic.partitions:
                    part = TopicPartition(name, number)
                    _, ends[name, number] = consumer.get_watermark_offsets(part, SECONDS_MAX)
        waiting = {part for part, end in ends.items() if end}
        consumer.assign([TopicPartition(*part, OFFSET_BEGINNING) for part in waiting])
        while waiting:
            for record in consumer.consume(RECORDS_MAX, timeout=MOMENT):
                waiting -= _read(record, found, ends)
        return found
    finally:
        consumer.close()


def _read(
    record: Message, found: dict[str, list[Record]], ends: dict[tuple[str, int], int]
) -> set[tuple[str, int]]:
    """Keep a record's text, or hear that a partition ends; gives the partition if it is read."""
    topic, number = str(record.topic()), int(record.partition() or 0)
    if (error := record.error()) is not None:
        if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client names it so
            raise KafkaException(error)
        return {(topic, number)}
    headers = {name: _bytes(value) for name, value in dict(record.headers() or {}).items()}
    found[topic].append(Record(_bytes(record.key()), headers, _bytes(record.value())))
    return {(topic, number)} if int(record.offset() or 0) + 1 >= ends[topic, number] else set()


def _bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""
