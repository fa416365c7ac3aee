"""Applicants and the people behind them as rows; names are sealed before they come here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    RowMapping,
    Table,
    Text,
    delete,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.store import METADATA, READ_LOG, moments, one_of, words
from shared.errors import NotFound

APPLICANTS = Table(
    "applicants",
    METADATA,
    Column("registration_number", Text, primary_key=True),
    *words("name", "kind", "youth_work", "changed_by"),
    Column("youth_group", Text),
    Column("version", Integer, nullable=False),
    *moments("changed_at"),
    CheckConstraint("kind <> 'informal_group'", name="not_informal_alone"),
)
PEOPLE = Table(
    "applicant_people",
    METADATA,
    Column(
        "registration_number", Text, ForeignKey("applicants.registration_number"), primary_key=True
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    *words("kind"),
    Column("sealed", LargeBinary),
    Column("employer", Text),
    Column("household_ref", Text),
    one_of("kind", ("contact", "board", "group_member")),
)


class UnknownApplicant(NotFound):
    """This organisation is not registered as an applicant."""

    code = "unknown-applicant"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody of an applicant: what they are there, and what is sealed."""

    kind: str
    sealed: bytes | None
    employer: str | None
    household_ref: str | None


async def keep(session: AsyncSession, applicant: dict[str, Any], *, now: datetime) -> int:
    """Write an organisation, new or again; returns its version."""
    new = upsert(APPLICANTS).values(**applicant, version=1, changed_at=now)
    changed = {name: new.excluded[name] for name in applicant if name != "registration_number"}
    kept = await session.scalar(
        new.on_conflict_do_update(
            index_elements=["registration_number"],
            set_={**changed, "changed_at": now, "version": APPLICANTS.c.version + 1},
        ).returning(APPLICANTS.c.version)
    )
    assert kept is not None
    return int(kept)


async def keep_people(
    session: AsyncSession, registration_number: str, people: Sequence[PersonRow]
) -> None:
    """Put these people in the place of those before."""
    await session.execute(delete(PEOPLE).where(PEOPLE.c.registration_number == registration_number))
    rows = [
        {
            "registration_number": registration_number,
            "number": number,
            "kind": person.kind,
            "sealed": person.sealed,
            "employer": person.employer,
            "household_ref": person.household_ref,
        }
        for number, person in enumerate(people, start=1)
    ]
    if rows:
        await session.execute(insert(PEOPLE), rows)


async def read(session: AsyncSession, registration_number: str) -> RowMapping:
    """The organisation; raises UnknownApplicant."""
    asked = select(APPLICANTS).where(APPLICANTS.c.registration_number == registration_number)
    row = (await session.execute(asked)).mappings().first()
    if row is None:
        raise UnknownApplicant(registration_number=registration_number)
    return row


async def people_of(session: AsyncSession, registration_number: str) -> Sequence[RowMapping]:
    """The people of an organisation, sealed."""
    asked = (
        select(PEOPLE)
        .where(PEOPLE.c.registration_number == registration_number)
        .order_by(PEOPLE.c.number)
    )
    return (await session.execute(asked)).mappings().all()


async def reads_of(
    session: AsyncSession, registration_number: str, *, limit: int
) -> Sequence[RowMapping]:
    """Who read names of an organisation's people, newest first."""
    asked = (
        select(READ_LOG)
        .where(READ_LOG.c.subject_ref.like(f"applicant:{registration_number}:%"))
        .order_by(READ_LOG.c.id.desc())
        .limit(limit)
    )
    return (await session.execute(asked)).mappings().all()
