"""The decision on a report of a payment office about one order. Pure."""

from datetime import date, datetime
from typing import Annotated, NamedTuple, Protocol

from pydantic import Field

from services.payments.domain import MOVES, OrderState
from shared.calendar import TIMEZONE

REPORTED_CENTS_MAX = 10**13
ReportId = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*\S$")]
"""What an office calls a report; it does not end in a space."""
APPLIED, REPEATED, WORK_LIST = "applied", "repeated", "work_list"


# Asked for once: every look at a member of an enumeration is a call.
DRAFT, APPROVED = OrderState.DRAFT, OrderState.APPROVED
SETTLED, RETURNED = OrderState.SETTLED, OrderState.RETURNED


class Report(NamedTuple):
    """One report of an office about one order; cents are what the office says it paid.

    A report that follows from a bank's own line says so. A bank may tell no sum; then the bank
    file it speaks of must be the order's. `unfit` is why no order can follow it.
    """

    partner: str
    report_id: str
    order_id: str
    outcome: OrderState
    cents: int | None
    booked_on: date
    reason_code: str | None
    at: datetime
    by_bank: bool = False
    file_id: str | None = None
    unfit: str | None = None


class Standing(Protocol):
    """How an order stands when a report about it comes; whatever row it was read into."""

    @property
    def partner(self) -> str:
        """Its office."""

    @property
    def cents(self) -> int:
        """Its sum."""

    @property
    def state(self) -> str:
        """Its state, as its row has it."""

    @property
    def file_id(self) -> str | None:
        """The bank file it is in."""

    @property
    def booked_on(self) -> date | None:
        """The day of what a bank told last."""

    @property
    def recovered_cents(self) -> int:
        """What came back of it."""

    @property
    def approved_at(self) -> datetime | None:
        """When it was approved."""


class Outcome(NamedTuple):
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
    "order-of-another-file": (
        "Uzdevums nav tajā bankas failā, par kuru ziņo banka.",
        "the order is not in the bank file the bank speaks of",
    ),
    "booked-in-future": (
        "Grāmatojuma diena vēl nav pienākusi; ziņojiet, kad banka ir samaksājusi.",
        "the day it was booked on has not come yet; report it once the bank has paid",
    ),
    "booked-before-approval": (
        "Grāmatojuma diena ir pirms uzdevuma apstiprināšanas; pārbaudiet datumu.",
        "it was booked before the order was approved; check the date",
    ),
    "partly-recovered": (
        "Daļa no šī maksājuma jau ir atgūta; salīdziniet summas.",
        "a part of this payment has been recovered; compare the sums",
    ),
    "contradicts-earlier-report": (
        "Agrāks ziņojums saka ko citu; izlemiet, kurš ir pareizs.",
        "an earlier report says otherwise; decide which one is right",
    ),
}


def decide(report: Report, order: Standing) -> Outcome:
    """Whether an order follows a report; what does not fit is never guessed."""
    why = report.unfit or _misfit(report, order)
    if why is not None:
        return Outcome(WORK_LIST, why)
    if order.state == report.outcome or _was_overtaken(report, order):
        return _REPEATED
    if (order.state, report.outcome) in MOVES and not _came_before(report, order):
        return _APPLIED
    early = order.state in (DRAFT, APPROVED)
    return Outcome(WORK_LIST, "order-not-sent" if early else "contradicts-earlier-report")


_APPLIED, _REPEATED = Outcome(APPLIED), Outcome(REPEATED)


def _misfit(report: Report, order: Standing) -> str | None:
    """Why this cannot be the order the report is about."""
    if order.partner != report.partner:
        return "order-of-another-office"
    if report.cents is None and report.file_id != order.file_id:
        return "order-of-another-file"
    if report.cents is not None and report.cents != order.cents:
        return "sum-differs"
    if report.outcome is RETURNED and order.recovered_cents:
        return "partly-recovered"
    return _misdated(report, order)


def _misdated(report: Report, order: Standing) -> str | None:
    """Why the order cannot have been booked on that day."""
    if report.booked_on > report.at.date() and report.booked_on > _day(report.at):
        return "booked-in-future"
    if order.approved_at is not None and report.booked_on < order.approved_at.date():
        return "booked-before-approval"
    return None


def _day(moment: datetime) -> date:
    """The day in Riga, never before that of UTC."""
    return moment.astimezone(TIMEZONE).date()


def _was_overtaken(report: Report, order: Standing) -> bool:
    """Whether the bank tells late of the payment whose return it told first."""
    return (
        report.by_bank
        and (order.state, report.outcome) == (RETURNED, SETTLED)
        and order.booked_on is not None
        and report.booked_on <= order.booked_on
    )


def _came_before(report: Report, order: Standing) -> bool:
    """Whether a return is older than the payment that was told already; it is another's."""
    return (
        order.state == SETTLED
        and order.booked_on is not None
        and report.booked_on < order.booked_on
    )
