"""Rows of bank files: what is to be paid, the sealed pieces of a file, handing it over."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.evidence.domain import may_be_paid
from services.payments.payees.store import cipher_of
from services.payments.store import insert_rows
from services.payments.tables import BANK_FILE_CHUNKS, BANK_FILES
from shared.rows import one_text

_TO_PAY = text("""
    SELECT order_id, cents FROM orders
    WHERE partner = :partner AND file_id IS NULL AND state = 'approved'
        AND (evidence IS NULL OR evidence = ANY(:may_be_paid))
    ORDER BY order_id FOR UPDATE
""").bindparams(bindparam("may_be_paid", type_=ARRAY(Text)))
_WAITING = text("""
    SELECT order_id, cents FROM orders
    WHERE partner = :partner AND file_id IS NULL AND state = 'approved'
        AND evidence <> ALL(:may_be_paid)
    ORDER BY order_id
""").bindparams(bindparam("may_be_paid", type_=ARRAY(Text)))
_ORDERS_IN = text("""
    SELECT o.order_id, o.cents FROM orders o JOIN bank_files f USING (partner)
    WHERE f.file_id = :file_id AND o.state = 'in_file' AND o.file_id = f.file_id
    ORDER BY o.order_id
""")
_LINES = text("""
    SELECT order_id, version, cents, support_type, month, plan_code, school_id, payee_id,
           payee_kind
    FROM orders WHERE order_id = ANY(string_to_array(:ids, ' ')) ORDER BY order_id
""")
_IN_FILE = text("""
    UPDATE orders o SET state = 'in_file', version = o.version + 1, file_id = :file_id,
        payee_version = n.payee_version
    FROM unnest(CAST(:versions AS integer[]), CAST(:ids AS text[])) AS n (payee_version, ids),
         unnest(string_to_array(n.ids, ' ')) AS filed (order_id)
    WHERE o.order_id = filed.order_id
""")
_LOCK_IN_FILE = text("""
    SELECT count(*) FROM (
        SELECT 1 FROM orders WHERE partner = :partner AND state = 'in_file' AND file_id = :file_id
        ORDER BY order_id FOR UPDATE
    ) AS held
""")
_HANDED_OVER = text("""
    UPDATE orders SET state = 'sent', version = version + 1
    WHERE partner = :partner AND state = 'in_file' AND file_id = :file_id
""")
_OF_DAY = text("""
    SELECT coalesce(max(part), 0), coalesce(sum(cents), 0)::bigint FROM bank_files
    WHERE partner = :partner AND execution_date = :day
""")
_IN_FILES = text("""
    SELECT file_id, array_agg(order_id ORDER BY order_id) FROM orders
    WHERE partner = :partner AND file_id = ANY(:ids) GROUP BY file_id
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_CHUNK = text("SELECT sealed FROM bank_file_chunks WHERE file_id = :file_id AND no = :no")


class FileRow(NamedTuple):
    """A bank file as its row, in the order of the table's columns."""

    file_id: str
    partner: str
    sha256: str
    issued_by: str
    execution_date: date
    part: int
    payments: int
    cents: int
    size: int
    warnings: str
    issued_at: datetime


class ToPay(NamedTuple):
    """What the file needs of an order."""

    order_id: str
    version: int
    cents: int
    support_type: str
    month: str
    plan_code: str | None
    school_id: str | None
    payee_id: str
    payee_kind: str


async def to_pay(session: AsyncSession, partner: str) -> list[tuple[str, int]]:
    """Approved orders of a partner with their cents, held until the transaction ends.

    Where several cells pay, those alone whose evidence came back as first.
    """
    several = session.info["settings"].several_cells_pay
    values = {"partner": partner, "may_be_paid": may_be_paid(several_cells=several)}
    return [(row[0], row[1]) for row in await session.execute(_TO_PAY, values)]


async def waiting(session: AsyncSession, partner: str) -> list[tuple[str, int]]:
    """Approved orders of a partner with their cents that no file may hold yet."""
    several = session.info["settings"].several_cells_pay
    values = {"partner": partner, "may_be_paid": may_be_paid(several_cells=several)}
    return [(row[0], row[1]) for row in await session.execute(_WAITING, values)]


