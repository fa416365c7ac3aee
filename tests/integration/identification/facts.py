"""What a service has said and not yet sent, as facts."""

from typing import Any

from sqlalchemy import text

from shared.contracts.base import Fact
from shared.contracts.catalogue import FACTS
from tests.doors import Doors


async def said(doors: Doors) -> list[Fact]:
    """Everything in the outbox, oldest first."""
    async with doors.database.transaction() as session:
        rows = await session.execute(text("SELECT headers, payload FROM outbox ORDER BY id"))
        return [_fact(headers, payload) for headers, payload in rows]


async def said_of(doors: Doors, key: str) -> list[Any]:
    """What was said of one thing."""
    return [fact for fact in await said(doors) if fact.key == key]


def _fact(headers: bytes, payload: bytes) -> Fact:
    """One row as the fact it carries; its type stands in the headers as they are written."""
    (kind,) = [kind for ce_type, kind in FACTS.items() if ce_type.encode() in headers]
    return kind.model_validate_json(payload)
