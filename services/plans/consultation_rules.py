"""When a consultation may be written down and confirmed. Source: domain text 3.1, P-9.

Pure: plain values in and out; times of day are Riga's.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from services.plans.content import Content, Measure
from services.plans.domain import Plan
from services.plans.vocabulary import CONSULTATION
from shared.calendar import TIMEZONE
from shared.errors import NotFound, Refused

REMOTE = "remote"
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True)
class Stop:
    """A time in which nothing is delivered by a plan; open while `until` is None.

    From the day of the stop to the day before `until`, when a new version was approved.
    """

    plan_id: str
    stopped_on: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        """Whether nothing may be delivered that day."""
        return self.stopped_on <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class HeadOrder:
    """An order of a head that permits remote support, or support at a place of practice."""

    order_id: str
    school_id: str
    kind: str
    number: str
    issued_on: date
    valid_from: date
    valid_to: date
    plan_ids: tuple[str, ...]
    provider_refs: tuple[str, ...]
    channels: tuple[str, ...]
    confirmation_kinds: tuple[str, ...]
    place: str | None
    place_kind: str | None
    revoked_on: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        last = self.valid_to if self.revoked_on is None else self.revoked_on - timedelta(days=1)
        return self.valid_from <= day <= min(self.valid_to, last)

    def permits_remote(self, plan_id: str, provider_ref: str, channel: str, day: date) -> bool:
        """Whether it lets this provider consult by this plan over this channel that day."""
        return (
            self.kind == REMOTE
            and self.holds_on(day)
            and plan_id in self.plan_ids
            and provider_ref in self.provider_refs
            and channel in self.channels
        )


@dataclass(frozen=True)
class Consultation:
    """One hour with one pupil, written down; confirmed where `confirmed_on` stands."""

    consultation_id: str
    plan_id: str
    measure_id: str
    provider_ref: str
    provider_kind: str
    held_on: date
    starts_at: time
    minutes: int
    mode: str
    setting: str
    subject: str | None
    channel: str | None
    head_order_id: str | None
    recorded_by: str
    recorded_at: datetime
    confirmed_on: date | None = None
    confirmation_kind: str | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None

    @cached_property
    def first_minute(self) -> int:
        """The minute it starts, counted from 1970 in Riga's time."""
        start = datetime.combine(self.held_on, self.starts_at, tzinfo=TIMEZONE)
        return int(start.timestamp()) // SECONDS_PER_MINUTE

    def meets(self, other: "Consultation") -> bool:
        """Whether the two overlap in time."""
        return (
            self.first_minute < other.first_minute + other.minutes
            and other.first_minute < self.first_minute + self.minutes
        )


class ConsultationUnknown(NotFound):
    """There is no such consultation."""

    code = "consultation-unknown"


class PlanNotApproved(Refused):
    """Support is delivered only by a plan that all levels have approved."""

    code = "plan-not-approved"


class BeforeApproval(Refused):
    """On that day not all levels had approved the plan yet."""

    code = "before-approval"


class PlanStopped(Refused):
    """On that day the plan was suspended."""

    code = "plan-stopped"


class OutsidePlan(Refused):
    """The consultation lies outside the plan's dates."""

    code = "outside-plan"


class InTheFuture(Refused):
    """Only what has taken place is written down."""

    code = "in-the-future"


class NoSuchMeasure(Refused):
    """The approved plan has no such measure of consultations."""

    code = "no-such-measure"


class WrongProviderKind(Refused):
    """The plan foresees another kind of specialist for this measure."""

    code = "wrong-provider-kind"


class RemoteNotOrdered(Refused):
    """Remote consultations need a head's order for this plan, provider and channel."""

    code = "remote-not-ordered"


class ProviderBusy(Refused):
    """The specialist is in another consultation at that time."""

    code = "provider-busy"


class AlreadyConfirmed(Refused):
    """The consultation was confirmed before."""

    code = "already-confirmed"


class Cancelled(Refused):
    """The consultation was taken back."""

    code = "consultation-cancelled"


class ConfirmedTooLate(Refused):
    """The pupil confirms on the day of the consultation, or within the tolerance."""

    code = "confirmed-too-late"


class ConfirmedTooEarly(Refused):
    """A consultation is confirmed after it was held."""

    code = "confirmed-too-early"


class WrongConfirmation(Refused):
    """The head's order names other ways in which the pupil confirms."""

    code = "wrong-confirmation"


def consultation_measure(
    plan: Plan, content: Content | None, measure_id: str | None, provider_kind: str
) -> Measure:
    """The measure of the content in force that a consultation belongs to.

    Without an id the only one that foresees this kind of specialist.
    """
    if content is None or plan.approved_version is None:
        raise PlanNotApproved(field="plan_id", state=plan.state.value)
    fitting = [m for m in content.measures if m.support_type == CONSULTATION]
    if measure_id is not None:
        fitting = [m for m in fitting if m.measure_id == measure_id]
    if not fitting:
        raise NoSuchMeasure(field="measure_id")
    for measure in fitting:
        if measure.provider_kind in (None, provider_kind):
            return measure
    raise WrongProviderKind(
        field="provider_kind", kind=provider_kind, planned=fitting[0].provider_kind
    )


def check_day(
    plan: Plan, content: Content, stops: Iterable[Stop], day: date, *, today: date
) -> None:
    """Refuse days to come, outside the plan, before its approval and in a stop."""
    if day > today:
        raise InTheFuture(field="held_on", today=today.isoformat())
    if not content.valid_from <= day <= content.valid_to:
        raise OutsidePlan(
            field="held_on",
            valid_from=content.valid_from.isoformat(),
            valid_to=content.valid_to.isoformat(),
        )
    if plan.approved_on is None or day < plan.approved_on:
        raise BeforeApproval(
            field="held_on", approved_on=plan.approved_on and plan.approved_on.isoformat()
        )
    for stop in stops:
        if stop.holds_on(day):
            raise PlanStopped(field="held_on", stopped_on=stop.stopped_on.isoformat())


def order_for(
    orders: Iterable[HeadOrder], plan_id: str, provider_ref: str, channel: str | None, day: date
) -> HeadOrder:
    """The head's order that permits a remote consultation; raises RemoteNotOrdered."""
    if channel is not None:
        for order in orders:
            if order.permits_remote(plan_id, provider_ref, channel, day):
                return order
    raise RemoteNotOrdered(field="channel", channel=channel)


def check_free(new: Consultation, others: Collection[Consultation]) -> None:
    """Refuse a second consultation of one specialist at one time."""
    for other in others:
        if new.meets(other):
            raise ProviderBusy(
                field="starts_at",
                consultation_id=other.consultation_id,
                from_=other.starts_at.isoformat("minutes"),
                minutes=other.minutes,
            )


def check_confirmation(
    held: Consultation, kind: str, day: date, *, tolerance_days: int, today: date
) -> None:
    """Refuse what was confirmed, taken back, or is confirmed on a day that does not fit."""
    if held.cancelled_at is not None:
        raise Cancelled(field="consultation_id")
    if held.confirmed_on is not None:
        raise AlreadyConfirmed(field="consultation_id", on=held.confirmed_on.isoformat())
    if day < held.held_on:
        raise ConfirmedTooEarly(field="confirmed_on", held_on=held.held_on.isoformat())
    last = held.held_on + timedelta(days=tolerance_days)
    if day > last:
        raise ConfirmedTooLate(field="confirmed_on", last_day=last.isoformat())
    if day > today:
        raise InTheFuture(field="confirmed_on", today=today.isoformat())
