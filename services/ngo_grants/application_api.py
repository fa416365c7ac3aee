"""Doors to applications for the organisation: draft, change, see what is missing, file, papers."""

import base64
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel, JsonValue
from starlette.responses import Response

from services.ngo_grants import application_rows, applications, decision, move_rows, paper_rows
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.commands import ChangedApplication, NewApplication, Reason
from services.ngo_grants.form import Form
from services.ngo_grants.reading import (
    AFTER_DECISION,
    visible_application,
    visible_applications,
)
from shared.auth import Role
from shared.errors import NotFound
from shared.privacy import FieldCipher
from shared.web import Command, Query, command, query

router = APIRouter(tags=["applications"])
READERS = (
    Role.APPLICANT,
    Role.EVALUATOR,
    Role.CALL_ORGANISER,
    Role.STATE_OFFICER,
    Role.AUDITOR,
)
EVALUATED = "decided"


class NoSuchPaper(NotFound):
    """The application has no such paper, or it was erased."""

    code = "unknown-attachment"


class ApplicationView(BaseModel):
    """An application; members of the committee see only that it is decided, not how."""

    application_id: str
    call_id: str
    registration_number: str
    applicant: str
    state: str
    title: str
    submitted_at: datetime | None
    place: int | None
    total_exact: str | None
    reasons: list[dict[str, JsonValue]] | None
    version: int

    @classmethod
    def of(cls, application: Application, *, member: bool = False) -> "ApplicationView":
        """An application as its organisation, or a member, sees it."""
        decided = member and application.state in AFTER_DECISION
        return cls(
            application_id=application.application_id,
            call_id=application.call_id,
            registration_number=application.registration_number,
            applicant=application.applicant,
            state=EVALUATED if decided else application.state,
            title=application.title,
            submitted_at=application.submitted_at,
            place=None if member else application.place,
            total_exact=None if member else application.total,
            reasons=None if member else application.reasons,
            version=0 if member else application.version,
        )


class AttachmentView(BaseModel):
    """A paper without its bytes."""

    kind: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    added_at: datetime


class WholeApplication(ApplicationView):
    """An application with its form and papers; the amount is the call's."""

    form: Form
    attachments: list[AttachmentView]


class ApplicationList(BaseModel):
    """Applications of a call, by id."""

    applications: list[ApplicationView]


class ProblemView(BaseModel):
    """One thing that stands against filing."""

    code: str
    field: str | None
    message: str


class CompletenessView(BaseModel):
    """Whether an application could be filed now, what it lacks, and until when it can be."""

    complete: bool
    problems: list[ProblemView]
    takes_applications: bool
    closes_on: date


class MoveView(BaseModel):
    """One move of an application."""

    version: int
    from_state: str
    to_state: str
    by: str
    reason: str | None
    at: datetime


class MovesView(BaseModel):
    """The moves of an application, in order."""

    history: list[MoveView]


@router.post("/applications", status_code=201)
async def start(
    new: NewApplication, order: Annotated[Command, command(Role.APPLICANT)]
) -> Response:
    """Begin a draft."""
    application = await applications.start_application(
        order.session, new, by=order.person, now=order.now
    )
    return await order.answer(ApplicationView.of(application), status=201)


@router.put("/applications/{application_id}")
async def change(
    application_id: str,
    changed: ChangedApplication,
    order: Annotated[Command, command(Role.APPLICANT)],
) -> Response:
    """Put another form in the place of the draft's."""
    application = await applications.change_application(
        order.session, application_id, changed, by=order.person, now=order.now
    )
    return await order.answer(ApplicationView.of(application))


@router.post("/applications/{application_id}/submission")
async def submit(
    application_id: str, order: Annotated[Command, command(Role.APPLICANT)]
) -> Response:
    """File it inside the window; the answer names what is missing."""
    application = await applications.submit_application(
        order.session, application_id, by=order.person, now=order.now
    )
    return await order.answer(ApplicationView.of(application))


