"""What payments does by itself: months added up again every night, open orders measured."""

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import OPEN_STATES
from services.payments.ledger import store as ledger_rows
from services.payments.orders import store as order_rows
from services.payments.reports import store as report_rows
from shared import metrics
from shared.jobs import Job

DAY_SECONDS = 24 * 3600
MEASURE_SECONDS = 30
NAMED_MAX = 20

log = structlog.get_logger(__name__)


async def recount_months(session: AsyncSession, now: datetime) -> None:
    """Compare every month's sums with its lines and report differences; there are none."""
    wrong = await ledger_rows.months_that_disagree(session)
    if wrong:
        log.error("months disagree with their lines", count=len(wrong), months=wrong[:NAMED_MAX])
    else:
        log.info("months agree with their lines")


async def measure_money(session: AsyncSession, now: datetime) -> None:
    """Set the gauges an operator looks at: open orders by state, reports nobody could match."""
    found = await order_rows.open_orders(session)
    for state in OPEN_STATES:
        orders, cents = found.get(state, (0, 0))
        metrics.ORDERS_OPEN.labels(state).set(orders)
        metrics.ORDERS_OPEN_CENTS.labels(state).set(cents)
    metrics.WORK_LIST_ITEMS.set(await report_rows.work_list_items(session))


JOBS = (
    Job("recount-months", DAY_SECONDS, recount_months),
    Job("measure-money", MEASURE_SECONDS, measure_money),
)
