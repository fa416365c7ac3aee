"""Signed applications: recorded, told, taken back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import application_rules, store
from services.identification.application_rows import APPLICATIONS, applications_of
from services.identification.application_rules import State
from services.identification.domain import (
    Pupil,
    check_enrolled,
    check_not_future,
    day_of,
    made_id,
)
from services.identification.enrolment import common
from services.identification.pupil_entries import ApplicationEntry, WithdrawalEntry
from services.identification.pupils import numbered, update_pupils
from services.identification.risks import pupil_seen
from services.identification.store import Row
from services.identification.verdicts import judged, once
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted
from shared.bus.outbox import publish
from shared.contracts.identification import ApplicationSigned, ApplicationWithdrawn
from shared.privacy import FieldCipher

RECORDED_BY = (Role.PREPARER, Role.SCHOOL_COORDINATOR)


async def record_applications(
    session: AsyncSession,
    lines: Sequence[tuple[int, ApplicationEntry]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Record signed applications; the stored birth date decides who had to sign."""
    lines, twice = once(lines, lambda entry: entry.pupil_ref)
    pupils = await store.pupils_locked(session, [entry.pupil_ref for _, entry in lines])
    earlier: dict[str, list[str]] = {}
    for row in await applications_of(session, pupils):
        earlier.setdefault(row["pupil_ref"], []).append(row["state"])
    seals = store.cipher(session)

    def record(entry: ApplicationEntry) -> tuple[Row, Pupil]:
        pupil = pupil_seen(pupils, entry.pupil_ref, by, RECORDED_BY)
        check_enrolled(pupil)
        check_not_future(entry.signed_on, today=day_of(now), field="signed_on")
        who = store.opened(seals, pupils[entry.pupil_ref][1])
        of_age = application_rules.check_signer(who, entry.signer_kind, signed_on=entry.signed_on)
        states = earlier.get(entry.pupil_ref, [])
        if State.SIGNED in states:
            raise application_rules.AlreadySigned(field="pupil_ref")
        number = len(states)
        return _row(entry, pupil, seals, number=number, of_age=of_age, by=by, now=now), pupil

    good, wrong = judged(lines, record)
    await store.add(session, APPLICATIONS, [row for _, (row, _) in good])
    told, after = numbered(pupil for _, (_, pupil) in good)
    await update_pupils(session, after, by=by, now=now)
    facts = [_signed(row, pupil) for pupil, (_, (row, _)) in zip(told, good, strict=True)]
    await publish(session, facts, at=now)
    answers = [accepted(line, row["application_id"]) for line, (row, _) in good]
    return [*twice, *wrong, *answers]


def _row(
    entry: ApplicationEntry,
    pupil: Pupil,
    seals: FieldCipher,
    *,
    number: int,
    of_age: bool,
    by: Person,
    now: datetime,
) -> Row:
    """A signed application as the table keeps it."""
    return {
        "application_id": made_id("application", entry.pupil_ref, number),
        "version": 1,
        "pupil_ref": pupil.pupil_ref,
        "school_id": pupil.school_id,
        "signer_kind": entry.signer_kind,
        "of_age": of_age,
        "signer_sealed": seals.seal(entry.signer_name) if entry.signer_name else None,
        "signed_on": entry.signed_on,
        "state": State.SIGNED,
        "recorded_by": by.subject,
        "recorded_at": now,
        "changed_by": by.subject,
        "changed_at": now,
    }


def _signed(row: Row, pupil: Pupil) -> ApplicationSigned:
    """The fact of a signature."""
    return ApplicationSigned(
        **common(pupil),
        application_id=row["application_id"],
        signer_kind=row["signer_kind"],
        signed_on=row["signed_on"],
    )


async def withdraw_applications(
    session: AsyncSession,
    lines: Sequence[tuple[int, WithdrawalEntry]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Take applications back."""
    lines, twice = once(lines, lambda entry: entry.application_id)
    found = await store.locked(
        session, APPLICATIONS.c.application_id, [entry.application_id for _, entry in lines]
    )
    rows = {row["application_id"]: row for row in found}
    pupils = await store.pupils_locked(session, {row["pupil_ref"] for row in found})

    def withdraw(entry: WithdrawalEntry) -> tuple[Row, Pupil]:
        row = rows.get(entry.application_id)
        if row is None:
            raise application_rules.UnknownApplication(field="application_id")
        pupil = pupil_seen(pupils, row["pupil_ref"], by, RECORDED_BY)
        check_not_future(entry.withdrawn_on, today=day_of(now), field="withdrawn_on")
        application_rules.check_withdrawal(
            row["state"], signed_on=row["signed_on"], withdrawn_on=entry.withdrawn_on
        )
        return _withdrawn(entry, row, by=by, now=now), pupil

    good, wrong = judged(lines, withdraw)
    await store.change(session, APPLICATIONS, [row for _, (row, _) in good])
    told, after = numbered(pupil for _, (_, pupil) in good)
    await update_pupils(session, after, by=by, now=now)
    facts = [
        ApplicationWithdrawn(
            **common(pupil),
            application_id=row["application_id"],
            withdrawn_on=row["withdrawn_on"],
        )
        for pupil, (_, (row, _)) in zip(told, good, strict=True)
    ]
    await publish(session, facts, at=now)
    return [*twice, *wrong, *(accepted(line, row["application_id"]) for line, (row, _) in good)]


def _withdrawn(entry: WithdrawalEntry, row: Row, *, by: Person, now: datetime) -> Row:
    """What a withdrawal changes."""
    return {
        "application_id": entry.application_id,
        "version": row["version"] + 1,
        "state": State.WITHDRAWN,
        "withdrawn_on": entry.withdrawn_on,
        "reason_code": entry.reason_code,
        "changed_by": by.subject,
        "changed_at": now,
    }
