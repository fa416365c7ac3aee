"""What waits for somebody, and which pupils still need a plan: the lists people open first."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import listing_rows, rights
from services.plans.answers import (
    Candidate,
    CandidatePage,
    PlanPage,
    PlanShort,
    Reads,
    ReadShown,
    Waiting,
    WaitingList,
)
from services.plans.domain import Plan, State, Step, day_of
from services.plans.listing_rows import Wanted
from services.plans.reading import must_see_pupil, scope_of
from services.plans.rulebook import STATE_LEVEL
from services.plans.store import READ_LOG
from shared.auth import Person, Role

KIND_MAX = 500
"""Things of one kind that the list of what waits holds at most."""
READS_MAX = 200


async def list_plans(session: AsyncSession, wanted: Wanted, *, by: Person) -> PlanPage:
    """One page of the plans a person may see, and how many there are in all."""
    scope = scope_of(by)
    plans = await listing_rows.plans_seen(session, wanted, scope)
    return PlanPage(
        count=await listing_rows.count_seen(session, wanted, scope),
        plans=[PlanShort.model_validate(plan) for plan in plans],
        next_after=plans[-1].plan_id if len(plans) == wanted.limit else None,
    )


async def list_waiting(session: AsyncSession, *, by: Person, now: datetime) -> WaitingList:
    """What waits for a person: turns in the chain, own plans to write, evaluate or close."""
    today = day_of(now)
    found = [
        *_turns(
            await listing_rows.waiting_for(session, _levels(by), subject=by.subject, limit=KIND_MAX)
        ),
        *await _of_preparer(session, by, today),
        *await _of_head(session, by, today),
    ]
    return WaitingList(waiting=found)


def _levels(person: Person) -> dict[Step, frozenset[str]]:
    """The organisations for which a person decides at each level."""
    levels = {step: person.organisations(role) for step, role in rights.STEP_ROLE.items()}
    levels[Step.STATE] &= {STATE_LEVEL}
    return levels


def _turns(plans: Iterable[Plan]) -> list[Waiting]:
    """Plans that wait for the person's approval."""
    return [_waiting("approval", plan) for plan in plans]


async def _of_preparer(session: AsyncSession, person: Person, today: date) -> list[Waiting]:
    """What a preparer has to do."""
    schools = person.organisations(Role.PREPARER)
    if not schools:
        return []
    plans = await listing_rows.own_to_do(
        session, subject=person.subject, schools=schools, today=today, limit=KIND_MAX
    )
    moved = await listing_rows.moved_pupils(session, schools=schools, limit=KIND_MAX)
    return [
        *(_waiting(_to_do(plan, today), plan) for plan in plans),
        *(_waiting("pupil-moved", plan) for plan in moved),
    ]


def _to_do(plan: Plan, today: date) -> str:
    """What a preparer has to do with a plan."""
    if plan.return_comment is not None and plan.state in (State.DRAFT, State.UNDER_REVISION):
        return "returned"
    if plan.state is State.DRAFT:
        return "draft"
    if plan.state is State.UNDER_REVISION:
        return "revision"
    if plan.evaluated_at is None:
        return "evaluation-due"
    return "closing-due" if today >= plan.valid_to else "plan-ending"


async def _of_head(session: AsyncSession, person: Person, today: date) -> list[Waiting]:
    """What a head has to see to."""
    schools = person.organisations(Role.HEAD)
    if not schools:
        return []
    plans = await listing_rows.overdue(session, schools=schools, today=today, limit=KIND_MAX)
    return [_waiting("overdue", plan) for plan in plans]


def _waiting(kind: str, plan: Plan) -> Waiting:
    """A plan as something that waits."""
    return Waiting(
        kind=kind,
        since=plan.changed_at,
        due=plan.valid_to if kind not in ("approval", "returned", "draft") else None,
        plan_id=plan.plan_id,
        plan_code=plan.plan_code,
        pupil_ref=plan.pupil_ref,
        school_id=plan.school_id,
        step=plan.waiting_for,
        comment=plan.return_comment if kind == "returned" else None,
    )


async def list_candidates(
    session: AsyncSession,
    semester: str,
    *,
    by: Person,
    school_id: str | None,
    after: str | None,
    limit: int,
) -> CandidatePage:
    """Named pupils of a semester who have no plan yet, and what is missing for one."""
    rows = await listing_rows.candidates(
        session, semester, scope_of(by), school_id=school_id, after=after, limit=limit
    )
    return CandidatePage(
        candidates=[
            Candidate.model_validate(
                {**row, "missing": [] if row["signed_on"] else ["signed-application"]}
            )
            for row in rows
        ],
        next_after=rows[-1]["pupil_ref"] if len(rows) == limit else None,
    )


async def list_reads(session: AsyncSession, pupil_ref: str, *, by: Person) -> Reads:
    """Who looked at a pupil's plans and why."""
    await must_see_pupil(session, pupil_ref, by=by)
    rows = await session.execute(
        select(READ_LOG)
        .where(READ_LOG.c.subject_ref == pupil_ref)
        .order_by(READ_LOG.c.id.desc())
        .limit(READS_MAX)
    )
    return Reads(
        pupil_ref=pupil_ref, reads=[ReadShown.model_validate(dict(r)) for r in rows.mappings()]
    )
