"""Doors of payments over HTTP: claims, orders, pupil months. The offices' own are in offices.py."""

import json
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Asked
from pydantic import BaseModel, JsonValue
from starlette.responses import Response

from services.payments.claims import actions as claims
from services.payments.claims.evidence import ClaimLine, table_of_evidence
from services.payments.declared import Declared
from services.payments.domain import OrderState
from services.payments.ledger import actions as months
from services.payments.ledger.explanation import MonthExplained
from services.payments.orders import actions as orders
from services.payments.orders import cancellations
from services.payments.orders.actions import ApprovalLine
from services.payments.orders.cancellations import CancellationLine
from services.payments.orders.store import OrderRow
from services.payments.signing import Signer
from shared.auth import STATE, Role
from shared.bulk import OnError, lines_schema, read_lines, settle
from shared.contracts.base import Month, PupilRef, RegistrationNumber
from shared.web import Command, Query, Web, command, query

router = APIRouter()

ENTERERS = (Role.PREPARER, Role.SCHOOL_COORDINATOR, Role.PAYMENT_OFFICER)
OFFICE_READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
READERS = (*ENTERERS, Role.HEAD, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 1_000
CLAIMS_TAKEN = (
    "Submit claims in bulk; each is ordered, cut and ordered, or refused with its reason. "
    "A type of support is proved by these kinds of evidence, each with its fields:"
)


class ClaimShown(BaseModel):
    """A claim as it was submitted, and what became of it."""

    claim_id: str
    state: str
    plan_id: str
    partner: str
    school_id: str
    asked_cents: int
    submitted: dict[str, JsonValue]
    code: str | None
    explanation: dict[str, JsonValue] | None
    order: "OrderShown | None"
    entered_by: str
    entered_at: datetime


class OrderShown(BaseModel):
    """A payment order; sums are euro cents.

    `evidence` says whether its paper is claimed once in the country: alone (only this cell pays),
    pending (the other cells have not been heard yet; the order waits), first or elsewhere.
    """

    order_id: str
    version: int
    state: str
    partner: str
    municipality_id: str
    support_type: str
    month: str
    service_date: date
    cents: int
    esf_cents: int
    state_cents: int
    claim_id: str | None
    plan_id: str | None
    plan_version: int | None
    measure_id: str | None
    pupil_ref: str | None
    school_id: str | None
    project_id: str | None
    payee_id: str
    payee_kind: str
    payee_version: int | None
    entered_by: str
    ordered_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    file_id: str | None
    booked_on: date | None
    reason_code: str | None
    recovered_cents: int
    evidence: str | None
    cancelled_by: str | None
    cancelled_on: date | None

    @classmethod
    def of(cls, order: OrderRow) -> "OrderShown":
        """An order as it is shown."""
        values: dict[str, Any] = order._asdict()
        return cls(**{name: values[name] for name in cls.model_fields})


class OrdersShown(BaseModel):
    """A page of orders; `next` is the `after` of the next page."""

    orders: list[OrderShown]
    next: str | None


@router.post(
    "/claims",
    tags=["claims"],
    description=f"{CLAIMS_TAKEN}\n\n{table_of_evidence()}",
    openapi_extra=lines_schema(ClaimLine),
)
async def submit_claims(
    request: Request,
    order: Annotated[Command, command(*ENTERERS)],
    says: Annotated[Declared, Depends(Declared)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Submit claims in bulk; each is ordered, cut and ordered, or refused with its reason."""
    most = order.session.info["settings"].claims_per_request_max
    lines, bad = await read_lines(request, ClaimLine, lines_max=most)
    says.must_be([*(claim.cents for _, claim in lines), *(0 for _ in bad)])
    answers = await claims.submit_claims(order.session, lines, by=order.person, now=order.now)
    return await order.answer(settle([*answers, *bad], on_error))


@router.get("/claims/{claim_id}", tags=["claims"])
async def show_claim(claim_id: str, asked: Annotated[Query, query(*READERS)]) -> ClaimShown:
    """One claim with its evidence and what became of it."""
    row = await claims.claim(asked.session, claim_id)
    asked.person.must(READERS, row["school_id"], row["partner"], STATE)
    made = row["order_id"]
    order = OrderShown.of(await orders.order(asked.session, made)) if made else None
    kept = {name: row[name] for name in ClaimShown.model_fields if name != "order"}
    return ClaimShown(**kept | {"submitted": json.loads(row["submitted"])}, order=order)


@router.post("/orders/approvals", tags=["orders"])
async def approve_orders(
    request: Request,
    order: Annotated[Command, command(Role.PAYMENT_OFFICER)],
    says: Annotated[Declared, Depends(Declared)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Approve orders in bulk; who entered the claim may not approve."""
    lines, bad = await read_lines(request, ApprovalLine)
    answers = await orders.approve_orders(
        order.session, lines, by=order.person, now=order.now, says=says
    )
    return await order.answer(settle([*answers, *bad], on_error))


@router.post("/orders/cancellations", tags=["orders"])
async def cancel_orders(
    request: Request,
    order: Annotated[Command, command(Role.PAYMENT_OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Take back orders that are in no bank file yet; their months and evidence are free again."""
    lines, bad = await read_lines(request, CancellationLine)
    answers = await cancellations.cancel_orders(
        order.session, lines, by=order.person, now=order.now
    )
    return await order.answer(settle([*answers, *bad], on_error))


@router.get("/orders", tags=["orders"])
async def list_orders(
    asked: Annotated[Query, query(*OFFICE_READERS)],
    partner: Annotated[RegistrationNumber, Asked()],
    state: Annotated[OrderState | None, Asked()] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> OrdersShown:
    """Orders of a partner by id, page by page."""
    asked.person.must(OFFICE_READERS, partner, STATE)
    found = await orders.orders_of(asked.session, partner, state=state, after=after, limit=limit)
    shown = [OrderShown.of(row) for row in found]
    return OrdersShown(orders=shown, next=shown[-1].order_id if len(shown) == limit else None)


@router.get("/orders/{order_id}", tags=["orders"])
async def show_order(order_id: str, asked: Annotated[Query, query(*READERS)]) -> OrderShown:
    """One order."""
    found = await orders.order(asked.session, order_id)
    asked.person.must(READERS, found.school_id or found.partner, found.partner, STATE)
    return OrderShown.of(found)


@router.get("/pupil-months/{pupil_ref}/{month}", tags=["pupil months"])
async def explain_month(
    pupil_ref: PupilRef, month: Month, asked: Annotated[Query, query(*READERS)]
) -> MonthExplained:
    """How a pupil's month stands under the ceiling: data and a sentence in both languages."""
    return await months.explain_month(asked.session, pupil_ref, month, by=asked.person)


@router.get("/signing-keys", tags=["signatures"])
async def signing_keys(request: Request, _: Annotated[Query, query()]) -> dict[str, Any]:
    """The public keys of what payments signs, as a JSON Web Key Set."""
    web: Web = request.app.state.web
    return dict(Signer.of(web.settings).published())
