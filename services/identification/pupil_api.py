"""Doors of the register of pupils: entering, moving, reading."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from starlette.responses import Response

from services.identification import enrolment, people, pupils
from services.identification.bulk_doors import carry_out, carry_out_import
from services.identification.imports import ImportAnswer
from services.identification.pupil_entries import (
    DepartureEntry,
    MoveEntry,
    PromotionEntry,
    PupilEntry,
)
from services.identification.pupil_shown import PupilFile, PupilRead, Pupils, PupilShown
from shared.auth import Role
from shared.bulk import BulkAnswer, OnError, lines_schema
from shared.web import Command, Query, command, query

router = APIRouter(tags=["pupils"])

PAGE_MAX = 1_000
Reason = Annotated[str, Asked(min_length=3, max_length=300)]


@router.post(
    "/pupils", response_model=ImportAnswer, openapi_extra=lines_schema(PupilEntry, csv_too=True)
)
async def enter_pupils(
    request: Request,
    order: Annotated[Command, command(*enrolment.ENTERED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Enter pupils as a register delivers them; sent twice, the second changes nothing."""
    return await carry_out_import(
        request, order, PupilEntry, enrolment.enter_pupils, kind="pupils", on_error=on_error
    )


@router.post(
    "/pupils/promotions",
    response_model=BulkAnswer,
    openapi_extra=lines_schema(PromotionEntry, csv_too=True),
)
async def promote_pupils(
    request: Request,
    order: Annotated[Command, command(*enrolment.ENTERED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Pupils enter the next grade or course, as on 1 September."""
    return await carry_out(request, order, PromotionEntry, pupils.promote_pupils, on_error)


@router.post(
    "/pupils/moves", response_model=BulkAnswer, openapi_extra=lines_schema(MoveEntry, csv_too=True)
)
async def move_pupils(
    request: Request,
    order: Annotated[Command, command(*enrolment.ENTERED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Pupils change school; told by the register of the new school."""
    return await carry_out(request, order, MoveEntry, pupils.move_pupils, on_error)


@router.post(
    "/pupils/departures",
    response_model=BulkAnswer,
    openapi_extra=lines_schema(DepartureEntry, csv_too=True),
)
async def let_pupils_go(
    request: Request,
    order: Annotated[Command, command(*enrolment.ENTERED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Pupils leave school."""
    return await carry_out(request, order, DepartureEntry, pupils.let_pupils_go, on_error)


@router.get("/pupils")
async def list_pupils(
    asked: Annotated[Query, query(*people.READ_BY)],
    school_id: Annotated[str, Asked()],
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = 200,
) -> Pupils:
    """Pupils of a school by reference; names come through `POST /names`."""
    rows = await people.pupils_at(
        asked.session, school_id, by=asked.person, after=after, limit=limit
    )
    return Pupils(
        pupils=[PupilShown.model_validate(row) for row in rows],
        next=rows[-1]["pupil_ref"] if len(rows) == limit else None,
    )


@router.get("/pupils/{pupil_ref}")
async def read_pupil(
    pupil_ref: str,
    asked: Annotated[Query, query(*people.READ_BY)],
    reason: Reason = "work with the pupil",
) -> PupilRead:
    """One pupil with name, code and birth date; the read is written down."""
    row = await people.read_pupil(
        asked.session, pupil_ref, by=asked.person, reason=reason, now=asked.now
    )
    return PupilRead.model_validate(row)


@router.get("/pupils/{pupil_ref}/file")
async def read_file(
    pupil_ref: str, asked: Annotated[Query, query(Role.PARENT, Role.HEAD)]
) -> PupilFile:
    """Everything recorded of a pupil, why, and who looked: for the family and the head."""
    row = await people.file_of(asked.session, pupil_ref, by=asked.person, now=asked.now)
    return PupilFile.model_validate(row)
