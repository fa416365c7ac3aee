"""Committees, declared interests and assignments as rows, and who must not see what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    RowMapping,
    Table,
    Text,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.committee_rules import Committee, Member
from services.ngo_grants.store import METADATA, moments, words

MEMBERS = Table(
    "committee_members",
    METADATA,
    Column("call_id", Text, ForeignKey("calls.call_id"), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("sealed_name", LargeBinary),
    Column("employers", ARRAY(Text), nullable=False),
    Column("household_ref", Text),
    *words("named_by"),
    *moments("named_at"),
    *moments("declared_at", "left_at", nullable=True),
)
INTERESTS = Table(
    "interests",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("registration_number", Text, primary_key=True),
    *words("kind"),
    *moments("declared_at"),
    ForeignKeyConstraint(
        ["call_id", "subject"], ["committee_members.call_id", "committee_members.subject"]
    ),
)
ASSIGNMENTS = Table(
    "assignments",
    METADATA,
    Column("application_id", Text, ForeignKey("applications.application_id"), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    *words("assigned_by"),
    *moments("assigned_at"),
    ForeignKeyConstraint(
        ["call_id", "subject"], ["committee_members.call_id", "committee_members.subject"]
    ),
    Index("assignments_by_call", "call_id"),
)
_CONFLICTS = text("""
    SELECT * FROM (
        SELECT a.application_id, m.subject,
            EXISTS (SELECT 1 FROM interests i
                    WHERE i.call_id = m.call_id AND i.subject = m.subject
                      AND (i.registration_number = a.registration_number
                           OR i.registration_number = ANY(a.partner_numbers))) AS declared,
            a.registration_number = ANY(m.employers) AS employed,
            EXISTS (SELECT 1 FROM applicant_people p
                    WHERE p.registration_number = a.registration_number
                      AND p.employer = ANY(m.employers)) AS colleague,
            EXISTS (SELECT 1 FROM applicant_people p
                    WHERE p.registration_number = a.registration_number
                      AND p.household_ref = m.household_ref) AS household,
            EXISTS (SELECT 1 FROM register_grants g
                    WHERE g.subject = m.subject
                      AND g.organisation = a.registration_number) AS registered
        FROM applications a JOIN committee_members m ON m.call_id = a.call_id
        WHERE a.call_id = :call_id
    ) AS pairs
    WHERE declared OR employed OR colleague OR household OR registered
    ORDER BY application_id, subject
""")
WHY = ("declared", "employed", "colleague", "household", "registered")


@dataclass(frozen=True, slots=True)
class NamedMember:
    """Somebody named into a committee; the name is sealed."""

    subject: str
    sealed_name: bytes
    employers: tuple[str, ...]
    household_ref: str | None


async def keep_members(
    session: AsyncSession, call_id: str, members: Sequence[NamedMember], *, by: str, now: datetime
) -> None:
    """Let these be the committee; who was a member before and is not named has left."""
    subjects = sorted(member.subject for member in members)
    await session.execute(
        update(MEMBERS)
        .where(MEMBERS.c.call_id == call_id, MEMBERS.c.left_at.is_(None))
        .where(MEMBERS.c.subject.not_in(subjects))
        .values(left_at=now)
    )
    new = upsert(MEMBERS)
    kept = ("sealed_name", "employers", "household_ref", "named_by", "named_at", "left_at")
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["call_id", "subject"],
            set_={name: new.excluded[name] for name in kept},
        ),
        [
            {
                "call_id": call_id,
                "subject": member.subject,
                "sealed_name": member.sealed_name,
                "employers": list(member.employers),
                "household_ref": member.household_ref,
                "named_by": by,
                "named_at": now,
                "left_at": None,
            }
            for member in sorted(members, key=lambda member: member.subject)
        ],
    )


async def member_rows(session: AsyncSession, call_id: str) -> Sequence[RowMapping]:
    """Everybody who is or was in the committee, by subject."""
    asked = select(MEMBERS).where(MEMBERS.c.call_id == call_id).order_by(MEMBERS.c.subject)
    return (await session.execute(asked)).mappings().all()


async def declare(
    session: AsyncSession,
    call_id: str,
    subject: str,
    interests: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Write a member's interests by organisation; what was declared before stays declared."""
    await session.execute(
        update(MEMBERS)
        .where(MEMBERS.c.call_id == call_id, MEMBERS.c.subject == subject)
        .values(declared_at=now)
    )
    rows = [
        {
            "call_id": call_id,
            "subject": subject,
            "registration_number": number,
            "kind": kind,
            "declared_at": now,
        }
        for number, kind in sorted(interests.items())
    ]
    if rows:
        await session.execute(upsert(INTERESTS).on_conflict_do_nothing(), rows)


async def interests_of(session: AsyncSession, call_id: str, subject: str) -> Sequence[RowMapping]:
    """What a member declared."""
    asked = (
        select(INTERESTS)
        .where(INTERESTS.c.call_id == call_id, INTERESTS.c.subject == subject)
        .order_by(INTERESTS.c.registration_number)
    )
    return (await session.execute(asked)).mappings().all()


async def conflicts(session: AsyncSession, call_id: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Pairs of application and member that are kept apart, and why."""
    rows = (await session.execute(_CONFLICTS, {"call_id": call_id})).mappings()
    return [
        (row["application_id"], row["subject"], tuple(why for why in WHY if row[why]))
        for row in rows
    ]


async def assign(
    session: AsyncSession,
    call_id: str,
    pairs: Iterable[tuple[str, str]],
    *,
    by: str,
    now: datetime,
) -> None:
    """Write who evaluates what (application, member)."""
    rows = [
        {
            "application_id": application_id,
            "subject": subject,
            "call_id": call_id,
            "assigned_by": by,
            "assigned_at": now,
        }
        for application_id, subject in sorted(pairs)
    ]
    if rows:
        await session.execute(upsert(ASSIGNMENTS).on_conflict_do_nothing(), rows)


async def committee_of(session: AsyncSession, call_id: str) -> Committee:
    """The committee as the rules see it; who left still may not see what they had interests in."""
    rows = await member_rows(session, call_id)
    pairs = await session.execute(
        select(ASSIGNMENTS.c.application_id, ASSIGNMENTS.c.subject).where(
            ASSIGNMENTS.c.call_id == call_id
        )
    )
    assigned: dict[str, set[str]] = defaultdict(set)
    for application_id, subject in pairs:
        assigned[application_id].add(subject)
    return Committee(
        members={
            row["subject"]: Member(
                subject=row["subject"],
                declared=row["declared_at"] is not None,
                active=row["left_at"] is None,
            )
            for row in rows
        },
        conflicts=frozenset((a, s) for a, s, _ in await conflicts(session, call_id)),
        assigned={a: frozenset(subjects) for a, subjects in assigned.items()},
    )
