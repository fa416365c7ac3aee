"""Doors of allocations: entered, decided by a second officer, shown, reserved again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.payments.allocations import actions as allocations
from services.payments.allocations.actions import ALLOCATORS, READERS, ActLine, DecisionLine
from services.payments.allocations.reserving import RESERVERS, reserve_again
from shared.bulk import OnError, lines_schema, read_lines, settle
from shared.contracts.base import RegistrationNumber, Semester
from shared.web import Command, Query, command, query

router = APIRouter(tags=["allocations"])

PAGE_MAX = 1_000


class ActShown(BaseModel):
    """An act as it was entered, and what a second person said; `waiting` while nobody did."""

    act_id: str
    kind: str
    partner: str
    semester: str
    to_partner: str | None
    to_semester: str | None
    cents: int
    learners: int | None
    reason: str
    entered_by: str
    entered_at: datetime
    decision: str
    decided_by: str | None
    decided_at: datetime | None
    comment: str | None


class ActsShown(BaseModel):
    """A page of acts; `next` is the `after` of the next page."""

    acts: list[ActShown]
    next: str | None


class SemesterShown(BaseModel):
    """A semester's allocation; sums are euro cents.

    `spoken_for_cents` is reserved or ordered, `left_cents` what may still be promised (empty where
    no allocation was set), `waiting_cents` what plans asked for and the allocation had no room for.
    """

    semester: str
    allocated_cents: int | None
    spoken_for_cents: int
    reserved_cents: int
    ordered_cents: int
    settled_cents: int
    waiting_cents: int
    left_cents: int | None


class AllocationsShown(BaseModel):
    """A partner's school year: its maximum, what was allocated of it, its semesters."""

    partner: str
    school_year: str
    maximum_cents: int | None
    learners: int | None
    allocated_cents: int
    spoken_for_cents: int
    settled_cents: int
    semesters: list[SemesterShown]


class AgainWanted(BaseModel):
    """Which semester's plans are to be reserved again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    semester: Semester


class AgainShown(BaseModel):
    """What was reserved after all, and what still waits; with `more_plans` ask once more."""

    plans: int
    reserved_cents: int
    waiting_cents: int
    more_plans: bool


@router.post("/allocations/acts", openapi_extra=lines_schema(ActLine))
async def enter_acts(
    request: Request,
    order: Annotated[Command, command(*ALLOCATORS)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Enter what is to be set, increased, decreased or transferred; a second officer decides."""
    lines, bad = await read_lines(request, ActLine)
    answers = await allocations.enter_acts(order.session, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))


@router.post("/allocations/decisions", openapi_extra=lines_schema(DecisionLine))
async def decide_acts(
    request: Request,
    order: Annotated[Command, command(*ALLOCATORS)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Approve or reject acts; who entered one may not decide it."""
    lines, bad = await read_lines(request, DecisionLine)
    answers = await allocations.decide_acts(order.session, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))


@router.get("/allocations/acts")
async def list_acts(
    asked: Annotated[Query, query(*READERS)],
    partner: Annotated[RegistrationNumber | None, Asked()] = None,
    decision: Annotated[str | None, Asked(pattern="^(waiting|approved|rejected)$")] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> ActsShown:
    """Acts by id, page by page: one partner's, or for the state everybody's."""
    rows = await allocations.acts_of(
        asked.session,
        partner=partner,
        decision=decision,
        after=after,
        limit=limit,
        by=asked.person,
    )
    shown = [ActShown.model_validate(dict(row)) for row in rows]
    return ActsShown(acts=shown, next=shown[-1].act_id if len(shown) == limit else None)


@router.get("/allocations/{partner}")
async def show_allocations(
    partner: RegistrationNumber,
    asked: Annotated[Query, query(*READERS)],
    school_year: Annotated[str, Asked(pattern=r"^20\d\d$", description="its first year")],
) -> AllocationsShown:
    """What a partner may promise in a school year, what is spoken for, settled, left."""
    year, rows = await allocations.standing(asked.session, partner, school_year, by=asked.person)
    semesters = [
        SemesterShown(
            **{name: row[name] for name in SemesterShown.model_fields if name != "left_cents"},
            left_cents=None
            if row["allocated_cents"] is None
            else row["allocated_cents"] - row["spoken_for_cents"],
        )
        for row in rows
    ]
    return AllocationsShown(
        partner=partner,
        school_year=school_year,
        maximum_cents=year.maximum,
        learners=year.learners,
        allocated_cents=year.allocated,
        spoken_for_cents=sum(semester.spoken_for_cents for semester in semesters),
        settled_cents=sum(semester.settled_cents for semester in semesters),
        semesters=semesters,
    )


@router.post("/allocations/{partner}/reservations")
async def reserve_waiting(
    partner: RegistrationNumber,
    wanted: AgainWanted,
    order: Annotated[Command, command(*RESERVERS)],
) -> Response:
    """Reserve what was refused for want of an allocation, in the order of the plans' approval."""
    again = await reserve_again(
        order.session, partner, wanted.semester, by=order.person, now=order.now
    )
    return await order.answer(
        AgainShown(
            plans=again.plans,
            reserved_cents=again.reserved,
            waiting_cents=again.waiting,
            more_plans=again.more_plans,
        )
    )
