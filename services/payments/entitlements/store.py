"""Rows of plans as payments hears of them: versions, measures, consultations, preparation."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from pydantic_core import from_json
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.domain import Consultation, Measure, Plan, PlanVersion
from services.payments.store import insert_rows, overwrite
from services.payments.tables import (
    CONSULTATIONS,
    PLAN_APPROVALS,
    PLAN_VERSIONS,
    PLANS,
    PREPARATIONS,
)
from shared.contracts.plans import ConsultationConfirmed, PlanApproved, PreparationEarned
from shared.rows import one_text

READ_BEFORE_MAX = 4_096
"""Texts of versions whose meaning is remembered."""

_PLANS = text("""
    SELECT p.plan_id, p.plan_code, p.pupil_ref, p.partner, p.school_id, p.municipality_id,
           p.semester, p.state, p.fact_version, p.preparation_cents_max,
           v.number, v.first_day, v.last_day, CAST(v.measures AS text), CAST(v.pupil AS text),
           v.ended_by
    FROM plans p JOIN plan_versions v USING (plan_id)
    WHERE p.plan_id = ANY(string_to_array(:plans, ' ')) ORDER BY p.plan_id, v.number
""")
_LOCK_PUPILS = text("""
    SELECT about_key FROM beneficiaries
    WHERE about_key IN (
        SELECT pupil_ref FROM plans WHERE plan_id = ANY(string_to_array(:plans, ' '))
    )
    ORDER BY about_key FOR UPDATE
""")
_END_VERSIONS = text("""
    UPDATE plan_versions v SET last_day = n.last_day, ended_by = n.ended_by
    FROM unnest(CAST(:plans AS text[]), CAST(:numbers AS integer[]), CAST(:days AS date[]),
                CAST(:reasons AS text[])) AS n (plan_id, number, last_day, ended_by)
    WHERE v.plan_id = n.plan_id AND v.number = n.number
""")
_SET_STATE = text("""
    UPDATE plans p SET state = n.state, fact_version = n.fact_version
    FROM unnest(CAST(:plans AS text[]), CAST(:states AS text[]), CAST(:versions AS integer[]))
         AS n (plan_id, state, fact_version)
    WHERE p.plan_id = n.plan_id
""")
_EARNED = text("""
    SELECT plan_id, sum(minutes)::int, max(earned_on) FROM preparations
    WHERE plan_id = ANY(:plans) GROUP BY plan_id
""").bindparams(bindparam("plans", type_=ARRAY(Text)))
_SPENT = text("""
    SELECT plan_id, sum(ordered_cents)::bigint FROM entitlements
    WHERE plan_id = ANY(:plans) AND (NOT :only_preparation OR measure_id = 'preparation')
    GROUP BY plan_id
""").bindparams(bindparam("plans", type_=ARRAY(Text)))
_CONSULTATIONS = text("""
    SELECT consultation_id, plan_id, measure_id, held_on, minutes, provider_kind FROM consultations
    WHERE consultation_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_WAITING = text("""
    SELECT p.plan_id, p.pupil_ref FROM plans p
    JOIN plan_versions v USING (plan_id)
    JOIN entitlements e ON e.plan_id = p.plan_id AND e.plan_version = v.number
    WHERE p.partner = :partner AND p.semester = :semester AND p.state = 'approved'
        AND e.waiting_cents > 0
    GROUP BY p.plan_id, p.pupil_ref ORDER BY max(v.approved_at), p.plan_id LIMIT :limit
""")
_PLACES = text("SELECT school_id, partner FROM plans WHERE pupil_ref = :pupil")
_KEEP_APPROVAL = overwrite(PLAN_APPROVALS, ("approver", "approved_at"))
_KEEP_PLAN = overwrite(
    PLANS,
    ("school_id", "municipality_id", "state", "fact_version", "preparation_cents_max"),
)


