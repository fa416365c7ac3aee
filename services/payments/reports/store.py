"""Rows of reports, and the work list of those that fit no order."""

from collections.abc import Iterable

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.reports.domain import REPEATED, WORK_LIST, Outcome, Report
from services.payments.store import insert_rows
from services.payments.tables import REPORTS

_KNOWN = text("""
    SELECT partner, report_id, code FROM reports JOIN
        unnest(CAST(:partners AS text[]), CAST(:ids AS text[])) AS n (partner, report_id)
        USING (partner, report_id)
""")
_WORK_LIST_ITEMS = text("SELECT count(*) FROM reports WHERE result = 'work_list'")
WORK_LIST_MAX = 1_000


async def work_list_items(session: AsyncSession) -> int:
    """How many reports of all offices wait for a person."""
    return int(await session.scalar(_WORK_LIST_ITEMS) or 0)


async def heard_before(
    session: AsyncSession, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Outcome]:
    """Reports that were taken before, by office and report id: they are repetitions now."""
    asked = sorted(set(keys))
    values = {"partners": [p for p, _ in asked], "ids": [i for _, i in asked]}
    rows = await session.execute(_KNOWN, values)
    return {(row[0], row[1]): Outcome(REPEATED, row[2]) for row in rows}


async def insert_reports(session: AsyncSession, reports: Iterable[tuple[Report, Outcome]]) -> None:
    """Keep new reports with what became of them."""
    rows = [
        (
            report.partner,
            report.report_id,
            report.order_id,
            report.outcome.value,
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
    # Two offices' doors may bring the same report of an unknown order at once; it counts once.
    await insert_rows(session, REPORTS, rows, "ON CONFLICT DO NOTHING")


async def work_list(session: AsyncSession, partner: str) -> list[RowMapping]:
    """Reports of an office that no person has settled yet, oldest first."""
    asked = (
        select(REPORTS)
        .where(REPORTS.c.partner == partner, REPORTS.c.result == WORK_LIST)
        .order_by(REPORTS.c.reported_at, REPORTS.c.report_id)
        .limit(WORK_LIST_MAX)
    )
    return list((await session.execute(asked)).mappings())
