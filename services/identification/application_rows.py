"""Table of signed applications, and questions about it."""

from collections.abc import Collection

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification.store import METADATA, Row, among, moment, word

APPLICATIONS = Table(
    "applications",
    METADATA,
    Column("application_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    word("pupil_ref"),
    word("school_id"),
    word("signer_kind"),
    Column("of_age", Boolean, nullable=False),
    Column("signer_sealed", LargeBinary),
    Column("signed_on", Date, nullable=False),
    word("state"),
    Column("withdrawn_on", Date),
    Column("reason_code", Text),
    word("recorded_by"),
    moment("recorded_at"),
    word("changed_by"),
    moment("changed_at"),
    CheckConstraint("(signer_kind = 'adult_pupil') = of_age", name="adults_sign_alone"),
    CheckConstraint(
        "(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name="withdrawn_on_a_day"
    ),
    Index("applications_by_pupil", "pupil_ref", "recorded_at"),
    Index(
        "applications_one_in_force",
        "pupil_ref",
        unique=True,
        postgresql_where=text("state = 'signed'"),
    ),
)


async def applications_of(session: AsyncSession, refs: Collection[str]) -> list[Row]:
    """All applications of pupils; the pupils' rows are locked before where it matters."""
    asked = (
        select(APPLICATIONS)
        .where(among(APPLICATIONS.c.pupil_ref, refs))
        .order_by(APPLICATIONS.c.pupil_ref, APPLICATIONS.c.recorded_at)
    )
    return [dict(row) for row in (await session.execute(asked)).mappings()]
