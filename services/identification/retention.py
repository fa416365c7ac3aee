"""Telling the parameters a new database starts with, and erasing pupils whose time is over."""

import hashlib
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import store
from services.identification.absence_rows import ABSENT_DAYS
from services.identification.application_rows import APPLICATIONS
from services.identification.attendance_rows import ATTENDANCE, SIGNALS
from services.identification.contact_rows import CONTACTS
from services.identification.domain import day_of
from services.identification.need_rows import PLANS
from services.identification.retention_rows import ERASURES, TOLD_SEEDS
from services.identification.risk_rows import RISKS
from services.identification.store import PUPILS, STAYS, among
from shared.bus.outbox import publish
from shared.contracts.identification import ParameterSet
from shared.parameters import value_on, values

RETENTION_PARAMETER = "retention_years_after_leaving"
PUPILS_AT_ONCE_MAX = 1_000
ERASED = (
    *(RISKS, SIGNALS, ATTENDANCE, ABSENT_DAYS, APPLICATIONS, CONTACTS, PLANS),
    *(STAYS, PUPILS),
)
"""All that is recorded of a pupil, the pupil last."""


async def tell_seeds(session: AsyncSession, now: datetime) -> None:
    """Tell, once, the parameters that came with the database; later ones are told when set."""
    seeds = [
        value
        for value in await values(session)
        if value.owner == "identification" and value.approved_by == "seed"
    ]
    rows = [
        {
            "name": value.name,
            "place": value.place,
            "valid_from": value.valid_from or date.min,
            "told_at": now,
        }
        for value in seeds
    ]
    fresh = await store.add_new(session, TOLD_SEEDS, rows)
    facts = [
        ParameterSet(
            register_key=f"parameter:{value.name}:{value.place}:{value.valid_from or 'always'}",
            **value.model_dump(exclude={"text_received", "owner"}),
        )
        for value in seeds
        if (value.name, value.place, value.valid_from or date.min) in fresh
    ]
    await publish(session, facts, at=now)


async def erase_overdue(session: AsyncSession, now: datetime) -> None:
    """Erase pupils who left so many years ago, all that was recorded of them, and prove it.

    What other services keep by reference is anonymous from then on.
    """
    today = day_of(now)
    years = int(await value_on(session, RETENTION_PARAMETER, today))
    left_before = _years_before(today, years)
    due = (
        select(PUPILS.c.pupil_ref)
        .where(PUPILS.c.status == "left", PUPILS.c.left_on < left_before)
        .order_by(PUPILS.c.pupil_ref)
        .limit(PUPILS_AT_ONCE_MAX)
        .with_for_update()
    )
    refs = list((await session.execute(due)).scalars())
    if not refs:
        return
    for table in ERASED:
        await session.execute(delete(table).where(among(table.c.pupil_ref, refs)))
    proof = {
        "record_class": "pupil",
        "left_before": left_before,
        "pupils": len(refs),
        "digest": hashlib.sha256("\n".join(refs).encode()).hexdigest(),
        "erased_at": now,
    }
    await store.add(session, ERASURES, [proof])


def _years_before(day: date, years: int) -> date:
    """The same day so many years ago; 28 February for a leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
