"""How much of a claim its days let through: all, what falls on good days, or nothing. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from services.payments.days.domain import (
    Asked,
    DayBooks,
    DayKey,
    Freed,
    Taken,
    days_of_month,
    elsewhere,
    why_not,
)
from services.payments.days.reasons import Why, details_of
from services.payments.domain import Plan
from services.payments.refusals import LineRefused
from services.payments.rulebook import CUT, PARTIAL_PAYMENT


class DaysPaid(NamedTuple):
    """The cents that fall on days that can be paid, and what those days are.

    `days` are those that nobody may claim again, `moves` those of others that go elsewhere for
    them, `last` the last day that is paid where the claim named days.
    """

    cents: int
    days: tuple[date, ...] = ()
    assumed: bool = False
    moves: tuple[tuple[date, date], ...] = ()
    last: date | None = None
    cut: LineRefused | None = None


class Wanted(NamedTuple):
    """What a claim says of its days: these ones, or so many of a month, or just the month."""

    cents: int
    named: Sequence[date]
    month_of: date
    quantity: int | None


def days_paid(wanted: Wanted, asked: Asked, books: DayBooks) -> DaysPaid:
    """Hold a claim against its days; raises LineRefused where none can be paid, or not all may."""
    bound = asked.rules.bound.get(asked.support_type)
    counted = asked.support_type in asked.rules.counted
    if wanted.named:
        return _named(wanted, asked, books, counted=counted)
    if not counted or wanted.quantity is None:
        if asked.support_type in asked.rules.needed:
            raise LineRefused("evidence-incomplete", missing="days, or quantity")
        return _some_day(wanted, asked, books) if bound else DaysPaid(wanted.cents)
    return _so_many(wanted, asked, books, quantity=wanted.quantity)


def take(paid: DaysPaid, asked: Asked, books: DayBooks, *, held_by: str) -> None:
    """Let an order have its days."""
    for day, other in paid.moves:
        books.move(asked.key(day), other)
    for day in paid.days:
        taken = Taken(held_by, asked.plan.plan_id, paid.assumed, asked.voucher_no)
        books.hold(asked.key(day), taken)


def days_again(
    freed: Sequence[Freed], plan: Plan, measure_id: str, books: DayBooks
) -> dict[DayKey, Freed]:
    """The days of an order that is paid again: those it had, as far as they may be paid today.

    A day it had by assumption may be another one of its month; raises LineRefused for the rest.
    """
    days: dict[DayKey, Freed] = {}
    bad: list[tuple[Freed, Asked, Why]] = []
    for one in freed:
        rules = books.rules_for(plan, one.day)
        asked = Asked(plan, measure_id, one.support_type, rules, one.voucher_no)
        why = why_not(asked, one.day, books)
        if why is None:
            days[asked.key(one.day)] = one
        else:
            bad.append((one, asked, why))
    refused: dict[date, Why] = {}
    for one, asked, why in bad:
        free = days_of_month(one.day, books.today) if one.assumed else ()
        others = (day for day in free if asked.key(day) not in days)
        other = next((day for day in others if why_not(asked, day, books) is None), None)
        if other is None:
            refused[one.day] = why
        else:
            days[asked.key(other)] = one
    if refused:
        raise LineRefused("days-refused", **details_of(refused))
    return days


def hold_again(
    days: Mapping[DayKey, Freed], books: DayBooks, *, plan_id: str, held_by: str
) -> None:
    """Let the new order have the days of the one it is paid instead of."""
    for key, one in days.items():
        books.hold(key, Taken(held_by, plan_id, one.assumed, one.voucher_no))


def _named(wanted: Wanted, asked: Asked, books: DayBooks, *, counted: bool) -> DaysPaid:
    """Of days that are named each is good or refused by itself."""
    good: list[date] = []
    refused: dict[date, Why] = {}
    moves: list[tuple[date, date]] = []
    if counted and wanted.quantity not in (None, len(wanted.named)):
        raise LineRefused("quantity-differs", quantity=wanted.quantity, days=len(wanted.named))
    for day in sorted(wanted.named):
        why = why_not(asked, day, books)
        if why is Why.TAKEN:
            gone = [*wanted.named, *(other for _, other in moves)]
            other = elsewhere(asked, day, books, but=gone)
            if other is not None:
                moves.append((day, other))
                why = None
        if why is None:
            good.append(day)
        else:
            refused[day] = why
    cents, cut = _part(wanted.cents, len(good), len(wanted.named), refused, books)
    days = tuple(good) if counted else ()
    return DaysPaid(cents, days, moves=tuple(moves), last=good[-1], cut=cut)


def _some_day(wanted: Wanted, asked: Asked, books: DayBooks) -> DaysPaid:
    """A month without a number of days is paid if support was possible on any of its days."""
    like_this = asked.plan.school_id, asked.support_type, wanted.month_of
    before = books.paid_before.get(like_this)
    if before is not None and why_not(asked, before, books) is None:
        return DaysPaid(wanted.cents)
    refused: dict[date, Why] = {}
    for day in reversed(days_of_month(wanted.month_of, books.today)):
        why = why_not(asked, day, books)
        if why is None:
            books.paid_before[like_this] = day
            return DaysPaid(wanted.cents)
        refused[day] = why
    raise LineRefused("days-refused", **details_of(refused))


def _so_many(wanted: Wanted, asked: Asked, books: DayBooks, *, quantity: int) -> DaysPaid:
    """So many days of a month: the first that are free are assumed to be meant."""
    good: list[date] = []
    refused: dict[date, Why] = {}
    for day in days_of_month(wanted.month_of, books.today):
        if len(good) == quantity:
            return DaysPaid(wanted.cents, tuple(good), assumed=True)
        why = why_not(asked, day, books)
        if why is None:
            good.append(day)
        else:
            refused[day] = why
    if len(good) == quantity:
        return DaysPaid(wanted.cents, tuple(good), assumed=True)
    cents, cut = _part(wanted.cents, len(good), quantity, refused, books)
    return DaysPaid(cents, tuple(good), assumed=True, cut=cut)


def _part(
    cents: int, good: int, of: int, refused: Mapping[date, Why], books: DayBooks
) -> tuple[int, LineRefused | None]:
    """The part of a sum that falls on good days, and the refusal of the rest."""
    if good == of:
        return cents, None
    details = {"good": good, "of": of, **details_of(refused)}
    part = cents * good // of
    if good == 0:
        raise LineRefused("days-refused", **details)
    if part == 0:
        raise LineRefused("sum-below-days", **details)
    if books.rules.value(PARTIAL_PAYMENT, books.today) != CUT:
        raise LineRefused("days-partly-refused", **details)
    return part, LineRefused("days-cut", cut_cents=cents - part, **details)
