"""What payments hears, and which action answers it."""

from services.payments.entitlements import actions as entitlements
from services.payments.entitlements import approvals
from services.payments.grants import actions as grants
from services.payments.reports import actions as reports
from shared.bus.consume import Consumer
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
    PreparationEarned,
)

CONSUMERS = (
    Consumer(
        name="plans",
        topics=(PLANS,),
        handles={
            PlanStepApproved: approvals.note_steps,
            PlanApproved: entitlements.grant_entitlements,
            PlanSuspended: entitlements.end_suspended,
            PlanClosed: entitlements.end_closed,
            PlanDeletionRequested: entitlements.answer_deletions,
            PlanDeleted: entitlements.end_deleted,
            ConsultationConfirmed: entitlements.note_consultations,
            PreparationEarned: entitlements.note_preparations,
        },
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
        name="reports",
        topics=(REPORTS,),
        handles={
            OrderSettled: reports.take_facts,
            OrderReturned: reports.take_facts,
        },
        numbered=False,
    ),
)
