"""Doors of the registers of places: municipalities, schools, semesters."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from starlette.responses import Response

from services.identification import registers_entry
from services.identification.bulk_doors import carry_out
from services.identification.entries import MunicipalityEntry, SchoolEntry, SemesterEntry
from services.identification.shown import (
    Municipalities,
    MunicipalityShown,
    Schools,
    SchoolShown,
    Semesters,
    SemesterShown,
)
from shared import registers
from shared.auth import Role
from shared.bulk import BulkAnswer, OnError, lines_schema
from shared.web import Command, Query, command, query

router = APIRouter(tags=["registers"])


@router.post(
    "/municipalities", response_model=BulkAnswer, openapi_extra=lines_schema(MunicipalityEntry)
)
async def register_municipalities(
    request: Request,
    order: Annotated[Command, command(Role.STATE_OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Enter or change municipalities in bulk; a successor may stand in the same command."""
    return await carry_out(
        request, order, MunicipalityEntry, registers_entry.register_municipalities, on_error
    )


@router.get("/municipalities")
async def list_municipalities(
    asked: Annotated[Query, query()], on: Annotated[date | None, Asked()] = None
) -> Municipalities:
    """All municipalities; with `on`, those there were on that day with the code of that day."""
    found = (await registers.municipalities(asked.session)).values()
    return Municipalities(
        municipalities=[
            MunicipalityShown.model_validate(
                {**vars(place), "code": place.code_on(on or asked.today)}
            )
            for place in sorted(found, key=lambda place: place.municipality_id)
            if on is None or (place.valid_from or date.min) <= on <= (place.valid_to or date.max)
        ]
    )


@router.post("/schools", response_model=BulkAnswer, openapi_extra=lines_schema(SchoolEntry))
async def register_schools(
    request: Request,
    order: Annotated[Command, command(Role.STATE_OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Enter or change schools in bulk."""
    return await carry_out(request, order, SchoolEntry, registers_entry.register_schools, on_error)


@router.get("/schools")
async def list_schools(
    asked: Annotated[Query, query()],
    municipality_id: Annotated[str | None, Asked()] = None,
    partner: Annotated[str | None, Asked()] = None,
) -> Schools:
    """All schools, or those of a municipality or partner."""
    found = (await registers.schools(asked.session)).values()
    return Schools(
        schools=[
            SchoolShown.model_validate(school)
            for school in sorted(found, key=lambda school: school.school_id)
            if municipality_id in (None, school.municipality_id)
            and partner in (None, school.partner)
        ]
    )


@router.post("/semesters", response_model=BulkAnswer, openapi_extra=lines_schema(SemesterEntry))
async def define_semesters(
    request: Request,
    order: Annotated[Command, command(Role.STATE_OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Enter or change the calendar in bulk: the country's, a municipality's, a school's own."""
    return await carry_out(
        request, order, SemesterEntry, registers_entry.define_semesters, on_error
    )


@router.get("/semesters")
async def list_semesters(
    asked: Annotated[Query, query()], school_id: Annotated[str | None, Asked()] = None
) -> Semesters:
    """The calendar; with a school, its own dates and its municipality's where they have some."""
    found = await registers.schools(asked.session, [school_id] if school_id else ())
    places = {where for school in found.values() for where in (school_id, school.municipality_id)}
    calendar = await registers.semesters(asked.session, {*filter(None, places)})
    return Semesters(
        semesters=[
            SemesterShown.model_validate(
                {
                    **vars(dates),
                    "school_id": place if place == school_id else None,
                    "municipality_id": None if place in (school_id, "") else place,
                }
            )
            for (_, place), dates in sorted(calendar.items(), key=lambda entry: entry[0][::-1])
        ]
    )
