"""The decision on a report of a payment office about one order. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from services.payments.domain import MOVES, OrderState

APPLIED, REPEATED, WORK_LIST = "applied", "repeated", "work_list"


@dataclass(frozen=True, slots=True)
class Report:
    """One report of an office about one order; cents are what the office says it paid."""

    partner: str
    report_id: str
    order_id: str
    outcome: OrderState
    cents: int
    booked_on: date
    reason_code: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a report: applied, repeated, or left to a person for a reason."""

    result: str
    code: str | None = None


WORK_LIST_REASONS = {
    "order-unknown": (
        "Šāda uzdevuma nav; pārbaudiet numuru.",
        "there is no such order; check its number",
    ),
    "order-of-another-office": (
        "Uzdevums pieder citam maksājumu birojam.",
        "the order belongs to another payment office",
    ),
    "sum-differs": (
        "Summa atšķiras no uzdevuma; salīdziniet ar bankas izrakstu.",
        "the sum differs from the order's; compare with the bank's statement",
    ),
    "order-not-sent": (
        "Uzdevums vēl nav nevienā bankas failā.",
        "the order has not been in any bank file yet",
    ),
    "contradicts-earlier-report": (
        "Agrāks ziņojums saka ko citu; izlemiet, kurš ir pareizs.",
        "an earlier report says otherwise; decide which one is right",
    ),
}


def decide(report: Report, *, partner: str, cents: int, state: OrderState) -> Outcome:
    """Whether an order follows a report; what does not fit is never guessed."""
    if partner != report.partner:
        return Outcome(WORK_LIST, "order-of-another-office")
    if cents != report.cents:
        return Outcome(WORK_LIST, "sum-differs")
    if state is report.outcome:
        return Outcome(REPEATED)
    if (state, report.outcome) in MOVES:
        return Outcome(APPLIED)
    early = state in (OrderState.DRAFT, OrderState.APPROVED)
    return Outcome(WORK_LIST, "order-not-sent" if early else "contradicts-earlier-report")
