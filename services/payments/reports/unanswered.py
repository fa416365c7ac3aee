"""Orders that were sent long ago and that no statement speaks of: their outcome is unknown.

They take the same way as every report, so a late answer still settles or returns them; no machine
sends them again.
"""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import OrderState
from services.payments.ledger import store as ledger_rows
from services.payments.reports import store as report_rows
from services.payments.reports.actions import take_reports
from services.payments.reports.domain import Report
from services.payments.rulebook import ANSWER_DAYS_MAX, Rulebook
from shared.calendar import TIMEZONE

ORDERS_PER_TURN_MAX = 5_000


async def note_unknown(session: AsyncSession, *, now: datetime) -> int:
    """Report orders without an answer as unknown, so many a turn; gives how many there were."""
    today = now.astimezone(TIMEZONE).date()
    rules = await ledger_rows.load_rulebook(session)
    waiting = await report_rows.files_waiting(session)
    late = [file_id for file_id, partner, day in waiting if _is_late(rules, partner, day, today)]
    orders = await report_rows.sent_orders(session, late, limit=ORDERS_PER_TURN_MAX)
    await take_reports(
        session,
        [
            Report(
                partner=partner,
                report_id=f"no-answer:{order_id}",
                order_id=order_id,
                outcome=OrderState.UNKNOWN,
                cents=cents,
                booked_on=today,
                reason_code="no-answer",
                at=now,
            )
            for order_id, partner, cents in orders
        ],
    )
    return len(orders)


def _is_late(rules: Rulebook, partner: str, pay_on: date, today: date) -> bool:
    """Whether the days in which an answer must come are over."""
    days = int(rules.value(ANSWER_DAYS_MAX, pay_on, partner))
    return pay_on + timedelta(days=days) < today
