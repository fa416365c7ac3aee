"""The doors of the work list: what waits, what might fit, deciding, approving."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel
from sqlalchemy import RowMapping
from starlette.responses import Response

from services.payments.signatures.messages import office_command
from services.payments.work_list import actions as work
from services.payments.work_list.actions import SENTENCES, ResolutionApproval, ResolutionLine
from services.payments.work_list.domain import REASONS, Proposal
from shared.auth import STATE, Role
from shared.bulk import OnError, lines_schema, read_lines, settle
from shared.contracts.base import RegistrationNumber
from shared.web import Command, Query, query

router = APIRouter()

OFFICER = (Role.PAYMENT_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 1_000


class WorkItem(BaseModel):
    """A report or bank line that fits no order, and what was decided about it so far.

    `cents` is 0 where a bank told no sum in euro.
    """

    report_id: str
    order_id: str
    outcome: str
    cents: int
    booked_on: date
    code: str
    message_lv: str
    message_en: str
    reported_at: datetime
    statement_id: str | None
    entry_ref: str | None
    bank_ref: str | None
    currency: str | None
    source_line: int | None
    decision: str | None
    chosen_order_id: str | None
    reason: str | None
    proposed_by: str | None

    @classmethod
    def of(cls, row: RowMapping) -> "WorkItem":
        """An item as it is shown, with its sentences."""
        latvian, english = SENTENCES[row["code"]]
        return cls.model_validate({**row, "message_lv": latvian, "message_en": english})


class WorkList(BaseModel):
    """A page of what a person of the office has to look at; `next` is the `after` of the next."""

    items: list[WorkItem]
    next: str | None


class ReasonShown(BaseModel):
    """What speaks for an order."""

    code: str
    points: int
    message_lv: str
    message_en: str


class ProposalShown(BaseModel):
    """An order the item might be about."""

    order_id: str
    score: int
    reasons: list[ReasonShown]

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposalShown":
        """A proposal with its reasons in words."""
        reasons = [
            ReasonShown(code=name, points=points, message_lv=latvian, message_en=english)
            for name, (points, latvian, english) in REASONS.items()
            if name in proposal.reasons
        ]
        return cls(order_id=proposal.order_id, score=proposal.score, reasons=reasons)


class ItemWithProposals(BaseModel):
    """An item and the orders it might be about, best first; none is applied by itself."""

    item: WorkItem
    proposals: list[ProposalShown]


@router.get("/offices/{partner}/work-list", tags=["work list"])
async def work_list(
    partner: RegistrationNumber,
    asked: Annotated[Query, query(*READERS)],
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> WorkList:
    """Reports and bank lines that fit no order and wait for a person, by report id."""
    asked.person.must(READERS, partner, STATE)
    rows = await work.waiting(asked.session, partner, after=after, limit=limit)
    items = [WorkItem.of(row) for row in rows]
    return WorkList(items=items, next=items[-1].report_id if len(items) == limit else None)


@router.get("/offices/{partner}/work-list/{report_id:path}", tags=["work list"])
async def show_proposals(
    partner: RegistrationNumber, report_id: str, asked: Annotated[Query, query(*OFFICER)]
) -> ItemWithProposals:
    """One item, and which orders it might be about and why; comparing accounts is logged."""
    row, found = await work.proposals(
        asked.session, partner, report_id, by=asked.person, now=asked.now
    )
    return ItemWithProposals(
        item=WorkItem.of(row), proposals=[ProposalShown.of(proposal) for proposal in found]
    )


@router.post(
    "/offices/{partner}/work-list/resolutions",
    tags=["work list"],
    openapi_extra=lines_schema(ResolutionLine),
)
async def resolve(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Choose the order of an item, or say that it is not ours, with a reason."""
    lines, bad = await read_lines(request, ResolutionLine)
    answers = await work.resolve(order.session, partner, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))


@router.post(
    "/offices/{partner}/work-list/approvals",
    tags=["work list"],
    openapi_extra=lines_schema(ResolutionApproval),
)
async def approve(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Approve orders that somebody else chose; they move as if the bank had named them."""
    lines, bad = await read_lines(request, ResolutionApproval)
    answers = await work.approve(order.session, partner, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))
