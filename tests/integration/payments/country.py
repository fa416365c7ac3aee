"""Cells of payments in one process: what each says is taken out of its outbox and heard by all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from services.payments.consumers import CONSUMERS
from shared.contracts.base import Received, Topic
from shared.contracts.catalogue import FACTS
from shared.contracts.pupil_months import MONTHS
from tests.builders_payments import Payments
from tests.integration.payments.outbox import TYPE
from tests.money_facts import LATER

Said = list[Received[Any]]


async def taken(cell: Payments, topic: Topic) -> Said:
    """What a cell says on a topic, taken out of its outbox as its relay would."""
    asked = text("DELETE FROM outbox WHERE topic = :topic RETURNING id, headers, payload")
    async with cell.doors.database.transaction() as session:
        rows = sorted(await session.execute(asked, {"topic": topic.name}))
    found = []
    for number, headers, payload in rows:
        kind = TYPE.search(bytes(headers))
        assert kind is not None
        fact = FACTS[kind[0].decode()].model_validate_json(bytes(payload))
        at, source = datetime.fromisoformat(LATER), cell.doors.database.source
        partner = fact.about_partner
        found.append(
            Received(fact, at, str(number), source, topic.name, 0, number, partner=partner)
        )
    return found


async def hear(topic: Sequence[Received[Any]], *hearing: Payments) -> None:
    """Let cells hear a topic in its order, each what concerns its partners."""
    handlers = {kind: one for consumer in CONSUMERS for kind, one in consumer.handles.items()}
    for cell in hearing:
        for received in topic:
            if cell.doors.settings.serves_partner(received.partner):
                async with cell.doors.database.transaction() as session:
                    await handlers[type(received.fact)](session, [received])


async def months_agreed(*cells: Payments) -> Said:
    """Let cells tell and hear of months until nobody has anything to say; all that was told."""
    log: Said = []
    while news := [received for cell in cells for received in await taken(cell, MONTHS)]:
        await hear(news, *cells)
        log += news
    return log