async def orders_in(session: AsyncSession, file_id: str) -> list[tuple[str, int]]:
    """The orders of a file with their cents."""
    return [(row[0], row[1]) for row in await session.execute(_ORDERS_IN, {"file_id": file_id})]


async def lines(session: AsyncSession, order_ids: Sequence[str]) -> list[ToPay]:
    """What the file needs of these orders, by id."""
    return [ToPay(*row) for row in await session.execute(_LINES, {"ids": one_text(order_ids)})]


async def of_day(session: AsyncSession, partner: str, day: date) -> tuple[int, int]:
    """The last part and the cents of the files of a day that are there already."""
    row = (await session.execute(_OF_DAY, {"partner": partner, "day": day})).one()
    return row[0], row[1]


async def insert_chunk(session: AsyncSession, file_id: str, no: int, piece: bytes) -> None:
    """Keep a piece of a file, sealed: it holds names and accounts."""
    sealed = cipher_of(session).seal(piece.decode())
    await insert_rows(session, BANK_FILE_CHUNKS, [(file_id, no, sealed)])


async def insert_file(session: AsyncSession, file: FileRow) -> None:
    """Keep what is known of a file."""
    await insert_rows(session, BANK_FILES, [file])


async def set_in_file(
    session: AsyncSession, file_id: str, by_version: Mapping[int, Sequence[str]]
) -> None:
    """The orders are in this file now; they come by the version of the payee it pays to."""
    ids = [one_text(order_ids) for order_ids in by_version.values()]
    values = {"file_id": file_id, "versions": list(by_version), "ids": ids}
    await session.execute(_IN_FILE, values)


async def hand_over(session: AsyncSession, partner: str, file_id: str) -> None:
    """The office has the file: its orders count as sent. They are held in key order first."""
    values = {"partner": partner, "file_id": file_id}
    await session.execute(_LOCK_IN_FILE, values)
    await session.execute(_HANDED_OVER, values)


async def file(session: AsyncSession, file_id: str) -> RowMapping | None:
    """What is known of a file."""
    rows = await session.execute(select(BANK_FILES).where(BANK_FILES.c.file_id == file_id))
    return rows.mappings().first()


async def files_of(
    session: AsyncSession, partner: str, *, since: datetime | None, after: int, limit: int
) -> list[tuple[int, FileRow]]:
    """A page of an office's files with their numbers, after a number.

    Numbers of one office grow as its files are committed, for each is written under its lock.
    """
    asked = (
        select(BANK_FILES.c.number, *(BANK_FILES.c[name] for name in FileRow._fields))
        .where(BANK_FILES.c.partner == partner, BANK_FILES.c.number > after)
        .order_by(BANK_FILES.c.number)
        .limit(limit)
    )
    if since is not None:
        asked = asked.where(BANK_FILES.c.issued_at >= since)
    return [(row[0], FileRow(*row[1:])) for row in await session.execute(asked)]


async def orders_of_files(
    session: AsyncSession, partner: str, file_ids: Sequence[str]
) -> dict[str, list[str]]:
    """The orders in files of a partner, by file and in order."""
    rows = await session.execute(_IN_FILES, {"partner": partner, "ids": list(file_ids)})
    return {row[0]: row[1] for row in rows}


async def pieces(session: AsyncSession, file_id: str) -> AsyncIterator[bytes]:
    """The pieces of a file, opened one by one."""
    cipher, no = cipher_of(session), 1
    while True:
        asked = await session.execute(_CHUNK, {"file_id": file_id, "no": no})
        sealed = asked.scalar()
        if sealed is None:
            return
        yield cipher.open(sealed).encode()
        no += 1


async def line_of(session: AsyncSession, file_id: str, order_id: str) -> bytes:
    """The element of one order in its file; each stands on a line of its own."""
    mark = f"<EndToEndId>{order_id}</EndToEndId>".encode()
    async for piece in pieces(session, file_id):
        if mark in piece:
            return next(line for line in piece.splitlines() if mark in line)
    raise LookupError(order_id)
