"""What payments says: refused entitlements and claims, orders and what became of them."""

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
    SignedCents,
    Topic,
)

PAYMENTS = Topic(
    "payments.payments.v1",
    owner="payments",
    about="money for pupils and youth projects: orders, settlements, returns, refusals",
    key="about_key",
    readers=("plans", "ngo_grants", "reporting"),
)


class PayeeKind(StrEnum):
    """Who gets the money."""

    PUPIL = "pupil"
    PARENT = "parent"
    SPECIALIST = "specialist"
    PROVIDER = "provider"
    ORGANISATION = "organisation"


class PaymentFact(Fact):
    """What all facts of this topic carry; the key is the pupil's reference or the project's id."""

    topic: ClassVar[Topic] = PAYMENTS
    key_field: ClassVar[str] = "about_key"

    about_key: str = Field(min_length=1, max_length=80, description="pupil_ref or project_id")
    partner: RegistrationNumber
    municipality_id: RegistrationNumber


class MonthRoom(BaseModel):
    """What a pupil's month holds under the ceiling, over all plans, after a decision."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    month: Month
    cap_cents: Cents
    reserved_cents: Cents
    ordered_cents: Cents


class EntitlementGranted(PaymentFact):
    """The months of an approved plan were reserved under the ceiling."""

    type: ClassVar[str] = "pumpurs.payments.entitlement-granted.v1"

    plan_id: Code
    plan_version: int
    reserved_cents: Cents
    refused_cents: Cents
    rooms: tuple[MonthRoom, ...] = Field(
        default=(), description="the plan's months as they stand now, for the meter while planning"
    )


class EntitlementRefused(PaymentFact):
    """A month of a measure did not fit, or not wholly: the pupil's ceiling or the allocation."""

    type: ClassVar[str] = "pumpurs.payments.entitlement-refused.v1"

    plan_id: Code
    plan_version: int
    measure_id: Code
    month: Month
    reason_code: Code
    asked_cents: Cents
    room_left_cents: Cents
    missing_cents: Cents = Field(default=0, description="what of the month was not reserved")


class EntitlementAdded(PaymentFact):
    """A month refused for want of allocation was reserved after all, wholly or in part."""

    type: ClassVar[str] = "pumpurs.payments.entitlement-added.v1"

    plan_id: Code
    plan_version: int
    measure_id: Code
    month: Month
    added_cents: Cents
    missing_cents: Cents = Field(description="what of the month is still not reserved")
    rooms: tuple[MonthRoom, ...] = Field(description="the month as it stands now, if it has any")


class ClaimRefused(PaymentFact):
    """A claim was refused; the sentence that explains it stays in payments."""

    type: ClassVar[str] = "pumpurs.payments.claim-refused.v1"

    claim_id: Code
    plan_id: Code | None
    measure_id: Code | None
    reason_code: Code
    asked_cents: Cents


class OrderFact(PaymentFact):
    """What all facts about a payment order carry."""

    order_id: Code
    version: int = Field(ge=1, description="grows with every fact about this order")
    claim_id: Code | None
    plan_id: Code | None
    plan_version: int | None
    project_id: Code | None
    instalment_no: int | None = Field(
        default=None, ge=1, description="which instalment of the project is paid"
    )
    measure_id: Code | None
    pupil_ref: PupilRef | None
    school_id: Code | None
    semester: Semester | None
    support_type: Code = Field(description="support type, preparation or grant_instalment")
    month: Month
    service_date: Day
    cents: Cents
    esf_cents: Cents
    state_cents: Cents
    payee_kind: PayeeKind


class PaymentOrdered(OrderFact):
    """A claim was accepted and became an order; its cents are used under the ceiling."""

    type: ClassVar[str] = "pumpurs.payments.payment-ordered.v1"


class PaymentCancelled(OrderFact):
    """An order was taken back before it was in any bank file; its month is free by this sum."""

    type: ClassVar[str] = "pumpurs.payments.payment-cancelled.v1"

    cancelled_on: Day
    reason_code: Code


class PaymentSettled(OrderFact):
    """The office reported the order as paid."""

    type: ClassVar[str] = "pumpurs.payments.payment-settled.v1"

    booked_on: Day


class PaymentReturned(OrderFact):
    """The bank returned the money; the month is free again by this sum."""

    type: ClassVar[str] = "pumpurs.payments.payment-returned.v1"

    booked_on: Day
    reason_code: Code


class PaymentRecovered(OrderFact):
    """Money paid wrongly came back as an opposite line; cents are what was recovered."""

    type: ClassVar[str] = "pumpurs.payments.payment-recovered.v1"

    booked_on: Day
    reason_code: Code


class PlanDeletionCleared(PaymentFact):
    """Nothing was spent on the plan; its reservations are closed and it may be deleted."""

    type: ClassVar[str] = "pumpurs.payments.plan-deletion-cleared.v1"

    plan_id: Code


class PlanDeletionRefused(PaymentFact):
    """Money was used on the plan, so it stays."""

    type: ClassVar[str] = "pumpurs.payments.plan-deletion-refused.v1"

    plan_id: Code
    spent_cents: Cents


class PaymentVerified(OrderFact):
    """The state looked at a paid order and said how much of it counts towards the programme."""

    type: ClassVar[str] = "pumpurs.payments.payment-verified.v1"

    outcome: Literal["accepted", "reduced", "rejected"]
    accepted_cents: Cents
    accepted_esf_cents: Cents | None = Field(
        default=None, description="the fund's part of what counts, added up by line"
    )
    verified_on: Day


class SpentOnType(BaseModel):
    """What a period's lines come to for one type of support; opposite lines take away."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    support_type: Code
    lines: int
    cents: SignedCents
    esf_cents: SignedCents
    state_cents: SignedCents


class PartnerReportFact(PaymentFact):
    """What all facts about a partner's report carry; the key is the partner."""

    report_id: Code
    version: int = Field(ge=1, description="grows with every fact about this report")
    period: str = Field(pattern=r"^20\d\d-([12]|Q[1-4]|0[1-9]|1[0-2])$")
    opening_cents: SignedCents
    received_cents: SignedCents
    spent_cents: SignedCents
    closing_cents: SignedCents


class PartnerReportSubmitted(PartnerReportFact):
    """A partner reported what it received and spent in a period."""

    type: ClassVar[str] = "pumpurs.payments.partner-report-submitted.v1"

    evidence_count: int = Field(ge=0)
    spent: tuple[SpentOnType, ...]


class PartnerReportVerified(PartnerReportFact):
    """The state decided on every line of a partner's report."""

    type: ClassVar[str] = "pumpurs.payments.partner-report-verified.v1"

    accepted_cents: SignedCents
    lines_accepted: int = Field(ge=0)
    lines_reduced: int = Field(ge=0)
    lines_rejected: int = Field(ge=0)
