"""The envelope of a fact: CloudEvents 1.0 attributes in Kafka headers (binary mode).

Written once, when the fact joins the outbox, as Kafka keeps it; the relay adds the number.
Source: CloudEvents 1.0, Kafka protocol binding, extensions `partitioning` and `sequence`.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from shared.bus.record_batch import header, varint

JSON = b"application/json"
SPEC_VERSION = b"1.0"
SEQUENCE = "ce_sequence"


class Unreadable(Exception):
    """The record cannot be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def data_schema(ce_type: str) -> str:
    """The name of the schema of a type, as an absolute URI."""
    return f"urn:pumpurs:schema:{ce_type}"


@lru_cache(maxsize=1024)
def constant_part(ce_type: str, source: str) -> bytes:
    """The five headers that all facts of a type from one source share, written."""
    return b"".join(
        (
            header("ce_specversion", SPEC_VERSION),
            header("content-type", JSON),
            header("ce_type", ce_type.encode()),
            header("ce_dataschema", data_schema(ce_type).encode()),
            header("ce_source", source.encode()),
        )
    )


CONSTANT_HEADERS = 5


def sequence(epoch: int, n: int) -> bytes:
    """The number of a fact; as text in the same order as the pair of integers."""
    return b"%d-%012d" % (epoch, n)


def written_sequence(epoch: int, n: int) -> bytes:
    """The header that carries the number, written."""
    number = sequence(epoch, n)
    return _SEQUENCE_NAME + varint(len(number)) + number


_SEQUENCE_NAME = header(SEQUENCE, b"")[:-1]


def refuse_null(headers: Mapping[str, bytes | None]) -> None:
    """Raises Unreadable where a header is null: our services never write one."""
    for name, value in headers.items():
        if value is None:
            raise Unreadable(f"null-header: the header {name} has no value")


def read_sequence(headers: Mapping[str, bytes]) -> tuple[int, int]:
    """The number of a fact as (epoch, n); raises Unreadable where there is none."""
    try:
        epoch, n = headers[SEQUENCE].split(b"-")
        return int(epoch), int(n)
    except (KeyError, ValueError, AttributeError):
        raise Unreadable("sequence: no readable ce_sequence") from None


def read_text(headers: Mapping[str, bytes], name: str) -> str:
    """A header that must be there; raises Unreadable where it is missing or not UTF-8."""
    value = headers.get(name)
    if not value:
        raise Unreadable(f"header: {name} is missing")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Unreadable(f"header: {name} is not UTF-8") from None


def read_optional(headers: Mapping[str, bytes], name: str) -> str | None:
    """A header that may be missing; raises Unreadable where it is not UTF-8."""
    return read_text(headers, name) if headers.get(name) else None


@lru_cache(maxsize=1024)
def read_time(written: bytes | None) -> datetime:
    """`ce_time` with its zone; raises Unreadable where it is missing or no such time.

    Facts of one command, and an office's reports of one day, became true at one time.
    """
    try:
        at = datetime.fromisoformat((written or b"").decode())
    except ValueError:
        raise Unreadable("header: ce_time is missing or not a time") from None
    if at.tzinfo is None:
        raise Unreadable("header: ce_time has no zone")
    return at
