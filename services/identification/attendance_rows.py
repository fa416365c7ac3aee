"""Tables of attendance and of the signals that follow from it, and questions about both."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    func,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification.store import METADATA, PUPILS, Row, among, moment, word

ATTENDANCE = Table(
    "attendance",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("semester", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    word("school_id"),
    word("data_status"),
    Column("lessons_unexcused", Integer),
    Column("lessons_excused", Integer),
    word("source"),
    moment("received_at"),
    word("entered_by"),
    Column("import_id", Text),
    CheckConstraint(
        "(data_status = 'reported') = (lessons_unexcused IS NOT NULL)", name="no_data_is_not_zero"
    ),
    CheckConstraint("data_status = 'reported' OR lessons_excused IS NULL", name="no_data_at_all"),
    Index("attendance_by_school", "semester", "school_id"),
)

SIGNALS = Table(
    "signals",
    METADATA,
    Column("signal_id", Text, primary_key=True),
    word("pupil_ref"),
    word("semester"),
    word("school_id"),
    word("municipality_id"),
    word("partner"),
    word("rule_id"),
    Column("rule_version", Integer, nullable=False),
    Column("threshold", Integer, nullable=False),
    word("comparator"),
    Column("lessons_unexcused", Integer, nullable=False),
    moment("source_data_at"),
    moment("signalled_at"),
    word("state"),
    Column("closed_by", Text),
    Column("closed_at", DateTime(timezone=True)),
    Column("reason_sealed", LargeBinary),
    CheckConstraint("state IN ('open', 'cleared', 'dismissed', 'answered')", name="known_state"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_has_a_time"),
    CheckConstraint(
        "(state = 'dismissed') = (reason_sealed IS NOT NULL)", name="dismissed_with_a_reason"
    ),
    Index(
        "signals_one_open",
        "pupil_ref",
        "semester",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
    Index("signals_by_pupil", "pupil_ref", "semester"),
    Index("signals_by_school", "school_id", "semester"),
)


async def attendance_of(
    session: AsyncSession, refs: Collection[str], semesters: Collection[str]
) -> dict[tuple[str, str], Row]:
    """What was reported of pupils in semesters, locked; the pupils' rows are locked before."""
    asked = (
        select(ATTENDANCE)
        .where(among(ATTENDANCE.c.pupil_ref, refs))
        .where(among(ATTENDANCE.c.semester, semesters))
        .order_by(ATTENDANCE.c.pupil_ref, ATTENDANCE.c.semester)
        .with_for_update()
    )
    rows = (await session.execute(asked)).mappings()
    return {(row["pupil_ref"], row["semester"]): dict(row) for row in rows}


async def signals_of(
    session: AsyncSession, refs: Collection[str], semesters: Collection[str]
) -> list[Row]:
    """All signals of pupils in semesters, oldest first; the pupils' rows are locked before."""
    asked = (
        select(SIGNALS)
        .where(among(SIGNALS.c.pupil_ref, refs), among(SIGNALS.c.semester, semesters))
        .order_by(SIGNALS.c.signalled_at, SIGNALS.c.signal_id)
    )
    return [dict(row) for row in (await session.execute(asked)).mappings()]


async def signals_at(
    session: AsyncSession,
    *,
    schools: Collection[str] | None,
    semester: str | None,
    state: str | None,
    limit: int,
) -> list[Row]:
    """Signals of schools (all where None), newest first."""
    asked = select(SIGNALS).order_by(SIGNALS.c.signalled_at.desc(), SIGNALS.c.signal_id)
    if schools is not None:
        asked = asked.where(among(SIGNALS.c.school_id, schools))
    if semester is not None:
        asked = asked.where(SIGNALS.c.semester == semester)
    if state is not None:
        asked = asked.where(SIGNALS.c.state == state)
    return [dict(row) for row in (await session.execute(asked.limit(limit))).mappings()]


async def close_signals(
    session: AsyncSession, signal_ids: Collection[str], *, state: str, by: str, now: datetime
) -> None:
    """Close open signals that data or a person's decision answered."""
    if signal_ids:
        await session.execute(
            update(SIGNALS)
            .where(among(SIGNALS.c.signal_id, signal_ids), SIGNALS.c.state == "open")
            .values(state=state, closed_by=by, closed_at=now)
        )


async def reported_by_school(session: AsyncSession, semester: str) -> list[Row]:
    """For each school its enrolled pupils, and how many have attendance data of the semester."""
    told = and_(ATTENDANCE.c.pupil_ref == PUPILS.c.pupil_ref, ATTENDANCE.c.semester == semester)
    reported = func.count().filter(ATTENDANCE.c.data_status == "reported")
    asked = (
        select(
            PUPILS.c.school_id,
            func.count().label("pupils"),
            reported.label("reported"),
            func.count().filter(ATTENDANCE.c.data_status == "no_data").label("no_data"),
        )
        .select_from(PUPILS.outerjoin(ATTENDANCE, told))
        .where(PUPILS.c.status == "enrolled")
        .group_by(PUPILS.c.school_id)
        .order_by(PUPILS.c.school_id)
    )
    return [dict(row) for row in (await session.execute(asked)).mappings()]
