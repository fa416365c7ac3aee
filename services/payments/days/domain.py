"""Which days of a claim can be paid, and why the others cannot. Pure.

A day is held against the plan, the calendar of the school, days away, practice orders and the
days that were claimed before; which of these a type of support is bound to are parameters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from services.payments.days.reasons import Why
from services.payments.domain import Plan, PlanVersion
from services.payments.rulebook import (
    CALENDAR_BOUND_TYPES,
    CALENDAR_REQUIRED,
    DAYS_COUNTED_ONCE,
    DAYS_NEEDED,
    PRACTICE_OPENS,
    Rulebook,
)
from shared.school_days import Calendar, DayKind, SchoolDays

_UNKNOWN = DayKind.UNKNOWN
DayKey = tuple[str, str, date]
"""Pupil, type of support and day: claimed once."""


class Taken(NamedTuple):
    """What holds a day: an order, or a voucher that was redeemed and is not claimed yet."""

    held_by: str
    plan_id: str
    assumed: bool
    voucher_no: str | None = None


class Freed(NamedTuple):
    """A day that an order had until its money came back."""

    day: date
    support_type: str
    assumed: bool
    voucher_no: str | None


@dataclass(frozen=True, slots=True)
class DayRules:
    """The parameters about days at a place on a day."""

    bound: Mapping[str, frozenset[str]]
    counted: frozenset[str]
    needed: frozenset[str]
    opened: frozenset[str]
    required: bool

    def concern(self, support_type: str) -> bool:
        """Whether claims of a type are held against days at all."""
        return (
            support_type in self.bound
            or support_type in self.counted
            or support_type in self.needed
        )

    @classmethod
    def of(cls, rules: Rulebook, day: date, *places: str) -> "DayRules":
        """As the rulebook has them; what nobody set binds nothing."""
        bound = rules.find(CALENDAR_BOUND_TYPES, day, *places) or {}
        return cls(
            bound={kind: frozenset(reasons) for kind, reasons in bound.items()},
            counted=frozenset(rules.find(DAYS_COUNTED_ONCE, day, *places) or ()),
            needed=frozenset(rules.find(DAYS_NEEDED, day, *places) or ()),
            opened=frozenset(rules.find(PRACTICE_OPENS, day, *places) or ()),
            required=bool(rules.find(CALENDAR_REQUIRED, day, *places)),
        )


@dataclass
class DayBooks:
    """Everything days are held against; changed as claims take days.

    `absent` and `practices` by pupil, `taken` by pupil, type and day; `touched` are the days whose
    row has to be written anew. `paid_before` remembers by school, type and day of a month on which
    day support was possible for another pupil: that day is asked about first.
    """

    rules: Rulebook
    today: date
    calendar: Calendar = field(default_factory=dict)
    absent: Mapping[str, set[date]] = field(default_factory=dict)
    practices: Mapping[str, Sequence[tuple[date, date]]] = field(default_factory=dict)
    taken: dict[DayKey, Taken] = field(default_factory=dict)
    touched: set[DayKey] = field(default_factory=set)
    paid_before: dict[tuple[str, str, date], date] = field(default_factory=dict)
    _rules: dict[tuple[date, str, str, str], DayRules] = field(default_factory=dict)
    _days: dict[tuple[str, str, str | None, int | None], SchoolDays] = field(default_factory=dict)

    def types(self) -> frozenset[str]:
        """All types that any value of the parameters binds to days, wherever and whenever."""
        found: set[str] = set()
        for rule in self.rules.rules:
            if rule.name in (CALENDAR_BOUND_TYPES, DAYS_COUNTED_ONCE):
                found.update(rule.value or ())
        return frozenset(found)

    def rules_for(self, plan: Plan, day: date) -> DayRules:
        """The parameters about days for a plan's school on a day."""
        places = plan.school_id, plan.partner, plan.municipality_id
        found = self._rules.get((day, *places))
        if found is None:
            found = self._rules[(day, *places)] = DayRules.of(self.rules, day, *places)
        return found

    def school_days(self, plan: Plan, version: PlanVersion) -> SchoolDays:
        """The calendar of the plan's school and the pupil's grade."""
        key = plan.school_id, plan.municipality_id, version.programme, version.grade
        found = self._days.get(key)
        if found is None:
            found = self._days[key] = SchoolDays.of(
                self.calendar,
                plan.school_id,
                plan.municipality_id,
                programme=version.programme,
                grade=version.grade,
            )
        return found

    def practises(self, pupil_ref: str, day: date) -> bool:
        """Whether a practice order holds for the pupil that day."""
        spans = self.practices.get(pupil_ref)
        return spans is not None and any(first <= day <= last for first, last in spans)

    def hold(self, key: DayKey, by: Taken) -> None:
        """Let an order or a voucher have a day."""
        self.taken[key] = by
        self.touched.add(key)

    def move(self, key: DayKey, to: date) -> None:
        """Let who has a day by assumption have another one instead."""
        held = self.taken.pop(key)
        self.touched.add(key)
        self.hold((key[0], key[1], to), held)


