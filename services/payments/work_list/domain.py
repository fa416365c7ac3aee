"""Which orders a report might be about, with the reasons that speak for each. Pure.

A proposal is shown to a person and never applied by itself, however high its score is.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from services.payments.domain import MOVES, OrderState

NEAR_DAYS = 5
PROPOSALS_MAX = 10

REASONS: dict[str, tuple[int, str, str]] = {
    "named-in-text": (50, "uzdevuma numurs ir maksājuma tekstā", "its number is in the text"),
    "same-sum": (40, "tā pati summa", "the same sum"),
    "same-account": (30, "tas pats saņēmēja konts", "the same account of the payee"),
    "same-file": (15, "banka runā par šo failu", "the bank speaks of its file"),
    "near-day": (
        10,
        f"maksājums paredzēts ne vairāk kā {NEAR_DAYS} dienas pirms vai pēc",
        f"it was to be paid at most {NEAR_DAYS} days before or after",
    ),
}
"""Points, and the reason in Latvian and English."""


class Item(NamedTuple):
    """A report that waits, with what its bank line told where a bank told it."""

    report_id: str
    outcome: str
    cents: int
    booked_on: date
    account_ref: str
    mentioned: str
    about_file: str


class Candidate(NamedTuple):
    """An order of the office that an item might be about; it is to be paid on a day."""

    order_id: str
    cents: int
    state: str
    file_id: str | None
    pay_on: date | None
    account_ref: str


class Proposal(NamedTuple):
    """An order with what speaks for it, strongest reason first."""

    order_id: str
    score: int
    reasons: tuple[str, ...]


def states_that_follow(outcome: OrderState) -> list[str]:
    """The states from which an order can go where a report says; unclear reports: any of them."""
    wanted = {outcome} if outcome is not OrderState.UNKNOWN else {*_OUTCOMES}
    return sorted({start.value for start, to in MOVES if to in wanted})


_OUTCOMES = (OrderState.SETTLED, OrderState.RETURNED)


def propose(item: Item, candidates: Iterable[Candidate]) -> list[Proposal]:
    """The orders for which most speaks; of equals the smaller number first."""
    found = [_weigh(item, candidate) for candidate in candidates]
    found.sort(key=lambda proposal: (-proposal.score, proposal.order_id))
    return [proposal for proposal in found if proposal.score][:PROPOSALS_MAX]


def _weigh(item: Item, order: Candidate) -> Proposal:
    """What speaks for one order."""
    speaks = {
        "named-in-text": item.mentioned == order.order_id,
        "same-sum": item.cents == order.cents,
        "same-account": bool(item.account_ref) and item.account_ref == order.account_ref,
        "same-file": bool(item.about_file) and item.about_file == order.file_id,
        "near-day": order.pay_on is not None
        and abs((item.booked_on - order.pay_on).days) <= NEAR_DAYS,
    }
    reasons = tuple(name for name in REASONS if speaks[name])
    return Proposal(order.order_id, sum(REASONS[name][0] for name in reasons), reasons)
