"""The repair queue: each returned order is paid again as a new order, or given up, by a person.

The new order stands on the same claim and evidence and carries the same sum. It is a draft like
any other: ceiling and allocation are asked again, and somebody else approves it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.allocations import store as allocation_rows
from services.payments.claims import store as claim_rows
from services.payments.days import store as day_rows
from services.payments.days.claiming import days_again, hold_again
from services.payments.days.domain import DayBooks, Freed
from services.payments.domain import OrderState
from services.payments.entitlements import store as plan_rows
from services.payments.entitlements.store import HeldPlan
from services.payments.evidence import store as evidence_rows
from services.payments.ledger import store as ledger_rows
from services.payments.ledger.domain import Ledger, Place
from services.payments.orders import store as order_rows
from services.payments.orders.store import OrderRow, new_ids, told
from services.payments.refusals import LineRefused
from services.payments.repairs import store as repair_rows
from services.payments.repairs.domain import NotReturned, RepairBooks, Repaired
from services.payments.repairs.store import HeldClaim, RepairRow
from services.payments.shares.saving import save
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.bus.outbox import publish
from shared.calendar import TIMEZONE, month_of
from shared.contracts.base import Code
from shared.contracts.payments import PaymentOrdered
from shared.errors import Refused

OFFICE = (Role.PAYMENT_OFFICER,)
PAY_AGAIN, GIVE_UP = "pay_again", "give_up"

Lines = Sequence[tuple[int, "RepairLine"]]


class RepairLine(BaseModel):
    """What to do about a returned order; without a payee it is paid to the same one again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order_id: Code
    decision: Literal["pay_again", "give_up"]
    payee_id: Code | None = None
    reason: str = Field(min_length=3, max_length=500)


@dataclass
class _Batch:
    """What a bulk of repairs comes to."""

    books: RepairBooks
    claims: dict[str, HeldClaim]
    by: Person
    now: datetime
    evidence: str
    decided: set[str]
    freed: Mapping[str, Sequence[Freed]]
    orders: list[OrderRow] = field(default_factory=list)
    repairs: list[RepairRow] = field(default_factory=list)


async def queue(session: AsyncSession, partner: str, *, after: str, limit: int) -> list[RowMapping]:
    """Returned orders of an office that wait for a decision, by id."""
    return await repair_rows.queue(session, partner, after=after, limit=limit)


