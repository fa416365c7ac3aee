"""Talks with parents about absences, and the documents that excuse them, each with its deadline."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import contact_rules, store
from services.identification.contact_rows import CONTACTS
from services.identification.domain import check_not_future, day_of, made_id
from services.identification.pupil_entries import ContactEntry
from services.identification.risks import pupil_seen
from services.identification.store import Row
from services.identification.verdicts import judged, once
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted
from shared.parameters import value_on

LOGGED_BY = (Role.PREPARER, Role.SCHOOL_COORDINATOR, Role.HEAD)
EXCUSE_PARAMETER = "excuse_days_max"


async def log_contacts(
    session: AsyncSession, lines: Sequence[tuple[int, ContactEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Write down talks and excuses; what came late is marked, not refused."""
    lines, twice = once(lines, lambda entry: (entry.pupil_ref, entry.absent_on))
    pupils = await store.pupils_locked(session, [entry.pupil_ref for _, entry in lines])
    days_max = int(await value_on(session, EXCUSE_PARAMETER, day_of(now)))

    def log(entry: ContactEntry) -> Row:
        pupil = pupil_seen(pupils, entry.pupil_ref, by, LOGGED_BY)
        check_not_future(entry.absent_on, today=day_of(now), field="absent_on")
        return {
            "contact_id": made_id("contact", entry.pupil_ref, entry.absent_on),
            **entry.model_dump(),
            "school_id": pupil.school_id,
            "contact_late": contact_rules.is_contact_late(entry.absent_on, entry.contacted_at),
            "excuse_late": contact_rules.is_excuse_late(
                entry.returned_on, entry.excused_on, days_max=days_max
            ),
            "entered_by": by.subject,
            "entered_at": now,
        }

    good, wrong = judged(lines, log)
    await store.keep(session, CONTACTS, [row for _, row in good])
    answers = [
        accepted(
            line,
            row["contact_id"],
            contact_late=row["contact_late"],
            excuse_late=row["excuse_late"],
        )
        for line, row in good
    ]
    return [*twice, *wrong, *answers]
