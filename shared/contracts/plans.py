"""What plans says: the life of individual support plans, consultations, preparation hours."""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import (
    Cents,
    Code,
    Day,
    Fact,
    Month,
    PupilRef,
    RegistrationNumber,
    Semester,
    StaffRef,
    Topic,
)
from shared.contracts.identification import Programme, RiskGroup, Sex

PLANS = Topic(
    "plans.plans.v1",
    owner="plans",
    about="support plans of pupils, consultations and preparation hours",
    key="pupil_ref",
    readers=("identification", "payments", "reporting"),
)


class SupportType(StrEnum):
    """National list of support a plan may hold; the union of all lists in use."""

    CONSULTATION = "consultation"
    PUBLIC_TRANSPORT = "public_transport"
    ACCOMMODATION = "accommodation"
    MEALS = "meals"
    LEARNING_MATERIALS = "learning_materials"
    PERSONAL_ITEMS = "personal_items"
    SPECIAL_TRANSPORT = "special_transport"
    NGO_PROJECT = "ngo_project"


class DeliveryMode(StrEnum):
    """Whether a provider is paid, or the family is given its money back."""

    IN_KIND = "in_kind"
    COMPENSATED = "compensated"


class PlanFact(Fact):
    """What all facts about a plan carry."""

    topic: ClassVar[Topic] = PLANS
    key_field: ClassVar[str] = "pupil_ref"

    plan_id: Code
    plan_code: Code
    plan_version: int = Field(ge=1, description="version of the plan's content")
    version: int = Field(ge=1, description="grows with every fact about this plan")
    pupil_ref: PupilRef
    partner: RegistrationNumber
    school_id: Code
    municipality_id: RegistrationNumber
    semester: Semester


class PlannedMonth(BaseModel):
    """Planned cents of a measure in one month."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    month: Month
    cents: Cents


class PlannedMeasure(BaseModel):
    """One measure of an approved plan."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    measure_id: Code
    support_type: SupportType
    delivery_mode: DeliveryMode
    provider_kind: Code | None
    planned: tuple[PlannedMonth, ...]


class PlanSubmitted(PlanFact):
    """A draft or a revision went into the approval chain."""

    type: ClassVar[str] = "pumpurs.plans.plan-submitted.v1"


class PlanStepApproved(PlanFact):
    """One level of the chain approved; the last level is told as plan-approved."""

    type: ClassVar[str] = "pumpurs.plans.plan-step-approved.v1"

    step: Literal["head", "municipality", "state"]
    approver: str = Field(max_length=200)


class PlanReturned(PlanFact):
    """A level of the chain sent the plan back to its preparer with a comment (kept in plans)."""

    type: ClassVar[str] = "pumpurs.plans.plan-returned.v1"

    step: Literal["head", "municipality", "state"]
    reason_code: Code


class PlanApproved(PlanFact):
    """All levels of the chain approved this version; money may be reserved from now on."""

    type: ClassVar[str] = "pumpurs.plans.plan-approved.v1"

    valid_from: Day
    valid_to: Day
    programme: Programme
    grade: int = Field(ge=1, le=12)
    sex: Sex
    risk_groups: tuple[RiskGroup, ...]
    preparer_ref: StaffRef
    preparer_kind: Code
    preparer_school_id: Code
    measures: tuple[PlannedMeasure, ...]
    preparation_cents_max: Cents
    follows_plan_id: Code | None = Field(description="plan of the semester before, if continued")
    approved_on: Day
    step: Literal["head", "municipality", "state"] | None = Field(
        default=None, description="the level that approved last; the ones before told it themselves"
    )
    approver: str | None = Field(default=None, max_length=200)


class PlanBegun(PlanFact):
    """The first support of an approved plan was delivered; it is in implementation."""

    type: ClassVar[str] = "pumpurs.plans.plan-begun.v1"

    begun_on: Day


class PlanSuspended(PlanFact):
    """The pupil left the project or is away for long; nothing is delivered from this day on."""

    type: ClassVar[str] = "pumpurs.plans.plan-suspended.v1"

    reason_code: Code
    suspended_on: Day


class PlanResumed(PlanFact):
    """The pupil is back within the same semester; the plan goes to revision."""

    type: ClassVar[str] = "pumpurs.plans.plan-resumed.v1"

    resumed_on: Day


class PlanRevisionStarted(PlanFact):
    """A new version of an approved plan is being written; the old one stays in force."""

    type: ClassVar[str] = "pumpurs.plans.plan-revision-started.v1"

    reason_code: Code


class PlanClosed(PlanFact):
    """The semester's end: the plan was evaluated and closed."""

    type: ClassVar[str] = "pumpurs.plans.plan-closed.v1"

    closed_on: Day
    measures_done: int
    measures_partly: int
    measures_not_done: int
    risks_reduced: int
    risks_same: int
    risks_worse: int
    continues: bool


class PlanDeletionRequested(PlanFact):
    """Somebody wants the plan deleted; payments must say whether money was used."""

    type: ClassVar[str] = "pumpurs.plans.plan-deletion-requested.v1"

    reason_code: Code


class PlanDeleted(PlanFact):
    """A plan for which nothing was spent was deleted; it counts nowhere any more."""

    type: ClassVar[str] = "pumpurs.plans.plan-deleted.v1"


class ConsultationConfirmed(PlanFact):
    """A consultation took place and the pupil confirmed it."""

    type: ClassVar[str] = "pumpurs.plans.consultation-confirmed.v1"

    consultation_id: Code
    measure_id: Code
    provider_ref: StaffRef
    provider_kind: Code
    held_on: Day
    minutes: int = Field(ge=1, le=600)
    mode: Literal["on_site", "remote"]


class PracticePlace(StrEnum):
    """What kind of place a pupil is sent to for practice; its name stays in plans."""

    ENTERPRISE = "enterprise"
    INSTITUTION = "institution"
    SCHOOL = "school"
    ABROAD = "abroad"
    OTHER = "other"


class PracticeOrdered(PlanFact):
    """A head ordered a practice period: on its days support is given at the place of practice."""

    type: ClassVar[str] = "pumpurs.plans.practice-ordered.v1"

    order_id: Code
    first_day: Day
    last_day: Day
    place_kind: PracticePlace


class PracticeEnded(PlanFact):
    """A head took a practice order back; from this day on it does not hold any more."""

    type: ClassVar[str] = "pumpurs.plans.practice-ended.v1"

    order_id: Code
    ended_on: Day


class PreparationEarned(PlanFact):
    """Hours of preparing, watching and evaluating a plan were released after its evaluation."""

    type: ClassVar[str] = "pumpurs.plans.preparation-earned.v1"

    preparer_ref: StaffRef
    preparer_kind: Code
    minutes: int = Field(ge=1, le=6 * 60, description="all preparers of a plan: six hours at most")
    earned_on: Day
