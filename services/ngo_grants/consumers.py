"""What this service hears, and who answers to it."""

from services.ngo_grants import payments_heard
from shared.bus.consume import Consumer
from shared.contracts.payments import (
    PAYMENTS,
    ClaimRefused,
    PaymentOrdered,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
)

CONSUMERS = (
    Consumer(
        name="projects",
        topics=(PAYMENTS,),
        handles={
            PaymentOrdered: payments_heard.hear_ordered,
            PaymentSettled: payments_heard.hear_settled,
            PaymentReturned: payments_heard.hear_returned,
            PaymentRecovered: payments_heard.hear_recovered,
            ClaimRefused: payments_heard.hear_refused,
        },
        parks=True,
    ),
)
