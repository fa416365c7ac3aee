"""What payment offices report, over Kafka and HTTP alike: settled, returned, unknown.

Idempotent by the office's own report id. What does not fit the order is never guessed: it lies
in the work list until a person looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims import store as claim_rows
from services.payments.domain import OrderState
from services.payments.evidence import store as evidence_rows
from services.payments.ledger.actions import free_months
from services.payments.orders import store as order_rows
from services.payments.orders.store import OrderRow, told
from services.payments.reports import store as report_rows
from services.payments.reports.domain import (
    APPLIED,
    REPEATED,
    WORK_LIST,
    Outcome,
    Report,
    Standing,
    decide,
)
from shared.bus.outbox import publish
from shared.contracts.base import Fact, Received
from shared.contracts.offices import OrderReturned, OrderSettled, ReportFact
from shared.contracts.payments import PaymentReturned, PaymentSettled


@dataclass
class _Applying:
    """What a batch of reports changes."""

    orders: dict[str, OrderRow]
    versions: dict[str, int] = field(default_factory=dict)
    moves: dict[str, tuple[str, OrderState, date, str | None]] = field(default_factory=dict)
    returned: list[OrderRow] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)


async def take_facts(session: AsyncSession, received: Sequence[Received[ReportFact]]) -> None:
    """Reports from an office's own topic; the topic says which office speaks."""
    await take_reports(session, [_report(r.fact, r) for r in received])


def _report(fact: ReportFact, received: Received[ReportFact]) -> Report:
    """A fact of a reports topic as a report."""
    prefix, suffix = ReportFact.topic.name.split("{office}")
    assert isinstance(fact, (OrderSettled, OrderReturned)), fact
    settled = isinstance(fact, OrderSettled)
    return Report(
        partner=received.topic.removeprefix(prefix).removesuffix(suffix),
        report_id=fact.report_id,
        order_id=fact.order_id,
        outcome=OrderState.SETTLED if settled else OrderState.RETURNED,
        cents=fact.cents,
        booked_on=fact.booked_on,
        reason_code=fact.reason_code if isinstance(fact, OrderReturned) else None,
        at=received.at,
    )


async def take_reports(session: AsyncSession, reports: Sequence[Report]) -> list[Outcome]:
    """Apply reports in their order, each once; one outcome a report."""
    await order_rows.lock_subjects(session, (report.order_id for report in reports))
    return await apply_reports(session, reports)


async def apply_reports(session: AsyncSession, reports: Sequence[Report]) -> list[Outcome]:
    """As `take_reports`, for who holds the rows of the pupils and projects already."""
    orders = await order_rows.orders_locked(session, (report.order_id for report in reports))
    before = await report_rows.heard_before(session, ((r.partner, r.report_id) for r in reports))
    applying = _Applying(orders)
    outcomes = []
    new: dict[tuple[str, str], tuple[Report, Outcome]] = {}
    for report in reports:
        key = report.partner, report.report_id
        outcome = before.get(key)
        if outcome is None:
            outcome = _apply(applying, report)
            before[key] = Outcome(REPEATED, outcome.code)
            new[key] = report, outcome
        outcomes.append(outcome)
    await report_rows.insert_reports(session, new.values())
    await _save(session, applying)
    return outcomes


def _apply(applying: _Applying, report: Report) -> Outcome:
    """Decide one report and, where the order follows it, move the order."""
    order = applying.orders.get(report.order_id)
    if order is None:
        return Outcome(WORK_LIST, report.unfit or "order-unknown")
    outcome = decide(report, standing_of(order))
    if outcome.result == APPLIED:
        _move(applying, order, report)
    return outcome


_STATES: dict[str, OrderState] = {state.value: state for state in OrderState}


def standing_of(order: OrderRow) -> Standing:
    """How the order stands before the report."""
    return Standing(
        order.partner,
        order.cents,
        _STATES[order.state],
        order.file_id,
        order.booked_on,
        order.recovered_cents,
    )


def _move(applying: _Applying, order: OrderRow, report: Report) -> None:
    """Move an order where the report says, and tell it."""
    moved = order._replace(
        state=report.outcome, version=order.version + 1, booked_on=report.booked_on
    )
    applying.orders[order.order_id] = moved
    applying.moves[order.order_id] = (
        order.order_id,
        report.outcome,
        report.booked_on,
        report.reason_code,
    )
    applying.versions[order.order_id] = applying.versions.get(order.order_id, 0) + 1
    if report.outcome is OrderState.SETTLED:
        fact: Fact = told(PaymentSettled, moved)
    elif report.outcome is OrderState.RETURNED:
        applying.returned.append(order)
        fact = told(PaymentReturned, moved, reason_code=report.reason_code or "returned")
    else:
        return
    applying.facts.append(fact)
    applying.times.append(report.at)


async def _save(session: AsyncSession, applying: _Applying) -> None:
    """Write moved orders, free the months of returned ones, tell all."""
    await order_rows.move(session, applying.moves.values(), steps=applying.versions)
    await free_months(session, applying.returned)
    claims = [order.claim_id for order in applying.returned if order.claim_id]
    digests = await claim_rows.set_returned(session, claims)
    await publish(session, applying.facts, at=applying.times)
    if digests:
        again = evidence_rows.released(session, digests)
        await publish(session, again, at=max(applying.times))
