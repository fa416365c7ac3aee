"""Doors to the decision: ranking, decision, protocol, public results."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel
from sqlalchemy import RowMapping
from starlette.responses import Response

from services.ngo_grants import decision, decision_rows, protocols
from services.ngo_grants.application_rules import State
from services.ngo_grants.commands import DecisionOrder
from services.ngo_grants.decision import WINNERS
from services.ngo_grants.domain import CallState
from services.ngo_grants.ranking_view import RankingView
from services.ngo_grants.reading import committee_viewer, visible_call
from services.ngo_grants.scoring import shown
from services.ngo_grants.standings import standing
from shared.auth import Role
from shared.errors import Refused
from shared.web import Command, Query, command, query

router = APIRouter(tags=["decisions"])
RESULTS_MAX = 10_000
SCORERS = (Role.EVALUATOR, Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)
PUBLISHED = (*sorted(WINNERS), State.RESERVE, State.REJECTED, State.REFUSED, State.WITHDRAWN)


class ScoresNotOpen(Refused):
    """Members see the ranking and each other's marks from the discussion on."""

    code = "scores-not-open"


class DecisionView(BaseModel):
    """A decision and the ranking it rests on."""

    call_id: str
    decided_at: datetime
    approved: int
    reserve: int
    rejected: int
    late_reason: str | None
    ranking: RankingView


class ProtocolView(BaseModel):
    """The protocol as text, ready to sign; a draft before the decision."""

    call_id: str
    draft: bool
    language: str
    text: str


class ResultView(BaseModel):
    """One application of a decided call, as everybody may know it; no people are in it."""

    call_id: str
    municipality_id: str
    year: int
    decided_at: datetime
    quota: int
    application_id: str
    registration_number: str
    applicant: str
    title: str
    outcome: str
    place: int | None
    total_points: str | None
    total_exact: str | None
    reason_codes: list[str]


class ResultsView(BaseModel):
    """Results of decided calls."""

    results: list[ResultView]


@router.get("/calls/{call_id}/ranking", response_model=RankingView)
async def ranking(call_id: str, asked: Annotated[Query, query(*SCORERS)]) -> Response:
    """The ranking as it stands, with quota line, minima, explained ties and what evening out does.

    A member of the committee gets it from the discussion on, without what is hidden from them.
    """
    call = await visible_call(asked.session, call_id, asked.person)
    committee, viewer = await committee_viewer(asked.session, call, asked.person)
    if viewer is not None and call.state not in {CallState.DISCUSSION, CallState.DECIDED}:
        raise ScoresNotOpen(call_id=call_id)
    stands = await standing(asked.session, call, committee, viewer=viewer, lock=False)
    # Written once, as it is; a page of 500 rows checked again would take twice as long.
    return Response(stands.view().model_dump_json(), media_type="application/json")


@router.post("/calls/{call_id}/decision")
async def decide(
    call_id: str, given: DecisionOrder, order: Annotated[Command, command(Role.CALL_ORGANISER)]
) -> Response:
    """Record the committee's decision by the ranking as it stands, and publish it in counts."""
    stands = await decision.decide(order.session, call_id, given, by=order.person, now=order.now)
    row = await decision_rows.of_call(order.session, call_id)
    assert row is not None
    view = DecisionView(
        call_id=call_id,
        decided_at=row["decided_at"],
        approved=row["approved"],
        reserve=row["reserve"],
        rejected=row["rejected"],
        late_reason=row["late_reason"],
        ranking=stands.view(),
    )
    return await order.answer(view)


@router.get("/calls/{call_id}/protocol")
async def protocol(
    call_id: str,
    asked: Annotated[Query, query(*SCORERS)],
    form: Annotated[Literal["json", "text"], Asked()] = "json",
) -> Response:
    """The protocol; for a member with an interest, of what they took part in."""
    call = await visible_call(asked.session, call_id, asked.person)
    committee, viewer = await committee_viewer(asked.session, call, asked.person)
    if viewer is not None and call.state not in {CallState.DISCUSSION, CallState.DECIDED}:
        raise ScoresNotOpen(call_id=call_id)
    stands = await standing(asked.session, call, committee, viewer=viewer, lock=False)
    text = await protocols.text_of(asked.session, stands, by=asked.person, now=asked.now)
    if form == "text":
        return Response(text, media_type="text/plain; charset=utf-8")
    draft = call.state is not CallState.DECIDED
    view = ProtocolView(call_id=call_id, draft=draft, language="lv", text=text)
    return Response(view.model_dump_json(), media_type="application/json")


@router.get("/results")
async def results(
    asked: Annotated[Query, query()],
    municipality_id: Annotated[str | None, Asked()] = None,
    year: Annotated[int | None, Asked()] = None,
    form: Annotated[Literal["json", "csv"], Asked()] = "json",
) -> Response:
    """Results of decided calls for everybody who signed in, as JSON or CSV."""
    rows = await decision_rows.results(
        asked.session,
        municipality_id=municipality_id,
        year=year,
        states=PUBLISHED,
        limit=RESULTS_MAX,
    )
    views = [_result(row) for row in rows]
    if form == "csv":
        return Response(_csv(views), media_type="text/csv; charset=utf-8")
    body = ResultsView(results=views).model_dump_json()
    return Response(body, media_type="application/json")


def _result(row: RowMapping) -> ResultView:
    """A row as everybody may know it."""
    state = State(row["state"])
    return ResultView(
        call_id=row["call_id"],
        municipality_id=row["municipality_id"],
        year=row["year"],
        decided_at=row["decided_at"],
        quota=row["quota"],
        application_id=row["application_id"],
        registration_number=row["registration_number"],
        applicant=row["applicant"],
        title=row["title"],
        outcome=State.APPROVED if state in WINNERS else state,
        place=row["place"],
        total_points=shown(Fraction(row["total"])) if row["total"] else None,
        total_exact=row["total"],
        reason_codes=[_reason_code(reason) for reason in row["reasons"] or ()],
    )


def _reason_code(reason: dict[str, str]) -> str:
    """A reason in one word, with its criterion where it has one."""
    criterion = reason.get("criterion")
    return f"{reason['code']}:{criterion}" if criterion else reason["code"]


def _csv(views: Sequence[ResultView]) -> str:
    """Results as CSV with a header line."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = list(ResultView.model_fields)
    writer.writerow(names)
    for view in views:
        row = view.model_dump(mode="json") | {"reason_codes": " ".join(view.reason_codes)}
        writer.writerow([row[name] for name in names])
    return out.getvalue()
