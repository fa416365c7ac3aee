"""Doors of risk and support: proposals, second looks, applications, talks with parents."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from starlette.responses import Response

from services.identification import applications, contacts, people, risk_rows, risks
from services.identification.bulk_doors import carry_out
from services.identification.pupil_entries import (
    ApplicationEntry,
    ClearanceEntry,
    ContactEntry,
    LookEntry,
    RiskEntry,
    WithdrawalEntry,
)
from services.identification.pupil_shown import RiskRead, Risks, RiskShown
from shared.auth import STATE, Role
from shared.bulk import BulkAnswer, OnError, lines_schema
from shared.contracts.base import Semester
from shared.registers import schools as schools_by_id
from shared.web import Command, Query, command, query

router = APIRouter(tags=["risk and support"])

PAGE_MAX = 1_000
READERS = (
    Role.PREPARER,
    Role.SCHOOL_COORDINATOR,
    Role.HEAD,
    Role.MUNICIPALITY_COORDINATOR,
    Role.STATE_OFFICER,
    Role.AUDITOR,
)


@router.post("/risks", response_model=BulkAnswer, openapi_extra=lines_schema(RiskEntry))
async def propose_risks(
    request: Request,
    order: Annotated[Command, command(*risks.PROPOSED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Propose pupils with risk factors; nothing follows before a second person looks."""
    return await carry_out(request, order, RiskEntry, risks.propose_risks, on_error)


@router.post(
    "/risks/confirmations", response_model=BulkAnswer, openapi_extra=lines_schema(LookEntry)
)
async def look_at_risks(
    request: Request,
    order: Annotated[Command, command(*risks.CONFIRMED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Confirm or reject proposals of others, each with a reason."""
    return await carry_out(request, order, LookEntry, risks.look_at_risks, on_error)


@router.post(
    "/risks/clearances", response_model=BulkAnswer, openapi_extra=lines_schema(ClearanceEntry)
)
async def clear_risks(
    request: Request,
    order: Annotated[Command, command(*risks.CONFIRMED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Say that named pupils are at risk no more in the semester."""
    return await carry_out(request, order, ClearanceEntry, risks.clear_risks, on_error)


@router.get("/risks")
async def list_risks(
    asked: Annotated[Query, query(*READERS)],
    school_id: Annotated[str | None, Asked()] = None,
    semester: Annotated[Semester | None, Asked()] = None,
    state: Annotated[str | None, Asked(pattern="^(proposed|confirmed|rejected|cleared)$")] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = 200,
) -> Risks:
    """Proposals of a school, or of all schools you have rights on, with groups only."""
    seen = await schools_seen(asked, school_id)
    rows = await risk_rows.risks_at(
        asked.session, schools=seen, semester=semester, state=state, after=after, limit=limit
    )
    return Risks(
        risks=[RiskShown.model_validate(row) for row in rows],
        next=str(rows[-1]["risk_id"]) if len(rows) == limit else None,
    )


async def schools_seen(asked: Query, school_id: str | None) -> set[str] | None:
    """The schools a person sees, None for all; raises OutsideScope for one outside."""
    places = asked.person.organisations(*READERS)
    if STATE in places and school_id is None:
        return None
    schools = await schools_by_id(asked.session)
    covered = {
        school.school_id
        for school in schools.values()
        if {school.school_id, school.partner, school.municipality_id, STATE} & places
    }
    if school_id is None:
        return covered
    if school_id not in covered:
        asked.person.must(READERS, school_id)
    return {school_id}


@router.get("/risks/{risk_id}")
async def read_risk(
    risk_id: str,
    asked: Annotated[Query, query(*people.FACTORS_READ_BY)],
    reason: Annotated[str, Asked(min_length=3, max_length=300)] = "second look",
) -> RiskRead:
    """A proposal with its factors; restricted ones only for who decides or proposed. Logged."""
    row = await people.read_risk(
        asked.session, risk_id, by=asked.person, reason=reason, now=asked.now
    )
    return RiskRead.model_validate(row)


@router.post(
    "/applications", response_model=BulkAnswer, openapi_extra=lines_schema(ApplicationEntry)
)
async def record_applications(
    request: Request,
    order: Annotated[Command, command(*applications.RECORDED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Record applications signed by a parent, or by a pupil who was of age on that day."""
    return await carry_out(
        request, order, ApplicationEntry, applications.record_applications, on_error
    )


@router.post(
    "/applications/withdrawals",
    response_model=BulkAnswer,
    openapi_extra=lines_schema(WithdrawalEntry),
)
async def withdraw_applications(
    request: Request,
    order: Annotated[Command, command(*applications.RECORDED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Take applications back."""
    return await carry_out(
        request, order, WithdrawalEntry, applications.withdraw_applications, on_error
    )


@router.post("/contacts", response_model=BulkAnswer, openapi_extra=lines_schema(ContactEntry))
async def log_contacts(
    request: Request,
    order: Annotated[Command, command(*contacts.LOGGED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Write down talks with parents about absences, and excuses; late ones are marked."""
    return await carry_out(request, order, ContactEntry, contacts.log_contacts, on_error)
