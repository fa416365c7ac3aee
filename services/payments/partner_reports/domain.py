"""Rules of partners' reports: periods, balances, the state's decision on a line. Sums are cents.

Source: domain text M-8; how long a period is, is unknown there, so it is a parameter.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from shared.calendar import month_bounds
from shared.errors import Invalid, Refused
from shared.money import euro, split_esf


class PeriodKind(StrEnum):
    """How long a period of reports is."""

    MONTH = "month"
    QUARTER = "quarter"
    SEMESTER = "semester"


class Verdict(StrEnum):
    """What the state says of a line."""

    ACCEPTED = "accepted"
    REDUCED = "reduced"
    REJECTED = "rejected"


VERDICT_REASONS: Mapping[str, tuple[str, str]] = {
    "evidence-missing": ("nav apliecinošā dokumenta", "the evidence is missing"),
    "evidence-unreadable": ("apliecinošais dokuments nav salasāms", "the evidence is unreadable"),
    "not-eligible": ("izmaksas nav attiecināmas", "the cost is not eligible"),
    "rate-exceeded": ("pārsniegta likme", "a rate is exceeded"),
    "wrong-period": ("izmaksas pieder citam periodam", "the cost belongs to another period"),
    "paid-twice": ("izmaksas jau atmaksātas", "the cost was reimbursed already"),
    "other": ("cits iemesls", "another reason"),
}


class BadPeriod(Invalid):
    """A period is a month (2021-10), a quarter (2021-Q4) or a semester (2021-1)."""

    code = "bad-period"


class VerdictUnfit(Refused):
    """An accepted line counts whole, a rejected one not at all, a reduced one in part."""

    code = "verdict-unfit"


class ReasonNeeded(Refused):
    """Say by a code of the list verdict_reason why a line is reduced or rejected."""

    code = "verdict-reason-needed"


class OriginalOpen(Refused):
    """What was paid is not decided yet: verify the report that holds it, then decide on this."""

    code = "original-not-verified"


@dataclass(frozen=True, slots=True)
class Period:
    """A period with its first and last day."""

    name: str
    kind: PeriodKind
    first_day: date
    last_day: date


class Counted(NamedTuple):
    """How much of a line counts, and its parts."""

    cents: int
    esf_cents: int
    state_cents: int


NOTHING = Counted(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a partner had, received, spent and has; closing = opening + received - spent."""

    opening_cents: int
    received_cents: int
    spent_cents: int

    @property
    def closing_cents(self) -> int:
        """What is left at the end; below zero where the partner paid with its own money."""
        return self.opening_cents + self.received_cents - self.spent_cents


def period_of(name: str) -> Period:
    """A period by its name; raises BadPeriod.

    A first semester of money runs from September to January, the second from February to August,
    so that no month lies between two of them (our rule).
    """
    told = _NAME.fullmatch(name)
    if told is None:
        raise BadPeriod(field="period")
    year, part = int(told[1]), told[2]
    if part in _SEMESTERS:
        return _of_months(name, PeriodKind.SEMESTER, *_SEMESTERS[part], year=year)
    if part in _QUARTERS:
        return _of_months(name, PeriodKind.QUARTER, *_QUARTERS[part], year=year)
    return Period(name, PeriodKind.MONTH, *month_bounds(name))


_NAME = re.compile(r"(20\d\d)-([12]|Q[1-4]|0[1-9]|1[0-2])", re.ASCII)
_SEMESTERS = {"1": (9, 13), "2": (14, 20)}
_QUARTERS = {"Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12)}
"""First and last month, counted on from January of the year."""


def _of_months(name: str, kind: PeriodKind, first: int, last: int, *, year: int) -> Period:
    """A period of whole months."""
    return Period(name, kind, _bounds(year, first)[0], _bounds(year, last)[1])


def _bounds(year: int, month: int) -> tuple[date, date]:
    """First and last day of a month that may lie in the year after."""
    over, number = divmod(month - 1, 12)
    return month_bounds(f"{year + over}-{number + 1:02d}")


def counted(
    verdict: Verdict, *, cents: int, share_permille: int, asked_cents: int | None
) -> Counted:
    """How much of a paid line counts by a verdict; raises VerdictUnfit.

    `asked_cents` is what a reduced line counts.
    """
    if verdict is Verdict.ACCEPTED and asked_cents in (None, cents):
        return _split(cents, share_permille)
    if verdict is Verdict.REJECTED and asked_cents in (None, 0):
        return NOTHING
    if verdict is Verdict.REDUCED and asked_cents is not None and 0 < asked_cents < cents:
        return _split(asked_cents, share_permille)
    raise VerdictUnfit(field="accepted_cents", cents=cents, line_eur=euro(cents))


def taken_back(
    opposites: Mapping[int, int], *, counts: Counted, share_permille: int
) -> dict[int, Counted]:
    """What opposite lines of an order take from the claim, by line number, in their order.

    `counts` is what counts of the order without them. Together they take at most that, so nothing
    is taken from the claim that was not in it, and what counts is never below zero.
    """
    taken = {}
    for line_no, cents in sorted(opposites.items()):
        left = _split(max(counts.cents + cents, 0), share_permille)
        taken[line_no] = Counted(*(new - old for new, old in zip(left, counts, strict=True)))
        counts = left
    return taken


def check_opposite(verdict: Verdict, *, original_is_firm: bool) -> None:
    """An opposite line can only be accepted, and builds on a decision that stands.

    Raises VerdictUnfit, OriginalOpen.
    """
    if verdict is not Verdict.ACCEPTED:
        raise VerdictUnfit("an opposite line can only be accepted", field="decision")
    if not original_is_firm:
        raise OriginalOpen(field="line_no")


def _split(cents: int, share_permille: int) -> Counted:
    """Cents with their parts."""
    return Counted(cents, *split_esf(cents, share_permille=share_permille))


def check_reason(verdict: Verdict, reason_code: str | None) -> None:
    """A line that does not count whole says why; raises ReasonNeeded."""
    if verdict is not Verdict.ACCEPTED and reason_code not in VERDICT_REASONS:
        raise ReasonNeeded(field="reason_code", known=sorted(VERDICT_REASONS))


def outcome_of(cents: int, accepted_cents: int) -> Verdict:
    """What became of an order as a whole."""
    if accepted_cents == 0 and cents:
        return Verdict.REJECTED
    return Verdict.ACCEPTED if accepted_cents == cents else Verdict.REDUCED


def tally(verdicts: Iterable[str]) -> dict[Verdict, int]:
    """How many lines got each verdict."""
    found = list(verdicts)
    return {verdict: found.count(verdict.value) for verdict in Verdict}
