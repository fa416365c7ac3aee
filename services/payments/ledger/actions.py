"""A pupil's month under the ceiling, for people who work with the pupil or pay."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.days import store as day_rows
from services.payments.entitlements import store as plan_rows
from services.payments.ledger import store as ledger_rows
from services.payments.ledger.explanation import MonthExplained, explain
from services.payments.orders.reported_rows import ReportedOrder
from services.payments.orders.store import OrderRow
from services.payments.shares.saving import save
from shared.auth import STATE, Person, Role
from shared.errors import NotFound

READERS = (
    Role.PREPARER,
    Role.SCHOOL_COORDINATOR,
    Role.HEAD,
    Role.PAYMENT_OFFICER,
    Role.AUDITOR,
    Role.STATE_OFFICER,
)


class PupilUnknown(NotFound):
    """No plan of this pupil has been approved."""

    code = "pupil-unknown"


async def explain_month(
    session: AsyncSession, pupil_ref: str, month: str, *, by: Person
) -> MonthExplained:
    """The month as data and sentences; raises PupilUnknown, OutsideScope, RuleMissing."""
    places = await plan_rows.places_of(session, pupil_ref)
    if not places:
        raise PupilUnknown()
    by.must(READERS, *places, STATE)
    rules = await ledger_rows.load_rulebook(session)
    ledger = await ledger_rows.load_ledger(session, [(pupil_ref, month)])
    standing = ledger.open_month(pupil_ref, month, rules.cap_cents(month))
    lines = ledger.lines_of_month(pupil_ref, month)
    schools = await ledger_rows.places_of_plans(session, (line.plan_id for line in lines))
    return explain(standing, lines, schools)


async def free_months(
    session: AsyncSession,
    orders: Iterable[OrderRow] | Iterable[ReportedOrder],
    *,
    at: datetime,
) -> None:
    """Take orders that are not paid off their lines: months, allocations and days are free again.

    The caller holds the rows of the pupils.
    """
    of_plans = [(order, order.plan_id) for order in orders if order.plan_id is not None]
    if not of_plans:
        return
    await day_rows.free(session, (order.order_id for order, _ in of_plans))
    ledger = await ledger_rows.load_ledger(
        session, ((order.pupil_ref or "", order.month) for order, _ in of_plans)
    )
    for order, plan_id in of_plans:
        ledger.draws_on[plan_id] = order.partner, order.semester or ""
        line = ledger.lines[plan_id, order.measure_id or "", order.month]
        ledger.give_back(line, order.cents)
    await save(session, ledger, at=at)
