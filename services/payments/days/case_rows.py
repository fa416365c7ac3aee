"""Rows of cases: days that were paid for and a person has to look at."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.days.store import pairs
from services.payments.days.tables import DAY_CASES
from services.payments.store import insert_rows

_WITHDRAW = text("""
    UPDATE day_cases c SET state = 'withdrawn'
    FROM unnest(CAST(:pupils AS text[]), CAST(:days AS date[])) AS n (pupil_ref, day)
    WHERE c.pupil_ref = n.pupil_ref AND c.day = n.day AND c.state = 'open'
        AND c.reason_code = ANY(CAST(:reasons AS text[]))
""")
_OPEN_AGAIN = """ON CONFLICT (case_id) DO UPDATE SET state = 'open', noted_at = EXCLUDED.noted_at,
        reason_code = EXCLUDED.reason_code
    WHERE day_cases.state = 'withdrawn'"""
_CASES = text("""
    SELECT * FROM day_cases
    WHERE partner = :partner AND (CAST(:state AS text) IS NULL OR state = :state)
        AND case_id > :after
    ORDER BY case_id LIMIT :limit
""")
_CASES_LOCKED = text("""
    SELECT * FROM day_cases WHERE case_id = ANY(:ids) ORDER BY case_id FOR UPDATE
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_DECIDE = text("""
    UPDATE day_cases c SET state = n.state, comment = n.comment, decided_by = :by, decided_at = :at
    FROM unnest(CAST(:ids AS text[]), CAST(:states AS text[]), CAST(:comments AS text[]))
         AS n (case_id, state, comment)
    WHERE c.case_id = n.case_id
""")


class CaseRow(NamedTuple):
    """A case as its row, in the order of the table's columns."""

    case_id: str
    partner: str
    order_id: str
    pupil_ref: str
    support_type: str
    reason_code: str
    state: str
    day: date
    assumed: bool
    cents: int
    noted_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    comment: str | None = None


async def withdraw(
    session: AsyncSession, days: Iterable[tuple[str, date]], reasons: Sequence[str]
) -> None:
    """Close open cases of days that are good after all."""
    await session.execute(_WITHDRAW, {**pairs(days), "reasons": list(reasons)})


async def add_cases(session: AsyncSession, rows: Sequence[CaseRow]) -> None:
    """Write cases for a person; one that was withdrawn is open again."""
    await insert_rows(session, DAY_CASES, sorted(rows), _OPEN_AGAIN)


async def cases(
    session: AsyncSession, partner: str, *, state: str | None, after: str, limit: int
) -> list[RowMapping]:
    """A page of a partner's cases by id."""
    values = {"partner": partner, "state": state, "after": after, "limit": limit}
    return list((await session.execute(_CASES, values)).mappings())


async def cases_locked(session: AsyncSession, case_ids: Iterable[str]) -> dict[str, CaseRow]:
    """Cases by id, held until the transaction ends."""
    rows = await session.execute(_CASES_LOCKED, {"ids": sorted(set(case_ids))})
    columns = CaseRow._fields
    return {row["case_id"]: CaseRow(*(row[name] for name in columns)) for row in rows.mappings()}


async def decide(
    session: AsyncSession, decided: Sequence[tuple[str, str, str]], *, by: str, at: datetime
) -> None:
    """Write what a person decided, given as case, state and comment."""
    if decided:
        ids, states, comments = (list(column) for column in zip(*decided, strict=True))
        values = {"ids": ids, "states": states, "comments": comments, "by": by, "at": at}
        await session.execute(_DECIDE, values)
