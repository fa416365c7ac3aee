"""Doors that show what would happen and change nothing; no key is needed, nothing is kept."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, JsonValue

from services.payments.claims.evidence import ClaimLine
from services.payments.declared import Declared
from services.payments.files.actions import FileWanted, Issued
from services.payments.files.check import Checker
from services.payments.orders.actions import ApprovalLine
from services.payments.rehearsals import actions as rehearsals
from services.payments.rehearsals.actions import FileTried
from shared.auth import Role
from shared.bulk import BulkAnswer, lines_schema, read_lines
from shared.web import Query, query

router = APIRouter(tags=["what if"])

ENTERERS = (Role.PREPARER, Role.SCHOOL_COORDINATOR, Role.PAYMENT_OFFICER)


class OrderTried(BaseModel):
    """An order that would go into a file, or waits and why."""

    order_id: str
    cents: int
    waits_for: str | None = None


class PartTried(BaseModel):
    """A file as it would be."""

    part: int
    count: int
    cents: int
    warnings: list[dict[str, str]]
    orders: list[OrderTried]


class FilesTried(BaseModel):
    """What the bank file of a day would be.

    `findings` are what its check would refuse it for, with line, field and cure in both languages;
    then there are no parts. `waiting` are approved orders that would stay behind.
    """

    parts: list[PartTried]
    waiting: list[OrderTried]
    findings: list[dict[str, JsonValue]]


class FileChecked(BaseModel):
    """What a file holds and what is wrong with it: line, field, code, cure in both languages."""

    count: int
    cents: int
    findings: list[dict[str, JsonValue]]
    checked_at: datetime


@router.post("/claims/what-if", openapi_extra=lines_schema(ClaimLine))
async def if_claimed(
    request: Request,
    asked: Annotated[Query, query(*ENTERERS)],
    says: Annotated[Declared, Depends(Declared)],
) -> BulkAnswer:
    """Which of these claims would be ordered, cut or refused now, and why."""
    most = asked.session.info["settings"].claims_per_request_max
    lines, bad = await read_lines(request, ClaimLine, lines_max=most)
    says.must_be([*(claim.cents for _, claim in lines), *(0 for _ in bad)])
    answers = await rehearsals.if_claimed(asked.session, lines, by=asked.person, now=asked.now)
    return BulkAnswer.of([*answers, *bad])


@router.post("/orders/approvals/what-if", openapi_extra=lines_schema(ApprovalLine))
async def if_approved(
    request: Request, asked: Annotated[Query, query(Role.PAYMENT_OFFICER)]
) -> BulkAnswer:
    """Which of these orders could be approved now, and why others could not."""
    lines, bad = await read_lines(request, ApprovalLine)
    answers = await rehearsals.if_approved(asked.session, lines, by=asked.person, now=asked.now)
    return BulkAnswer.of([*answers, *bad])


@router.post("/bank-files/what-if")
async def if_issued(
    wanted: FileWanted, asked: Annotated[Query, query(Role.PAYMENT_OFFICER)]
) -> FilesTried:
    """Which orders the file of the day would hold, its sums, warnings, and what is wrong."""
    tried = await rehearsals.if_issued(asked.session, wanted, by=asked.person, now=asked.now)
    return FilesTried(
        parts=[_part(one, tried) for one in tried.issued],
        waiting=[
            OrderTried(order_id=order_id, cents=cents, waits_for="evidence")
            for order_id, cents in tried.waiting
        ],
        findings=tried.findings,
    )


@router.post("/bank-files/checks")
async def check_file(
    request: Request, asked: Annotated[Query, query(Role.PAYMENT_OFFICER, Role.STATE_OFFICER)]
) -> FileChecked:
    """Check any pain.001.001.03 file as our own are checked; it is not kept."""
    checker = Checker()
    async for piece in request.stream():
        checker.feed(piece)
    findings = [asdict(finding) for finding in checker.close()]
    return FileChecked(
        count=checker.count, cents=checker.cents, findings=findings, checked_at=asked.now
    )


def _part(issued: Issued, tried: FileTried) -> PartTried:
    """One file as it would be."""
    file = issued.file
    return PartTried(
        part=file.part,
        count=file.payments,
        cents=file.cents,
        warnings=[asdict(warned) for warned in issued.warnings],
        orders=[OrderTried(order_id=i, cents=c) for i, c in tried.orders[file.file_id]],
    )
