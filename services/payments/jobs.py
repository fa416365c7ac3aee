"""What payments does by itself: the books added up again every night, open orders measured."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.checks import actions as checks
from services.payments.domain import OPEN_STATES
from services.payments.orders import store as order_rows
from services.payments.reports import store as report_rows
from shared import metrics
from shared.jobs import Job

DAY_SECONDS = 24 * 3600
MEASURE_SECONDS = 30


async def check_books(session: AsyncSession, now: datetime) -> None:
    """Add the books up again: months, allocations, lines, orders, files, reports."""
    await checks.check_books(session, now)


async def measure_money(session: AsyncSession, now: datetime) -> None:
    """Set the gauges an operator looks at: open orders by state, reports nobody could match."""
    found = await order_rows.open_orders(session)
    for state in OPEN_STATES:
        orders, cents = found.get(state, (0, 0))
        metrics.ORDERS_OPEN.labels(state).set(orders)
        metrics.ORDERS_OPEN_CENTS.labels(state).set(cents)
    metrics.WORK_LIST_ITEMS.set(await report_rows.work_list_items(session))


JOBS = (
    Job("check-books", DAY_SECONDS, check_books),
    Job("measure-money", MEASURE_SECONDS, measure_money),
)
