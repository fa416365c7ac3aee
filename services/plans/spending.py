"""What payments tells of plans: reservations, orders and what became of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import spending_rows
from services.plans.actions import finish, load
from services.plans.consultations import begin
from services.plans.deletion import PAYMENTS
from services.plans.domain import State
from shared.contracts.base import Received
from shared.contracts.payments import (
    EntitlementAdded,
    EntitlementGranted,
    EntitlementRefused,
    OrderFact,
    PaymentCancelled,
    PaymentOrdered,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
)


async def note_reservations(
    session: AsyncSession, received: Sequence[Received[EntitlementGranted]]
) -> None:
    """Keep what is reserved for plans, and what the pupils' months hold."""
    plans = {
        r.fact.plan_id: {
            "plan_id": r.fact.plan_id,
            "plan_version": r.fact.plan_version,
            "reserved_cents": r.fact.reserved_cents,
            "refused_cents": r.fact.refused_cents,
        }
        for r in received
    }
    await spending_rows.keep_entitlements(session, list(plans.values()))
    await spending_rows.keep_rooms(session, _rooms(received))


def _rooms(
    received: Sequence[Received[EntitlementGranted] | Received[EntitlementAdded]],
) -> list[dict[str, Any]]:
    """What pupils' months hold now; of one month what was told last."""
    rooms = {
        (r.fact.about_key, room.month): room.model_dump(exclude={"month"})
        | {"pupil_ref": r.fact.about_key, "month": room.month, "told_at": r.at}
        for r in received
        for room in r.fact.rooms
    }
    return list(rooms.values())


async def note_refusals(
    session: AsyncSession, received: Sequence[Received[EntitlementRefused]]
) -> None:
    """Keep which months of which measures did not fit, why, and what is missing."""
    rows = {
        (r.fact.plan_id, r.fact.plan_version, r.fact.measure_id, r.fact.month): {
            "plan_id": r.fact.plan_id,
            "plan_version": r.fact.plan_version,
            "measure_id": r.fact.measure_id,
            "month": r.fact.month,
            "reason_code": r.fact.reason_code,
            "asked_cents": r.fact.asked_cents,
            "room_left_cents": r.fact.room_left_cents,
            "missing_cents": r.fact.missing_cents
            or max(r.fact.asked_cents - r.fact.room_left_cents, 0),
        }
        for r in received
    }
    await spending_rows.keep_refused_months(session, list(rows.values()))


async def note_additions(
    session: AsyncSession, received: Sequence[Received[EntitlementAdded]]
) -> None:
    """Keep what was reserved of refused months after all; of one month the last counts."""
    rows = {
        (r.fact.plan_id, r.fact.plan_version, r.fact.measure_id, r.fact.month): {
            "plan_id": r.fact.plan_id,
            "plan_version": r.fact.plan_version,
            "measure_id": r.fact.measure_id,
            "month": r.fact.month,
            "missing_cents": r.fact.missing_cents,
        }
        for r in received
    }
    await spending_rows.reserve_refused(session, list(rows.values()))
    await spending_rows.keep_rooms(session, _rooms(received))


async def note_orders(session: AsyncSession, received: Sequence[Received[PaymentOrdered]]) -> None:
    """Add what was ordered to the used sums; the first order begins an approved plan."""
    await _keep_lines(session, received, "ordered", 1)
    supported = [r for r in received if r.fact.plan_id and r.fact.measure_id]
    if not supported:
        return
    plan_ids = [r.fact.plan_id for r in supported if r.fact.plan_id]
    work = await load(session, plan_ids, by=PAYMENTS, now=supported[0].at)
    for one in supported:
        work.now = one.at
        plan = work.plans.get(one.fact.plan_id or "")
        if plan and plan.state is State.APPROVED and plan.deletion_requested_at is None:
            begin(work, plan)
    await finish(session, work)


async def note_settlements(
    session: AsyncSession, received: Sequence[Received[PaymentSettled]]
) -> None:
    """Note what was paid; what is used stays the same."""
    await _keep_lines(session, received, "settled", 0)


async def note_returns(
    session: AsyncSession, received: Sequence[Received[PaymentReturned]]
) -> None:
    """Take what the bank returned off the used sums."""
    await _keep_lines(session, received, "returned", -1)


async def note_cancellations(
    session: AsyncSession, received: Sequence[Received[PaymentCancelled]]
) -> None:
    """Take orders that were taken back before they were paid off the used sums."""
    await _keep_lines(session, received, "cancelled", -1)


async def note_recoveries(
    session: AsyncSession, received: Sequence[Received[PaymentRecovered]]
) -> None:
    """Take what was recovered off the used sums."""
    await _keep_lines(session, received, "recovered", -1)


async def _keep_lines(
    session: AsyncSession, received: Sequence[Received[Any]], what: str, sign: int
) -> None:
    """Keep one line for each fact about an order of a plan."""
    rows = {}
    for one in received:
        fact: OrderFact = one.fact
        if fact.plan_id is not None:
            rows[fact.order_id, fact.version] = {
                "order_id": fact.order_id,
                "version": fact.version,
                "what": what,
                "plan_id": fact.plan_id,
                "measure_id": fact.measure_id,
                "month": fact.month,
                "cents": sign * fact.cents,
                "told_at": one.at,
            }
    await spending_rows.keep_spending(session, list(rows.values()))
