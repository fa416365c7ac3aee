"""Doors of payees: entering, looking up, and changing them with a second person."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel
from starlette.responses import Response

from services.payments.payees import actions as payees
from services.payments.payees import changes
from services.payments.payees.actions import PayeeLine
from services.payments.payees.change_rows import Change
from services.payments.payees.changes import ChangeLine, DecisionLine
from services.payments.payees.store import Details
from shared.auth import Role
from shared.bulk import OnError, read_lines, settle
from shared.contracts.base import RegistrationNumber
from shared.web import Command, Query, command, query

router = APIRouter(tags=["payees"])

OFFICER = (Role.PAYMENT_OFFICER,)
ENTERERS = (Role.PREPARER, Role.SCHOOL_COORDINATOR, Role.PAYMENT_OFFICER)
PAGE_MAX = 1_000
ChangeState = Literal["proposed", "confirmed", "refused"]


class DetailsShown(BaseModel):
    """Name and account of a payee."""

    name: str
    account: str
    code: str | None
    town: str | None
    country: str | None

    @classmethod
    def of(cls, details: Details) -> "DetailsShown":
        """Details as they are shown."""
        return cls(**{name: getattr(details, name) for name in cls.model_fields})


class PayeeShown(DetailsShown):
    """A payee with name and account as in force, for its office."""

    payee_id: str
    kind: str
    version: int


class ChangeShown(BaseModel):
    """A change of a payee without name or account."""

    change_id: str
    payee_id: str
    version: int
    state: ChangeState
    account_shown: str
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    in_force_from: date | None
    refused_by: str | None
    refused_at: datetime | None

    @classmethod
    def of(cls, change: Change) -> "ChangeShown":
        """A change as it is shown."""
        return cls(**{name: getattr(change, name) for name in cls.model_fields})


class ChangesShown(BaseModel):
    """A page of changes; `next` is the `after` of the next page."""

    changes: list[ChangeShown]
    next: str | None


class ChangeCompared(BaseModel):
    """A change beside the payee as it is, for who decides."""

    change: ChangeShown
    reason: str
    now: DetailsShown
    to_be: DetailsShown


@router.post("/payees")
async def enter_payees(
    request: Request,
    order: Annotated[Command, command(*ENTERERS)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Enter payees in bulk."""
    lines, bad = await read_lines(request, PayeeLine)
    answers = await payees.enter_payees(order.session, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))


@router.post("/payees/changes")
async def propose_changes(
    request: Request,
    order: Annotated[Command, command(*ENTERERS)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Propose changes of payees in bulk; a second person confirms them."""
    lines, bad = await read_lines(request, ChangeLine)
    answers = await changes.propose_changes(order.session, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))


@router.post("/payees/changes/decisions")
async def decide_changes(
    request: Request,
    order: Annotated[Command, command(*OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Confirm or refuse changes in bulk; who proposed one may not confirm it."""
    lines, bad = await read_lines(request, DecisionLine)
    answers = await changes.decide_changes(order.session, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))


@router.get("/offices/{partner}/payees/{payee_id}")
async def show_payee(
    partner: RegistrationNumber, payee_id: str, asked: Annotated[Query, query(*OFFICER)]
) -> PayeeShown:
    """A payee's name and account, for its office; the read is logged."""
    found = await payees.read_payee(
        asked.session, partner, payee_id, by=asked.person, now=asked.now
    )
    shown = DetailsShown.of(found.details).model_dump()
    return PayeeShown(payee_id=found.payee_id, kind=found.kind, version=found.version, **shown)


@router.get("/offices/{partner}/payee-changes")
async def list_changes(
    partner: RegistrationNumber,
    asked: Annotated[Query, query(*OFFICER)],
    state: Annotated[ChangeState | None, Asked()] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> ChangesShown:
    """Changes of the office's payees by id, accounts masked."""
    found = await changes.changes_of(
        asked.session, partner, state=state, after=after, limit=limit, by=asked.person
    )
    shown = [ChangeShown.of(change) for change in found]
    return ChangesShown(changes=shown, next=shown[-1].change_id if len(shown) == limit else None)


@router.get("/offices/{partner}/payee-changes/{change_id}")
async def show_change(
    partner: RegistrationNumber, change_id: str, asked: Annotated[Query, query(*OFFICER)]
) -> ChangeCompared:
    """What a change would make of a payee; the reads are logged."""
    found = await changes.compare(asked.session, partner, change_id, by=asked.person, now=asked.now)
    return ChangeCompared(
        change=ChangeShown.of(found.change),
        reason=found.reason,
        now=DetailsShown.of(found.now.details),
        to_be=DetailsShown.of(found.to_be),
    )
