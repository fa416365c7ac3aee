"""Orders taken back before they are in a file: the month, the claim and the evidence are free."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims import store as claim_rows
from services.payments.domain import MOVES, OrderState, check_move
from services.payments.evidence import store as evidence_rows
from services.payments.evidence.domain import OrderEvidence
from services.payments.ledger.actions import free_months
from services.payments.orders import store as order_rows
from services.payments.orders.actions import APPROVER, OrderUnknown
from services.payments.orders.store import OrderRow, told
from services.payments.refusals import LineRefused
from shared.auth import Person
from shared.bulk import LineAnswer, accepted, refused
from shared.bus.outbox import publish
from shared.calendar import TIMEZONE
from shared.contracts.base import Code, Fact
from shared.contracts.payments import ClaimRefused, PaymentCancelled
from shared.errors import Refused

LEFT = frozenset(OrderState) - {OrderState.DRAFT, OrderState.APPROVED, OrderState.CANCELLED}
BY_EVIDENCE = "service:payments.evidence"
PAID_ELSEWHERE = LineRefused("evidence-paid-elsewhere")


log = structlog.get_logger(__name__)


class InstalmentStays(Refused):
    """An instalment follows its contract; end the contract of the project instead."""

    code = "instalment-not-cancellable"


class CancellationLine(BaseModel):
    """An order to take back before it is in a bank file, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order_id: Code
    reason_code: Code


async def cancel_orders(
    session: AsyncSession,
    lines: Sequence[tuple[int, CancellationLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Take back draft and approved orders of the person's own office; who and why is kept."""
    await order_rows.lock_subjects(session, (line.order_id for _, line in lines))
    orders = await order_rows.orders_locked(session, (line.order_id for _, line in lines))
    answers, cancelled = [], list[OrderRow]()
    for number, line in lines:
        try:
            order = _cancellable(orders.get(line.order_id), by)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        orders[order.order_id] = _cancelled(
            order, line.reason_code, by=by.subject, at=now, evidence=order.evidence
        )
        cancelled.append(orders[order.order_id])
        answers.append(accepted(number, order.order_id, cents=order.cents))
    pieces = await claim_rows.pieces_of_orders(session, _claims(cancelled))
    reasons = {order.claim_id: order.reason_code for order in cancelled if order.claim_id}
    await claim_rows.set_cancelled(session, reasons)
    free = await evidence_rows.released(session, pieces)
    facts = [*await _take_back(session, cancelled, at=now), *free]
    await publish(session, facts, at=now)
    return answers


def _cancellable(order: OrderRow | None, by: Person) -> OrderRow:
    """The order, if this person may take it back now."""
    if order is None:
        raise OrderUnknown(field="order_id")
    by.must(APPROVER, order.partner)
    if order.project_id is not None:
        raise InstalmentStays(field="order_id")
    check_move(OrderState(order.state), OrderState.CANCELLED)
    return order


async def cancel_paid_elsewhere(session: AsyncSession, late: Mapping[str, datetime]) -> None:
    """Cancel orders whose evidence another cell claimed before; their claims become refused.

    The caller holds the rows of the pupils. An order that a person took back stays as it is; so
    does one that has left, which only a cell that paid before it heard all others can have. While
    the evidence key changes, an order may be first under one key and late under the other: then it
    holds neither any more.
    """
    found = (await order_rows.orders_locked(session, late)).values() if late else ()
    gone = [order.order_id for order in found if order.state in LEFT]
    if gone:
        log.error("orders have left whose evidence is claimed elsewhere", orders=gone)
    orders = [
        _cancelled(
            order,
            PAID_ELSEWHERE.code,
            by=BY_EVIDENCE,
            at=late[order.order_id],
            evidence=OrderEvidence.ELSEWHERE.value,
        )
        for order in found
        if (order.state, OrderState.CANCELLED) in MOVES
    ]
    if not orders:
        return
    pieces = await claim_rows.pieces_of_orders(session, _claims(orders))
    free = await evidence_rows.released(session, pieces)
    asked = await claim_rows.refuse(session, _claims(orders), PAID_ELSEWHERE)
    facts = await _take_back(session, orders, at=max(late.values()))
    facts += [_refusal(order, asked[order.claim_id]) for order in orders if order.claim_id]
    times = [late[order.order_id] for order in orders]
    await publish(session, facts, at=[*times, *times])
    await publish(session, free, at=max(times))


def _cancelled(
    order: OrderRow, reason_code: str, *, by: str, at: datetime, evidence: str | None
) -> OrderRow:
    """The order as it is when taken back; a move that is not in the table is refused."""
    check_move(OrderState(order.state), OrderState.CANCELLED)
    return order._replace(
        state=OrderState.CANCELLED,
        version=order.version + 1,
        reason_code=reason_code,
        cancelled_by=by,
        cancelled_on=at.astimezone(TIMEZONE).date(),
        evidence=evidence,
    )


async def _take_back(
    session: AsyncSession, orders: Sequence[OrderRow], *, at: datetime
) -> list[Fact]:
    """Write cancelled orders and free their months; what is to be told of them."""
    if not orders:
        return []
    await order_rows.cancel(session, orders)
    await free_months(session, orders, at=at)
    return [told(PaymentCancelled, order) for order in orders]


def _claims(orders: Sequence[OrderRow]) -> list[str]:
    """The claims that orders came from."""
    return [order.claim_id for order in orders if order.claim_id is not None]


def _refusal(order: OrderRow, asked_cents: int) -> ClaimRefused:
    """What is told of a claim whose evidence is paid elsewhere."""
    return ClaimRefused(
        about_key=order.about_key,
        partner=order.partner,
        municipality_id=order.municipality_id,
        claim_id=order.claim_id or "",
        plan_id=order.plan_id,
        measure_id=order.measure_id,
        reason_code=PAID_ELSEWHERE.code,
        asked_cents=asked_cents,
    )
