"""Allocations: what a partner may promise in a semester, and the acts that set and change it. Pure.

Sums are cents. An allocation is spoken for by what is reserved for plans and what is ordered; it
may never be less than that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shared.calendar import school_year_of
from shared.errors import FourEyes, NotFound, Refused
from shared.money import euro

AllocationKey = tuple[str, str]
"""Partner and semester."""
YearKey = tuple[str, str]
"""Partner and first year of the school year."""

USED_UP = "allocation-used-up"
NOT_SET = "allocation-not-set"


class Kind(StrEnum):
    """What an act does."""

    SET = "set"
    INCREASE = "increase"
    DECREASE = "decrease"
    TRANSFER = "transfer"
    YEARLY_MAXIMUM = "yearly_maximum"


class Decision(StrEnum):
    """What a second person said of an act."""

    APPROVED = "approved"
    REJECTED = "rejected"


class ActUnknown(NotFound):
    """There is no such act."""

    code = "act-unknown"


class ActDecided(Refused):
    """This act has been decided; enter a new one."""

    code = "act-decided"


class AllocationSet(Refused):
    """This semester has its allocation; increase, decrease or transfer it."""

    code = "allocation-already-set"


class AllocationMissing(Refused):
    """This semester has no allocation yet; set it first."""

    code = NOT_SET


class SpokenFor(Refused):
    """So much cannot be taken away: it is reserved for plans or ordered."""

    code = "allocation-spoken-for"


class AboveYearlyMaximum(Refused):
    """The allocations of the school year would come to more than its maximum."""

    code = "above-yearly-maximum"


class Act(NamedTuple):
    """An act as it was entered; `semester` is the school year where a yearly maximum is set."""

    act_id: str
    kind: str
    partner: str
    semester: str
    to_partner: str | None
    to_semester: str | None
    cents: int
    learners: int | None
    reason: str
    entered_by: str

    def changes(self) -> dict[AllocationKey, int]:
        """By how many cents the act changes which allocations."""
        source = self.partner, self.semester
        if self.kind == Kind.YEARLY_MAXIMUM:
            return {}
        if self.kind == Kind.DECREASE:
            return {source: -self.cents}
        if self.kind == Kind.TRANSFER:
            return {source: -self.cents, self.target: self.cents}
        return {source: self.cents}

    @property
    def target(self) -> AllocationKey:
        """Where a transfer goes."""
        return self.to_partner or self.partner, self.to_semester or self.semester

    def years(self) -> set[YearKey]:
        """The school years the act is about."""
        if self.kind == Kind.YEARLY_MAXIMUM:
            return {(self.partner, self.semester)}
        return {(partner, school_year_of(semester)) for partner, semester in self.changes()}


@dataclass(slots=True)
class Allocation:
    """What a partner may promise in a semester, and what of it is spoken for.

    `allocated` is None while none was set; `required` says whether nothing may be promised then.
    """

    partner: str
    semester: str
    allocated: int | None = None
    spoken_for: int = 0
    version: int = 0
    required: bool = False

    @property
    def free(self) -> int | None:
        """What may still be promised; None where nothing limits it."""
        if self.allocated is not None:
            return self.allocated - self.spoken_for
        return 0 if self.required else None

    @property
    def reason(self) -> str:
        """Why something does not fit."""
        return NOT_SET if self.allocated is None else USED_UP


@dataclass(slots=True)
class Year:
    """The most a partner's allocations of a school year may come to, and what they come to."""

    partner: str
    school_year: str
    maximum: int | None = None
    learners: int | None = None
    allocated: int = 0
    version: int = 0


def check_second_person(act: Act | None, decided: bool, *, by: str) -> Act:
    """The act, if this person may decide it now."""
    if act is None:
        raise ActUnknown(field="act_id")
    if decided:
        raise ActDecided(field="act_id")
    if act.entered_by == by:
        raise FourEyes(field="act_id")
    return act


def apply(
    act: Act, allocations: Mapping[AllocationKey, Allocation], years: Mapping[YearKey, Year]
) -> None:
    """Change allocations and years as an approved act says, or refuse and change nothing."""
    if act.kind == Kind.YEARLY_MAXIMUM:
        _set_maximum(act, years[act.partner, act.semester])
        return
    changes = act.changes()
    for key, change in changes.items():
        _check_change(act, allocations[key], change)
    sums = _sums_of_years(changes, years)
    for key, allocated in sums.items():
        years[key].allocated = allocated
    for key, change in changes.items():
        allocation = allocations[key]
        allocation.allocated = (allocation.allocated or 0) + change
        allocation.version += 1


def _set_maximum(act: Act, year: Year) -> None:
    """A maximum never falls below what was allocated."""
    if act.cents < year.allocated:
        raise AboveYearlyMaximum(
            field="cents",
            allocated_cents=year.allocated,
            maximum_cents=act.cents,
            missing_cents=year.allocated - act.cents,
        )
    year.maximum, year.learners = act.cents, act.learners
    year.version += 1


def _check_change(act: Act, allocation: Allocation, change: int) -> None:
    """An allocation is set once, and never falls below what is spoken for."""
    if act.kind == Kind.SET and allocation.allocated is not None:
        raise AllocationSet(field="kind", allocated_cents=allocation.allocated)
    if act.kind != Kind.SET and allocation.allocated is None:
        raise AllocationMissing(partner=allocation.partner, semester=allocation.semester)
    short = allocation.spoken_for - (allocation.allocated or 0) - change
    if short > 0:
        raise SpokenFor(
            field="cents",
            spoken_for_cents=allocation.spoken_for,
            missing_cents=short,
            missing_eur=euro(short),
        )


def _sums_of_years(
    changes: Mapping[AllocationKey, int], years: Mapping[YearKey, Year]
) -> dict[YearKey, int]:
    """What the allocations of the school years come to; not above their maxima."""
    sums: dict[YearKey, int] = {}
    for (partner, semester), change in changes.items():
        key = partner, school_year_of(semester)
        sums[key] = sums.get(key, years[key].allocated) + change
    for key, allocated in sums.items():
        year = years[key]
        if year.maximum is not None and allocated > year.maximum:
            raise AboveYearlyMaximum(
                field="cents",
                maximum_cents=year.maximum,
                allocated_cents=year.allocated,
                missing_cents=allocated - year.maximum,
            )
    return sums
