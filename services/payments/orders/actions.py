"""Orders: approved by somebody else than who entered them, in bulk; looked up by who may."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims import store as claim_rows
from services.payments.declared import NOTHING, Declared
from services.payments.domain import OrderState, WrongMove, check_move
from services.payments.evidence.domain import OrderEvidence
from services.payments.orders import approval_rows
from services.payments.orders import store as order_rows
from services.payments.orders.approval_rows import ToApprove
from services.payments.orders.store import IssuedOrders, OrderRow
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.contracts.base import Code
from shared.errors import FourEyes, NotFound, Refused

APPROVER = (Role.PAYMENT_OFFICER,)


class OrderUnknown(NotFound):
    """There is no such order."""

    code = "order-unknown"


class NoPayee(Refused):
    """The payment office has no payee with this order's payee_id; enter the payee first."""

    code = "payee-unknown"


class ApprovalLine(BaseModel):
    """An order to approve; amounts cannot be changed here or anywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order_id: Code


async def approve_orders(
    session: AsyncSession,
    lines: Sequence[tuple[int, ApprovalLine]],
    *,
    by: Person,
    now: datetime,
    says: Declared = NOTHING,
) -> list[LineAnswer]:
    """Approve draft orders of the person's own payment office that somebody else entered.

    Raises DeclaredDiffers where the orders named do not come to what the person declares.
    """
    orders = await approval_rows.to_approve(session, (line.order_id for _, line in lines))
    named = (orders.get(line.order_id) for _, line in lines)
    says.must_be([order.cents if order else 0 for order in named])
    payees = await claim_rows.payee_kinds(
        session, {(order.partner, order.payee_id) for order in orders.values()}
    )
    answers = []
    approved: set[str] = set()
    for number, line in lines:
        try:
            if line.order_id in approved:
                raise WrongMove(state=OrderState.APPROVED, to=OrderState.APPROVED)
            order = _approvable(orders.get(line.order_id), by)
            if (order.partner, order.payee_id) not in payees:
                raise NoPayee(field="order_id", payee_id=order.payee_id)
        except Refused as why:
            answers.append(refused(number, why))
        else:
            approved.add(order.order_id)
            waits = {"waits_for": "evidence"} if order.evidence == OrderEvidence.PENDING else {}
            answers.append(accepted(number, order.order_id, cents=order.cents, **waits))
    await approval_rows.approve(session, approved, by=by.subject, at=now)
    return answers


def _approvable(order: ToApprove | None, by: Person) -> ToApprove:
    """The order, if this person may approve it now."""
    if order is None:
        raise OrderUnknown(field="order_id")
    by.must(APPROVER, order.partner)
    if order.entered_by == by.subject:
        raise FourEyes(field="order_id")
    check_move(OrderState(order.state), OrderState.APPROVED)
    return order


async def order(session: AsyncSession, order_id: str) -> OrderRow:
    """One order; raises OrderUnknown."""
    found = await order_rows.order(session, order_id)
    if found is None:
        raise OrderUnknown()
    return found


async def orders_of(
    session: AsyncSession, partner: str, *, state: str | None, after: str, limit: int
) -> list[OrderRow]:
    """A page of a partner's orders by id, after an id."""
    return await order_rows.orders_of(session, partner, state=state, after=after, limit=limit)


async def issued_orders(
    session: AsyncSession, wanted: IssuedOrders, *, after: str, limit: int
) -> Sequence[RowMapping]:
    """A page of the orders issued to an office by id, after an id."""
    return await order_rows.issued_orders(session, wanted, after=after, limit=limit)
