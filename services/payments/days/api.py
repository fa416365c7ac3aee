"""Doors of days: cases that wait for a person of the office."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel
from starlette.responses import Response

from services.payments.days import actions as days
from services.payments.days.actions import OFFICER, CaseDecisionLine
from services.payments.days.cases import CASE_SENTENCES
from services.payments.signatures.messages import office_command
from shared.auth import STATE, Role
from shared.bulk import OnError, lines_schema, read_lines, settle
from shared.contracts.base import RegistrationNumber
from shared.web import Command, Query, query

router = APIRouter(tags=["days"])

READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 1_000


class CaseShown(BaseModel):
    """A day that money was given for and on which the pupil was away; cents are a proposal."""

    case_id: str
    order_id: str
    pupil_ref: str
    support_type: str
    day: date
    assumed: bool
    cents: int
    reason_code: str
    message_lv: str
    message_en: str
    state: str
    noted_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    comment: str | None


class CasesShown(BaseModel):
    """A page of cases; `next` is the `after` of the next page."""

    cases: list[CaseShown]
    next: str | None


@router.get("/offices/{partner}/day-cases")
async def list_cases(
    partner: RegistrationNumber,
    asked: Annotated[Query, query(*READERS)],
    state: Annotated[Literal["open", "withdrawn", "recover", "keep"] | None, Asked()] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> CasesShown:
    """Days that were paid and on which the pupil turned out to be away, page by page."""
    asked.person.must(READERS, partner, STATE)
    rows = await days.cases(asked.session, partner, state=state, after=after, limit=limit)
    shown = []
    for row in rows:
        latvian, english = CASE_SENTENCES[row["reason_code"]]
        shown.append(
            CaseShown.model_validate({**row, "message_lv": latvian, "message_en": english})
        )
    return CasesShown(cases=shown, next=shown[-1].case_id if len(shown) == limit else None)


@router.post("/offices/{partner}/day-cases/decisions", openapi_extra=lines_schema(CaseDecisionLine))
async def decide_cases(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Decide cases: recover demands the sum of its order, keep lets it be; who and why is kept."""
    lines, bad = await read_lines(request, CaseDecisionLine)
    answers = await days.decide_cases(order.session, partner, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))