class HeldPlan(NamedTuple):
    """A plan with the number of the last fact that was applied to it."""

    plan: Plan
    state: str
    fact_version: int


class NewVersion(NamedTuple):
    """A version as its row, in the order of the table's columns; measures and pupil are JSON."""

    plan_id: str
    number: int
    first_day: date
    last_day: date
    measures: str
    approved_at: datetime
    pupil: str
    ended_by: str | None = None


class ApprovalRow(NamedTuple):
    """One level's approval of a version, in the order of the table's columns."""

    plan_id: str
    plan_version: int
    step: str
    approver: str
    approved_at: datetime


async def lock_pupils_of(session: AsyncSession, plan_ids: Iterable[str]) -> None:
    """Take the rows of the pupils of these plans, in key order."""
    await session.execute(_LOCK_PUPILS, {"plans": one_text(sorted(set(plan_ids)))})


async def held_plans(session: AsyncSession, plan_ids: Iterable[str]) -> dict[str, HeldPlan]:
    """Approved plans by id, with their versions."""
    rows = await session.execute(_PLANS, {"plans": one_text(sorted(set(plan_ids)))})
    found: dict[str, HeldPlan] = {}
    for row in rows:
        plan_id, code, pupil_ref, partner, school_id, municipality_id, semester = row[:7]
        state, fact_version, preparation_cents_max = row[7:10]
        number, first, last, measures, pupil, ended_by = row[10:]
        version = PlanVersion(number, first, last, _measures(measures), *_pupil(pupil), ended_by)
        before = found.get(plan_id)
        versions = (version,) if before is None else (*before.plan.versions, version)
        plan = Plan(
            plan_id,
            code,
            pupil_ref,
            partner,
            school_id,
            municipality_id,
            semester,
            state == "deleted",
            preparation_cents_max,
            versions,
        )
        found[plan_id] = HeldPlan(plan, state, fact_version)
    return found


@lru_cache(maxsize=READ_BEFORE_MAX)
def _measures(kept: str) -> Mapping[str, Measure]:
    """Measures as they lie in the row of a version; those of many plans are the same."""
    read = {name: Measure(name, *fields) for name, fields in from_json(kept).items()}
    return MappingProxyType(read)


@lru_cache(maxsize=READ_BEFORE_MAX)
def _pupil(kept: str) -> tuple[str | None, int | None, tuple[str, ...]]:
    """Programme, grade and risk groups as they lie in the row of a version."""
    read = from_json(kept)
    return read.get("programme"), read.get("grade"), tuple(read.get("risk_groups", ()))


def measures_kept(fact: PlanApproved) -> dict[str, list[str | None]]:
    """The measures of an approved version as its row keeps them."""
    return {
        m.measure_id: [m.support_type.value, m.delivery_mode.value, m.provider_kind]
        for m in fact.measures
    }


async def keep_plans(session: AsyncSession, facts: Iterable[PlanApproved]) -> None:
    """Write plans as their last approval tells them; one row a plan."""
    last = {fact.plan_id: fact for fact in facts}
    rows = [
        (
            f.plan_id,
            f.plan_code,
            f.pupil_ref,
            f.partner,
            f.school_id,
            f.municipality_id,
            f.semester,
            "approved",
            f.version,
            f.preparation_cents_max,
        )
        for _, f in sorted(last.items())
    ]
    await insert_rows(session, PLANS, rows, _KEEP_PLAN)


def new_version(fact: PlanApproved, first: date, *, at: datetime) -> NewVersion:
    """An approved version as its row, in force from a day on."""
    return NewVersion(
        fact.plan_id,
        fact.plan_version,
        first,
        fact.valid_to,
        json.dumps(measures_kept(fact)),
        at,
        fact.model_dump_json(include={"programme", "grade", "risk_groups"}),
    )


async def keep_versions(session: AsyncSession, rows: Iterable[NewVersion]) -> None:
    """Write new versions."""
    await insert_rows(session, PLAN_VERSIONS, sorted(rows), "ON CONFLICT DO NOTHING")


