"""Erasing names and papers when their time is over, with proof of what was erased."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Integer,
    RowMapping,
    Table,
    insert,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.store import METADATA, moments, words

ERASURES = Table(
    "erasures",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("decided_until_year", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("members", Integer, nullable=False),
    Column("attachments", Integer, nullable=False),
    Column("appeals", Integer, nullable=False),
    *words("reason", "erased_by"),
    *moments("erased_at"),
)
_OVER = """
    SELECT call_id FROM calls
    WHERE state IN ('decided', 'cancelled') AND year <= :year
      AND (decided_at IS NULL OR decided_at < :before)
"""
_FINISHED = f"""
    SELECT application_id FROM applications WHERE call_id IN ({_OVER})
    AND state NOT IN ('approved', 'contracted', 'running', 'reported', 'recovery')
"""  # noqa: S608 - the text is a constant of this module
# Somebody of an organisation that still has a living application is not erased.
_STATEMENTS = {
    "people": text(f"""
        UPDATE applicant_people SET sealed = NULL, employer = NULL, household_ref = NULL
        WHERE sealed IS NOT NULL AND registration_number IN (
            SELECT registration_number FROM applications
            GROUP BY registration_number
            HAVING bool_and(application_id IN ({_FINISHED})))
    """),  # noqa: S608 - the text is a constant of this module
    "members": text(f"""
        UPDATE committee_members SET sealed_name = NULL, household_ref = NULL
        WHERE sealed_name IS NOT NULL AND call_id IN ({_OVER})
    """),  # noqa: S608 - the text is a constant of this module
    "attachments": text(f"""
        UPDATE attachments SET sealed = NULL, name = kind
        WHERE sealed IS NOT NULL AND application_id IN ({_FINISHED})
    """),  # noqa: S608 - the text is a constant of this module
    "appeals": text(f"""
        UPDATE appeals SET grounds = ''
        WHERE grounds <> '' AND application_id IN ({_FINISHED})
    """),  # noqa: S608 - the text is a constant of this module
}


async def erase(session: AsyncSession, *, year: int, before: datetime) -> dict[str, int]:
    """Erase what belongs to calls of a year or earlier, decided before a moment; the counts."""
    counts = {}
    for what, statement in _STATEMENTS.items():
        done = await session.execute(statement, {"year": year, "before": before})
        counts[what] = int(getattr(done, "rowcount", 0))
    return counts


async def add(session: AsyncSession, proof: Mapping[str, Any]) -> None:
    """Write the proof."""
    await session.execute(insert(ERASURES).values(**proof))


async def listed(session: AsyncSession) -> Sequence[RowMapping]:
    """All proofs, newest first."""
    asked = select(ERASURES).order_by(ERASURES.c.id.desc()).limit(200)
    return (await session.execute(asked)).mappings().all()
