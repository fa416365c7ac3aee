"""What payments said, read from its outbox before any relay takes it."""

import json
import re
from typing import Any

from sqlalchemy import text

from tests.builders_payments import Payments

TYPE = re.compile(rb"pumpurs\.[a-z-]+\.([a-z-]+)\.v1")


async def said(payments: Payments, key: str) -> list[tuple[str, dict[str, Any]]]:
    """The facts about a pupil, project or office, in their order: short type and body."""
    asked = text("SELECT headers, payload FROM outbox WHERE part_key = :key ORDER BY id")
    async with payments.doors.database.transaction() as session:
        rows = list(await session.execute(asked, {"key": key}))
    return [(_short(bytes(row[0])), json.loads(bytes(row[1]))) for row in rows]


def _short(headers: bytes) -> str:
    """`payment-ordered` of `pumpurs.payments.payment-ordered.v1`."""
    found = TYPE.search(headers)
    assert found is not None, headers
    return found[1].decode()
