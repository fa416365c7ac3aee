"""Reading: one plan, lists of plans, what waits, candidates, months, the consultation log."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked

from services.plans import reading, rights, waiting
from services.plans.answers import (
    CandidatePage,
    ConsultationLog,
    HeadOrders,
    Months,
    PlanPage,
    PlanShown,
    Reads,
    WaitingList,
)
from services.plans.domain import State
from services.plans.listing_rows import Wanted
from shared.auth import Role
from shared.contracts.base import PupilRef, Semester
from shared.web import Query, query

PAGE_MAX = 1_000
router = APIRouter(tags=["reading"])
Reader = Annotated[Query, query(*rights.READERS)]
Limit = Annotated[int, Asked(ge=1, le=PAGE_MAX)]
Id = Annotated[str | None, Asked(max_length=80)]


@router.get("/plans")
async def list_plans(
    asked: Reader,
    state: State | None = None,
    school_id: Id = None,
    semester: Annotated[Semester | None, Asked()] = None,
    pupil_ref: Annotated[PupilRef | None, Asked()] = None,
    after: Id = None,
    limit: Limit = 200,
) -> PlanPage:
    """Plans you may see, by state, school, semester or pupil; page on with `after`."""
    wanted = Wanted(
        state=state,
        school_id=school_id,
        semester=semester,
        pupil_ref=pupil_ref,
        after=after,
        limit=limit,
    )
    return await waiting.list_plans(asked.session, wanted, by=asked.person)


@router.get("/plans/{plan_id}")
async def get_plan(
    plan_id: str,
    asked: Reader,
    reason: Annotated[str, Asked(min_length=3, max_length=200)] = "work on the plan",
) -> PlanShown:
    """A plan by id or code, with versions, approvals, money, history; the read is logged."""
    return await reading.read_plan(
        asked.session, plan_id, by=asked.person, now=asked.now, reason=reason
    )


@router.get("/plans/{plan_id}/consultations")
async def get_consultations(
    plan_id: str,
    asked: Annotated[Query, query(*rights.READERS, Role.SPECIALIST)],
) -> ConsultationLog:
    """The consultation log of a plan; specialists see their own."""
    return await reading.read_consultations(asked.session, plan_id, by=asked.person)


@router.get("/waiting")
async def list_waiting(asked: Reader) -> WaitingList:
    """What waits for you."""
    return await waiting.list_waiting(asked.session, by=asked.person, now=asked.now)


@router.get("/candidates")
async def list_candidates(
    asked: Reader,
    semester: Annotated[Semester, Asked()],
    school_id: Id = None,
    after: Id = None,
    limit: Limit = 200,
) -> CandidatePage:
    """Named pupils of a semester without a plan, and what is missing for one."""
    return await waiting.list_candidates(
        asked.session,
        semester,
        by=asked.person,
        school_id=school_id,
        after=after,
        limit=limit,
    )


@router.get("/pupils/{pupil_ref}/months")
async def get_months(pupil_ref: str, asked: Reader) -> Months:
    """The money meter of a pupil: each month over all plans, beside what payments told."""
    months = await reading.read_months(asked.session, pupil_ref, by=asked.person)
    return Months(pupil_ref=pupil_ref, months=months)


@router.get("/pupils/{pupil_ref}/reads")
async def get_reads(
    pupil_ref: str, asked: Annotated[Query, query(Role.HEAD, Role.AUDITOR)]
) -> Reads:
    """Who looked at a pupil's plans, when and why."""
    return await waiting.list_reads(asked.session, pupil_ref, by=asked.person)


@router.get("/head-orders")
async def list_head_orders(
    asked: Reader, school_id: Annotated[str, Asked(max_length=80)]
) -> HeadOrders:
    """The orders of a school's heads, the newest first."""
    return await reading.read_head_orders(asked.session, school_id, by=asked.person)
