"""What the country's claims on evidence mean here: an order may leave, or is cancelled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.evidence import store as evidence_rows
from services.payments.evidence.domain import Claim, Standing, stand
from services.payments.orders import cancellations
from services.payments.orders import store as order_rows
from shared.bus.outbox import publish
from shared.contracts.base import Received
from shared.contracts.evidence import EvidenceClaimed, EvidenceFact, EvidenceReleased

ORDERS_PER_PAGE = 10_000


async def hear_claims(session: AsyncSession, told: Sequence[Received[EvidenceClaimed]]) -> None:
    """Let claims of all cells stand in the topic's order; own orders may leave or are cancelled."""
    claims = _claims(told)
    held = await evidence_rows.held(session, (claim.evidence_ref for claim in claims))
    standing = stand(
        claims,
        held=[one.evidence_ref for one in held if not one.by_line],
        in_lines=[one.evidence_ref for one in held if one.by_line],
        known=await evidence_rows.known(session, (claim.order_id for claim in claims)),
    )
    await evidence_rows.keep(session, standing)
    first = {claim.order_id: claim.keys for claim, how in standing if how is not Standing.LATE}
    late = {claim.order_id: claim.at for claim, how in standing if how is Standing.LATE}
    await order_rows.lock_subjects(session, late)
    await order_rows.lock(session, [*first, *late])
    # Of another reference of the same order another worker may hear: whoever holds it counts.
    await order_rows.evidence_is_first(session, await evidence_rows.first_under_all(session, first))
    await cancellations.cancel_paid_elsewhere(session, late)


async def tell_again(session: AsyncSession, *, now: datetime) -> int:
    """Tell the claims of all paid and open orders again, under every key; gives how many.

    What is known under a key changes nothing there; under a new key it becomes known.
    """
    told, after = 0, ""
    while orders := await evidence_rows.live_orders(session, after=after, limit=ORDERS_PER_PAGE):
        await publish(session, evidence_rows.claimed(session, orders), at=now)
        told, after = told + len(orders), max(orders)
    return told


async def hear_releases(session: AsyncSession, told: Sequence[Received[EvidenceReleased]]) -> None:
    """Orders of some cell were returned or cancelled: the next claim may be the first."""
    await evidence_rows.release(session, _claims(told))


def _claims(told: Sequence[Received[EvidenceFact]]) -> list[Claim]:
    """The claims that facts tell of, in their order."""
    return [
        Claim(one.evidence_ref, one.order_id, received.source, received.at, one.keys, one.by_line)
        for received in told
        for one in received.fact.claims
    ]
