"""Rows of banks' messages and their lines."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.statements.domain import Line
from services.payments.statements.tables import BANK_LINES, BANK_MESSAGES
from services.payments.tables import BANK_FILES, ORDERS
from shared.db import copy_rows

_LOCK_SUBJECTS = text("""
    SELECT count(*) FROM (
        SELECT about_key FROM beneficiaries WHERE about_key IN (
            SELECT o.about_key FROM orders o JOIN bank_lines l ON l.end_to_end_id = o.order_id
            WHERE l.message_no = :message)
        ORDER BY about_key FOR UPDATE) held
""")
_LINES = text("""
    SELECT no, report_id, end_to_end_id, about_file, outcome, unfit, cents, booked_on, reason_code
    FROM bank_lines WHERE message_no = :message AND no > :after ORDER BY no LIMIT :limit
""")
_OF_ORDER = text("""
    SELECT m.kind, m.version, m.message_id, m.sha256, m.taken_by, m.taken_at, l.no, l.report_id,
           l.statement_id, l.entry_ref, l.bank_ref, l.booked_on, l.cents, l.currency, l.outcome,
           l.reason_code, l.source_line, r.result, s.proposed_by AS chosen_by, s.approved_by
    FROM bank_lines l JOIN bank_messages m USING (message_no)
    LEFT JOIN reports r ON r.partner = m.partner AND r.report_id = l.report_id
    LEFT JOIN resolutions s ON s.partner = m.partner AND s.report_id = l.report_id
    WHERE l.end_to_end_id = :order
       OR (l.end_to_end_id, l.report_id) IN (
            SELECT b.end_to_end_id, b.report_id FROM resolutions chosen
            JOIN reports t USING (partner, report_id)
            JOIN bank_lines b ON b.end_to_end_id = t.order_id AND b.report_id = t.report_id
            WHERE chosen.order_id = :order AND chosen.approved_by IS NOT NULL)
    ORDER BY l.booked_on, m.message_no, l.no
""")
_LINE_COLUMNS = [column.name for column in BANK_LINES.c]


async def message_before(session: AsyncSession, partner: str, sha256: str) -> RowMapping | None:
    """The message of a file that was taken before."""
    asked = select(BANK_MESSAGES).where(
        BANK_MESSAGES.c.partner == partner, BANK_MESSAGES.c.sha256 == sha256
    )
    return (await session.execute(asked)).mappings().first()


async def begin_message(
    session: AsyncSession, *, partner: str, sha256: str, size: int, by: str, at: datetime
) -> int:
    """Write a message of which only the file is known; gives its number."""
    row = {
        "partner": partner,
        "sha256": sha256,
        "kind": "",
        "version": "",
        "message_id": "",
        "taken_by": by,
        "size": size,
        "summary": {},
        "taken_at": at,
    }
    done = await session.execute(
        insert(BANK_MESSAGES).values(row).returning(BANK_MESSAGES.c.message_no)
    )
    number: int = done.scalar_one()
    return number


async def end_message(
    session: AsyncSession, message_no: int, head: Mapping[str, str], summary: Mapping[str, Any]
) -> None:
    """Write what was read of the message and what became of its lines."""
    await session.execute(
        update(BANK_MESSAGES)
        .where(BANK_MESSAGES.c.message_no == message_no)
        .values(**head, summary=json.loads(json.dumps(summary)))
    )


async def keep_lines(
    session: AsyncSession, message_no: int, first: int, lines: Sequence[tuple[Line, str]]
) -> None:
    """Keep lines with the references of their accounts, numbered from a first number."""
    rows = [
        (message_no, no, *line[1:13], line.account and account_ref, *line[14:16])
        for no, (line, account_ref) in enumerate(lines, start=first)
    ]
    await copy_rows(session, BANK_LINES.name, _LINE_COLUMNS, rows)


async def stay_awake(session: AsyncSession) -> None:
    """Say something to the database, which cuts off who is silent inside a transaction."""
    await session.execute(text("SELECT 1"))


async def lock_subjects(session: AsyncSession, message_no: int) -> None:
    """Take the rows of the pupils and projects a message is about, all in key order."""
    await session.execute(_LOCK_SUBJECTS, {"message": message_no})


async def lines_after(
    session: AsyncSession, message_no: int, after: int, limit: int
) -> Sequence[Any]:
    """A piece of a message's lines, as far as their reports need them."""
    values = {"message": message_no, "after": after, "limit": limit}
    return (await session.execute(_LINES, values)).all()


async def file_sums(session: AsyncSession, partner: str, file_id: str) -> tuple[int, int] | None:
    """Count and cents of an issued bank file of the office."""
    asked = select(BANK_FILES.c.payments, BANK_FILES.c.cents).where(
        BANK_FILES.c.file_id == file_id, BANK_FILES.c.partner == partner
    )
    row = (await session.execute(asked)).first()
    return None if row is None else (row[0], row[1])


async def orders_of_file(
    session: AsyncSession, partner: str, file_id: str
) -> list[tuple[str, int]]:
    """Orders of a bank file with their cents."""
    asked = (
        select(ORDERS.c.order_id, ORDERS.c.cents)
        .where(ORDERS.c.partner == partner, ORDERS.c.file_id == file_id)
        .order_by(ORDERS.c.order_id)
    )
    return [(row[0], row[1]) for row in await session.execute(asked)]


async def messages_of(
    session: AsyncSession, partner: str, *, before: int | None, limit: int
) -> list[RowMapping]:
    """Messages of an office, newest first, before a number."""
    asked = (
        select(BANK_MESSAGES)
        .where(BANK_MESSAGES.c.partner == partner)
        .order_by(BANK_MESSAGES.c.message_no.desc())
        .limit(limit)
    )
    if before is not None:
        asked = asked.where(BANK_MESSAGES.c.message_no < before)
    return list((await session.execute(asked)).mappings())


async def lines_of_order(session: AsyncSession, order_id: str) -> list[RowMapping]:
    """All bank lines that speak of an order, by number or by a person's choice, with their file."""
    return list((await session.execute(_OF_ORDER, {"order": order_id})).mappings())
