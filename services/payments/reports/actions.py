"""What payment offices report, over Kafka and HTTP alike: settled, returned, unknown.

Idempotent by the office's own report id. What does not fit the order is never guessed: it lies
in the work list until a person looks.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims import store as claim_rows
from services.payments.evidence import store as evidence_rows
from services.payments.evidence.domain import Piece
from services.payments.ledger.actions import free_months
from services.payments.orders import reported_rows
from services.payments.orders import store as order_rows
from services.payments.orders.reported_rows import ReportedOrder
from services.payments.orders.store import told
from services.payments.reports import store as report_rows
from services.payments.reports.decisions import Decisions
from services.payments.reports.domain import RETURNED, SETTLED, Outcome, Report
from services.payments.threads import ended
from shared.bus.outbox import Packed, pack, publish, publish_packed
from shared.contracts.base import Received
from shared.contracts.offices import OrderReturned, OrderSettled, ReportFact
from shared.contracts.payments import PaymentReturned, PaymentSettled

OFFICES_REMEMBERED_MAX = 1_000


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
        SETTLED if settled else RETURNED,
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
    decisions = await _opened(session, reports)
    decisions.decide(reports)
    # A thread makes what is told while the server works: each takes about as long.
    source = session.info["source"]
    telling = asyncio.create_task(asyncio.to_thread(_packed, source, decisions.told))
    try:
        released = await _save(session, decisions)
    finally:
        packed = await telling
    await _tell(session, decisions, packed, released)
    return decisions.outcomes


async def apply_in_turn(
    session: AsyncSession, pieces: AsyncIterator[Sequence[Report]]
) -> AsyncGenerator[list[Outcome]]:
    """As `apply_reports`, piece by piece; one is decided in a thread while that before is written.

    Of what two pieces share, the second goes on from what was decided of the first.
    """
    async with aclosing(_decided_ahead(session, pieces)) as ahead:
        async for decisions, packed in ahead:
            released = await _save(session, decisions)
            await _tell(session, decisions, packed, released)
            yield decisions.outcomes


async def _decided_ahead(
    session: AsyncSession, pieces: AsyncIterator[Sequence[Report]]
) -> AsyncGenerator[tuple[Decisions, list[Packed]]]:
    """Pieces with what is told of them, while the next is read and decided already."""
    source = session.info["source"]
    deciding: asyncio.Task[tuple[Decisions, list[Packed]]] | None = None
    try:
        async for reports in pieces:
            opened = await _opened(session, reports)
            before = None if deciding is None else await deciding
            earlier = None if before is None else before[0]
            deciding = asyncio.create_task(
                asyncio.to_thread(_decided, source, opened, reports, earlier)
            )
            if before is not None:
                yield before
        if deciding is not None:
            yield await deciding
    finally:
        if deciding is not None:
            await ended(deciding)


def _decided(
    source: str, opened: Decisions, reports: Sequence[Report], before: Decisions | None
) -> tuple[Decisions, list[Packed]]:
    """Decide a piece upon how the one before leaves things; gives also what is told."""
    if before is not None:
        opened.follow(before)
    opened.decide(reports)
    return opened, _packed(source, opened.told)


async def _opened(session: AsyncSession, reports: Sequence[Report]) -> Decisions:
    """What these reports are decided upon, held."""
    orders = await reported_rows.reported(session, (report.order_id for report in reports))
    heard = await report_rows.heard_before(session, [(r.partner, r.report_id) for r in reports])
    return Decisions(orders, heard)


async def _save(session: AsyncSession, decisions: Decisions) -> Mapping[str, Piece]:
    """Write reports and moved orders, free what was returned; gives its evidence."""
    await report_rows.insert_reports(session, decisions.new)
    await order_rows.move(session, decisions.moves)
    if decisions.returned:
        at = max(report.at for report, _ in decisions.told)
        await free_months(session, decisions.returned, at=at)
    claims = [order.claim_id for order in decisions.returned if order.claim_id]
    return await claim_rows.set_returned(session, claims)


async def _tell(
    session: AsyncSession,
    decisions: Decisions,
    packed: Sequence[Packed],
    released: Mapping[str, Piece],
) -> None:
    """Tell what became of orders, and which evidence may be claimed again."""
    await publish_packed(session, packed)
    if released:
        again = await evidence_rows.released(session, released)
        await publish(session, again, at=max(report.at for report, _ in decisions.told))


def _packed(source: str, moved: Sequence[tuple[Report, ReportedOrder]]) -> list[Packed]:
    """What is told of orders that were settled or returned, ready for the outbox."""
    facts = [
        told(PaymentSettled, order)
        if report.outcome is SETTLED
        else told(PaymentReturned, order, reason_code=report.reason_code or "returned")
        for report, order in moved
    ]
    return pack(source, facts, at=[report.at for report, _ in moved])
