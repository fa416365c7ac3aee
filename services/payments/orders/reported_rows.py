"""Rows of orders as a report about them looks at them: where they stand, what facts tell."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.rows import one_text


class ReportedOrder(NamedTuple):
    """An order as a report finds it, in the order of the columns asked for; sums are cents.

    First stands what a move changes.
    """

    state: str
    version: int
    booked_on: date | None
    order_id: str
    about_key: str
    partner: str
    municipality_id: str
    support_type: str
    month: str
    claim_id: str | None
    plan_id: str | None
    plan_version: int | None
    measure_id: str | None
    pupil_ref: str | None
    school_id: str | None
    semester: str | None
    project_id: str | None
    instalment_no: int | None
    service_date: date
    cents: int
    esf_cents: int
    state_cents: int
    payee_kind: str
    approved_at: datetime | None
    file_id: str | None
    recovered_cents: int

    def moved(self, state: str, booked_on: date) -> "ReportedOrder":
        """The order one step further."""
        return ReportedOrder._make((state, self.version + 1, booked_on, *self[3:]))


_LOCKED = text(f"""
    SELECT {", ".join(ReportedOrder._fields)}
    FROM orders WHERE order_id = ANY(string_to_array(:ids, ' ')) ORDER BY order_id FOR UPDATE
""")  # noqa: S608 - names of our own columns
_ID = ReportedOrder._fields.index("order_id")


async def reported(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, ReportedOrder]:
    """Orders that reports are about, by id, held until the transaction ends."""
    rows = await session.execute(_LOCKED, {"ids": one_text(sorted(set(order_ids)))})
    return {row[_ID]: ReportedOrder._make(row) for row in rows}
