"""What payment offices report, over Kafka and HTTP alike: settled, returned, unknown.

Idempotent by the office's own report id. What does not fit the order is never guessed: it lies
in the work list until a person looks.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims import store as claim_rows
from services.payments.domain import OrderState
from services.payments.evidence import store as evidence_rows
from services.payments.ledger.actions import free_months
from services.payments.orders import reported_rows
from services.payments.orders import store as order_rows
from services.payments.orders.reported_rows import ReportedOrder
from services.payments.orders.store import Move, told
from services.payments.reports import store as report_rows
from services.payments.reports.domain import (
    APPLIED,
    REPEATED,
    WORK_LIST,
    Outcome,
    Report,
    decide,
)
from shared.bus.outbox import Packed, pack, publish, publish_packed
from shared.contracts.base import Received
from shared.contracts.offices import OrderReturned, OrderSettled, ReportFact
from shared.contracts.payments import PaymentReturned, PaymentSettled

OFFICES_REMEMBERED_MAX = 1_000


@dataclass
class _Applying:
    """What a batch of reports changes."""

    orders: dict[str, ReportedOrder]
    moves: dict[str, Move] = field(default_factory=dict)
    returned: list[ReportedOrder] = field(default_factory=list)
    told: list[tuple[Report, ReportedOrder]] = field(default_factory=list)


async def take_facts(session: AsyncSession, received: Sequence[Received[ReportFact]]) -> None:
    """Reports from an office's own topic; the topic says which office speaks."""
    await take_reports(session, [_report(r.fact, r) for r in received])


def _report(fact: ReportFact, received: Received[ReportFact]) -> Report:
    """A fact of a reports topic as a report."""
    assert isinstance(fact, (OrderSettled, OrderReturned)), fact
    settled = isinstance(fact, OrderSettled)
    return Report(
        _office_of(received.topic),
        fact.report_id,
        fact.order_id,
        OrderState.SETTLED if settled else OrderState.RETURNED,
        fact.cents,
        fact.booked_on,
        fact.reason_code if isinstance(fact, OrderReturned) else None,
        received.at,
    )


@lru_cache(maxsize=OFFICES_REMEMBERED_MAX)
def _office_of(topic: str) -> str:
    """The office whose topic of reports this is."""
    prefix, suffix = ReportFact.topic.name.split("{office}")
    return topic.removeprefix(prefix).removesuffix(suffix)


async def take_reports(session: AsyncSession, reports: Sequence[Report]) -> list[Outcome]:
    """Apply reports in their order, each once; one outcome a report."""
    await order_rows.lock_subjects(session, (report.order_id for report in reports))
    return await apply_reports(session, reports)


async def apply_reports(session: AsyncSession, reports: Sequence[Report]) -> list[Outcome]:
    """As `take_reports`, for who holds the rows of the pupils and projects already."""
    orders = await reported_rows.reported(session, (report.order_id for report in reports))
    before = await report_rows.heard_before(session, [(r.partner, r.report_id) for r in reports])
    applying = _Applying(orders)
    outcomes = []
    new: dict[tuple[str, str], tuple[Report, Outcome]] = {}
    for report in reports:
        key = report.partner, report.report_id
        if key in before:
            outcome = before[key]
        elif key in new:
            outcome = Outcome(REPEATED, new[key][1].code)
        else:
            outcome = _apply(applying, report)
            new[key] = report, outcome
        outcomes.append(outcome)
    # A thread makes what is told while the server works: each takes about as long.
    telling = asyncio.create_task(asyncio.to_thread(_packed, session.info["source"], applying.told))
    try:
        await report_rows.insert_reports(session, new.values())
        released = await _save(session, applying)
    finally:
        packed = await telling
    await publish_packed(session, packed)
    if released:
        again = evidence_rows.released(session, released)
        await publish(session, again, at=max(report.at for report, _ in applying.told))
    return outcomes


def _apply(applying: _Applying, report: Report) -> Outcome:
    """Decide one report and, where the order follows it, move the order."""
    order = applying.orders.get(report.order_id)
    if order is None:
        return Outcome(WORK_LIST, report.unfit or "order-unknown")
    outcome = decide(report, order)
    if outcome.result == APPLIED:
        _move(applying, order, report)
    return outcome


def _move(applying: _Applying, order: ReportedOrder, report: Report) -> None:
    """Move an order where the report says, and tell it."""
    moved = order._replace(
        state=report.outcome, version=order.version + 1, booked_on=report.booked_on
    )
    applying.orders[order.order_id] = moved
    before = applying.moves.get(order.order_id)
    steps = 1 if before is None else before.steps + 1
    applying.moves[order.order_id] = Move(
        report.outcome, report.booked_on, report.reason_code, steps
    )
    if report.outcome is not OrderState.UNKNOWN:
        applying.told.append((report, moved))
    if report.outcome is OrderState.RETURNED:
        applying.returned.append(order)


async def _save(session: AsyncSession, applying: _Applying) -> Mapping[str, bytes]:
    """Write moved orders, free months and evidence of returned ones; gives the evidence."""
    await order_rows.move(session, applying.moves)
    await free_months(session, applying.returned)
    claims = [order.claim_id for order in applying.returned if order.claim_id]
    return await claim_rows.set_returned(session, claims)


def _packed(source: str, moved: Sequence[tuple[Report, ReportedOrder]]) -> list[Packed]:
    """What is told of orders that were settled or returned, ready for the outbox."""
    facts = [
        told(PaymentSettled, order)
        if report.outcome is OrderState.SETTLED
        else told(PaymentReturned, order, reason_code=report.reason_code or "returned")
        for report, order in moved
    ]
    return pack(source, facts, at=[report.at for report, _ in moved])
