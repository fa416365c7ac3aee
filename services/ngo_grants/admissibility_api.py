"""Doors between the window and the marks, and after the decision: questions, refusals, appeals."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from services.ngo_grants import admissibility, appeals, paper_rows
from services.ngo_grants.application_api import ApplicationView
from services.ngo_grants.commands import (
    Answer,
    AppealAnswer,
    AppealEntry,
    Ineligibility,
    Question,
)
from services.ngo_grants.reading import visible_application
from shared.auth import Role
from shared.web import Command, Query, command, query

router = APIRouter(tags=["admissibility"])


class AskedView(BaseModel):
    """A question was put."""

    application_id: str
    number: int
    answer_by: date


class ClarificationView(BaseModel):
    """A question and its answer."""

    number: int
    question: str
    answer_by: date
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None


class ClarificationsView(BaseModel):
    """The questions of an application, in order."""

    clarifications: list[ClarificationView]


class AppealView(BaseModel):
    """An appeal and, once given, its answer."""

    application_id: str
    grounds: str
    filed_at: datetime
    answer: str | None
    reason: str | None
    answered_at: datetime | None


@router.post("/applications/{application_id}/clarification", status_code=201)
async def ask(
    application_id: str,
    asked: Question,
    order: Annotated[Command, command(Role.CALL_ORGANISER)],
) -> Response:
    """Ask the applicant something, until a day."""
    number = await admissibility.ask_clarification(
        order.session, application_id, asked, by=order.person, now=order.now
    )
    view = AskedView(application_id=application_id, number=number, answer_by=asked.answer_by)
    return await order.answer(view, status=201)


@router.post("/applications/{application_id}/clarification/answer")
async def answer(
    application_id: str, given: Answer, order: Annotated[Command, command(Role.APPLICANT)]
) -> Response:
    """Answer in time, with a corrected form where one is needed."""
    application = await admissibility.answer_clarification(
        order.session, application_id, given, by=order.person, now=order.now
    )
    return await order.answer(ApplicationView.of(application))


@router.get("/applications/{application_id}/clarifications")
async def clarifications(
    application_id: str,
    asked: Annotated[
        Query, query(Role.APPLICANT, Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)
    ],
) -> ClarificationsView:
    """Questions and answers."""
    await visible_application(asked.session, application_id, asked.person)
    rows = await paper_rows.clarifications(asked.session, application_id)
    return ClarificationsView(
        clarifications=[ClarificationView.model_validate(dict(row)) for row in rows]
    )


@router.post("/applications/{application_id}/refusal")
async def refuse(
    application_id: str,
    why: Ineligibility,
    order: Annotated[Command, command(Role.CALL_ORGANISER)],
) -> Response:
    """Refuse it for an eligibility criterion, in writing."""
    application = await admissibility.refuse_application(
        order.session, application_id, why, by=order.person, now=order.now
    )
    return await order.answer(ApplicationView.of(application))


@router.post("/applications/{application_id}/appeal", status_code=201)
async def appeal(
    application_id: str, entry: AppealEntry, order: Annotated[Command, command(Role.APPLICANT)]
) -> Response:
    """Appeal against the decision."""
    await appeals.file_appeal(order.session, application_id, entry, by=order.person, now=order.now)
    return await order.answer(await _appeal(order, application_id), status=201)


@router.post("/applications/{application_id}/appeal/answer")
async def answer_appeal(
    application_id: str,
    given: AppealAnswer,
    order: Annotated[Command, command(Role.CALL_ORGANISER)],
) -> Response:
    """Answer an appeal; somebody else than who recorded the decision."""
    await appeals.answer_appeal(
        order.session, application_id, given, by=order.person, now=order.now
    )
    return await order.answer(await _appeal(order, application_id))


@router.get("/applications/{application_id}/appeal")
async def read_appeal(
    application_id: str,
    asked: Annotated[
        Query, query(Role.APPLICANT, Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)
    ],
) -> AppealView:
    """The appeal and its answer."""
    await visible_application(asked.session, application_id, asked.person)
    return await _appeal(asked, application_id)


async def _appeal(asked: Query, application_id: str) -> AppealView:
    """The appeal as a view; raises UnknownAppeal."""
    row = await paper_rows.appeal_of(asked.session, application_id)
    if row is None:
        raise appeals.UnknownAppeal(application_id=application_id)
    return AppealView.model_validate(dict(row))
