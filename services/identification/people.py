"""Reading who somebody is and what was recorded: never without a right, never without a trace."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import need_rows, risk_rows, store
from services.identification.absence_rows import ABSENT_DAYS
from services.identification.application_rows import applications_of
from services.identification.attendance_rows import ATTENDANCE, SIGNALS
from services.identification.contact_rows import CONTACTS
from services.identification.domain import Identity, day_of
from services.identification.needs import explained
from services.identification.risk_rules import UnknownRisk
from services.identification.store import PUPILS, READ_LOG, STAFF, STAYS, Row
from shared.auth import STATE, Person, Role
from shared.errors import OutsideScope
from shared.privacy import FieldCipher, log_reads
from shared.registers import schools as schools_by_id

READ_BY = (
    Role.PREPARER,
    Role.SCHOOL_COORDINATOR,
    Role.HEAD,
    Role.SPECIALIST,
    Role.SCHOOL_REGISTER,
    Role.MUNICIPALITY_COORDINATOR,
    Role.REGIONAL_COORDINATOR,
    Role.STATE_OFFICER,
    Role.AUDITOR,
    Role.PARENT,
)
FACTORS_READ_BY = (
    Role.PREPARER,
    Role.SCHOOL_COORDINATOR,
    Role.HEAD,
    Role.MUNICIPALITY_COORDINATOR,
    Role.STATE_OFFICER,
    Role.AUDITOR,
    Role.PARENT,
)
RESTRICTED_READ_BY = (Role.HEAD, Role.SCHOOL_COORDINATOR)
PERSON_FIELDS = ("given_name", "family_name", "personal_code", "birth_date")
READS_SHOWN_MAX = 500


def may_read(by: Person, pupil: Row, roles: Collection[Role] = READ_BY) -> bool:
    """Whether one of the person's grants covers the pupil."""
    places = (pupil["school_id"], pupil["partner"], pupil["municipality_id"], STATE)
    return any(by.has(role, *places, pupil["pupil_ref"]) for role in roles)


async def _pupil(
    session: AsyncSession, pupil_ref: str, by: Person, roles: Collection[Role] = READ_BY
) -> Row:
    """The pupil's row; who may not see it learns not even that it is there."""
    rows = await store.rows_of(session, PUPILS.c.pupil_ref, [pupil_ref])
    if not rows or not may_read(by, rows[0], roles):
        raise OutsideScope(roles=sorted(roles))
    return rows[0]


async def read_pupil(
    session: AsyncSession, pupil_ref: str, *, by: Person, reason: str, now: datetime
) -> dict[str, Any]:
    """One pupil with name, code and birth date; the read is logged in this transaction."""
    row = await _pupil(session, pupil_ref, by)
    await log_reads(
        session,
        READ_LOG,
        reader=by,
        subject_refs=[pupil_ref],
        fields=PERSON_FIELDS,
        reason=reason,
        now=now,
    )
    who = store.opened(store.cipher(session), row["person_sealed"])
    stays = await store.rows_of(session, STAYS.c.pupil_ref, [pupil_ref])
    shown = {name: row[name] for name in row if name != "person_sealed"}
    return {
        **shown,
        **_person(who),
        "of_age": day_of(now) >= who.signs_alone_from,
        "stays": sorted(stays, key=lambda stay: int(stay["version"])),
        "applications": [
            _without(application, "signer_sealed")
            for application in await applications_of(session, [pupil_ref])
        ],
        "plans": await need_rows.plans_of(session, [pupil_ref]),
    }


def _person(who: Identity) -> dict[str, str | None]:
    """The fields that say who a pupil is."""
    return {name: getattr(who, name) for name in PERSON_FIELDS}


def _without(row: Row, *names: str) -> dict[str, Any]:
    """A row without some columns."""
    return {name: value for name, value in row.items() if name not in names}


async def pupils_at(
    session: AsyncSession, school_id: str, *, by: Person, after: str, limit: int
) -> list[dict[str, Any]]:
    """Pupils of a school by reference; names are asked for by `read_names`."""
    asked = (
        select(PUPILS)
        .where(PUPILS.c.school_id == school_id, PUPILS.c.pupil_ref > after)
        .order_by(PUPILS.c.pupil_ref)
        .limit(limit)
    )
    rows = [dict(row) for row in (await session.execute(asked)).mappings()]
    school = (await schools_by_id(session, [school_id])).get(school_id)
    covering = (school.partner, school.municipality_id) if school else ()
    by.must(READ_BY, school_id, *covering, STATE)
    return [_without(row, "person_sealed") for row in rows]


