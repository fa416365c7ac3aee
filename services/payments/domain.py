"""Rules of payments as plain functions: plans in force, the states of an order, sums of lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from services.payments.ledger.domain import Place
from shared.calendar import month_bounds
from shared.errors import NotFound, Refused

GRANT_INSTALMENT = "grant_instalment"
PREPARATION = "preparation"
SUSPENDED = "suspended"
REVISED = "revised"


def _readable(text: str) -> str:
    """The text, if a person can read all of it; banks and people stumble over what nobody sees."""
    printable = text.isprintable() or " ".join(text.split()).isprintable()
    if not printable or not text.strip():
        raise ValueError("is blank or holds characters that nobody sees; type it anew")
    return text


READABLE = AfterValidator(_readable)
Written = Annotated[str, READABLE]
"""A text that somebody wrote: not blank, without control characters and direction marks."""


class OrderState(StrEnum):
    """Where an order stands; it only ever moves forward."""

    DRAFT = "draft"
    APPROVED = "approved"
    IN_FILE = "in_file"
    SENT = "sent"
    SETTLED = "settled"
    RETURNED = "returned"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


OPEN_STATES = (
    OrderState.DRAFT,
    OrderState.APPROVED,
    OrderState.IN_FILE,
    OrderState.SENT,
    OrderState.UNKNOWN,
)
"""States in which an order is neither paid nor given back."""
NOT_IN_A_FILE = (OrderState.DRAFT, OrderState.APPROVED, OrderState.CANCELLED)
"""States of an order that no bank file holds; in every other one does."""
MOVES: frozenset[tuple[OrderState, OrderState]] = frozenset(
    {
        (OrderState.DRAFT, OrderState.APPROVED),
        (OrderState.DRAFT, OrderState.CANCELLED),
        (OrderState.APPROVED, OrderState.CANCELLED),
        (OrderState.APPROVED, OrderState.IN_FILE),
        (OrderState.IN_FILE, OrderState.SENT),
        (OrderState.IN_FILE, OrderState.SETTLED),
        (OrderState.IN_FILE, OrderState.RETURNED),
        (OrderState.IN_FILE, OrderState.UNKNOWN),
        (OrderState.SENT, OrderState.SETTLED),
        (OrderState.SENT, OrderState.RETURNED),
        (OrderState.SENT, OrderState.UNKNOWN),
        (OrderState.SETTLED, OrderState.RETURNED),
        (OrderState.UNKNOWN, OrderState.SETTLED),
        (OrderState.UNKNOWN, OrderState.RETURNED),
    }
)
"""Nothing leads back: an order whose outcome is unknown is cleared by a report, never resent.

A bank books a payment first and returns it days later, so what was settled can still return.
"""


class PartnerUnknown(NotFound):
    """The registers know neither a municipality nor a school that pays under this number."""

    code = "partner-unknown"


class WrongMove(Refused):
    """An order in this state cannot go there."""

    code = "wrong-move"


class BookedInFuture(Refused):
    """Money is entered when it was booked, not before."""

    code = "booked-in-future"


def check_move(state: OrderState, to: OrderState) -> None:
    """Refuse a move that is not in the table."""
    if (state, to) not in MOVES:
        raise WrongMove(state=state, to=to)


class Measure(NamedTuple):
    """A measure as a version of a plan holds it."""

    measure_id: str
    support_type: str
    delivery_mode: str
    provider_kind: str | None


class PlanVersion(NamedTuple):
    """An approved version: the days it was in force (both ends included) and its measures.

    Programme, grade and risk groups are the pupil's at its approval; `ended_by` says what ended it
    before its last day, if anything did.
    """

    number: int
    first_day: date
    last_day: date
    measures: Mapping[str, Measure]
    programme: str | None = None
    grade: int | None = None
    risk_groups: tuple[str, ...] = ()
    ended_by: str | None = None


class Plan(NamedTuple):
    """What payments knows of an approved plan."""

    plan_id: str
    plan_code: str
    pupil_ref: str
    partner: str
    school_id: str
    municipality_id: str
    semester: str
    deleted: bool
    preparation_cents_max: int
    versions: tuple[PlanVersion, ...]

    @property
    def place(self) -> Place:
        """Where it is; the school goes by its code."""
        return Place(self.school_id, self.partner, self.school_id, self.school_id)

    @property
    def draws_on(self) -> tuple[str, str]:
        """The allocation its money comes from: partner and semester."""
        return self.partner, self.semester

    def version_on(self, day: date) -> PlanVersion | None:
        """The version in force on a day, if any."""
        if not self.deleted:
            for version in self.versions:
                if version.first_day <= day <= version.last_day:
                    return version
        return None

    def is_suspended_on(self, day: date) -> bool:
        """Whether the plan lay still that day: stopped before, and no later version yet."""
        before = [version for version in self.versions if version.last_day < day]
        return bool(before) and before[-1].ended_by == SUSPENDED

    def last_day_in_force(self, first: date, last: date) -> date | None:
        """The last day between two on which a version was in force, if any."""
        found = None
        for version in self.versions:
            begin, end = max(version.first_day, first), min(version.last_day, last)
            if begin <= end and (found is None or end > found):
                found = end
        return None if self.deleted else found


class Consultation(NamedTuple):
    """A confirmed consultation, as far as money is concerned."""

    consultation_id: str
    plan_id: str
    measure_id: str
    held_on: date
    minutes: int
    provider_kind: str


def first_day_of(
    version: int, *, valid_from: date, approved_on: date, before: Sequence[PlanVersion]
) -> date:
    """From when a version is in force: the first from its start, a later one from approval."""
    return valid_from if version == 1 or not before else max(valid_from, approved_on)


def ended_before(versions: Iterable[PlanVersion], day: date) -> list[PlanVersion]:
    """The versions that were to be in force on a day or later, ended on the day before."""
    last = day - timedelta(days=1)
    return [version._replace(last_day=last) for version in versions if version.last_day >= day]


def month_to_claim(month: str, *, today: date) -> tuple[date, date] | None:
    """First and last claimable day of a month, up to today; None where it has not begun."""
    first, last = month_bounds(month)
    return None if first > today else (first, min(last, today))


def preparation_left(earned_minutes: int, *, cents_max: int, ordered: int) -> int:
    """Cents of preparation pay earned and not claimed yet; six hours earn the plan's maximum.

    Source: MK 460, unit cost of preparing and watching a plan, at most six hours.
    """
    minutes = min(earned_minutes, 6 * 60)
    return (cents_max * minutes * 2 + 360) // 720 - ordered
