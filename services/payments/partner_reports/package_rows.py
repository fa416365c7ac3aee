"""Rows of claim packages: which lines they hold, with the documents behind them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.partner_reports.tables import CLAIM_PACKAGES
from services.payments.store import insert_rows

_TAKE = text("""
    UPDATE partner_report_lines l SET package_id = :package_id
    FROM (SELECT l.report_id, l.line_no FROM partner_report_lines l
          JOIN partner_reports r USING (report_id)
          WHERE l.package_id IS NULL AND r.state = 'verified' AND l.booked_on <= :last_day
          ORDER BY r.last_day, l.report_id, l.line_no LIMIT :most FOR UPDATE OF l) n
    WHERE l.report_id = n.report_id AND l.line_no = n.line_no
""")
_LEFT = text("""
    SELECT 1 FROM partner_report_lines l JOIN partner_reports r USING (report_id)
    WHERE l.package_id IS NULL AND r.state = 'verified' AND l.booked_on <= :last_day LIMIT 1
""")
_LINES = text("""
    SELECT r.partner, r.period AS report_period, l.*, encode(l.digest, 'hex') AS evidence_digest,
        o.file_id AS bank_file_id, f.sha256 AS bank_file_sha256, l.order_id AS end_to_end_id
    FROM partner_report_lines l JOIN partner_reports r USING (report_id)
        JOIN orders o USING (order_id) LEFT JOIN bank_files f USING (file_id)
    WHERE l.package_id = :package_id ORDER BY r.last_day, l.report_id, l.line_no
""")
_PACKAGE = text("SELECT * FROM claim_packages WHERE package_id = :package_id")
_PACKAGES = text("SELECT * FROM claim_packages ORDER BY made_at DESC, package_id LIMIT 1000")


class PackageRow(NamedTuple):
    """A package as its row, in the order of the table's columns."""

    package_id: str
    last_day: date
    lines: int
    cents: int
    esf_cents: int
    state_cents: int
    made_by: str
    sha256: str
    made_at: datetime


async def take_lines(
    session: AsyncSession, package_id: str, *, last_day: date, most: int
) -> tuple[bool, bool]:
    """Put verified lines into a package; tells whether there were any, and whether some are not."""
    values = {"package_id": package_id, "last_day": last_day, "most": most}
    await session.execute(_TAKE, values)
    taken = await session.scalar(
        text("SELECT 1 FROM partner_report_lines WHERE package_id = :package_id LIMIT 1"),
        {"package_id": package_id},
    )
    left = await session.scalar(_LEFT, {"last_day": last_day})
    return taken is not None, left is not None


async def lines_of(session: AsyncSession, package_id: str) -> Sequence[RowMapping]:
    """The lines of a package with their report, bank file and evidence."""
    rows = await session.execute(_LINES, {"package_id": package_id})
    return rows.mappings().all()


async def insert_package(session: AsyncSession, row: PackageRow) -> None:
    """Keep what is known of a package."""
    await insert_rows(session, CLAIM_PACKAGES, [row])


async def package(session: AsyncSession, package_id: str) -> PackageRow | None:
    """One package."""
    row = (await session.execute(_PACKAGE, {"package_id": package_id})).first()
    return None if row is None else PackageRow(*row)


async def packages(session: AsyncSession) -> list[PackageRow]:
    """The newest packages."""
    return [PackageRow(*row) for row in await session.execute(_PACKAGES)]
