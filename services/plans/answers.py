"""What the reading doors answer. Shapes only; all sums are cents."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue


class Shape(BaseModel):
    """Read from our values by their attributes."""

    model_config = ConfigDict(from_attributes=True)


class PlanShort(Shape):
    """A plan in a list."""

    plan_id: str
    plan_code: str
    pupil_ref: str
    semester: str
    school_id: str
    municipality_id: str
    partner: str
    state: str
    waiting_for: str | None
    content_version: int
    approved_version: int | None
    valid_from: date
    valid_to: date
    preparer_ref: str
    preparer_kind: str
    changed_at: datetime


class PlanPage(Shape):
    """One page of plans; `next_after` asks for the next one."""

    count: int
    plans: list[PlanShort]
    next_after: str | None


class RiskShown(Shape):
    """A risk group with its justification."""

    group: str
    justification: str


class MeasureShown(Shape):
    """A measure with its planned cents by month."""

    measure_id: str
    support_type: str
    delivery_mode: str
    provider_kind: str | None
    risk_groups: tuple[str, ...]
    justification: str
    planned: tuple[tuple[str, int], ...]
    cents: int


class DifferenceShown(Shape):
    """A field that changed from one version to the next."""

    field: str
    old: JsonValue
    new: JsonValue


class VersionShown(Shape):
    """One version of a plan's content, with what it changed."""

    version: int
    in_force: bool
    valid_from: date
    valid_to: date
    risks: tuple[RiskShown, ...]
    measures: tuple[MeasureShown, ...]
    preparation_minutes_max: int
    preparation_cents_max: int
    written_by: str
    reason_code: str | None
    comment: str | None
    differences: list[DifferenceShown]


class FinanceShown(Shape):
    """Planned, planned without preparation, and used."""

    planned_cents: int
    preparation_cents_max: int
    planned_with_preparation_cents: int
    used_cents: int
    used_by_measure: Mapping[str, int]


class MonthShown(Shape):
    """A pupil's month over all plans, beside what payments told of it."""

    month: str
    planned_cents: int
    reserved_cents: int
    ordered_cents: int
    cap_cents: int | None
    told_for_pupil: bool
    over: bool


class ActionShown(Shape):
    """What can be done to the plan now, and otherwise why not."""

    action: str
    allowed: bool
    refusal: str | None


class PlanShown(PlanShort):
    """A plan with all that belongs to it."""

    programme: str
    grade: int
    application_id: str
    version: int
    chain: tuple[str, ...]
    return_comment: str | None
    approved_on: date | None
    stopped_on: date | None
    resumed_on: date | None
    deletion_requested_at: datetime | None
    spent_cents_told: int | None
    closed_on: date | None
    follows_plan_id: str | None
    follows_school_id: str | None
    finance: FinanceShown
    months: list[MonthShown]
    reservations: dict[str, Any] | None
    versions: list[VersionShown]
    approvals: list[dict[str, Any]]
    evaluation: dict[str, Any] | None
    history: list[dict[str, Any]]
    actions: list[ActionShown]
    warnings: list[dict[str, JsonValue]]


class Waiting(Shape):
    """One thing that waits for the person who asks."""

    kind: str
    since: datetime | date | None
    due: date | None
    plan_id: str | None
    plan_code: str | None
    pupil_ref: str
    school_id: str
    step: str | None
    comment: str | None


class WaitingList(Shape):
    """All that waits for the person who asks, at most so many of a kind."""

    waiting: list[Waiting]


class Candidate(Shape):
    """A named pupil without a plan, and what is missing before there can be one."""

    pupil_ref: str
    school_id: str
    programme: str | None
    grade: int | None
    risk_groups: list[str]
    named_on: date
    signed_on: date | None
    missing: list[str]


class CandidatePage(Shape):
    """One page of candidates."""

    candidates: list[Candidate]
    next_after: str | None


class Months(Shape):
    """The months of a pupil: the meter while planning."""

    pupil_ref: str
    months: list[MonthShown]


class ConsultationShown(Shape):
    """A consultation of the log."""

    consultation_id: str
    plan_id: str
    measure_id: str
    provider_ref: str
    provider_kind: str
    held_on: date
    starts_at: str
    minutes: int
    mode: str
    setting: str
    subject: str | None
    channel: str | None
    head_order_id: str | None
    confirmed_on: date | None
    confirmation_kind: str | None
    cancelled_at: datetime | None


class ConsultationLog(Shape):
    """The consultations of a plan."""

    consultations: list[ConsultationShown]


class HeadOrderShown(Shape):
    """An order of a head."""

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


class HeadOrders(Shape):
    """The orders of a school's heads."""

    head_orders: list[HeadOrderShown]


class ReadShown(Shape):
    """Somebody looked at a pupil's plan."""

    read_at: datetime
    reader: str
    fields: list[str]
    reason: str


class Reads(Shape):
    """Who looked at a pupil's plans, the newest first."""

    pupil_ref: str
    reads: list[ReadShown]
