"""The payment office's own door: its files, its orders, its reports, its work list."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from services.payments.domain import OrderState
from services.payments.files import actions as bank_files
from services.payments.files.actions import FileWanted, Issued
from services.payments.orders import actions as orders
from services.payments.reports import actions as reports
from services.payments.reports.domain import WORK_LIST, WORK_LIST_REASONS, Outcome, Report
from shared.auth import STATE, Role
from shared.bulk import LineAnswer, OnError, accepted, read_lines, refused, settle
from shared.contracts.base import Code, RegistrationNumber
from shared.errors import Refused
from shared.web import Command, Query, Web, command, query

router = APIRouter()

OFFICER = (Role.PAYMENT_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 1_000


class WarningShown(BaseModel):
    """Something to know before the file is sent."""

    code: str
    message_lv: str
    message_en: str


class FileShown(BaseModel):
    """A bank file as issued; it never changes."""

    file_id: str
    partner: str
    execution_date: date
    part: int
    count: int
    cents: int
    size: int
    sha256: str
    issued_at: datetime
    warnings: list[WarningShown]

    @classmethod
    def of(cls, issued: Issued) -> "FileShown":
        """A file as it is shown."""
        file = issued.file
        return cls(
            file_id=file.file_id,
            partner=file.partner,
            execution_date=file.execution_date,
            part=file.part,
            count=file.payments,
            cents=file.cents,
            size=file.size,
            sha256=file.sha256,
            issued_at=file.issued_at,
            warnings=[
                WarningShown(code=w.code, message_lv=w.message_lv, message_en=w.message_en)
                for w in issued.warnings
            ],
        )


class FilesShown(BaseModel):
    """The files of one command."""

    files: list[FileShown]


class OfficeOrder(BaseModel):
    """An order as its office sees it; without any name or account.

    An approved one whose `evidence` is pending waits until the country has been heard.
    """

    order_id: str
    version: int
    state: str
    file_id: str | None
    cents: int
    support_type: str
    payee_id: str
    evidence: str | None


class OfficeOrders(BaseModel):
    """A page of orders; `next` is the `after` of the next page."""

    orders: list[OfficeOrder]
    next: str | None


class ReportLine(BaseModel):
    """What the office says of one order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    report_id: str = Field(min_length=1, max_length=80)
    order_id: Code
    outcome: Literal["settled", "returned", "unknown"]
    cents: int = Field(strict=True, ge=1)
    booked_on: date
    reason_code: Code | None = None


class ReportUnfit(Refused):
    """The report does not fit the order; it waits in the work list until a person decides."""

    code = "report-unfit"


@router.post("/bank-files", tags=["bank files"])
async def issue_bank_file(
    wanted: FileWanted, order: Annotated[Command, command(*OFFICER)]
) -> Response:
    """Put all approved orders of an office into its file of the day (more where it is large)."""
    issued = await bank_files.issue_bank_files(
        order.session, wanted, by=order.person, now=order.now
    )
    return await order.answer(FilesShown(files=[FileShown.of(file) for file in issued]), 201)


@router.get("/bank-files/{file_id}", tags=["bank files"], response_class=StreamingResponse)
async def download_bank_file(
    file_id: str, request: Request, asked: Annotated[Query, query(*OFFICER)]
) -> Response:
    """The file itself, for its office; the read is logged and its orders count as sent."""
    file = await bank_files.hand_over(asked.session, file_id, by=asked.person, now=asked.now)
    web: Web = request.app.state.web

    async def body() -> AsyncIterator[bytes]:
        async with web.database.transaction() as session:
            async for piece in bank_files.pieces(session, file_id):
                yield piece

    headers = {
        "Content-Disposition": f'attachment; filename="{file_id}.xml"',
        "Digest-SHA256": file["sha256"],
        "Content-Length": str(file["size"]),
    }
    return StreamingResponse(body(), media_type="application/xml", headers=headers)


@router.get("/offices/{partner}/orders", tags=["offices"])
async def office_orders(
    partner: RegistrationNumber,
    asked: Annotated[Query, query(*READERS)],
    state: Annotated[str | None, Asked()] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> OfficeOrders:
    """Orders of an office by id, page by page; the same content as on its topic."""
    asked.person.must(READERS, partner, STATE)
    found = await orders.orders_of(asked.session, partner, state=state, after=after, limit=limit)
    shown = [OfficeOrder(**{n: getattr(o, n) for n in OfficeOrder.model_fields}) for o in found]
    return OfficeOrders(orders=shown, next=shown[-1].order_id if len(shown) == limit else None)


@router.post("/offices/{partner}/reports", tags=["offices"])
async def take_reports(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, command(*OFFICER)],
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