class Asked(NamedTuple):
    """For which measure of which plan days are asked, under which parameters.

    `voucher_no` may hold a day already: the claim for it is what the voucher was redeemed for.
    """

    plan: Plan
    measure_id: str
    support_type: str
    rules: DayRules
    voucher_no: str | None = None

    def key(self, day: date) -> DayKey:
        """What a day is called among those taken."""
        return self.plan.pupil_ref, self.support_type, day


def why_not(asked: Asked, day: date, books: DayBooks) -> Why | None:
    """Why a day cannot be paid, the first reason first; None where it can."""
    if day > books.today:
        return Why.FUTURE
    end = books.rules.project_end(day)
    if end is not None and day > end:
        return Why.PROJECT_ENDED
    version = asked.plan.version_on(day)
    if version is None:
        return Why.SUSPENDED if asked.plan.is_suspended_on(day) else Why.NOT_IN_FORCE
    if asked.measure_id not in version.measures:
        return Why.NOT_PLANNED
    not_there = closed(asked, version, day, books)
    if not_there is not None:
        return not_there
    held = books.taken.get(asked.key(day)) if asked.support_type in asked.rules.counted else None
    return None if held is None or held.held_by == asked.voucher_no else Why.TAKEN


def closed(asked: Asked, version: PlanVersion, day: date, books: DayBooks) -> Why | None:
    """Why pupil or school were not there that day, as far as the type is bound to it."""
    bound = asked.rules.bound.get(asked.support_type)
    if not bound:
        return None
    pupil_ref = asked.plan.pupil_ref
    if day in books.absent.get(pupil_ref, ()) and Why.ABSENT in bound:
        return Why.ABSENT
    if asked.support_type in asked.rules.opened and books.practises(pupil_ref, day):
        return None
    kind = books.school_days(asked.plan, version).kind(day)
    if kind is _UNKNOWN:
        return Why.UNKNOWN if asked.rules.required else None
    return Why(kind.value) if kind in bound else None


def elsewhere(asked: Asked, day: date, books: DayBooks, *, but: Iterable[date]) -> date | None:
    """Another day for whom has this one by assumption and the same plan; None where there is none.

    A claim for a month says how many days it is for, not which; a day that somebody names is
    taken from it as long as it finds another.
    """
    held = books.taken.get(asked.key(day))
    if held is None or not held.assumed or held.plan_id != asked.plan.plan_id:
        return None
    wanted = set(but)
    for other in days_of_month(day, books.today):
        if other not in wanted and why_not(asked, other, books) is None:
            return other
    return None


@lru_cache(maxsize=1024)
def days_of_month(day: date, today: date) -> Sequence[date]:
    """The days of the month of a day, up to today."""
    first = day.replace(day=1)
    month = (first + timedelta(days=number) for number in range(31))
    return tuple(one for one in month if one.month == day.month and one <= today)
