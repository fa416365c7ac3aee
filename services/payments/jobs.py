"""What payments does by itself: every night each month is added up again from its lines."""

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.ledger import store as ledger_rows
from shared.jobs import Job

DAY_SECONDS = 24 * 3600
NAMED_MAX = 20

log = structlog.get_logger(__name__)


async def recount_months(session: AsyncSession, now: datetime) -> None:
    """Compare every month's sums with its lines and report differences; there are none."""
    wrong = await ledger_rows.months_that_disagree(session)
    if wrong:
        log.error("months disagree with their lines", count=len(wrong), months=wrong[:NAMED_MAX])
    else:
        log.info("months agree with their lines")


JOBS = (Job("recount-months", DAY_SECONDS, recount_months),)
