"""Who needs me: pupils of somebody's schools with why they are on the list and what is next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import attendance_rows, need_rows, risk_rows
from services.identification.application_rows import applications_of
from services.identification.attendance_rules import AbsenceRule, explain
from services.identification.domain import day_of
from services.identification.need_rules import TAKEN_BY, Step, next_step
from services.identification.place_rules import semester_near
from services.identification.store import Row
from shared import registers
from shared.auth import Person, Role
from shared.contracts.base import Received
from shared.contracts.plans import PlanFact
from shared.registers import NoSemester

ASKED_BY = (Role.PREPARER, Role.SCHOOL_COORDINATOR, Role.HEAD)
PLAN_STATES = {
    "pumpurs.plans.plan-submitted.v1": "submitted",
    "pumpurs.plans.plan-step-approved.v1": "submitted",
    "pumpurs.plans.plan-returned.v1": "returned",
    "pumpurs.plans.plan-approved.v1": "approved",
    "pumpurs.plans.plan-begun.v1": "approved",
    "pumpurs.plans.plan-suspended.v1": "suspended",
    "pumpurs.plans.plan-resumed.v1": "revision",
    "pumpurs.plans.plan-revision-started.v1": "revision",
    "pumpurs.plans.plan-closed.v1": "closed",
    "pumpurs.plans.plan-deleted.v1": "deleted",
}


@dataclass(frozen=True)
class Need:
    """A pupil on the list: why, what is next, and whether it is for the person who asks."""

    pupil_ref: str
    school_id: str
    programme: str
    grade: int
    semester: str
    step: Step
    for_me: bool
    risk_id: str | None
    risk_groups: tuple[str, ...]
    is_signed: bool
    plan_id: str | None
    plan_state: str | None
    signals: tuple[dict[str, object], ...]


async def hear_plans(session: AsyncSession, told: Sequence[Received[PlanFact]]) -> None:
    """Remember the last thing plans said of each plan."""
    last = {received.fact.plan_id: received for received in told}
    rows = [
        {
            "plan_id": plan_id,
            "version": received.fact.version,
            "pupil_ref": received.fact.pupil_ref,
            "semester": received.fact.semester,
            "state": PLAN_STATES[received.fact.type],
            "told_at": received.at,
        }
        for plan_id, received in sorted(last.items())
    ]
    await need_rows.keep_plans(session, rows)


async def semester_now(session: AsyncSession, now: datetime) -> str:
    """The semester of the day, or the next one where it lies between two; raises NoSemester."""
    calendar = await registers.semesters(session)
    ends = [(dates.semester, dates.last_day) for dates in calendar.values()]
    found = semester_near(ends, day=day_of(now))
    if found is None:
        raise NoSemester(day=day_of(now).isoformat())
    return found


async def who_needs(
    session: AsyncSession,
    *,
    by: Person,
    schools: Sequence[str],
    semester: str,
    after: str,
    limit: int,
) -> list[Need]:
    """Pupils of the schools with an open signal or a live proposal, in the order of references."""
    pupils = await need_rows.pupils_in_need(session, schools, semester, after=after, limit=limit)
    refs = [row["pupil_ref"] for row in pupils]
    signals = await attendance_rows.signals_of(session, refs, {semester})
    risks = {row["pupil_ref"]: row for row in await risk_rows.live_of(session, refs, semester)}
    signed = {
        row["pupil_ref"] for row in await applications_of(session, refs) if row["state"] == "signed"
    }
    plans = {row["pupil_ref"]: row for row in await need_rows.plans_of(session, refs, semester)}
    return [
        _need(
            pupil,
            semester,
            risks.get(pupil["pupil_ref"]),
            plans.get(pupil["pupil_ref"]),
            is_signed=pupil["pupil_ref"] in signed,
            signals=[
                row
                for row in signals
                if row["pupil_ref"] == pupil["pupil_ref"] and row["state"] == "open"
            ],
            by=by,
        )
        for pupil in pupils
    ]


def _need(
    pupil: Row,
    semester: str,
    risk: Row | None,
    plan: Row | None,
    *,
    is_signed: bool,
    signals: Sequence[Row],
    by: Person,
) -> Need:
    """One entry of the list."""
    step = next_step(
        risk_state=risk["state"] if risk else None,
        is_signed=is_signed,
        plan_state=plan["state"] if plan else None,
    )
    own = step is Step.SECOND_LOOK and risk is not None and risk["proposed_by"] == by.subject
    able = any(by.has(role, pupil["school_id"]) for role in TAKEN_BY[step])
    return Need(
        pupil_ref=pupil["pupil_ref"],
        school_id=pupil["school_id"],
        programme=pupil["programme"],
        grade=pupil["grade"],
        semester=semester,
        step=step,
        for_me=able and not own,
        risk_id=risk["risk_id"] if risk else None,
        risk_groups=tuple(risk["risk_groups"]) if risk else (),
        is_signed=is_signed,
        plan_id=plan["plan_id"] if plan else None,
        plan_state=plan["state"] if plan else None,
        signals=tuple(explained(row) for row in signals),
    )


def explained(signal: Mapping[str, object]) -> dict[str, object]:
    """A signal with its rule, its data, why it came and what would clear it."""
    rule = AbsenceRule(
        version=int(str(signal["rule_version"])),
        threshold=int(str(signal["threshold"])),
        comparator=str(signal["comparator"]),
    )
    lessons = int(str(signal["lessons_unexcused"]))
    kept = (
        "signal_id",
        "pupil_ref",
        "semester",
        "school_id",
        "municipality_id",
        "partner",
        "rule_id",
        "rule_version",
        "threshold",
        "comparator",
        "lessons_unexcused",
        "source_data_at",
        "signalled_at",
        "state",
        "closed_by",
        "closed_at",
    )
    return {name: signal[name] for name in kept} | explain(rule, lessons)
