"""The doors of money that has to come back: demands, their letters, what came."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel
from starlette.responses import PlainTextResponse, Response

from services.payments.recoveries import actions as recoveries
from services.payments.recoveries import demands
from services.payments.recoveries.actions import RecoveryLine
from services.payments.recoveries.demand_rows import DemandRow
from services.payments.recoveries.demands import DemandLine
from services.payments.recoveries.letter import Letter
from services.payments.signatures.messages import office_command
from shared.auth import STATE, Role
from shared.bulk import OnError, lines_schema, read_lines, settle
from shared.contracts.base import RegistrationNumber
from shared.web import Command, Query, query

router = APIRouter()

OFFICER = (Role.PAYMENT_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 1_000


class DemandShown(BaseModel):
    """Money asked back; sums are cents. Due, then by letter, booked when all has come back."""

    demand_id: str
    order_id: str
    state: str
    cents: int
    recovered_cents: int
    open_cents: int
    reason_code: str
    pay_until: date
    entered_by: str
    entered_at: datetime
    letter_at: datetime | None

    @classmethod
    def of(cls, row: DemandRow) -> "DemandShown":
        """A demand as it is shown."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class DemandsShown(BaseModel):
    """A page of demands; `next` is the `after` of the next page."""

    demands: list[DemandShown]
    next: str | None


class LetterShown(BaseModel):
    """The letter of a demand: its data and its text."""

    letter: Letter
    text: str


@router.post(
    "/offices/{partner}/demands", tags=["recoveries"], openapi_extra=lines_schema(DemandLine)
)
async def demand_back(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Ask money of settled orders back, in bulk."""
    lines, bad = await read_lines(request, DemandLine)
    answers = await demands.demand_back(
        order.session, partner, lines, by=order.person, now=order.now
    )
    return await order.answer(settle([*answers, *bad], on_error))


@router.get("/offices/{partner}/demands", tags=["recoveries"])
async def list_demands(
    partner: RegistrationNumber,
    asked: Annotated[Query, query(*READERS)],
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> DemandsShown:
    """What an office asks back, by id; without any name."""
    asked.person.must(READERS, partner, STATE)
    rows = await demands.demands_of(asked.session, partner, after=after, limit=limit)
    shown = [DemandShown.of(row) for row in rows]
    return DemandsShown(demands=shown, next=shown[-1].demand_id if len(shown) == limit else None)


@router.get("/offices/{partner}/demands/{demand_id}/letter", tags=["recoveries"])
async def letter(
    partner: RegistrationNumber, demand_id: str, asked: Annotated[Query, query(*OFFICER)]
) -> LetterShown:
    """The letter of a demand with the payee's name, for the office; the read is logged."""
    written = await demands.write_letter(
        asked.session, partner, demand_id, by=asked.person, now=asked.now
    )
    return LetterShown(letter=written, text=written.text())


@router.get(
    "/offices/{partner}/demands/{demand_id}/letter.txt",
    tags=["recoveries"],
    response_class=PlainTextResponse,
)
async def letter_text(
    partner: RegistrationNumber, demand_id: str, asked: Annotated[Query, query(*OFFICER)]
) -> str:
    """The same as plain text in Latvian, to print."""
    written = await demands.write_letter(
        asked.session, partner, demand_id, by=asked.person, now=asked.now
    )
    return written.text()


@router.post(
    "/offices/{partner}/recoveries", tags=["recoveries"], openapi_extra=lines_schema(RecoveryLine)
)
async def book_recoveries(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, office_command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Book money that came back, as opposite lines, towards a demand or without one."""
    lines, bad = await read_lines(request, RecoveryLine)
    answers = await recoveries.book_recoveries(
        order.session, partner, lines, by=order.person, now=order.now
    )
    return await order.answer(settle([*answers, *bad], on_error))
