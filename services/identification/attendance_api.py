"""Doors of attendance: imports, signals and who did not report."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from starlette.responses import Response

from services.identification import absences, attendance, attendance_rows, needs
from services.identification.attendance_rows import SIGNALS
from services.identification.attendance_rules import UnknownSignal
from services.identification.bulk_doors import carry_out, carry_out_import
from services.identification.enrolment import ENTERED_BY
from services.identification.imports import ImportAnswer
from services.identification.pupil_entries import AttendanceEntry, DismissalEntry, PupilDayEntry
from services.identification.pupil_shown import (
    NotReported,
    NotReportedList,
    SignalAgain,
    Signals,
    SignalShown,
)
from services.identification.risk_api import READERS, schools_seen
from services.identification.store import rows_of
from shared.bulk import BulkAnswer, OnError, lines_schema
from shared.contracts.base import Semester
from shared.errors import OutsideScope
from shared.web import Command, Query, command, query

router = APIRouter(tags=["attendance"])

SIGNALS_MAX = 5_000


@router.post(
    "/attendance",
    response_model=ImportAnswer,
    openapi_extra=lines_schema(AttendanceEntry, csv_too=True),
)
async def import_attendance(
    request: Request,
    order: Annotated[Command, command(*ENTERED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Missed lessons of pupils in semesters; the rule signals who reaches the threshold."""
    return await carry_out_import(
        request,
        order,
        AttendanceEntry,
        attendance.import_attendance,
        kind="attendance",
        on_error=on_error,
    )


@router.post(
    "/attendance/days",
    response_model=ImportAnswer,
    openapi_extra=lines_schema(PupilDayEntry, csv_too=True),
)
async def mark_days(
    request: Request,
    order: Annotated[Command, command(*ENTERED_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Days on which pupils were away, without a reason; a later line replaces or takes back."""
    return await carry_out_import(
        request, order, PupilDayEntry, absences.mark_days, kind="absent_days", on_error=on_error
    )


@router.get("/attendance/not-reported")
async def list_not_reported(
    asked: Annotated[Query, query(*READERS)],
    semester: Annotated[Semester | None, Asked()] = None,
) -> NotReportedList:
    """Schools of which attendance is missing, wholly or in part. Missing is not zero."""
    found = semester or await needs.semester_now(asked.session, asked.now)
    seen = await schools_seen(asked, None)
    rows = await attendance.not_reported(
        asked.session, found, covers=lambda school: seen is None or school.school_id in seen
    )
    return NotReportedList(
        semester=found,
        schools=[NotReported.model_validate(row) for row in rows],
        reported_nothing_by_municipality=dict(attendance.by_municipality(rows)),
    )


@router.get("/signals")
async def list_signals(
    asked: Annotated[Query, query(*READERS)],
    school_id: Annotated[str | None, Asked()] = None,
    semester: Annotated[Semester | None, Asked()] = None,
    state: Annotated[str | None, Asked(pattern="^(open|cleared|dismissed|answered)$")] = None,
    limit: Annotated[int, Asked(ge=1, le=SIGNALS_MAX)] = 500,
) -> Signals:
    """Signals with rule, version, data, reason in words, and what would clear each."""
    seen = await schools_seen(asked, school_id)
    rows = await attendance_rows.signals_at(
        asked.session, schools=seen, semester=semester, state=state, limit=limit
    )
    return Signals(signals=[SignalShown.model_validate(needs.explained(row)) for row in rows])


@router.get("/signals/{signal_id}/again")
async def make_again(signal_id: str, asked: Annotated[Query, query(*READERS)]) -> SignalAgain:
    """Make a signal again from the figures and the rule of its day; `same` if it comes out."""
    rows = await rows_of(asked.session, SIGNALS.c.signal_id, [signal_id])
    if not rows:
        raise UnknownSignal(signal_id=signal_id)
    seen = await schools_seen(asked, None)
    if seen is not None and rows[0]["school_id"] not in seen:
        raise OutsideScope()
    return SignalAgain.model_validate(await attendance.reproduced(asked.session, rows[0]))


@router.post(
    "/signals/dismissals", response_model=BulkAnswer, openapi_extra=lines_schema(DismissalEntry)
)
async def dismiss_signals(
    request: Request,
    order: Annotated[Command, command(*attendance.LOOKED_AT_BY)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """A person looked and found nothing; the reason is kept."""
    return await carry_out(request, order, DismissalEntry, attendance.dismiss_signals, on_error)