async def repair(
    session: AsyncSession, partner: str, lines: Lines, *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Decide about returned orders; what is paid again is a new draft order of the same sum."""
    by.must(OFFICE, partner)
    ids = {line.order_id for _, line in lines}
    await order_rows.lock_subjects(session, ids)
    held = await order_rows.orders_locked(session, ids)
    orders = {key: order for key, order in held.items() if order.partner == partner}
    batch = await _open(session, partner, lines, orders, by=by, now=now)
    answers = []
    for (number, line), new_id in zip(lines, new_ids(len(lines), now), strict=True):
        try:
            answers.append(_decide(batch, number, line, orders.get(line.order_id), new_id))
        except Refused as why:
            answers.append(refused(number, why))
    await _save(session, batch)
    return answers


async def _open(
    session: AsyncSession,
    partner: str,
    lines: Lines,
    orders: dict[str, OrderRow],
    *,
    by: Person,
    now: datetime,
) -> _Batch:
    """Load everything the lines are decided by."""
    rules = await ledger_rows.load_rulebook(session)
    today = now.astimezone(TIMEZONE).date()
    of_plans = [order for order in orders.values() if order.plan_id is not None]
    plans = await plan_rows.held_plans(session, (order.plan_id or "" for order in of_plans))
    claims = await repair_rows.claims(session, (o.claim_id for o in orders.values() if o.claim_id))
    pieces = [claim.piece for claim in claims.values() if claim.piece is not None]
    digests = {digest for piece in pieces for digest in piece if digest is not None}
    payees = {line.payee_id for _, line in lines if line.payee_id is not None}
    payees |= {order.payee_id for order in orders.values()}
    kinds = await claim_rows.payee_kinds(session, ((partner, payee_id) for payee_id in payees))
    ledger = await ledger_rows.load_ledger(
        session, {(order.pupil_ref or "", order.month) for order in of_plans}
    )
    ledger.draws_on = {o.plan_id or "": (o.partner, o.semester or "") for o in of_plans}
    books = RepairBooks(
        plans={plan_id: entry.plan for plan_id, entry in plans.items()},
        payees=kinds,
        ledger=ledger,
        rules=rules,
        today=today,
        days=DayBooks(rules, today),
        places=await _places(session, ledger, plans),
        paid=await claim_rows.paid(session, digests),
        elsewhere=await evidence_rows.held_elsewhere(session, digests),
    )
    decided = await repair_rows.decided(session, orders)
    ledger.held = await allocation_rows.hold_allocations(session, ledger.draws_on.values(), rules)
    freed = await _freed(session, of_plans, books)
    return _Batch(books, claims, by, now, evidence_rows.of_new_order(session), decided, freed)


async def _freed(
    session: AsyncSession, orders: Sequence[OrderRow], books: RepairBooks
) -> dict[str, list[Freed]]:
    """The days that orders had, and in the books what such days are held against today."""
    freed = await day_rows.freed(session, (order.order_id for order in orders))
    months = {
        (order.pupil_ref or "", month_of(one.day))
        for order in orders
        for one in freed.get(order.order_id, ())
    }
    await day_rows.load(session, books.days, months, books.plans)
    return freed


async def _places(
    session: AsyncSession, ledger: Ledger, plans: Mapping[str, HeldPlan]
) -> dict[str, Place]:
    """Where the plans of the ledger are; only a month that several use needs the others."""
    own = {plan_id: entry.plan.place for plan_id, entry in plans.items()}
    return own | await ledger_rows.places_of_plans(session, ledger.plans_sharing_months())


def _decide(
    batch: _Batch, number: int, line: RepairLine, order: OrderRow | None, new_id: str
) -> LineAnswer:
    """One line: the new order, or the end of the matter."""
    if order is None or order.state != OrderState.RETURNED:
        raise NotReturned(field="order_id")
    if order.order_id in batch.decided:
        raise Repaired(field="order_id")
    again = line.decision == PAY_AGAIN
    if again:
        batch.orders.append(_paid_again(batch, order, line.payee_id or order.payee_id, new_id))
    batch.decided.add(order.order_id)
    batch.repairs.append(
        RepairRow(
            order.order_id,
            order.partner,
            line.decision,
            line.reason,
            batch.by.subject,
            new_id if again else None,
            batch.now,
        )
    )
    details: dict[str, JsonValue] = {}
    if again:
        details = {"new_order_id": new_id, "cents": order.cents}
    return accepted(number, order.order_id, decision=line.decision, **details)


def _paid_again(batch: _Batch, old: OrderRow, payee_id: str, new_id: str) -> OrderRow:
    """The new draft order; nothing of it is booked where it is refused."""
    books = batch.books
    kind = books.payee_kind(old.partner, payee_id)
    claim = batch.claims.get(old.claim_id or "")
    if old.plan_id is not None:
        books.check_plan(old.plan_id, old.measure_id or "", old.service_date)
        freed = batch.freed.get(old.order_id, ())
        days = days_again(freed, books.plans[old.plan_id], old.measure_id or "", books.days)
        piece = claim.piece if claim else None
        books.check_evidence(piece)
        books.order_again(old.plan_id, old.measure_id or "", old.month, old.cents)
        if piece is not None:
            books.paid.take(piece)
        hold_again(days, books.days, plan_id=old.plan_id, held_by=new_id)
    return old._replace(
        order_id=new_id,
        version=1,
        state=OrderState.DRAFT,
        payee_id=payee_id,
        payee_kind=kind,
        entered_by=batch.by.subject,
        ordered_at=batch.now,
        evidence=batch.evidence if claim and claim.piece else None,
    )


async def _save(session: AsyncSession, batch: _Batch) -> None:
    """Write new orders and decisions, let claims stand on the new orders, tell."""
    await order_rows.copy_orders(session, batch.orders)
    claims = {order.claim_id: order.order_id for order in batch.orders if order.claim_id}
    papers = {
        order_id: piece
        for claim_id, order_id in claims.items()
        if (piece := batch.claims[claim_id].piece) is not None
    }
    try:
        async with session.begin_nested():
            await claim_rows.hold_papers(
                session, {p.paper for p in papers.values() if p.paper}, batch.now
            )
            await repair_rows.accept_again(session, claims)
            whole = (piece.digest for piece in papers.values() if piece.paper is None)
            await claim_rows.check_not_by_line(session, whole)
    except (IntegrityError, claim_rows.PaidByLine) as taken:
        # Between our look and our write somebody else was paid on the same paper.
        raise LineRefused("evidence-already-paid") from taken
    await save(session, batch.books.ledger, at=batch.now)
    await day_rows.save(session, batch.books.days)
    await repair_rows.keep(session, batch.repairs)
    facts = [told(PaymentOrdered, order) for order in batch.orders]
    await publish(session, [*facts, *evidence_rows.claimed(session, papers)], at=batch.now)
