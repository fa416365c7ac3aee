"""The doors of the repair queue."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel
from sqlalchemy import RowMapping
from starlette.responses import Response

from services.payments.repairs import actions as repairs
from services.payments.repairs.actions import RepairLine
from services.payments.signatures.messages import office_command
from services.payments.statements.reasons import reason_of
from shared.auth import STATE, Role
from shared.bulk import OnError, lines_schema, read_lines, settle
from shared.contracts.base import RegistrationNumber
from shared.web import Command, Query, query

router = APIRouter()

OFFICER = (Role.PAYMENT_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 1_000


class Returned(BaseModel):
    """A returned order that waits for a decision: why the bank returned it, and what cures it."""

    order_id: str
    claim_id: str | None
    project_id: str | None
    plan_code: str | None
    support_type: str
    month: str
    cents: int
    payee_id: str
    payee_kind: str
    booked_on: date | None
    reason_code: str | None
    reason_lv: str
    reason_en: str
    cure_lv: str
    cure_en: str

    @classmethod
    def of(cls, row: RowMapping) -> "Returned":
        """A returned order with its reason in words."""
        reason = reason_of(row["reason_code"])
        return cls(
            **row,
            reason_lv=reason.lv,
            reason_en=reason.en,
            cure_lv=reason.cure_lv,
            cure_en=reason.cure_en,
        )


class RepairQueue(BaseModel):
    """A page of returned orders; `next` is the `after` of the next page."""

    orders: list[Returned]
    next: str | None


@router.get("/offices/{partner}/repairs", tags=["repairs"])
async def repair_queue(
    partner: RegistrationNumber,
    asked: Annotated[Query, query(*READERS)],
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> RepairQueue:
    """Returned orders of an office that nobody has decided about, by order id."""
    asked.person.must(READERS, partner, STATE)
    rows = await repairs.queue(asked.session, partner, after=after, limit=limit)
    shown = [Returned.of(row) for row in rows]
    return RepairQueue(orders=shown, next=shown[-1].order_id if len(shown) == limit else None)


@router.post("/offices/{partner}/repairs", tags=["repairs"], openapi_extra=lines_schema(RepairLine))
async def repair(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Pay returned orders again, each as a new draft that somebody else approves, or give up."""
    lines, bad = await read_lines(request, RepairLine)
    answers = await repairs.repair(order.session, partner, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))
