"""Issuing vouchers for meals: as many as the plan's reserved money and the month's days allow."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.days import store as day_rows
from services.payments.days.domain import Asked, DayBooks, days_of_month, why_not
from services.payments.domain import Plan
from services.payments.entitlements import store as plan_rows
from services.payments.ledger import store as ledger_rows
from services.payments.ledger.domain import Ledger
from services.payments.orders.store import new_ids
from services.payments.rulebook import VOUCHER_CENTS, VOUCHER_VALID_DAYS
from services.payments.vouchers import store as voucher_rows
from services.payments.vouchers.domain import VoucherState, last_day_of
from services.payments.vouchers.refusals import (
    MoreThanDays,
    MoreThanReserved,
    NotForMeals,
    PlanUnknown,
    VoucherOutsidePlan,
)
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.calendar import month_bounds
from shared.contracts.base import Code, Month
from shared.errors import Refused
from shared.money import euro

OFFICER = (Role.PAYMENT_OFFICER,)
MEALS = "meals"
PER_LINE_MAX = 62
"""Two meals a day for the longest month."""


class VoucherLine(BaseModel):
    """So many vouchers for the meals of a plan's measure in a month."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan_id: Code
    measure_id: Code
    month: Month
    quantity: int = Field(strict=True, ge=1, le=PER_LINE_MAX)


class _Books(NamedTuple):
    """What issuing is decided by; `outstanding` grows as lines are accepted."""

    partner: str
    plans: Mapping[str, Plan]
    ledger: Ledger
    days: DayBooks
    outstanding: dict[tuple[str, str, str], int]


async def issue_vouchers(
    session: AsyncSession,
    partner: str,
    lines: Sequence[tuple[int, VoucherLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Issue vouchers of the person's own office; a line's answer names its batch."""
    by.must(OFFICER, partner)
    books = await _open(session, partner, [line for _, line in lines])
    answers, rows = [], list[tuple[object, ...]]()
    for (number, line), batch_id in zip(lines, new_ids(len(lines), now), strict=True):
        try:
            plan, cents = _value(line, books)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        expires_on = last_day_of(line.month, _valid_days(plan, line.month, books))
        about = (batch_id, partner, plan.school_id, plan.plan_id, line.measure_id, plan.pupil_ref)
        rest = (line.month, expires_on, cents, VoucherState.ISSUED.value, by.subject, now)
        rows += [(no, *about, *rest) for no in voucher_rows.new_numbers(line.quantity)]
        answers.append(
            accepted(number, batch_id, vouchers=line.quantity, cents=cents * line.quantity)
        )
    await voucher_rows.add(session, rows)
    return answers


async def _open(session: AsyncSession, partner: str, lines: Iterable[VoucherLine]) -> _Books:
    """Load plans, what is reserved for them, days, and what is out already."""
    asked = list(lines)
    ids = {line.plan_id for line in asked}
    await plan_rows.lock_pupils_of(session, ids)
    held = await plan_rows.held_plans(session, ids)
    plans = {plan_id: entry.plan for plan_id, entry in held.items()}
    months = {(plans[x.plan_id].pupil_ref, x.month) for x in asked if x.plan_id in plans}
    rules = await ledger_rows.load_rulebook(session)
    days = DayBooks(rules, date.max)
    await day_rows.load(session, days, months, plans)
    return _Books(
        partner,
        plans,
        await ledger_rows.load_ledger(session, months),
        days,
        await voucher_rows.outstanding(session, ids),
    )


def _valid_days(plan: Plan, month: str, books: _Books) -> int:
    """How long after its month a voucher may be handed in."""
    first, _ = month_bounds(month)
    places = plan.school_id, plan.partner, plan.municipality_id
    return int(books.days.rules.value(VOUCHER_VALID_DAYS, first, *places))


def _value(line: VoucherLine, books: _Books) -> tuple[Plan, int]:
    """The plan and what one voucher is worth; books the line, raises why it cannot be issued."""
    plan = books.plans.get(line.plan_id)
    if plan is None or plan.partner != books.partner:
        raise PlanUnknown(field="plan_id")
    first, last = month_bounds(line.month)
    day = plan.last_day_in_force(first, last)
    version = None if day is None else plan.version_on(day)
    if day is None or version is None:
        raise VoucherOutsidePlan(field="month")
    measure = version.measures.get(line.measure_id)
    if measure is None or measure.support_type != MEALS:
        raise NotForMeals(field="measure_id")
    asked = Asked(plan, line.measure_id, MEALS, books.days.rules_for(plan, day))
    open_days = sum(why_not(asked, one, books.days) is None for one in days_of_month(day, last))
    if line.quantity > open_days:
        raise MoreThanDays(field="quantity", days=open_days)
    places = plan.school_id, plan.partner, plan.municipality_id
    cents = int(books.days.rules.value(VOUCHER_CENTS, day, *places))
    _check_reserved(line, cents * line.quantity, books)
    return plan, cents


def _check_reserved(line: VoucherLine, cents: int, books: _Books) -> None:
    """Vouchers promise only money that is reserved for the measure and not promised by others."""
    key = line.plan_id, line.measure_id, line.month
    reserved = books.ledger.lines[key].reserved if key in books.ledger.lines else 0
    out = books.outstanding.get(key, 0)
    if out + cents > reserved:
        raise MoreThanReserved(field="quantity", left_eur=euro(max(reserved - out, 0)))
    books.outstanding[key] = out + cents
