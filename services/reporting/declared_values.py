"""Declared values, their contradictions and what a person decides; announcements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import declared_rows
from services.reporting.contradictions_rules import (
    Blocks,
    Claim,
    Decision,
    Rule,
    Status,
    Subject,
    holds_back,
    status_of,
)
from services.reporting.declared_rows import Kept
from shared.auth import Person
from shared.errors import NotFound, Refused


class NoContradiction(NotFound):
    """Nothing was declared about this."""

    code = "unknown-contradiction"


class NothingToDecide(Refused):
    """The values agree, or a rule settles them; there is nothing to decide."""

    code = "nothing-to-decide"


@dataclass(frozen=True)
class Contradiction:
    """A subject with all that was declared and decided about it."""

    subject: Subject
    status: Status
    values: Sequence[Kept]
    decisions: Sequence[Kept]

    @property
    def claims(self) -> list[Claim]:
        """The values as the rules want them."""
        return [_claim(value) for value in self.values]


def _claim(row: Mapping[str, Any]) -> Claim:
    return Claim(
        row["value"],
        row["text_mark"],
        row["source"],
        row["definition"],
        row["valid_from"],
        row["valid_to"],
        row["declared_at"],
    )


async def contradictions(session: AsyncSession) -> dict[str, Contradiction]:
    """Everything that was declared, by subject."""
    values = await declared_rows.values_of(session)
    decided = await declared_rows.decisions_of(session)
    found = {}
    for name, subject in (await declared_rows.subjects(session)).items():
        claims = [_claim(row) for row in values.get(name, [])]
        past = [Decision(row["decided_at"], row["readings"]) for row in decided.get(name, [])]
        status = status_of(subject.rule, claims, past)
        found[name] = Contradiction(subject, status, values.get(name, []), decided.get(name, []))
    return found


async def open_for(session: AsyncSession, period: str) -> list[Contradiction]:
    """Open contradictions that touch a period."""
    return [
        c
        for c in (await contradictions(session)).values()
        if c.status is Status.OPEN and holds_back(c.subject, c.claims, period)
    ]


async def one(session: AsyncSession, subject_id: str) -> Contradiction:
    """One subject with everything about it; raises NoContradiction."""
    found = (await contradictions(session)).get(subject_id)
    if found is None:
        raise NoContradiction(contradiction=subject_id)
    return found


def subject_of(
    *,
    measure: str,
    level: str,
    place: str,
    period: str | None,
    cut: str,
    rule: Rule,
    text_mark: str | None,
    blocks: Blocks | None,
) -> Subject:
    """The subject of a declared value; a bare mark holds back its cell, a number its block."""
    by_itself = Blocks.CELL if text_mark is not None else Blocks.BLOCK
    return Subject(measure, level, place, period, cut, rule, blocks or by_itself)


async def declare(
    session: AsyncSession,
    subject: Subject,
    claim: Claim,
    *,
    by: Person,
    now: datetime,
) -> Contradiction:
    """Keep a declared value with its source, and say where its subject stands now."""
    await declared_rows.keep_subject(session, subject)
    await declared_rows.keep_value(
        session,
        {
            "subject_id": subject.id,
            "source": claim.source,
            "declared_by": by.subject,
            "value": claim.value,
            "text_mark": claim.text_mark,
            "definition": claim.definition,
            "valid_from": claim.valid_from,
            "valid_to": claim.valid_to,
            "declared_at": now,
        },
    )
    return await one(session, subject.id)


async def decide(
    session: AsyncSession,
    subject_id: str,
    *,
    reason: str,
    readings: Sequence[Mapping[str, Any]],
    by: Person,
    now: datetime,
) -> Contradiction:
    """Keep what a person decided, with the reason; all values stay. May be decided anew."""
    await declared_rows.lock_subject(session, subject_id)
    before = await one(session, subject_id)
    if before.status not in (Status.OPEN, Status.DECIDED):
        raise NothingToDecide(contradiction=subject_id, status=before.status.value)
    await declared_rows.keep_decision(
        session,
        {
            "subject_id": subject_id,
            "reason": reason,
            "decided_by": by.subject,
            "readings": [dict(reading) for reading in readings],
            "decided_at": now,
        },
    )
    return await one(session, subject_id)
