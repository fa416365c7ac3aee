"""Rows of reports, and the work list of those that fit no order."""

import json
from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.reports.domain import REPEATED, Outcome, Report
from services.payments.store import insert_rows
from services.payments.tables import REPORTS
from shared.db import copy_rows

_KNOWN = text("""
    SELECT partner, report_id, code FROM reports
    WHERE partner = ANY(CAST(:partners AS text[]))
        AND report_id = ANY(ARRAY(SELECT json_array_elements_text(CAST(:ids AS json))))
""")
_FILES_WAITING = text("""
    SELECT f.file_id, f.partner, f.execution_date FROM bank_files f
    WHERE EXISTS (SELECT 1 FROM orders o WHERE o.partner = f.partner AND o.state = 'sent'
                      AND o.file_id = f.file_id)
""")
_SENT = text("""
    SELECT o.order_id, o.partner, o.cents FROM orders o JOIN bank_files f USING (partner, file_id)
    WHERE f.file_id = ANY(:files) AND o.state = 'sent' ORDER BY o.order_id LIMIT :limit
""").bindparams(bindparam("files", type_=ARRAY(Text)))
_COLUMNS = [column.name for column in REPORTS.c]
_WORK_LIST_ITEMS = text("SELECT count(*) FROM reports WHERE result = 'work_list'")


async def files_waiting(session: AsyncSession) -> list[tuple[str, str, date]]:
    """Bank files with orders nobody answered: file, office, and the day they were to be paid."""
    return [(row[0], row[1], row[2]) for row in await session.execute(_FILES_WAITING)]


async def sent_orders(
    session: AsyncSession, file_ids: Iterable[str], *, limit: int
) -> list[tuple[str, str, int]]:
    """Orders of these files that are sent and not answered: order, office, cents."""
    values = {"files": sorted(file_ids), "limit": limit}
    return [(row[0], row[1], row[2]) for row in await session.execute(_SENT, values)]


async def work_list_items(session: AsyncSession) -> int:
    """How many reports of all offices wait for a person."""
    return int(await session.scalar(_WORK_LIST_ITEMS) or 0)


async def heard_before(
    session: AsyncSession, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Outcome]:
    """Reports that were taken before, by office and report id: they are repetitions now."""
    asked = set(keys)
    # An office's ids may hold anything, spaces too; as one text they travel quicker than as many.
    ids = json.dumps(sorted({report_id for _, report_id in asked}))
    values = {"partners": sorted({partner for partner, _ in asked}), "ids": ids}
    rows = (await session.execute(_KNOWN, values)).all()
    return {(row[0], row[1]): Outcome(REPEATED, row[2]) for row in rows}


async def insert_reports(session: AsyncSession, reports: Iterable[tuple[Report, Outcome]]) -> None:
    """Keep new reports with what became of them."""
    rows = [
        (
            report.partner,
            report.report_id,
            report.order_id,
            report.outcome,
            outcome.result,
            report.cents or 0,
            report.booked_on,
            report.reason_code,
            outcome.code,
            report.at,
        )
        for report, outcome in reports
    ]
    rows.sort(key=lambda row: (row[0], row[1]))
    try:
        async with session.begin_nested():
            await copy_rows(session, REPORTS.name, _COLUMNS, rows)
    except IntegrityError:
        # Two doors may bring the same report of an unknown order at once; it counts once.
        await insert_rows(session, REPORTS, rows, "ON CONFLICT DO NOTHING")
