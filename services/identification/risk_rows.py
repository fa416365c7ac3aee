"""Tables of proposals to name pupils at risk and of their factors, and questions about them."""

from collections.abc import Collection, Iterable

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification.risk_rules import Risk, State
from services.identification.store import METADATA, PUPILS, Row, among, locked, moment, word

RISKS = Table(
    "risks",
    METADATA,
    Column("risk_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    word("pupil_ref"),
    word("semester"),
    word("school_id"),
    word("municipality_id"),
    word("partner"),
    Column("risk_groups", ARRAY(Text), nullable=False),
    word("state"),
    word("proposed_by"),
    moment("proposed_at"),
    Column("note_sealed", LargeBinary),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("reason_sealed", LargeBinary),
    Column("cleared_by", Text),
    Column("cleared_at", DateTime(timezone=True)),
    Column("clear_reason_code", Text),
    CheckConstraint(
        "state IN ('proposed', 'confirmed', 'rejected', 'cleared')", name="known_state"
    ),
    CheckConstraint("cardinality(risk_groups) > 0", name="some_group"),
    CheckConstraint("decided_by IS DISTINCT FROM proposed_by", name="four_eyes"),
    CheckConstraint(
        "state = 'proposed' OR (decided_by IS NOT NULL AND reason_sealed IS NOT NULL)",
        name="decided_with_a_reason",
    ),
    Index(
        "risks_one_live",
        "pupil_ref",
        "semester",
        unique=True,
        postgresql_where=text("state IN ('proposed', 'confirmed')"),
    ),
    Index("risks_by_pupil", "pupil_ref", "semester"),
    Index("risks_by_school", "school_id", "semester", "state"),
)

FACTORS = Table(
    "factors",
    METADATA,
    Column("risk_id", Text, ForeignKey("risks.risk_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    word("risk_group"),
    Column("factor_code", Text),
    Column("factor_sealed", LargeBinary),
    CheckConstraint("(factor_code IS NULL) <> (factor_sealed IS NULL)", name="open_or_sealed"),
    CheckConstraint("risk_group <> 'R2' OR factor_code IS NULL", name="health_is_sealed"),
)


def risk_of(row: Row) -> Risk:
    """A proposal without its factors."""
    return Risk(
        risk_id=row["risk_id"],
        pupil_ref=row["pupil_ref"],
        semester=row["semester"],
        school_id=row["school_id"],
        groups=tuple(row["risk_groups"]),
        state=State(row["state"]),
        proposed_by=row["proposed_by"],
    )


async def risks_locked(session: AsyncSession, risk_ids: Iterable[str]) -> dict[str, Row]:
    """Proposals by id, locked."""
    return {row["risk_id"]: row for row in await locked(session, RISKS.c.risk_id, risk_ids)}


async def proposals_before(
    session: AsyncSession, refs: Collection[str], semesters: Collection[str]
) -> list[Row]:
    """Earlier proposals of pupils in semesters; the pupils' rows are locked before."""
    asked = select(RISKS.c.risk_id, RISKS.c.pupil_ref, RISKS.c.semester, RISKS.c.state).where(
        among(RISKS.c.pupil_ref, refs), among(RISKS.c.semester, semesters)
    )
    return [dict(row) for row in (await session.execute(asked)).mappings()]


async def risks_at(
    session: AsyncSession,
    *,
    schools: Collection[str] | None = None,
    semester: str | None = None,
    state: str | None = None,
    pupil_ref: str | None = None,
    after: str = "",
    limit: int,
) -> list[Row]:
    """Proposals of pupils who are at schools now (all where None), in the order of ids."""
    asked = select(RISKS).where(RISKS.c.risk_id > after).order_by(RISKS.c.risk_id)
    if schools is not None:
        asked = asked.join(PUPILS, PUPILS.c.pupil_ref == RISKS.c.pupil_ref)
        asked = asked.where(among(PUPILS.c.school_id, schools))
    if semester is not None:
        asked = asked.where(RISKS.c.semester == semester)
    if state is not None:
        asked = asked.where(RISKS.c.state == state)
    if pupil_ref is not None:
        asked = asked.where(RISKS.c.pupil_ref == pupil_ref)
    return [dict(row) for row in (await session.execute(asked.limit(limit))).mappings()]


async def live_of(session: AsyncSession, refs: Collection[str], semester: str) -> list[Row]:
    """Proposals of pupils in a semester that wait or were confirmed; at most one a pupil."""
    asked = select(RISKS).where(
        among(RISKS.c.pupil_ref, refs),
        RISKS.c.semester == semester,
        RISKS.c.state.in_([State.PROPOSED, State.CONFIRMED]),
    )
    return [dict(row) for row in (await session.execute(asked)).mappings()]


async def factors_of(session: AsyncSession, risk_ids: Collection[str]) -> dict[str, list[Row]]:
    """Factors of proposals by risk id, in their order."""
    found: dict[str, list[Row]] = {risk_id: [] for risk_id in risk_ids}
    asked = (
        select(FACTORS)
        .where(among(FACTORS.c.risk_id, risk_ids))
        .order_by(FACTORS.c.risk_id, FACTORS.c.number)
    )
    for row in (await session.execute(asked)).mappings():
        found[row["risk_id"]].append(dict(row))
    return found
