"""What payments does by itself: adds the books up nightly, measures money, notes silence."""

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.allocations import telling
from services.payments.checks import actions as checks
from services.payments.domain import OPEN_STATES
from services.payments.orders import store as order_rows
from services.payments.reports import store as report_rows
from services.payments.reports import unanswered
from services.payments.signatures.actions import forget_nonces
from services.payments.vouchers import actions as vouchers
from shared import metrics
from shared.jobs import Job

DAY_SECONDS = 24 * 3600
HOUR_SECONDS = 3600
MEASURE_SECONDS = 30

log = structlog.get_logger(__name__)


async def check_books(session: AsyncSession, now: datetime) -> None:
    """Add the books up again: months, allocations, lines, orders, files, reports."""
    await checks.check_books(session, now)


async def tell_allocations(session: AsyncSession, now: datetime) -> None:
    """Tell how allocations stand, for who shows it beside what was planned and paid."""
    await telling.tell_standing(session, now=now)


async def measure_money(session: AsyncSession, now: datetime) -> None:
    """Set the gauges an operator looks at: open orders by state, reports nobody could match."""
    found = await order_rows.open_orders(session)
    for state in OPEN_STATES:
        orders, cents = found.get(state, (0, 0))
        metrics.ORDERS_OPEN.labels(state).set(orders)
        metrics.ORDERS_OPEN_CENTS.labels(state).set(cents)
    metrics.WORK_LIST_ITEMS.set(await report_rows.work_list_items(session))


async def note_unknown(session: AsyncSession, now: datetime) -> None:
    """Say of orders without any answer that their outcome is unknown; none is ever sent again."""
    found = await unanswered.note_unknown(session, now=now)
    if found:
        log.warning("orders without an answer", count=found)


async def expire_vouchers(session: AsyncSession, now: datetime) -> None:
    """Let vouchers expire that nobody handed in in time."""
    found = await vouchers.expire_vouchers(session, now)
    if found:
        log.info("vouchers expired", count=found)


JOBS = (
    Job("check-books", DAY_SECONDS, check_books),
    Job("note-unknown", HOUR_SECONDS, note_unknown),
    Job("expire-vouchers", DAY_SECONDS, expire_vouchers),
    Job("tell-allocations", HOUR_SECONDS, tell_allocations),
    Job("measure-money", MEASURE_SECONDS, measure_money),
    Job("forget-nonces", HOUR_SECONDS, forget_nonces),
)
