"""The payment office's own door: its files, its orders, its reports, its work list."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.payments.domain import OrderState
from services.payments.orders import actions as orders
from services.payments.orders.store import IssuedOrders
from services.payments.reports import actions as reports
from services.payments.reports.domain import (
    REPORTED_CENTS_MAX,
    WORK_LIST,
    WORK_LIST_REASONS,
    Outcome,
    Report,
    ReportId,
)
from services.payments.signatures.messages import office_command, signed_page
from shared.auth import STATE, Role
from shared.bulk import LineAnswer, OnError, accepted, read_lines, refused, settle
from shared.calendar import CalendarDay, CalendarInstant
from shared.contracts.base import Code, RegistrationNumber
from shared.contracts.offices import OrderIssued
from shared.errors import Refused
from shared.web import Command, Query, query

router = APIRouter()

OFFICER = (Role.PAYMENT_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 1_000


class OfficeOrder(OrderIssued):
    """An order as told on its office's topic, and where it stands; without any name or account."""

    state: str


class OfficeOrders(BaseModel):
    """A page of orders; `next` is the `after` of the next page."""

    orders: list[OfficeOrder]
    next: str | None


class ReportLine(BaseModel):
    """What the office says of one order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    report_id: ReportId
    order_id: Code
    outcome: Literal["settled", "returned", "unknown"]
    cents: int = Field(strict=True, ge=1, le=REPORTED_CENTS_MAX)
    booked_on: CalendarDay
    reason_code: Code | None = None


class ReportUnfit(Refused):
    """The report does not fit the order; it waits in the work list until a person decides."""

    code = "report-unfit"


@router.get("/offices/{partner}/orders", tags=["offices"], response_model=OfficeOrders)
async def office_orders(
    partner: RegistrationNumber,
    request: Request,
    asked: Annotated[Query, query(*READERS)],
    state: Annotated[OrderState | None, Asked()] = None,
    file_id: Annotated[str | None, Asked()] = None,
    since: Annotated[CalendarInstant | None, Asked()] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> Response:
    """Orders issued to an office, by id, told as on its topic with where they stand; signed."""
    asked.person.must(READERS, partner, STATE)
    wanted = IssuedOrders(partner, state=state, file_id=file_id, since=since)
    found = await orders.issued_orders(asked.session, wanted, after=after, limit=limit)
    shown = [OfficeOrder(**order) for order in found]
    page = OfficeOrders(orders=shown, next=shown[-1].order_id if len(shown) == limit else None)
    return await signed_page(request, asked, partner, page)


@router.post("/offices/{partner}/reports", tags=["offices"])
async def take_reports(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Say what became of orders; the same as on the office's reports topic."""
    order.person.must(OFFICER, partner)
    lines, bad = await read_lines(request, ReportLine)
    told = [_report(partner, line, order.now) for _, line in lines]
    outcomes = await reports.take_reports(order.session, told)
    answers = [
        _answer(number, line, outcome)
        for (number, line), outcome in zip(lines, outcomes, strict=True)
    ]
    return await order.answer(settle([*answers, *bad], on_error))


def _report(partner: str, line: ReportLine, now: datetime) -> Report:
    """A line as a report of the office."""
    return Report(
        partner=partner,
        report_id=line.report_id,
        order_id=line.order_id,
        outcome=OrderState(line.outcome),
        cents=line.cents,
        booked_on=line.booked_on,
        reason_code=line.reason_code,
        at=now,
    )


def _answer(number: int, line: ReportLine, outcome: Outcome) -> LineAnswer:
    """Applied and repeated are fine; what went to the work list is refused with its code."""
    if outcome.result == WORK_LIST and outcome.code is not None:
        latvian, english = WORK_LIST_REASONS[outcome.code]
        why = ReportUnfit(english, field="order_id", message_lv=latvian)
        answer = refused(number, why)
        answer.code, answer.id = outcome.code, line.report_id
        return answer
    return accepted(number, line.report_id, result=outcome.result)
