"""Doors to committees: name members, declare interests, assign, give marks, read one's own."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel
from starlette.responses import Response

from services.ngo_grants import application_rows, committee, committee_rows, mark_rows
from services.ngo_grants.commands import (
    AssignmentLine,
    CommitteeEntry,
    Declaration,
    InterestEntry,
    MarkLine,
)
from services.ngo_grants.committee import in_committee
from services.ngo_grants.domain import CallState
from services.ngo_grants.reading import (
    AFTER_WINDOW,
    committee_viewer,
    member_names,
    visible_call,
)
from services.ngo_grants.standings import RANKED, committee_and_viewer
from shared.auth import Role
from shared.bulk import OnError, read_lines, settle
from shared.registers import grants_of
from shared.web import Command, Query, command, query

router = APIRouter(tags=["committees"])
MARK_LINES_MAX = 30_000
LOOKING = "committee of the call"


class MemberView(BaseModel):
    """A member: who, whether they declared, what is still missing before they can work.

    Answers to commands are kept beside their key, so names are in answers to reads only.
    """

    subject: str
    name: str | None
    declared_at: datetime | None
    waits_for: list[str]


class ConflictView(BaseModel):
    """A member and an application that are kept apart, and by what."""

    application_id: str
    subject: str
    why: list[str]


class CommitteeView(BaseModel):
    """The committee of a call, with proposals of conflicts from declarations and registers."""

    call_id: str
    quorum: int
    members: list[MemberView]
    conflicts: list[ConflictView]


class OrganisationView(BaseModel):
    """An organisation that filed; shown so that interests can be declared."""

    registration_number: str
    name: str


class DeclarationView(BaseModel):
    """What a member declared; before that, the organisations to think of."""

    call_id: str
    declared: bool
    interests: list[InterestEntry]
    organisations: list[OrganisationView]


class MarkView(BaseModel):
    """One mark."""

    application_id: str
    evaluator: str
    criterion: str
    half_points: int
    version: int
    marked_at: datetime


class MarksView(BaseModel):
    """Marks one may see, by application, evaluator and criterion."""

    marks: list[MarkView]


@router.post("/calls/{call_id}/committee")
async def name_committee(
    call_id: str, entry: CommitteeEntry, order: Annotated[Command, command(Role.CALL_ORGANISER)]
) -> Response:
    """Name the whole committee; the answer proposes conflicts."""
    await committee.name_committee(order.session, call_id, entry, by=order.person, now=order.now)
    return await order.answer(await _committee(order, call_id, names=False))


@router.get("/calls/{call_id}/committee")
async def read_committee(
    call_id: str,
    asked: Annotated[Query, query(Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)],
) -> CommitteeView:
    """The committee with names; the read is logged."""
    return await _committee(asked, call_id, names=True)


async def _committee(asked: Query, call_id: str, *, names: bool) -> CommitteeView:
    """The committee for one viewer; members among the organisers see no conflicts."""
    session, by = asked.session, asked.person
    call = await visible_call(session, call_id, by)
    _, viewer = await committee_viewer(session, call, by)
    opened = (
        await member_names(session, call, reason=LOOKING, by=by, now=asked.now) if names else []
    )
    known = {row["subject"]: name for row, name in opened}
    pairs = [] if viewer else await committee_rows.conflicts(session, call_id)
    members = [
        MemberView(
            subject=row["subject"],
            name=known.get(row["subject"]),
            declared_at=row["declared_at"],
            waits_for=await _waits_for(asked, row["subject"], call.municipality_id),
        )
        for row in await committee_rows.member_rows(session, call_id)
        if row["left_at"] is None
    ]
    conflicts = [
        ConflictView(application_id=application_id, subject=subject, why=list(why))
        for application_id, subject, why in pairs
    ]
    return CommitteeView(
        call_id=call_id, quorum=call.rules.quorum, members=members, conflicts=conflicts
    )


async def _waits_for(asked: Query, subject: str, municipality_id: str) -> list[str]:
    """The rights a member still lacks; they may come in any order."""
    grants = await grants_of(asked.session, subject, asked.today)
    found = any(g.role is Role.EVALUATOR and g.organisation == municipality_id for g in grants)
    return [] if found else [f"{Role.EVALUATOR} of {municipality_id}"]


@router.post("/calls/{call_id}/declarations")
async def declare(
    call_id: str, declared: Declaration, order: Annotated[Command, command(Role.EVALUATOR)]
) -> Response:
    """Declare interests by organisation, or none."""
    await committee.declare_interests(
        order.session, call_id, declared, by=order.person, now=order.now
    )
    return await order.answer(await _declaration(order, call_id))


@router.get("/calls/{call_id}/declarations")
async def read_declaration(
    call_id: str, asked: Annotated[Query, query(Role.EVALUATOR)]
) -> DeclarationView:
    """One's own declaration, and the organisations to think of."""
    return await _declaration(asked, call_id)


async def _declaration(asked: Query, call_id: str) -> DeclarationView:
    """A member's own declaration."""
    call = await visible_call(asked.session, call_id, asked.person)
    known, _ = await committee_and_viewer(asked.session, call, asked.person.subject)
    in_committee(known, call, asked.person)
    rows = await committee_rows.interests_of(asked.session, call_id, asked.person.subject)
    filed = (
        await application_rows.of_call(asked.session, call_id, RANKED)
        if call.state in AFTER_WINDOW
        else []
    )
    organisations = {
        a.registration_number: a.applicant
        for a in filed
        if not known.hides(a.application_id, asked.person.subject)
    }
    return DeclarationView(
        call_id=call_id,
        declared=known.members[asked.person.subject].declared,
        interests=[
            InterestEntry(registration_number=row["registration_number"], kind=row["kind"])
            for row in rows
        ],
        organisations=[
            OrganisationView(registration_number=number, name=name)
            for number, name in sorted(organisations.items())
        ],
    )


@router.post("/calls/{call_id}/assignments")
async def assign(
    call_id: str,
    request: Request,
    order: Annotated[Command, command(Role.CALL_ORGANISER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Say who evaluates what; each line is answered."""
    lines, bad = await read_lines(request, AssignmentLine)
    answers = await committee.assign_evaluators(
        order.session, call_id, lines, by=order.person, now=order.now
    )
    return await order.answer(settle([*answers, *bad], on_error))


@router.post("/calls/{call_id}/marks")
async def give_marks(
    call_id: str,
    request: Request,
    order: Annotated[Command, command(Role.EVALUATOR)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Give one's own marks in bulk; each line is answered."""
    lines, bad = await read_lines(request, MarkLine, lines_max=MARK_LINES_MAX)
    answers = await committee.give_marks(
        order.session, call_id, lines, by=order.person, now=order.now
    )
    return await order.answer(settle([*answers, *bad], on_error))


@router.get("/calls/{call_id}/marks")
async def read_marks(
    call_id: str,
    asked: Annotated[
        Query,
        query(Role.EVALUATOR, Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR),
    ],
) -> MarksView:
    """A member's own marks; everybody's from the discussion on, without what is hidden."""
    call = await visible_call(asked.session, call_id, asked.person)
    known, viewer = await committee_viewer(asked.session, call, asked.person)
    blind = viewer is not None and call.state is CallState.CLOSED
    rows = await mark_rows.listed(asked.session, call_id, subject=viewer if blind else None)
    seen = [row for row in rows if viewer is None or not known.hides(row["application_id"], viewer)]
    return MarksView(marks=[MarkView(**{**row, "evaluator": row["subject"]}) for row in seen])
