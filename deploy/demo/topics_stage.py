"""Every byte of every topic is read again: nobody's name, personal code or account is there."""

import asyncio
import re
from collections.abc import Iterable, Iterator

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from deploy.demo import people
from deploy.demo.book import Book, attending
from deploy.demo.names import Human
from deploy.demo.scenario import semesters

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


def everybody() -> Iterator[Human]:
    """All people of the demo."""
    for semester in semesters():
        for entry in attending(semester):
            for number in (*entry.new, *entry.continued, *entry.moved_in):
                yield people.pupil(entry.place, number)
                yield people.parent(entry.place, number)
            for name in (*entry.pedagogues, *entry.consultants):
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
    humans = list({human.key: human for human in everybody()}.values())
    topics = await asyncio.to_thread(_everything, book.bootstrap)
    for topic, records in sorted(topics.items()):
        if seen := await asyncio.to_thread(found_in, "\n".join(records), humans):
            raise PersonOnTheBus(f"{topic}: {len(seen)} words of people")
    count = sum(map(len, topics.values()))
    assert count, "a bus without records proves nothing"
    size = sum(len(record) for records in topics.values() for record in records)
    book.diary.note(
        f"{count} records of {len(topics)} topics read ({size} characters): nobody is in them"
    )


def _everything(bootstrap: str) -> dict[str, list[str]]:
    """Key, headers and value of every record by topic, as text."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "demo-reader", **SETTINGS})
    try:
        found: dict[str, list[str]] = {}
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
    record: Message, found: dict[str, list[str]], ends: dict[tuple[str, int], int]
) -> set[tuple[str, int]]:
    """Keep a record's text, or hear that a partition ends; gives the partition if it is read."""
    topic, number = str(record.topic()), int(record.partition() or 0)
    if (error := record.error()) is not None:
        if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client names it so
            raise KafkaException(error)
        return {(topic, number)}
    pairs = dict(record.headers() or {}).items()
    headers = b" ".join(_bytes(name) + b" " + _bytes(value) for name, value in pairs)
    pieces = (_bytes(record.key()), headers, _bytes(record.value()))
    found[topic].append(b" ".join(pieces).decode("utf-8", "replace"))
    return {(topic, number)} if int(record.offset() or 0) + 1 >= ends[topic, number] else set()


def _bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""