async def keep_approvals(session: AsyncSession, approvals: Iterable[ApprovalRow]) -> None:
    """Write approvals; of one level of a version the last one stays."""
    last = {row[:3]: row for row in approvals}
    await insert_rows(
        session, PLAN_APPROVALS, [row for _, row in sorted(last.items())], _KEEP_APPROVAL
    )


async def end_versions(session: AsyncSession, ended: Iterable[tuple[str, int, date, str]]) -> None:
    """Set the last day in force of versions, given as plan, number, day, and what ended them."""
    rows = sorted(ended)
    if rows:
        plans, numbers, days, reasons = (list(column) for column in zip(*rows, strict=True))
        await session.execute(
            _END_VERSIONS,
            {"plans": plans, "numbers": numbers, "days": days, "reasons": reasons},
        )


async def set_states(session: AsyncSession, states: Iterable[tuple[str, str, int]]) -> None:
    """Set the state of plans and the version of the fact that told it."""
    rows = sorted(states)
    if rows:
        plans, names, versions = (list(column) for column in zip(*rows, strict=True))
        await session.execute(_SET_STATE, {"plans": plans, "states": names, "versions": versions})


async def spent(
    session: AsyncSession, plan_ids: Iterable[str], *, only_preparation: bool = False
) -> dict[str, int]:
    """Cents ordered on each plan, what was returned taken off."""
    values = {"plans": sorted(set(plan_ids)), "only_preparation": only_preparation}
    return {row[0]: row[1] for row in await session.execute(_SPENT, values)}


async def earned(session: AsyncSession, plan_ids: Iterable[str]) -> dict[str, tuple[int, date]]:
    """Minutes of preparation earned on each plan, and the last day of earning."""
    rows = await session.execute(_EARNED, {"plans": sorted(set(plan_ids))})
    return {row[0]: (row[1], row[2]) for row in rows}


async def consultations(session: AsyncSession, ids: Iterable[str]) -> dict[str, Consultation]:
    """Confirmed consultations by id."""
    rows = await session.execute(_CONSULTATIONS, {"ids": sorted(set(ids))})
    return {row[0]: Consultation(*row) for row in rows}


async def waiting_plans(
    session: AsyncSession, partner: str, semester: str, *, limit: int
) -> list[tuple[str, str]]:
    """Plans in force that wait for the allocation, with their pupils, first approved first."""
    values = {"partner": partner, "semester": semester, "limit": limit}
    return [(row[0], row[1]) for row in await session.execute(_WAITING, values)]


async def places_of(session: AsyncSession, pupil_ref: str) -> set[str]:
    """The schools and payment offices of all plans of a pupil."""
    rows = await session.execute(_PLACES, {"pupil": pupil_ref})
    return {place for row in rows for place in row}


async def note_consultations(session: AsyncSession, facts: Iterable[ConsultationConfirmed]) -> None:
    """Keep confirmed consultations; one told again changes nothing."""
    rows = {
        f.consultation_id: (
            f.consultation_id,
            f.plan_id,
            f.measure_id,
            f.pupil_ref,
            f.provider_ref,
            f.provider_kind,
            f.mode,
            f.held_on,
            f.minutes,
        )
        for f in facts
    }
    ordered = [row for _, row in sorted(rows.items())]
    await insert_rows(session, CONSULTATIONS, ordered, "ON CONFLICT DO NOTHING")


async def note_preparations(session: AsyncSession, facts: Iterable[PreparationEarned]) -> None:
    """Keep released hours of preparation; told again they change nothing."""
    rows = {
        (f.plan_id, f.version): (f.plan_id, f.version, f.preparer_ref, f.minutes, f.earned_on)
        for f in facts
    }
    ordered = [row for _, row in sorted(rows.items())]
    await insert_rows(session, PREPARATIONS, ordered, "ON CONFLICT DO NOTHING")
