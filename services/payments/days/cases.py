"""Cases for a person: money was given for a day on which the pupil turns out to have been away."""

from datetime import date
from enum import StrEnum

from services.payments.domain import OrderState
from shared.errors import NotFound, Refused

AFTER_PAYMENT = "absent-after-payment"
AFTER_CLAIM = "absent-after-claim"
NOT_PAID_YET = frozenset({OrderState.DRAFT.value, OrderState.APPROVED.value})
CASE_SENTENCES = {
    AFTER_PAYMENT: (
        "Samaksāts par dienu, kurā skolēns nebija skolā; izlemiet, vai prasīt atpakaļ.",
        "a day was paid on which the pupil was away; decide whether the money is to come back",
    ),
    AFTER_CLAIM: (
        "Uzdevums ir par dienu, kurā skolēns nebija skolā; to vēl var atcelt.",
        "the order is for a day on which the pupil was away; it can still be cancelled",
    ),
}


class CaseDecision(StrEnum):
    """What a person decides."""

    RECOVER = "recover"
    KEEP = "keep"


class CaseUnknown(NotFound):
    """This office has no such case."""

    code = "case-unknown"


class CaseDecided(Refused):
    """The case was decided or withdrawn before."""

    code = "case-decided"


def case_id_of(order_id: str, day: date) -> str:
    """The number of a case: its order and its day."""
    return f"{order_id}:{day.isoformat()}"


def order_of(case_id: str) -> str:
    """The order a case is about, read from its number."""
    return case_id.rpartition(":")[0]


def reason_of(order_state: str) -> str:
    """Whether the money has left, or can still be held back."""
    return AFTER_CLAIM if order_state in NOT_PAID_YET else AFTER_PAYMENT
