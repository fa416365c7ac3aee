"""Delivered support as a plan's file keeps it: consultations, and accepted claims. Pure.

Of consultations each day is kept, of the claims for a compensation the first of a month: the
others are in the payment orders.
"""

from bisect import insort
from dataclasses import dataclass

from services.reporting.plan_files import Effect, PlanFile


@dataclass(frozen=True, slots=True)
class Support:
    """A consultation that was held on a day; each is kept."""

    support_type: str
    month: str
    kind: str
    day: str

    def __call__(self, file: PlanFile) -> Effect:
        """Keep it in the plan's file."""
        days = file.supports.setdefault(f"{self.support_type}/{self.month}/{self.kind}", [])
        insort(days, self.day)
        return Effect.PEOPLE if days[0] == self.day else Effect.MEMORY

    def repeats(self, file: PlanFile) -> bool:
        """Whether the same was delivered before, so that nobody counts who did not."""
        days = file.supports.get(f"{self.support_type}/{self.month}/{self.kind}", [])
        return len(days) > 0 and days[0] <= self.day


@dataclass(frozen=True, slots=True)
class Compensated:
    """A claim was accepted for a service of a day; of a month and type the first day is kept."""

    support_type: str
    month: str
    day: str

    def __call__(self, file: PlanFile) -> Effect:
        """Keep the day if it is the first."""
        name = compensation_name(self.support_type, self.month)
        days = file.supports.get(name, [])
        if days and days[0] <= self.day:
            return Effect.NONE
        file.supports[name] = [self.day]
        return Effect.PEOPLE


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A claim was wrong after all; `day` is the first day of those that still stand, if any."""

    support_type: str
    month: str
    day: str | None

    def __call__(self, file: PlanFile) -> Effect:
        """Keep the day that is left, or forget the support."""
        name = compensation_name(self.support_type, self.month)
        left = [] if self.day is None else [self.day]
        if file.supports.get(name, [])[:1] == left:
            return Effect.NONE
        file.supports[name] = left
        if not left:
            del file.supports[name]
        return Effect.PEOPLE


def compensation_name(support_type: str, month: str) -> str:
    """The name under which a plan's file keeps compensations of a type in a month."""
    return f"{support_type}/{month}/"
