"""What plans hears, and who applies it: pairs only."""

from services.plans import deletion, pupil_facts, spending
from shared.bus.consume import Consumer
from shared.contracts import identification, payments

PUPILS = Consumer(
    name="pupils",
    topics=(identification.PUPILS,),
    handles={
        identification.PupilEnrolled: pupil_facts.enrol,
        identification.PupilMoved: pupil_facts.enrol,
        identification.PupilPromoted: pupil_facts.promote,
        identification.PupilLeft: pupil_facts.leave,
        identification.PupilNamed: pupil_facts.name,
        identification.PupilCleared: pupil_facts.clear,
        identification.ApplicationSigned: pupil_facts.sign,
        identification.ApplicationWithdrawn: pupil_facts.withdraw,
    },
    parks=True,
)
MONEY = Consumer(
    name="payments",
    topics=(payments.PAYMENTS,),
    handles={
        payments.EntitlementGranted: spending.note_reservations,
        payments.EntitlementRefused: spending.note_refusals,
        payments.EntitlementAdded: spending.note_additions,
        payments.PaymentOrdered: spending.note_orders,
        payments.PaymentSettled: spending.note_settlements,
        payments.PaymentReturned: spending.note_returns,
        payments.PaymentCancelled: spending.note_cancellations,
        payments.PaymentRecovered: spending.note_recoveries,
        payments.PlanDeletionCleared: deletion.end_deletions,
        payments.PlanDeletionRefused: deletion.refuse_deletions,
    },
    parks=True,
)
CONSUMERS = (PUPILS, MONEY)
