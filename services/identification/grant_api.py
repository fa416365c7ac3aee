"""Doors of staff and rights: who works where, who may do what, what a grant waits for."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from starlette.responses import Response

from services.identification import grant_rows, grants, staff
from services.identification.bulk_doors import carry_out
from services.identification.entries import GrantEntry, RevocationEntry, StaffEntry
from services.identification.shown import Grants, GrantShown, StaffList, StaffShown
from shared.auth import STATE, Role
from shared.bulk import BulkAnswer, OnError, lines_schema
from shared.registers import schools as schools_by_id
from shared.web import Command, Query, command, query

router = APIRouter(tags=["staff and grants"])

GIVERS = (
    Role.STATE_OFFICER,
    Role.MUNICIPALITY_COORDINATOR,
    Role.HEAD,
    Role.SCHOOL_COORDINATOR,
)
READERS = (*GIVERS, Role.REGIONAL_COORDINATOR, Role.AUDITOR)
PAGE_MAX = 1_000


@router.post(
    "/staff", response_model=BulkAnswer, openapi_extra=lines_schema(StaffEntry, csv_too=True)
)
async def register_staff(
    request: Request,
    order: Annotated[Command, command(*staff.ENTERED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Enter or change members of staff in bulk; the id of each answer is the reference."""
    return await carry_out(request, order, StaffEntry, staff.register_staff, on_error)


@router.get("/staff")
async def list_staff(
    asked: Annotated[Query, query(*READERS, Role.PREPARER)], school_id: Annotated[str, Asked()]
) -> StaffList:
    """Members of staff of a school by reference; names come through `POST /names`."""
    school = (await schools_by_id(asked.session, [school_id])).get(school_id)
    partner = school.partner if school else ""
    asked.person.must((*READERS, Role.PREPARER), school_id, partner, STATE)
    rows = await staff.staff_at(asked.session, school_id)
    return StaffList(staff=[StaffShown.model_validate(row) for row in rows])


@router.post(
    "/grants", response_model=BulkAnswer, openapi_extra=lines_schema(GrantEntry, csv_too=True)
)
async def give_grants(
    request: Request,
    order: Annotated[Command, command(*GIVERS)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Give roles in bulk, in any order; each answer says what a grant still waits for."""
    return await carry_out(request, order, GrantEntry, grants.give_grants, on_error)


@router.post(
    "/grants/revocations", response_model=BulkAnswer, openapi_extra=lines_schema(RevocationEntry)
)
async def revoke_grants(
    request: Request,
    order: Annotated[Command, command(*GIVERS)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """End grants in bulk."""
    return await carry_out(request, order, RevocationEntry, grants.revoke_grants, on_error)


@router.get("/grants")
async def list_grants(
    asked: Annotated[Query, query(*READERS)],
    organisation: Annotated[str | None, Asked()] = None,
    subject: Annotated[str | None, Asked()] = None,
    state: Annotated[str | None, Asked(pattern="^(waiting|granted|revoked)$")] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = 100,
) -> Grants:
    """Grants of an organisation; of all only for the state. A waiting one says what it lacks."""
    school = (await schools_by_id(asked.session, [organisation or ""])).get(organisation or "")
    partner = school.partner if school else ""
    asked.person.must(READERS, organisation or STATE, partner, STATE)
    rows = await grant_rows.grants_at(
        asked.session,
        organisation=organisation,
        subject=subject,
        state=state,
        after=after,
        limit=limit,
    )
    return Grants(
        grants=[GrantShown.model_validate(row) for row in rows],
        next=str(rows[-1]["grant_id"]) if len(rows) == limit else None,
    )
