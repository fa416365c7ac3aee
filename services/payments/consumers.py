"""What payments hears, and which action answers it."""

from services.payments.days import actions as days
from services.payments.entitlements import actions as entitlements
from services.payments.entitlements import approvals, endings
from services.payments.evidence import actions as evidence
from services.payments.grants import actions as grants
from services.payments.reports import actions as reports
from services.payments.settings import Settings
from services.payments.shares import actions as shares
from shared.bus.consume import Consumer
from shared.contracts.evidence import EVIDENCE, EvidenceClaimed, EvidenceReleased
from shared.contracts.identification import PUPILS
from shared.contracts.ngo_grants import PROJECTS, InstalmentDue, RecoveryDue
from shared.contracts.offices import REPORTS, OrderReturned, OrderSettled
from shared.contracts.plans import (
    PLANS,
    ConsultationConfirmed,
    PlanApproved,
    PlanClosed,
    PlanDeleted,
    PlanDeletionRequested,
    PlanStepApproved,
    PlanSuspended,
    PracticeEnded,
    PracticeOrdered,
    PreparationEarned,
)
from shared.contracts.pupil_months import MONTHS, MonthAsked, RoomHandedOver
from shared.contracts.school_days import PupilDaysMarked
from shared.settings import ServiceSettings

EVIDENCE_RECORDS_MAX = 32
"""Each may hold a thousand claims."""


def several_cells_pay(settings: ServiceSettings) -> bool:
    """Whether this cell is one of several, which hear each other."""
    return isinstance(settings, Settings) and settings.several_cells_pay


CONSUMERS = (
    Consumer(
        name="plans",
        topics=(PLANS,),
        handles={
            PlanStepApproved: approvals.note_steps,
            PlanApproved: entitlements.grant_entitlements,
            PlanSuspended: endings.end_suspended,
            PlanClosed: endings.end_closed,
            PlanDeletionRequested: endings.answer_deletions,
            PlanDeleted: endings.end_deleted,
            ConsultationConfirmed: entitlements.note_consultations,
            PreparationEarned: entitlements.note_preparations,
            PracticeOrdered: days.note_practice,
            PracticeEnded: days.end_practice,
        },
        parks=True,
    ),
    Consumer(
        name="pupils",
        topics=(PUPILS,),
        handles={PupilDaysMarked: days.note_absences},
        parks=True,
    ),
    Consumer(
        name="projects",
        topics=(PROJECTS,),
        handles={
            InstalmentDue: grants.order_instalments,
            RecoveryDue: grants.note_recoveries,
        },
        parks=True,
    ),
    Consumer(
        name="evidence",
        topics=(EVIDENCE,),
        handles={
            EvidenceClaimed: evidence.hear_claims,
            EvidenceReleased: evidence.hear_releases,
        },
        parks=True,
        records_max=EVIDENCE_RECORDS_MAX,
        where=several_cells_pay,
    ),
    Consumer(
        name="months",
        topics=(MONTHS,),
        handles={MonthAsked: shares.hear_asks, RoomHandedOver: shares.hear_hand_overs},
        parks=True,
        where=several_cells_pay,
    ),
    Consumer(
        name="reports",
        topics=(REPORTS,),
        handles={
            OrderSettled: reports.take_facts,
            OrderReturned: reports.take_facts,
        },
        numbered=False,
    ),
)
