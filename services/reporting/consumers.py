"""What reporting hears, and which action answers it; two lists, one for each level."""

from services.reporting import cases, counting, ledger, national, paying
from shared.bus.consume import Consumer
from shared.contracts.allocations import AllocationStood
from shared.contracts.identification import PUPILS, PupilCleared, PupilMoved, PupilNamed
from shared.contracts.ngo_grants import (
    PROJECTS,
    CallCancelled,
    CallOpened,
    ProjectAccepted,
    ProjectContracted,
)
from shared.contracts.payments import (
    PAYMENTS,
    PaymentCancelled,
    PaymentOrdered,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
    PaymentVerified,
)
from shared.contracts.plans import (
    PLANS,
    ConsultationConfirmed,
    PlanApproved,
    PlanClosed,
    PlanDeleted,
    PlanResumed,
    PlanReturned,
    PlanSubmitted,
    PlanSuspended,
)
from shared.contracts.reporting import AGGREGATES, AggregateCounted, CountedThrough

MUNICIPAL = (
    # One consumer for all topics: one process counts everything about a pupil, once a batch.
    Consumer(
        name="counts",
        topics=(PUPILS, PLANS, PAYMENTS, PROJECTS),
        handles={
            PupilNamed: cases.count_pupil_facts,
            PupilCleared: cases.count_pupil_facts,
            PupilMoved: cases.count_pupil_facts,
            PlanSubmitted: counting.count_plan_facts,
            PlanReturned: counting.count_plan_facts,
            PlanApproved: counting.count_plan_facts,
            PlanSuspended: counting.count_plan_facts,
            PlanResumed: counting.count_plan_facts,
            PlanClosed: counting.count_plan_facts,
            PlanDeleted: counting.count_plan_facts,
            ConsultationConfirmed: counting.count_consultations,
            PaymentOrdered: paying.count_ordered,
            PaymentSettled: paying.count_settled,
            PaymentReturned: paying.count_orders,
            PaymentCancelled: paying.count_orders,
            PaymentRecovered: paying.count_orders,
            PaymentVerified: paying.count_orders,
            AllocationStood: paying.count_allocations,
            CallOpened: paying.count_projects,
            CallCancelled: paying.count_projects,
            ProjectContracted: paying.count_projects,
            ProjectAccepted: paying.count_projects,
        },
        batch_done=ledger.tell_counts,
    ),
)
NATIONAL = (
    Consumer(
        name="national",
        topics=(AGGREGATES,),
        handles={
            AggregateCounted: national.keep_aggregates,
            CountedThrough: national.keep_counted_through,
        },
        batch_done=national.keep_positions,
    ),
)
