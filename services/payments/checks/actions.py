"""The books compared with what they are sums of, written down, and shown."""

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.checks import store as check_rows
from services.payments.checks.domain import COMPARED, Check
from shared import metrics

log = structlog.get_logger(__name__)


async def check_books(session: AsyncSession, now: datetime) -> list[Check]:
    """Add everything up again, keep what came of it, and call out differences; there are none."""
    checks = [await check_rows.compare(session, compared.name, now=now) for compared in COMPARED]
    await check_rows.keep(session, checks)
    for check in checks:
        metrics.BOOKS_DIFFERENCES.labels(check.name).set(check.differing)
        if check.differing:
            log.error("the books disagree", check=check.name, differing=check.differing)
    log.info("the books were checked", compared=sum(check.compared for check in checks))
    return checks


async def latest_checks(session: AsyncSession, *, before: datetime) -> list[Check]:
    """The last comparisons before a moment, in their usual order."""
    found = {check.name: check for check in await check_rows.latest(session, before=before)}
    return [found[compared.name] for compared in COMPARED if compared.name in found]