async def read_names(
    session: AsyncSession, refs: Sequence[str], *, by: Person, reason: str, now: datetime
) -> tuple[dict[str, str], list[str]]:
    """Names by reference, and the references that stay closed to this person; reads are logged."""
    seals = store.cipher(session)
    names = {}
    for row in await store.rows_of(session, PUPILS.c.pupil_ref, refs):
        if may_read(by, row):
            names[row["pupil_ref"]] = _name(store.opened(seals, row["person_sealed"]))
    staff = await store.rows_of(session, STAFF.c.staff_ref, refs)
    partners = await schools_by_id(session, {s for row in staff for s in row["school_ids"]})
    for row in staff:
        covering = {*row["school_ids"], STATE}
        covering |= {partners[s].partner for s in row["school_ids"] if s in partners}
        if any(by.has(role, *covering) for role in READ_BY):
            names[row["staff_ref"]] = _name(store.opened(seals, row["person_sealed"]))
    await log_reads(
        session, READ_LOG, reader=by, subject_refs=names, fields=["name"], reason=reason, now=now
    )
    return names, sorted(set(refs) - set(names))


def _name(who: Identity) -> str:
    """A name as people write it."""
    return f"{who.given_name} {who.family_name}"


async def read_risk(
    session: AsyncSession, risk_id: str, *, by: Person, reason: str, now: datetime
) -> dict[str, Any]:
    """A proposal with its factors; restricted ones only for who decides or proposed. Logged."""
    rows = await store.rows_of(session, risk_rows.RISKS.c.risk_id, [risk_id])
    if not rows:
        raise UnknownRisk(risk_id=risk_id)
    pupil = await _pupil(session, rows[0]["pupil_ref"], by, FACTORS_READ_BY)
    factors = await risk_rows.factors_of(session, [risk_id])
    seals = store.cipher(session)
    return await _shown_risk(session, rows[0], factors[risk_id], pupil, seals, by, reason, now)


async def _shown_risk(
    session: AsyncSession,
    risk: Row,
    factors: Sequence[Row],
    pupil: Row,
    seals: FieldCipher,
    by: Person,
    reason: str,
    now: datetime,
) -> dict[str, Any]:
    """The proposal as this person may see it."""
    closed = not may_read_restricted(by, risk, pupil)
    fields = ["risk_factors"] if closed else ["risk_factors", "restricted_risk_factors", "note"]
    await log_reads(
        session,
        READ_LOG,
        reader=by,
        subject_refs=[pupil["pupil_ref"]],
        fields=fields,
        reason=reason,
        now=now,
    )
    texts = {
        name.removesuffix("_sealed"): seals.open(risk[name]) if risk[name] and not closed else None
        for name in ("note_sealed", "reason_sealed")
    }
    return {
        **_without(risk, "note_sealed", "reason_sealed"),
        **texts,
        "factors": [shown_factor(factor, seals, closed=closed) for factor in factors],
    }


def may_read_restricted(by: Person, risk: Row, pupil: Row) -> bool:
    """Health, violence, addiction: for who decides, who proposed, and the family itself."""
    decides = any(by.has(role, pupil["school_id"]) for role in RESTRICTED_READ_BY)
    is_family = by.has(Role.PARENT, pupil["pupil_ref"])
    return decides or is_family or risk["proposed_by"] == by.subject


def shown_factor(factor: Row, seals: FieldCipher, *, closed: bool) -> dict[str, Any]:
    """A factor with its group; what is sealed says only that it is there."""
    if factor["factor_sealed"] is None:
        return {"risk_group": factor["risk_group"], "code": factor["factor_code"], "text": None}
    if closed:
        return {"risk_group": factor["risk_group"], "code": None, "text": None, "hidden": True}
    return {"risk_group": factor["risk_group"], **json.loads(seals.open(factor["factor_sealed"]))}


async def file_of(
    session: AsyncSession, pupil_ref: str, *, by: Person, now: datetime
) -> dict[str, Any]:
    """Everything recorded of a pupil, and who looked: for the family and the head of the school."""
    await _pupil(session, pupil_ref, by, (Role.PARENT, Role.HEAD))
    pupil = await read_pupil(session, pupil_ref, by=by, reason="whole file", now=now)
    seals = store.cipher(session)
    risks = await risk_rows.risks_at(session, pupil_ref=pupil_ref, limit=READS_SHOWN_MAX)
    factors = await risk_rows.factors_of(session, [risk["risk_id"] for risk in risks])
    shown = [
        await _shown_risk(
            session, risk, factors[risk["risk_id"]], pupil, seals, by, "whole file", now
        )
        for risk in risks
    ]
    return {
        **pupil,
        "risks": shown,
        "attendance": await store.rows_of(session, ATTENDANCE.c.pupil_ref, [pupil_ref]),
        "days": await store.rows_of(session, ABSENT_DAYS.c.pupil_ref, [pupil_ref]),
        "signals": [
            explained(signal)
            for signal in await store.rows_of(session, SIGNALS.c.pupil_ref, [pupil_ref])
        ],
        "contacts": await store.rows_of(session, CONTACTS.c.pupil_ref, [pupil_ref]),
        "reads": await reads_of(session, pupil_ref),
    }


async def reads_of(session: AsyncSession, subject_ref: str) -> list[Mapping[str, Any]]:
    """Who read what of somebody, the latest first."""
    asked = (
        select(READ_LOG)
        .where(READ_LOG.c.subject_ref == subject_ref)
        .order_by(READ_LOG.c.id.desc())
        .limit(READS_SHOWN_MAX)
    )
    return [dict(row) for row in (await session.execute(asked)).mappings()]
