"""What we write as a record batch the client library reads as what we meant."""

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import record_batch
from shared.bus.record_batch import RecordBatch, header, headers, varint

NAMES = st.text(min_size=1, max_size=20)
PAIRS = st.lists(st.tuples(NAMES, st.binary(max_size=200)), max_size=8)
RECORDS = st.lists(
    st.tuples(st.binary(max_size=50), st.binary(max_size=9000), PAIRS), min_size=1, max_size=30
)


def written(pairs: list[tuple[str, bytes]]) -> bytes:
    return headers([header(name, value) for name, value in pairs], len(pairs))


@given(RECORDS)
def test_the_library_reads_what_we_write(
    records: list[tuple[bytes, bytes, list[tuple[str, bytes]]]],
) -> None:
    batch = RecordBatch(1_500_000_000_000, 10_000_000)
    for key, value, pairs in records:
        assert batch.append(key, value, written(pairs), header("last", b"x"))
    batch._set_producer_state(7, 3, 11)
    read = MemoryRecords(batch._build()).next_batch()
    assert read is not None and read.validate_crc()
    assert (read.producer_id, read.producer_epoch, read.base_sequence) == (7, 3, 11)
    found = [(one.offset, one.timestamp, one.key, one.value, one.headers) for one in read]
    assert found == [
        (index, 1_500_000_000_000, key, value, [*pairs, ("last", b"x")])
        for index, (key, value, pairs) in enumerate(records)
    ]


def test_it_is_byte_for_byte_what_the_library_would_write() -> None:
    pairs = [("ce_id", b"1"), ("ce_type", b"x" * 80)]
    ours = RecordBatch(1_500_000_000_000, 10_000)
    theirs = DefaultRecordBatchBuilder(2, 0, 0, 9, 1, 5, 10_000)
    for index in range(3):
        ours.append(b"key", b"value" * 40, written(pairs), header("n", b"7"))
        theirs.append(index, 1_500_000_000_000, b"key", b"value" * 40, [*pairs, ("n", b"7")])
    ours._set_producer_state(9, 1, 5)
    assert ours.build()[16:] == bytes(theirs.build())[16:]


def test_a_record_that_does_not_fit_is_left_out_but_the_first_always_goes() -> None:
    batch = RecordBatch(0, 1_000)
    assert batch.append(b"k", b"v" * 2_000, written([]), header("n", b"1"))
    assert not batch.append(b"k", b"v", written([]), header("n", b"2"))
    assert batch.record_count() == 1


def test_a_batch_never_grows_beyond_its_limit() -> None:
    batch = RecordBatch(0, 50_000)
    while batch.append(b"key", b"v" * 300, written([("a", b"b")]), header("n", b"1")):
        pass
    assert 49_000 < len(batch.build()) <= 50_000


@given(st.integers(min_value=-(2**40), max_value=2**40))
def test_a_number_is_read_back(number: int) -> None:
    assert record_batch._decode(varint(number), 0) == (number, len(varint(number)))


@given(PAIRS)
def test_written_headers_are_read_back(pairs: list[tuple[str, bytes]]) -> None:
    assert list(record_batch.read_headers(written(pairs))) == pairs