@router.post("/applications/{application_id}/withdrawal")
async def withdraw(
    application_id: str, why: Reason, order: Annotated[Command, command(Role.APPLICANT)]
) -> Response:
    """Take it back; the place of a winner goes to the reserve."""
    application = await decision.withdraw(
        order.session, application_id, why, by=order.person, now=order.now
    )
    return await order.answer(ApplicationView.of(application))


@router.put("/applications/{application_id}/attachments/{kind}")
async def attach(
    application_id: str,
    kind: str,
    request: Request,
    order: Annotated[Command, command(Role.APPLICANT)],
    name: Annotated[str, Asked(min_length=1, max_length=200)],
) -> Response:
    """Keep a paper, sealed; the body is the paper itself."""
    content = await request.body()
    media_type = request.headers.get("content-type", "application/octet-stream")[:100]
    digest = await applications.attach(
        order.session,
        application_id,
        kind,
        content,
        name=name,
        media_type=media_type,
        by=order.person,
        now=order.now,
    )
    view = AttachmentView(
        kind=kind,
        name=name,
        media_type=media_type,
        size_bytes=len(content),
        sha256=digest,
        added_at=order.now,
    )
    return await order.answer(view)


@router.get("/applications")
async def list_applications(
    call_id: str, asked: Annotated[Query, query(*READERS)]
) -> ApplicationList:
    """The applications of a call that exist for whoever asks."""
    found = await visible_applications(asked.session, call_id, asked.person)
    views = [ApplicationView.of(application, member=member) for application, member in found]
    return ApplicationList(applications=views)


@router.get("/applications/{application_id}")
async def read(application_id: str, asked: Annotated[Query, query(*READERS)]) -> WholeApplication:
    """An application with its form and its list of papers."""
    application, member = await visible_application(asked.session, application_id, asked.person)
    form = await application_rows.form_of(asked.session, application_id)
    papers = await paper_rows.attachments(asked.session, application_id)
    return WholeApplication(
        **ApplicationView.of(application, member=member).model_dump(),
        form=form,
        attachments=[AttachmentView.model_validate(dict(paper)) for paper in papers],
    )


@router.get("/applications/{application_id}/attachments/{kind}")
async def attachment(
    application_id: str, kind: str, asked: Annotated[Query, query(*READERS)]
) -> Response:
    """A paper itself."""
    await visible_application(asked.session, application_id, asked.person)
    row = await paper_rows.attachment(asked.session, application_id, kind)
    if row is None or row["sealed"] is None:
        raise NoSuchPaper(application_id=application_id, kind=kind)
    opened = FieldCipher.of(asked.session.info["settings"]).open(row["sealed"])
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(base64.b64decode(opened), media_type=row["media_type"], headers=headers)


@router.get("/applications/{application_id}/completeness")
async def completeness(
    application_id: str, asked: Annotated[Query, query(Role.APPLICANT)]
) -> CompletenessView:
    """What the application still lacks, before the deadline."""
    application = await application_rows.read(asked.session, application_id)
    asked.person.must({Role.APPLICANT}, application.registration_number)
    found = await applications.completeness(asked.session, application, day=asked.today)
    return CompletenessView(
        complete=not found.problems,
        problems=[
            ProblemView(code=p.code, field=p.field, message=p.sentence) for p in found.problems
        ],
        takes_applications=found.takes_applications and application.state is State.DRAFT,
        closes_on=found.closes_on,
    )


@router.get("/applications/{application_id}/history")
async def history(
    application_id: str,
    asked: Annotated[
        Query, query(Role.APPLICANT, Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)
    ],
) -> MovesView:
    """The moves of an application, with reasons."""
    _, member = await visible_application(asked.session, application_id, asked.person)
    rows = [] if member else await move_rows.history(asked.session, application_id)
    return MovesView(history=[MoveView.model_validate(dict(row)) for row in rows])
