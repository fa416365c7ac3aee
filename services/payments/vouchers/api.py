"""Doors of vouchers for meals: the office issues, the school hands out, caterers are paid."""

import csv
import io
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel
from starlette.responses import PlainTextResponse, Response

from services.payments.signatures.messages import office_command
from services.payments.vouchers import actions as vouchers
from services.payments.vouchers.actions import SCHOOL, NumberLine, RedemptionLine
from services.payments.vouchers.domain import VoucherState
from services.payments.vouchers.issuing import OFFICER, VoucherLine, issue_vouchers
from shared.auth import STATE, Role
from shared.bulk import OnError, lines_schema, read_lines, settle
from shared.contracts.base import RegistrationNumber
from shared.money import euro
from shared.web import Command, Query, command, query

router = APIRouter(tags=["vouchers"])

READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 10_000
PRINTED = ("talona numurs", "plāna kods", "mēnesis", "vērtība EUR", "derīgs līdz")
"""Heads of the printed list: number, plan, month, value, last day."""


class VoucherShown(BaseModel):
    """A voucher and where it stands."""

    voucher_no: str
    batch_id: str
    plan_id: str
    plan_code: str
    measure_id: str
    month: str
    cents: int
    expires_on: date
    state: str
    served_on: date | None
    payee_id: str | None


class VouchersShown(BaseModel):
    """A page of vouchers; `next` is the `after` of the next page."""

    vouchers: list[VoucherShown]
    next: str | None


@router.post("/offices/{partner}/vouchers", openapi_extra=lines_schema(VoucherLine))
async def issue(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Issue vouchers for the meals of plans; the id of an answer is the batch to print."""
    lines, bad = await read_lines(request, VoucherLine)
    answers = await issue_vouchers(order.session, partner, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))


@router.get("/offices/{partner}/vouchers")
async def list_vouchers(
    partner: RegistrationNumber,
    asked: Annotated[Query, query(*READERS)],
    batch_id: Annotated[str | None, Asked()] = None,
    state: Annotated[VoucherState | None, Asked()] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> VouchersShown:
    """Vouchers of an office, page by page."""
    asked.person.must(READERS, partner, STATE)
    rows = await vouchers.vouchers_of(
        asked.session, partner, batch_id=batch_id, state=state, after=after, limit=limit
    )
    shown = [VoucherShown.model_validate(dict(row)) for row in rows]
    return VouchersShown(vouchers=shown, next=shown[-1].voucher_no if len(shown) == limit else None)


@router.get("/offices/{partner}/vouchers/{batch_id}/printed", response_class=PlainTextResponse)
async def print_batch(
    partner: RegistrationNumber, batch_id: str, asked: Annotated[Query, query(*OFFICER)]
) -> Response:
    """A batch as a table to print and cut; without any name, by the code of the plan."""
    asked.person.must(OFFICER, partner)
    rows = await vouchers.vouchers_of(
        asked.session, partner, batch_id=batch_id, state=None, after="", limit=PAGE_MAX
    )
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(PRINTED)
    for row in rows:
        worth, last = euro(row["cents"]), row["expires_on"].isoformat()
        writer.writerow((row["voucher_no"], row["plan_code"], row["month"], worth, last))
    return PlainTextResponse(table.getvalue(), media_type="text/csv; charset=utf-8")


@router.post("/vouchers/activations", openapi_extra=lines_schema(NumberLine))
async def activate(
    request: Request,
    order: Annotated[Command, command(*SCHOOL)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Vouchers the school handed to their pupils."""
    lines, bad = await read_lines(request, NumberLine)
    answers = await vouchers.activate_vouchers(order.session, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))


@router.post("/offices/{partner}/vouchers/redemptions", openapi_extra=lines_schema(RedemptionLine))
async def redeem(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Vouchers a caterer handed in; each becomes evidence for one claim on its meal."""
    lines, bad = await read_lines(request, RedemptionLine)
    answers = await vouchers.redeem_vouchers(
        order.session, partner, lines, by=order.person, now=order.now
    )
    return await order.answer(settle([*answers, *bad], on_error))


@router.post("/offices/{partner}/vouchers/cancellations", openapi_extra=lines_schema(NumberLine))
async def cancel(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Cancel vouchers that were not handed in; their money is free again."""
    lines, bad = await read_lines(request, NumberLine)
    answers = await vouchers.cancel_vouchers(
        order.session, partner, lines, by=order.person, now=order.now
    )
    return await order.answer(settle([*answers, *bad], on_error))


class Expired(BaseModel):
    """How many vouchers ended."""

    expired: int


@router.post("/offices/{partner}/vouchers/expirations")
async def expire(
    partner: RegistrationNumber, order: Annotated[Command, office_command(*OFFICER)]
) -> Response:
    """End what was not handed in in time, as every night does; its money is free again."""
    ended = await vouchers.expire_now(order.session, partner, by=order.person, now=order.now)
    return await order.answer(Expired(expired=ended))
