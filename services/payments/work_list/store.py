"""Rows of what waits for a person, of candidates, and of how persons decided."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.store import insert_rows, overwrite
from services.payments.work_list.tables import RESOLUTIONS

CANDIDATES_MAX = 50
_ITEM_COLUMNS = """
    r.partner, r.report_id, r.order_id, r.outcome, r.cents, r.booked_on, r.reason_code, r.code,
    r.reported_at, l.statement_id, l.entry_ref, l.bank_ref, l.currency, l.account_ref, l.mentioned,
    l.about_file, l.source_line, s.decision, s.order_id AS chosen_order_id, s.reason,
    s.outcome AS chosen_outcome, s.proposed_by, s.approved_by
    FROM reports r
    LEFT JOIN LATERAL (
        SELECT b.* FROM bank_lines b
        WHERE b.end_to_end_id = r.order_id AND b.report_id = r.report_id
        ORDER BY b.message_no LIMIT 1) l ON true
    LEFT JOIN resolutions s ON s.partner = r.partner AND s.report_id = r.report_id
"""
_WAITING = text(f"""
    SELECT {_ITEM_COLUMNS}
    WHERE r.partner = :partner AND r.result = 'work_list' AND r.report_id > :after
    ORDER BY r.report_id LIMIT :limit
""")
_ITEMS = text(f"""
    SELECT {_ITEM_COLUMNS}
    WHERE r.partner = :partner AND r.report_id = ANY(:ids) AND r.result = 'work_list'
    ORDER BY r.report_id FOR UPDATE OF r
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_ITEM = text(f"""
    SELECT {_ITEM_COLUMNS}
    WHERE r.partner = :partner AND r.report_id = :id AND r.result = 'work_list'
""")
_CHOSEN = text("""
    SELECT order_id FROM resolutions
    WHERE partner = :partner AND report_id = ANY(:ids) AND order_id IS NOT NULL
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_CANDIDATES = text("""
    SELECT o.order_id, o.cents, o.state, o.file_id, f.execution_date, o.payee_id
    FROM orders o LEFT JOIN bank_files f ON f.file_id = o.file_id
    WHERE o.partner = :partner AND o.state = ANY(:states)
        AND (o.cents = :cents OR o.order_id = :mentioned)
    ORDER BY o.order_id <> :mentioned, abs(f.execution_date - CAST(:day AS date)), o.order_id
    LIMIT :limit
""").bindparams(bindparam("states", type_=ARRAY(Text)))
_CLOSE = text("""
    UPDATE reports SET result = :result
    WHERE partner = :partner AND report_id = ANY(:ids) AND result = 'work_list'
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_APPROVE = text("""
    UPDATE resolutions SET approved_by = :by, approved_at = :at
    WHERE partner = :partner AND report_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_REPLACE = overwrite(
    RESOLUTIONS, ("decision", "reason", "proposed_by", "order_id", "outcome", "proposed_at")
)


async def waiting(
    session: AsyncSession, partner: str, *, after: str, limit: int
) -> list[RowMapping]:
    """Reports of an office that no person has settled yet, by id."""
    values = {"partner": partner, "after": after, "limit": limit}
    return list((await session.execute(_WAITING, values)).mappings())


async def item(session: AsyncSession, partner: str, report_id: str) -> RowMapping | None:
    """One report that waits."""
    rows = await session.execute(_ITEM, {"partner": partner, "id": report_id})
    return rows.mappings().first()


async def chosen_orders(session: AsyncSession, partner: str, report_ids: Iterable[str]) -> set[str]:
    """The orders that were chosen for these reports."""
    values = {"partner": partner, "ids": sorted(set(report_ids))}
    return set(await session.scalars(_CHOSEN, values))


async def items_locked(
    session: AsyncSession, partner: str, report_ids: Iterable[str]
) -> dict[str, RowMapping]:
    """Those of these reports that still wait, held until the transaction ends."""
    values = {"partner": partner, "ids": sorted(set(report_ids))}
    return {row["report_id"]: row for row in (await session.execute(_ITEMS, values)).mappings()}


async def candidates(
    session: AsyncSession,
    partner: str,
    *,
    states: Sequence[str],
    cents: int,
    mentioned: str,
    day: date,
) -> list[Any]:
    """Orders of the office with this sum, or of this number, that a report can move."""
    values = {
        "partner": partner,
        "states": list(states),
        "cents": cents,
        "mentioned": mentioned,
        "day": day,
        "limit": CANDIDATES_MAX,
    }
    return list(await session.execute(_CANDIDATES, values))


async def keep_decisions(session: AsyncSession, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write what a person decided; a later decision takes the place of one not approved yet."""
    names = [column.name for column in RESOLUTIONS.c]
    values = sorted(tuple(row.get(name) for name in names) for row in rows)
    await insert_rows(session, RESOLUTIONS, values, _REPLACE)


async def close(
    session: AsyncSession, partner: str, report_ids: Iterable[str], *, result: str
) -> None:
    """Take reports off the work list."""
    values = {"partner": partner, "ids": sorted(report_ids), "result": result}
    await session.execute(_CLOSE, values)


async def approve(
    session: AsyncSession, partner: str, report_ids: Iterable[str], *, by: str, at: datetime
) -> None:
    """Write who approved decisions."""
    values = {"partner": partner, "ids": sorted(report_ids), "by": by, "at": at}
    await session.execute(_APPROVE, values)
