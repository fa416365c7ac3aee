"""What was heard of plans, and which pupils of a school need somebody."""

from collections.abc import Collection, Sequence

from sqlalchemy import Column, Index, Integer, Table, Text, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification.attendance_rows import SIGNALS
from services.identification.risk_rows import RISKS
from services.identification.store import METADATA, PUPILS, Row, among, moment, word

PLANS = Table(
    "heard_plans",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    word("pupil_ref"),
    word("semester"),
    word("state"),
    moment("told_at"),
    Index("heard_plans_by_pupil", "pupil_ref", "semester"),
)


async def keep_plans(session: AsyncSession, rows: Sequence[Row]) -> None:
    """What plans said last of each plan; an older version changes nothing."""
    stmt = insert(PLANS)
    await session.execute(
        stmt.on_conflict_do_update(
            index_elements=["plan_id"],
            set_={name: stmt.excluded[name] for name in ("version", "state", "told_at")},
            where=PLANS.c.version < stmt.excluded.version,
        ),
        list(rows),
    )


async def plans_of(
    session: AsyncSession, refs: Collection[str], semester: str | None = None
) -> list[Row]:
    """Plans of pupils that were not deleted."""
    asked = select(PLANS).where(among(PLANS.c.pupil_ref, refs), PLANS.c.state != "deleted")
    if semester is not None:
        asked = asked.where(PLANS.c.semester == semester)
    return [dict(row) for row in (await session.execute(asked)).mappings()]


async def pupils_in_need(
    session: AsyncSession, schools: Collection[str], semester: str, *, after: str, limit: int
) -> list[Row]:
    """Enrolled pupils of schools with an open signal, or a proposal that was not rejected."""
    signalled = exists().where(
        SIGNALS.c.pupil_ref == PUPILS.c.pupil_ref,
        SIGNALS.c.semester == semester,
        SIGNALS.c.state == "open",
    )
    proposed = exists().where(
        RISKS.c.pupil_ref == PUPILS.c.pupil_ref,
        RISKS.c.semester == semester,
        RISKS.c.state.in_(["proposed", "confirmed"]),
    )
    asked = (
        select(PUPILS)
        .where(among(PUPILS.c.school_id, schools), PUPILS.c.status == "enrolled")
        .where(PUPILS.c.pupil_ref > after, or_(signalled, proposed))
        .order_by(PUPILS.c.pupil_ref)
        .limit(limit)
    )
    return [dict(row) for row in (await session.execute(asked)).mappings()]
