"""The shapes of pupils, and of what was recorded of them, as the doors show them."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.identification.shown import Shown


class PupilShown(Shown):
    """A pupil by reference."""

    pupil_ref: str
    version: int
    status: str
    school_id: str
    municipality_id: str
    partner: str
    programme: str
    grade: int
    sex: str
    valid_from: date
    left_on: date | None
    is_synthetic: bool


class Pupils(BaseModel):
    """A page of pupils; `next` is the `after` of the next page."""

    pupils: list[PupilShown]
    next: str | None


class StayShown(Shown):
    """One line of a pupil's history in the register."""

    version: int
    how: str
    school_id: str
    municipality_id: str
    programme: str
    grade: int
    valid_from: date
    left_on: date | None
    reason_code: str | None
    entered_by: str
    entered_at: datetime


class ApplicationShown(Shown):
    """An application for support."""

    application_id: str
    pupil_ref: str
    signer_kind: str
    signed_on: date
    state: str
    withdrawn_on: date | None
    recorded_by: str
    recorded_at: datetime


class PlanShown(Shown):
    """What was heard of a plan."""

    plan_id: str
    semester: str
    state: str
    told_at: datetime


class PupilRead(PupilShown):
    """A pupil with who it is; reading it was written down."""

    given_name: str
    family_name: str
    personal_code: str
    birth_date: date
    of_age: bool
    stays: list[StayShown]
    applications: list[ApplicationShown]
    plans: list[PlanShown]


class RiskShown(Shown):
    """A proposal without its factors."""

    risk_id: str
    version: int
    pupil_ref: str
    semester: str
    school_id: str
    risk_groups: list[str]
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class Risks(BaseModel):
    """A page of proposals; `next` is the `after` of the next page."""

    risks: list[RiskShown]
    next: str | None


class FactorShown(BaseModel):
    """A risk factor; of one that is hidden from this person only the group shows."""

    risk_group: str
    code: str | None
    text: str | None
    hidden: bool = False


class RiskRead(RiskShown):
    """A proposal with its factors; reading it was written down."""

    factors: list[FactorShown]
    note: str | None
    reason: str | None


class SignalShown(Shown):
    """A signal: which rule of which version, on which data, why, and what would clear it."""

    signal_id: str
    pupil_ref: str
    semester: str
    school_id: str
    rule_id: str
    rule_version: int
    threshold: int
    comparator: str
    lessons_unexcused: int
    source_data_at: datetime
    signalled_at: datetime
    state: str
    closed_by: str | None
    closed_at: datetime | None
    why_lv: str
    why_en: str
    clears_lv: str
    clears_en: str


class Signals(BaseModel):
    """Signals, newest first."""

    signals: list[SignalShown]


class SignalAgain(Shown):
    """A signal made again from its inputs and the rule that was in force on its day."""

    signal_id: str
    rule_id: str
    rule_version: int
    threshold: int
    comparator: str
    lessons_unexcused: int
    in_force_on: date
    signals: bool
    same: bool


class AttendanceShown(Shown):
    """Attendance of a semester; without data there are no lessons, which is not zero."""

    semester: str
    data_status: str
    lessons_unexcused: int | None
    lessons_excused: int | None
    source: str
    received_at: datetime


class DayShown(Shown):
    """Whether a pupil was at school on a day, as told last."""

    day: date
    presence: str
    school_id: str
    entered_at: datetime


class ContactShown(Shown):
    """A talk with a parent about an absence."""

    absent_on: date
    contacted_at: datetime | None
    person_kind: str
    result_code: str
    returned_on: date | None
    excused_on: date | None
    contact_late: bool
    excuse_late: bool


class ReadShown(Shown):
    """Who read which fields, and why."""

    read_at: datetime
    reader: str
    fields: list[str]
    reason: str


class PupilFile(PupilRead):
    """Everything recorded of a pupil, why, and who looked."""

    risks: list[RiskRead]
    attendance: list[AttendanceShown]
    days: list[DayShown]
    signals: list[SignalShown]
    contacts: list[ContactShown]
    reads: list[ReadShown]


class NotReported(Shown):
    """A school of which attendance is missing; missing is not zero."""

    school_id: str
    name_lv: str
    partner: str
    municipality_id: str
    pupils: int
    reported: int
    no_data: int
    missing: int
    reported_nothing: bool


class NotReportedList(BaseModel):
    """Schools that did not report wholly, and how many reported nothing by municipality."""

    semester: str
    schools: list[NotReported]
    reported_nothing_by_municipality: dict[str, int]


class ImportShown(Shown):
    """A run of an import in figures."""

    import_id: str
    kind: str
    imported_by: str
    imported_at: datetime
    rows_in: int
    accepted: int
    changed: int
    refused: int
    kept: bool
    schools: list[str]


class ImportRead(ImportShown):
    """A run of an import with the reason of each refused line."""

    refusals: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


class Imports(BaseModel):
    """The latest runs."""

    imports: list[ImportShown]
