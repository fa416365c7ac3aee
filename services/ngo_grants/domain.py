"""Calls of a municipality: their moves, window, quota and deadlines.

Source: published rules of the calls (window, evaluation window, quota from pupil numbers); the
table of moves is our rule.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.ngo_grants.rules import Rules
from shared.errors import Invalid, Refused


class CallState(StrEnum):
    """Where a call stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    DISCUSSION = "discussion"
    DECIDED = "decided"
    CANCELLED = "cancelled"


CALL_MOVES = frozenset(
    {
        (CallState.DRAFT, CallState.PUBLISHED),
        (CallState.DRAFT, CallState.CANCELLED),
        (CallState.PUBLISHED, CallState.CLOSED),
        (CallState.PUBLISHED, CallState.CANCELLED),
        (CallState.CLOSED, CallState.DISCUSSION),
        (CallState.CLOSED, CallState.DECIDED),
        (CallState.CLOSED, CallState.CANCELLED),
        (CallState.DISCUSSION, CallState.DECIDED),
        (CallState.DISCUSSION, CallState.CANCELLED),
    }
)
OPEN_FOR_MARKS = frozenset({CallState.CLOSED, CallState.DISCUSSION})


class WrongMove(Refused):
    """This step does not follow from where the thing stands."""

    code = "wrong-move"


class WindowTooShort(Invalid):
    """The window of a call may not be shorter than the programme's rule."""

    code = "call-window-too-short"


class PublishedTooLate(Refused):
    """A call is published on its first day at the latest; move the window."""

    code = "call-published-late"


class NotLonger(Invalid):
    """A published call can only be made longer: the new last day lies after the old one."""

    code = "call-not-prolonged"


class WindowOver(Refused):
    """The window of this call is over."""

    code = "call-window-over"


class WindowStillOpen(Refused):
    """The window of this call is still open."""

    code = "call-window-open"


class QuotaTooLarge(Invalid):
    """The quota is larger than the number of pupils allows."""

    code = "quota-too-large"


class AfterProgrammeEnd(Invalid):
    """The programme ends before this day."""

    code = "after-programme-end"


class LateNeedsReason(Invalid):
    """The decision comes after its deadline, so it needs a reason."""

    code = "late-decision-needs-reason"


@dataclass(frozen=True, slots=True)
class Call:
    """A municipality's call for youth projects; both days of the window belong to it."""

    call_id: str
    municipality_id: str
    year: int
    state: CallState
    quota: int
    eligible_pupils: int | None
    opens_on: date
    closes_on: date
    nolikum_version: str
    rules: Rules
    version: int
    created_by: str
    published_at: datetime | None = None
    closed_on: date | None = None
    decided_at: datetime | None = None

    @property
    def decide_by(self) -> date:
        """The last day for the decision."""
        return self.closes_on + timedelta(days=self.rules.evaluation_window_days)

    def takes_on(self, day: date) -> bool:
        """Whether applications may be filed on a day."""
        return self.state is CallState.PUBLISHED and self.opens_on <= day <= self.closes_on

    def is_overdue(self, day: date) -> bool:
        """Whether the decision should have been taken before this day."""
        waits = self.state in {CallState.PUBLISHED, CallState.CLOSED, CallState.DISCUSSION}
        return waits and day > self.decide_by


def call_id_of(municipality_id: str, year: int, number: int) -> str:
    """The id of the municipality's so-manieth call of a year; no chance is involved."""
    return f"{municipality_id}-{year}-{number}"


def check_call_move(call: Call, to: CallState) -> None:
    """Refuse every move that is not in the table."""
    if (call.state, to) not in CALL_MOVES:
        raise WrongMove(call_id=call.call_id, state=call.state, asked=to)


def last_day(opens_on: date, closes_on: date | None, rules: Rules) -> date:
    """The last day of the window, by default the earliest allowed; raises WindowTooShort."""
    earliest = opens_on + timedelta(days=rules.call_window_days)
    if closes_on is None:
        return earliest
    if closes_on < earliest:
        raise WindowTooShort(
            field="closes_on", days_min=rules.call_window_days, earliest=earliest.isoformat()
        )
    return closes_on


def check_quota(quota: int, eligible_pupils: int | None, rules: Rules) -> None:
    """Refuse a quota above what the pupils allow, where the programme says how many that are."""
    if rules.pupils_per_project is None:
        return
    if eligible_pupils is None:
        raise Invalid(
            "The programme computes the quota from pupils; say how many they are.",
            field="eligible_pupils",
        )
    allowed = max(1, eligible_pupils // rules.pupils_per_project)
    if quota > allowed:
        raise QuotaTooLarge(field="quota", allowed=allowed, eligible_pupils=eligible_pupils)


def check_before_end(day: date, rules: Rules, *, field: str) -> None:
    """Refuse days after the programme's approved end, where that is known."""
    if rules.programme_end is not None and day > rules.programme_end:
        raise AfterProgrammeEnd(field=field, programme_end=rules.programme_end.isoformat())


def check_publication(call: Call, day: date) -> None:
    """Refuse a publication that would shorten the window."""
    check_call_move(call, CallState.PUBLISHED)
    if day > call.opens_on:
        raise PublishedTooLate(call_id=call.call_id, opens_on=call.opens_on.isoformat())


def check_prolongation(call: Call, closes_on: date, day: date) -> None:
    """Refuse to prolong what is not published, is over, or would not get longer."""
    if call.state is not CallState.PUBLISHED:
        raise WrongMove(call_id=call.call_id, state=call.state, asked="prolonged")
    if day > call.closes_on:
        raise WindowOver(call_id=call.call_id, closes_on=call.closes_on.isoformat())
    if closes_on <= call.closes_on:
        raise NotLonger(field="closes_on", closes_on=call.closes_on.isoformat())
    check_before_end(closes_on, call.rules, field="closes_on")


def check_closing(call: Call, day: date) -> None:
    """Refuse to close before the last day is over."""
    check_call_move(call, CallState.CLOSED)
    if day <= call.closes_on:
        raise WindowStillOpen(call_id=call.call_id, closes_on=call.closes_on.isoformat())


def check_in_time(call: Call, day: date, late_reason: str | None) -> None:
    """Refuse a decision after its deadline that gives no reason."""
    if day > call.decide_by and not late_reason:
        raise LateNeedsReason(field="late_reason", decide_by=call.decide_by.isoformat())


def add_months(day: date, months: int) -> date:
    """The same day so many months later; where the month is shorter, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))
