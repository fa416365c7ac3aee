"""Days on which pupils were away, and where pupils were enrolled on a day."""

from collections.abc import Collection

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification.store import METADATA, STAYS, Row, among, moment, word

ABSENT_DAYS = Table(
    "absent_days",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    # The version of the pupil by which the day was told last.
    Column("version", Integer, nullable=False),
    word("presence"),
    word("school_id"),
    moment("entered_at"),
    word("entered_by"),
    Column("import_id", Text),
    CheckConstraint("presence IN ('present', 'absent', 'absent_excused')", name="known_presence"),
    Index("absent_days_by_school", "school_id", "day"),
)


async def days_of(session: AsyncSession, refs: Collection[str]) -> dict[tuple[str, object], str]:
    """What was told of days of pupils, by pupil and day; the pupils' rows are locked before."""
    asked = select(ABSENT_DAYS.c.pupil_ref, ABSENT_DAYS.c.day, ABSENT_DAYS.c.presence)
    rows = await session.execute(asked.where(among(ABSENT_DAYS.c.pupil_ref, refs)))
    return {(row[0], row[1]): row[2] for row in rows}


async def stays_of(session: AsyncSession, refs: Collection[str]) -> dict[str, list[Row]]:
    """The history of pupils, each in its order."""
    asked = select(STAYS).where(among(STAYS.c.pupil_ref, refs))
    found: dict[str, list[Row]] = {}
    rows = await session.execute(asked.order_by(STAYS.c.pupil_ref, STAYS.c.version))
    for row in rows.mappings():
        found.setdefault(row["pupil_ref"], []).append(dict(row))
    return found
