"""Batches of credit instructions: looked at, approved as orders, and where they stand."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import OrderState
from services.payments.govstack import store
from services.payments.govstack.domain import Answer, BulkPayment, Failed, Why, differs
from services.payments.govstack.store import Batch
from services.payments.orders import actions as orders
from services.payments.orders import store as order_rows
from services.payments.orders.actions import ApprovalLine
from services.payments.orders.store import OrderRow
from services.payments.rehearsals import actions as rehearsals
from shared.auth import STATE, Person, Role
from shared.errors import NotFound, Refused
from shared.money import euro

OFFICE = (Role.PAYMENT_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
COMPLETED = frozenset({OrderState.SETTLED})
FAILED = frozenset({OrderState.RETURNED, OrderState.CANCELLED})


class BatchUnknown(NotFound):
    """There is no such batch."""

    code = "batch-unknown"


class BatchKnown(Refused):
    """This BatchID was used before; give every batch its own."""

    code = "batch-known"


class BatchStatus(BaseModel):
    """Where a batch stands: how many instructions and how much money, in euro as text."""

    request_id: str = Field(serialization_alias="requestId")
    batch_id: str = Field(serialization_alias="batchId")
    TotalTransactions: int
    ongoing: int
    failed: int
    completed: int
    currency: str = "EUR"
    total_amount: str = Field(serialization_alias="totalAmount")
    ongoing_amount: str
    failed_amount: str
    completed_amount: str


async def validate(
    session: AsyncSession, batch: BulkPayment, *, by: Person, now: datetime
) -> Answer:
    """Prepayment validation: what a bulk payment would be answered; nothing changes."""
    known = await _orders(session, batch)
    failed = await _failures(session, batch, known, by=by, now=now)
    return Answer.of(batch, failed, "all can be paid")


async def pay(session: AsyncSession, batch: BulkPayment, *, by: Person, now: datetime) -> Answer:
    """Bulk payment: approve all orders of the batch, or none; they go into the office's file.

    Raises BatchKnown.
    """
    known = await _orders(session, batch)
    failed = await _failures(session, batch, known, by=by, now=now)
    if not failed:
        ids = batch.BatchID, batch.SourceBBID, batch.RequestID
        partner = next(iter(known.values())).partner
        kept = Batch(*ids, partner, by.subject, sorted(known), now)
        if not await store.insert_batch(session, kept):
            raise BatchKnown(field="BatchID")
        done = await orders.approve_orders(session, _approvals(batch), by=by, now=now)
        assert all(answer.status == "accepted" for answer in done)
    return Answer.of(batch, failed, "request received, all orders approved")


async def status(session: AsyncSession, batch_id: str, *, by: Person) -> BatchStatus:
    """Where the instructions of a batch stand."""
    found = await store.batch(session, batch_id)
    if found is None:
        raise BatchUnknown()
    by.must(READERS, found.partner, STATE)
    states = await store.states(session, batch_id)
    completed, failed = _sum(states, COMPLETED), _sum(states, FAILED)
    whole = _sum(states, frozenset(OrderState))
    ongoing = whole[0] - completed[0] - failed[0], whole[1] - completed[1] - failed[1]
    return BatchStatus(
        request_id=found.request_id,
        batch_id=batch_id,
        TotalTransactions=whole[0],
        ongoing=ongoing[0],
        failed=failed[0],
        completed=completed[0],
        total_amount=euro(whole[1]),
        ongoing_amount=euro(ongoing[1]),
        failed_amount=euro(failed[1]),
        completed_amount=euro(completed[1]),
    )


async def _orders(session: AsyncSession, batch: BulkPayment) -> dict[str, OrderRow]:
    """The orders that the instructions name, held until the transaction ends."""
    return await order_rows.orders_locked(
        session, (instruction.InstructionID for instruction in batch.CreditInstructions)
    )


async def _failures(
    session: AsyncSession,
    batch: BulkPayment,
    known: Mapping[str, OrderRow],
    *,
    by: Person,
    now: datetime,
) -> list[Failed]:
    """Instructions that differ from their orders, or that our own rules refuse to approve."""
    tried = await rehearsals.if_approved(session, _approvals(batch), by=by, now=now)
    own = by.organisations(*OFFICE)
    failed: list[Failed] = []
    seen: set[str] = set()
    for instruction, answer in zip(batch.CreditInstructions, tried, strict=True):
        order = known.get(instruction.InstructionID)
        # Of another office's order nothing is told, not even that it is there.
        order = None if order is None or order.partner not in own else order
        wrong: str | None = Why.TWICE if instruction.InstructionID in seen else None
        seen.add(instruction.InstructionID)
        wrong = wrong or differs(
            instruction,
            payee_id=order and order.payee_id,
            cents=None if order is None else order.cents,
        )
        reason = wrong or answer.code
        if reason is not None:
            failed.append(Failed(InstructionID=instruction.InstructionID, FailureReason=reason))
    partners = {order.partner for order in known.values()}
    if not failed and len(partners) > 1:
        first = batch.CreditInstructions[0].InstructionID
        failed.append(Failed(InstructionID=first, FailureReason="one-office-per-batch"))
    return failed


def _approvals(batch: BulkPayment) -> list[tuple[int, ApprovalLine]]:
    """The instructions as approvals of orders."""
    named = enumerate(batch.CreditInstructions, start=1)
    return [(number, ApprovalLine(order_id=one.InstructionID)) for number, one in named]


def _sum(states: Mapping[str, tuple[int, int]], wanted: frozenset[OrderState]) -> tuple[int, int]:
    """How many and how much in some states."""
    found = [states[state] for state in wanted if state in states]
    return sum(count for count, _ in found), sum(cents for _, cents in found)
