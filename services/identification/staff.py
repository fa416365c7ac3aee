"""Entering members of staff: who they are is sealed, a reference stands for them everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import store
from services.identification.domain import Identity, check_name
from services.identification.entries import StaffEntry
from services.identification.grant_rules import UnknownStaffKind
from services.identification.grants import settle_waiting
from services.identification.personal_code import PersonalCode, read_personal_code
from services.identification.store import STAFF, Row
from services.identification.verdicts import judged, once
from services.identification.vocabulary import STAFF_KINDS
from shared import registers
from shared.auth import STATE, Person, Role
from shared.bulk import LineAnswer, accepted
from shared.errors import Refused
from shared.privacy import FieldCipher

ENTERED_BY = (
    Role.STATE_OFFICER,
    Role.MUNICIPALITY_COORDINATOR,
    Role.HEAD,
    Role.SCHOOL_COORDINATOR,
)


class SubjectTaken(Refused):
    """Somebody else signs in under this name already."""

    code = "subject-taken"


@dataclass(frozen=True)
class _Known:
    """What was there before the command."""

    people: Mapping[str, Row]
    subjects: Mapping[str, str]
    partners: Mapping[str, str]
    seals: FieldCipher


async def register_staff(
    session: AsyncSession, lines: Sequence[tuple[int, StaffEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Enter or change members of staff of schools the person has rights on."""
    await store.lock_registers(session)
    coded, wrong = judged(lines, lambda entry: (entry, read_personal_code(entry.personal_code)))
    references = store.pseudonyms(session)
    named = [
        (line, (entry, code, references.staff_ref(code.digits))) for line, (entry, code) in coded
    ]
    first, twice = once(named, lambda item: item[2])
    first, taken = once(first, lambda item: item[0].subject or item[2])
    known = await _known(session, [item for _, item in first])

    def row_of(item: tuple[StaffEntry, PersonalCode, str]) -> tuple[Row | None, PersonalCode]:
        entry, code, ref = item
        _check(entry, ref, known, by=by)
        return _row(entry, code, ref, known, by=by, now=now), code

    good, refusals = judged([(line, item) for line, item in first], row_of)
    await store.keep(session, STAFF, [row for _, (row, _) in good if row is not None])
    await settle_waiting(session, by=by, now=now)
    answers = [
        accepted(
            line,
            references.staff_ref(code.digits),
            changed=row is not None,
            warnings=list(code.warnings),
        )
        for line, (row, code) in good
    ]
    return [*wrong, *twice, *taken, *refusals, *answers]


async def _known(
    session: AsyncSession, items: Sequence[tuple[StaffEntry, PersonalCode, str]]
) -> _Known:
    """People by reference, whose subjects are taken, and the partners of the schools named."""
    people = await store.rows_of(session, STAFF.c.staff_ref, [ref for _, _, ref in items])
    subjects = await store.rows_of(
        session, STAFF.c.subject, [entry.subject for entry, _, _ in items if entry.subject]
    )
    schools = await registers.schools(
        session, {school for entry, _, _ in items for school in entry.school_ids}
    )
    return _Known(
        people={row["staff_ref"]: row for row in people},
        subjects={row["subject"]: row["staff_ref"] for row in subjects},
        partners={school.school_id: school.partner for school in schools.values()},
        seals=store.cipher(session),
    )


def _check(entry: StaffEntry, ref: str, known: _Known, *, by: Person) -> None:
    """Raise what speaks against the entry; schools may follow later, but only the state's."""
    for school_id in entry.school_ids or ("",):
        by.must(ENTERED_BY, school_id, known.partners.get(school_id, ""), STATE)
    if entry.kind not in STAFF_KINDS:
        raise UnknownStaffKind(field="kind", known=sorted(STAFF_KINDS))
    check_name(entry.given_name, field="given_name")
    check_name(entry.family_name, field="family_name")
    if entry.subject is not None and known.subjects.get(entry.subject, ref) != ref:
        raise SubjectTaken(field="subject")


def _row(
    entry: StaffEntry,
    code: PersonalCode,
    ref: str,
    known: _Known,
    *,
    by: Person,
    now: datetime,
) -> Row | None:
    """The row as it will lie in the table; None where nothing changes."""
    before = known.people.get(ref)
    who = Identity(
        personal_code=code.digits,
        given_name=entry.given_name,
        family_name=entry.family_name,
        email=entry.email,
    )
    said = {
        "kind": entry.kind,
        "school_ids": sorted(set(entry.school_ids)),
        "subject": entry.subject or (before["subject"] if before else None),
    }
    if (
        before is not None
        and all(before[name] == value for name, value in said.items())
        and store.opened(known.seals, before["person_sealed"]) == who
    ):
        return None
    return {
        "staff_ref": ref,
        "version": before["version"] + 1 if before else 1,
        "person_sealed": store.sealed(known.seals, who),
        "changed_by": by.subject,
        "changed_at": now,
        **said,
    }


async def staff_at(session: AsyncSession, school_id: str) -> list[Row]:
    """Members of staff of a school, by reference."""
    asked = select(STAFF).where(STAFF.c.school_ids.contains([school_id]))
    rows = await session.execute(asked.order_by(STAFF.c.staff_ref))
    return [dict(row) for row in rows.mappings()]
