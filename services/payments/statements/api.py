"""The door for what banks answer: upload, look back, and from an order to its bank lines."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel
from starlette.responses import Response

from services.payments.orders import actions as orders
from services.payments.signatures.messages import office_upload
from services.payments.statements import actions as statements
from services.payments.statements.actions import BankFile, Taken
from shared.auth import STATE, Role
from shared.contracts.base import RegistrationNumber
from shared.upload import Upload, body_of
from shared.web import Cursor, Query, query

router = APIRouter()

OFFICER = (Role.PAYMENT_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 200


class TotalsShown(BaseModel):
    """What a statement says of itself and what its entries add up to; sums are cents.

    `agrees` is null where the statement does not tell both balances.
    """

    statement_id: str
    account: str | None
    opening_cents: int | None
    entries_cents: int
    closing_cents: int | None
    entries: int
    pending: int
    declared_entries: int | None
    agrees: bool | None
    difference_cents: int | None


class AnswerShown(BaseModel):
    """What became of a bank's answer.

    `results` counts the lines by what became of them (applied, repeated, work_list),
    `work_list_codes` says why lines wait for a person, `not_final` counts what moves nothing yet.
    """

    kind: str
    version: str
    message_id: str
    sha256: str
    repeated: bool
    entries: int
    not_final: int
    lines: int
    results: dict[str, int]
    work_list_codes: dict[str, int]
    statements: list[TotalsShown]

    @classmethod
    def of(cls, taken: Taken, sha256: str) -> "AnswerShown":
        """An answer as it is shown."""
        return cls.model_validate(
            {**taken.head, **taken.summary, "sha256": sha256, "repeated": taken.repeated}
        )


class AnswerKept(AnswerShown):
    """An answer that was taken: who brought it and when."""

    message_no: int
    taken_by: str
    taken_at: datetime


class AnswersKept(BaseModel):
    """A page of answers, newest first; `next` is the `before` of the next page."""

    answers: list[AnswerKept]
    next: int | None


class BankLine(BaseModel):
    """A line of a bank about an order, and the digest of the file it stood in."""

    kind: str
    version: str
    message_id: str
    sha256: str
    taken_by: str
    taken_at: datetime
    no: int
    report_id: str
    statement_id: str
    entry_ref: str
    bank_ref: str
    booked_on: date
    cents: int | None
    currency: str
    outcome: str
    reason_code: str | None
    source_line: int
    result: str | None
    chosen_by: str | None
    approved_by: str | None


class BankLines(BaseModel):
    """All lines of banks about one order."""

    order_id: str
    lines: list[BankLine]


@router.post(
    "/offices/{partner}/bank-answers",
    tags=["bank answers"],
    response_model=AnswerShown,
    openapi_extra=body_of("application/xml"),
)
async def take_answer(
    partner: RegistrationNumber, brought: Annotated[Upload, office_upload(*OFFICER)]
) -> Response:
    """Take a pain.002, camt.053 or camt.054 file as the bank gave it; whole or not at all."""
    brought.person.must(OFFICER, partner)
    came = BankFile(brought.file, brought.size, brought.sha256)
    taken = await statements.take_answer(
        brought.session, partner, came, by=brought.person.subject, now=brought.now
    )
    return await brought.answer(AnswerShown.of(taken, brought.sha256))


@router.get("/offices/{partner}/bank-answers", tags=["bank answers"])
async def list_answers(
    partner: RegistrationNumber,
    asked: Annotated[Query, query(*READERS)],
    before: Annotated[Cursor | None, Asked()] = None,
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> AnswersKept:
    """What an office's bank answered, with the totals of each statement."""
    asked.person.must(READERS, partner, STATE)
    rows = await statements.answers_of(asked.session, partner, before=before, limit=limit)
    shown = [
        AnswerKept.model_validate({**row, **row["summary"], "repeated": False}) for row in rows
    ]
    return AnswersKept(answers=shown, next=shown[-1].message_no if len(shown) == limit else None)


@router.get("/orders/{order_id}/bank-lines", tags=["bank answers"])
async def bank_lines(order_id: str, asked: Annotated[Query, query(*READERS)]) -> BankLines:
    """Where the banks speak of an order: message, statement, entry, and the digest of the file."""
    order = await orders.order(asked.session, order_id)
    asked.person.must(READERS, order.partner, STATE)
    rows = await statements.bank_lines(asked.session, order_id)
    return BankLines(order_id=order_id, lines=[BankLine.model_validate(dict(r)) for r in rows])
