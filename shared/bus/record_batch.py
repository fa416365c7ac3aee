"""Kafka's record batch, format 2, written straight from the rows of the outbox.

The headers of a fact are encoded once, when it joins the outbox, in the form the log keeps
them; here only lengths, the number and the batch's head are added. That is five times cheaper
than handing a dozen header pairs a record to the client library, and the relay does nothing
else all day. Source: Kafka protocol, "Record Batch"; the library's own reader is the test.
"""

import struct
from collections.abc import Iterable, Iterator

from aiokafka.record.util import calc_crc32c

_MAGIC = 2
_NO_LEADER_EPOCH = -1
_HEAD = struct.Struct(">qiibI")
_REST = struct.Struct(">hiqqqhii")
_LENGTH_OF_HEAD = 12  # base offset and length, which the length does not count
_NO_ATTRIBUTES_NO_DELAY = b"\0\0"


def _encode(number: int) -> bytes:
    """A signed number of variable length: zigzag, seven bits a byte, lowest first."""
    rest = (number << 1) ^ (number >> 63)
    found = bytearray()
    while rest > 0x7F:
        found.append(rest & 0x7F | 0x80)
        rest >>= 7
    found.append(rest)
    return bytes(found)


_SMALL = [_encode(number) for number in range(8192)]


def varint(number: int) -> bytes:
    """A number as Kafka writes lengths and offsets."""
    return _SMALL[number] if 0 <= number < 8192 else _encode(number)


def header(name: str, value: bytes) -> bytes:
    """One header as it lies in a record."""
    written = name.encode()
    return b"".join((varint(len(written)), written, varint(len(value)), value))


def headers(pairs: Iterable[bytes], count: int) -> bytes:
    """Written headers behind their number, to which `RecordBatch.append` will add one more."""
    return b"".join((varint(count + 1), *pairs))


def read_headers(written: bytes) -> Iterator[tuple[str, bytes]]:
    """What `headers` wrote, pair by pair."""
    _, at = _decode(written, 0)
    while at < len(written):
        length, at = _decode(written, at)
        name, at = written[at : at + length], at + length
        length, at = _decode(written, at)
        yield name.decode(), written[at : at + length]
        at += length


def _decode(written: bytes, at: int) -> tuple[int, int]:
    """The variable-length number that begins here, and where what follows begins."""
    found = shift = 0
    while True:
        byte = written[at]
        at += 1
        found |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (found >> 1) ^ -(found & 1), at


class RecordBatch:
    """Records of one partition; stands where the client library expects its own builder."""

    def __init__(self, stamp_ms: int, bytes_max: int) -> None:
        self._stamp_ms = stamp_ms
        self._room = bytes_max - _HEAD.size - _REST.size
        self._parts: list[bytes] = []
        self._count = 0
        self._producer = (-1, -1, -1)
        self._written: bytes | None = None

    def append(self, key: bytes, value: bytes, written_headers: bytes, last: bytes) -> bool:
        """Add a record unless it does not fit; the first one always does.

        `written_headers` comes from `headers`, `last` from `header`.
        """
        body = b"".join(
            (
                _NO_ATTRIBUTES_NO_DELAY,
                varint(self._count),
                varint(len(key)),
                key,
                varint(len(value)),
                value,
                written_headers,
                last,
            )
        )
        self._room -= len(body) + 3
        if self._room < 0 and self._count:
            return False
        self._parts += (varint(len(body)), body)
        self._count += 1
        return True

    def build(self) -> bytes:
        """The batch as it goes over the wire."""
        producer_id, producer_epoch, base_sequence = self._producer
        last = self._count - 1
        rest = _REST.pack(
            0, last, self._stamp_ms, self._stamp_ms, producer_id, producer_epoch, base_sequence,
            self._count,
        )  # fmt: skip
        checked = rest + b"".join(self._parts)
        length = _HEAD.size - _LENGTH_OF_HEAD + len(checked)
        crc = calc_crc32c(checked)
        return _HEAD.pack(0, length, _NO_LEADER_EPOCH, _MAGIC, crc) + checked

    # From here on: what aiokafka's sender asks of a builder.

    def record_count(self) -> int:
        """How many records are in it."""
        return self._count

    def size(self) -> int:
        """Bytes it will be, about."""
        return len(self._written) if self._written is not None else sum(map(len, self._parts))

    def close(self) -> None:
        """Nothing is added by anybody but us."""

    def closed(self) -> bool:
        """Always: aiokafka adds nothing of its own."""
        return True

    def _set_producer_state(self, producer_id: int, epoch: int, base_sequence: int) -> None:
        self._producer = (producer_id, epoch, base_sequence)

    def _build(self) -> bytes:
        if self._written is None:
            self._written = self.build()
            self._parts.clear()
        return self._written
