"""Marks as rows: many at once in, whole sheets out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    RowMapping,
    SmallInteger,
    Table,
    Text,
    func,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.scoring import Sheet
from services.ngo_grants.store import METADATA, moments, words

MARKS = Table(
    "marks",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("application_id", Text, ForeignKey("applications.application_id"), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("criterion", Text, primary_key=True),
    Column("half_points", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    *moments("marked_at"),
    CheckConstraint("half_points BETWEEN 0 AND 100", name="half_points_in_range"),
    ForeignKeyConstraint(
        ["call_id", "subject"], ["committee_members.call_id", "committee_members.subject"]
    ),
)
HISTORY = Table(
    "mark_history",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *words("call_id", "application_id", "subject", "criterion"),
    Column("half_points", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    *moments("marked_at", "replaced_at"),
)
_GIVEN = """
    unnest(CAST(:applications AS text[]), CAST(:criteria AS text[]),
           CAST(:half_points AS smallint[])) AS given(application_id, criterion, half_points)
"""
_REMEMBER = text(f"""
    INSERT INTO mark_history (call_id, application_id, subject, criterion, half_points, version,
                              marked_at, replaced_at)
    SELECT m.call_id, m.application_id, m.subject, m.criterion, m.half_points, m.version,
           m.marked_at, CAST(:now AS timestamptz)
    FROM marks m JOIN {_GIVEN} USING (application_id, criterion)
    WHERE m.call_id = :call_id AND m.subject = :subject AND m.half_points <> given.half_points
""")  # noqa: S608 - the text is a constant of this module
_KEEP = text(f"""
    INSERT INTO marks (call_id, application_id, subject, criterion, half_points, version, marked_at)
    SELECT CAST(:call_id AS text), application_id, CAST(:subject AS text), criterion, half_points,
           1, CAST(:now AS timestamptz)
    FROM {_GIVEN}
    ON CONFLICT (call_id, application_id, subject, criterion) DO UPDATE
    SET half_points = excluded.half_points, version = marks.version + 1,
        marked_at = excluded.marked_at
    WHERE marks.half_points <> excluded.half_points
""")  # noqa: S608 - the text is a constant of this module
# Sorting 25 000 rows by criterion would take longer than everything else of a page together.
_SHEETS = text("""
    SELECT application_id, subject, array_agg(criterion), array_agg(half_points)
    FROM marks WHERE call_id = :call_id
    GROUP BY application_id, subject
""")


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of one member: half points."""

    application_id: str
    criterion: str
    half_points: int


async def keep(
    session: AsyncSession, call_id: str, subject: str, marks: Sequence[Mark], *, now: datetime
) -> None:
    """Write a member's marks; those that change are remembered."""
    if not marks:
        return
    ordered = sorted(marks, key=lambda mark: (mark.application_id, mark.criterion))
    values = {
        "call_id": call_id,
        "subject": subject,
        "applications": [mark.application_id for mark in ordered],
        "criteria": [mark.criterion for mark in ordered],
        "half_points": [mark.half_points for mark in ordered],
        "now": now,
    }
    await session.execute(_REMEMBER, values)
    await session.execute(_KEEP, values)


async def sheets(session: AsyncSession, call_id: str, codes: Sequence[str]) -> list[Sheet]:
    """All marks of a call by application and member, whole or not, in the order of the codes."""
    rows = await session.execute(_SHEETS, {"call_id": call_id})
    place = {code: at for at, code in enumerate(codes)}
    ordered = list(codes)
    return [
        Sheet(
            application_id,
            subject,
            tuple(marks) if criteria == ordered else _in_order(criteria, marks, place),
        )
        for application_id, subject, criteria, marks in rows
    ]


def _in_order(
    criteria: Sequence[str], marks: Sequence[int], place: Mapping[str, int]
) -> tuple[int, ...]:
    """Marks in the order of the leaves, as far as there are any."""
    pairs = sorted(zip(criteria, marks, strict=True), key=lambda pair: place[pair[0]])
    return tuple(mark for _, mark in pairs)


async def listed(
    session: AsyncSession, call_id: str, *, subject: str | None = None
) -> Sequence[RowMapping]:
    """Single marks of a call, of one member or all."""
    asked = (
        select(MARKS)
        .where(MARKS.c.call_id == call_id)
        .order_by(MARKS.c.application_id, MARKS.c.subject, MARKS.c.criterion)
    )
    if subject is not None:
        asked = asked.where(MARKS.c.subject == subject)
    return (await session.execute(asked)).mappings().all()


async def has_marks(session: AsyncSession, call_id: str, subject: str) -> bool:
    """Whether somebody gave marks in a call."""
    found = await session.scalar(
        select(func.count())
        .select_from(MARKS)
        .where(MARKS.c.call_id == call_id, MARKS.c.subject == subject)
    )
    return bool(found)
