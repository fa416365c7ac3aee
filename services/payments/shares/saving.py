"""The ledger written back: months are asked for, and what is free of them follows the pupil."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.ledger import store as ledger_rows
from services.payments.ledger.domain import Ledger
from services.payments.shares import store as share_rows
from services.payments.shares.domain import Gift, Given, added_up, arrivals, hand_over_all
from shared.bus.outbox import publish
from shared.contracts.base import Fact
from shared.contracts.pupil_months import MonthAsked, RoomHandedOver


async def save(
    session: AsyncSession, ledger: Ledger, *, at: datetime, given: Iterable[Given] = ()
) -> None:
    """Write what was touched; where several cells pay, tell what is asked for and handed over.

    `given` is handed over already. The caller holds the rows of the pupils.
    """
    if not ledger.shared:
        await ledger_rows.save_ledger(session, ledger)
        return
    handed_over = [*given, *hand_over_all(ledger)]
    await ledger_rows.save_ledger(session, ledger)
    facts: list[Fact] = [
        MonthAsked(
            pupil_ref=key[0], month=key[1], version=ledger.months[key].asked, arrival=partner
        )
        for key, partner in arrivals(ledger).items()
    ]
    facts += await _told(session, handed_over)
    await publish(session, facts, at=at)


async def _told(session: AsyncSession, given: list[Given]) -> list[Fact]:
    """Keep what was handed over, added to what was before; what is told of it."""
    if not given:
        return []
    own: str = session.info["source"]
    known = await share_rows.gifts(session, {one.key for one in given})
    gifts = []
    for (key, partner), cents in added_up(given).items():
        before = known.get((*key, own, partner)) or Gift(key, own, partner, 0, 0)
        gifts.append(before._replace(version=before.version + 1, cents=before.cents + cents))
    await share_rows.keep_gifts(session, gifts)
    return [
        RoomHandedOver(
            pupil_ref=gift.key[0],
            month=gift.key[1],
            version=gift.version,
            partner=gift.partner,
            cents=gift.cents,
        )
        for gift in gifts
    ]
