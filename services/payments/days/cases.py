"""Cases for a person: money was given for a day that turns out not to be payable.

The pupil was away, or a practice order that had opened the day was taken back.
"""

from datetime import date
from enum import StrEnum

from services.payments.domain import OrderState
from shared.errors import NotFound, Refused

AFTER_PAYMENT = "absent-after-payment"
AFTER_CLAIM = "absent-after-claim"
CLOSED_AFTER_PAYMENT = "closed-after-payment"
CLOSED_AFTER_CLAIM = "closed-after-claim"
OF_ABSENCE = (AFTER_PAYMENT, AFTER_CLAIM)
OF_CLOSED_DAYS = (CLOSED_AFTER_PAYMENT, CLOSED_AFTER_CLAIM)
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
    CLOSED_AFTER_PAYMENT: (
        "Samaksāts par dienu, kurai prakses rīkojums atcelts; izlemiet, vai prasīt atpakaļ.",
        "a day was paid whose practice order was taken back; decide whether it is asked back",
    ),
    CLOSED_AFTER_CLAIM: (
        "Uzdevums ir par dienu, kurai prakses rīkojums atcelts; to vēl var atcelt.",
        "the order is for a day whose practice order was taken back; it can still be cancelled",
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


def reason_of(order_state: str, *, away: bool) -> str:
    """What is wrong, and whether the money has left or can still be held back."""
    paid, held_back = OF_ABSENCE if away else OF_CLOSED_DAYS
    return held_back if order_state in NOT_PAID_YET else paid


def reason_to_demand(reason_code: str) -> str:
    """Why the money of a case is asked back: by then it was paid."""
    return AFTER_PAYMENT if reason_code in OF_ABSENCE else CLOSED_AFTER_PAYMENT
