"""What payment orders add to the counts: money by month and type, and support that was delivered.

Pure. An accepted claim for a compensation is a delivered support. A payment the bank returned
stays one, for the claim stands and the money is sent again; money recovered wholly does not, for
then the claim was wrong, and neither does an order that was cancelled before it was paid.
"""

from dataclasses import dataclass
from typing import NamedTuple

from services.reporting.domain import NOWHERE, Cell, Level, Place, month_period
from services.reporting.measures import COMPENSATIONS, MONEY
from shared.contracts.payments import (
    OrderFact,
    PaymentCancelled,
    PaymentOrdered,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
    PaymentVerified,
)
from shared.money import split_esf

PAID_FOR_SUPPORT = frozenset(COMPENSATIONS)
BECAME: dict[type[OrderFact], tuple[str, ...]] = {
    PaymentOrdered: ("ordered",),
    PaymentCancelled: ("ordered",),
    PaymentSettled: ("settled",),
    PaymentReturned: ("returned",),
    PaymentRecovered: ("recovered",),
    PaymentVerified: ("accepted", "reduced", "rejected"),
}
"""The parts of an order's state that each fact tells."""
_TOLD = MONEY[1:]
_SUMS = tuple(f"{name}{of}" for name in _TOLD for of in ("_cents", "_esf_cents"))

Amounts = tuple[int, ...]
"""What an order adds to the sums of money, in the order of `_SUMS`."""
NO_MONEY: Amounts = (0,) * len(_SUMS)
Heap = tuple[Place, str, str]
"""What orders are added up by: place, month and support type."""


class Part(NamedTuple):
    """Cents of an order and their ESF part that became something, and the last day they did."""

    cents: int = 0
    esf_cents: int = 0
    on: str | None = None

    def by(self, day: str) -> tuple[int, int]:
        """The cents and their ESF part, if they became it by a day."""
        if self.on is None or self.on > day:
            return 0, 0
        return self.cents, self.esf_cents


NOT_YET = Part()


@dataclass(slots=True)
class OrderState:
    """One payment order as far as its facts told."""

    order_id: str
    place: Place
    support_type: str
    month: str
    plan_id: str | None
    service_day: str
    version: int = 0
    ordered: Part = NOT_YET
    settled: Part = NOT_YET
    returned: Part = NOT_YET
    recovered: Part = NOT_YET
    accepted: Part = NOT_YET
    reduced: Part = NOT_YET
    rejected: Part = NOT_YET

    @property
    def is_support(self) -> bool:
        """Whether the order stands for a delivered compensation."""
        return (
            self.support_type in PAID_FOR_SUPPORT
            and self.ordered.cents > 0
            and self.recovered.cents < self.ordered.cents
        )


def place_of(fact: OrderFact) -> Place:
    """Where an order counts."""
    return Place(fact.school_id or NOWHERE, fact.partner, fact.municipality_id)


def orders_support(fact: OrderFact) -> bool:
    """Whether an order that was made stands for a compensation delivered to a pupil."""
    compensates = fact.support_type in PAID_FOR_SUPPORT and fact.cents > 0
    return compensates and fact.plan_id is not None and fact.pupil_ref is not None


def unheard(fact: OrderFact) -> OrderState:
    """The state of an order before its first fact."""
    return OrderState(
        fact.order_id,
        place_of(fact),
        fact.support_type,
        fact.month,
        fact.plan_id,
        fact.service_date.isoformat(),
    )


def hear(state: OrderState, fact: OrderFact, *, on: str) -> bool:
    """Let the order take a fact in; False where it knew this or a later one already."""
    if fact.version <= state.version:
        return False
    state.version = fact.version
    if isinstance(fact, PaymentOrdered):
        state.ordered = Part(fact.cents, fact.esf_cents, on)
    elif isinstance(fact, PaymentCancelled):
        state.ordered = NOT_YET
    elif isinstance(fact, PaymentSettled):
        state.settled = Part(fact.cents, fact.esf_cents, fact.booked_on.isoformat())
    elif isinstance(fact, PaymentReturned):
        state.returned = Part(fact.cents, fact.esf_cents, fact.booked_on.isoformat())
    elif isinstance(fact, PaymentRecovered):
        cents, esf, _ = state.recovered
        day = fact.booked_on.isoformat()
        state.recovered = Part(cents + fact.cents, esf + fact.esf_cents, day)
    elif isinstance(fact, PaymentVerified):
        _verify(state, fact)
    return True


def _verify(state: OrderState, fact: PaymentVerified) -> None:
    """What the state said last: what counts of the order, and what of it does not."""
    day, esf = fact.verified_on.isoformat(), fact.accepted_esf_cents
    if esf is None:
        esf = split_esf(fact.accepted_cents)[0]
    state.accepted = Part(fact.accepted_cents, esf, day)
    lost = Part(fact.cents - fact.accepted_cents, fact.esf_cents - esf, day)
    state.reduced = lost if fact.outcome == "reduced" else NOT_YET
    state.rejected = lost if fact.outcome == "rejected" else NOT_YET


def amounts_of(state: OrderState, *, as_of: str = "9999") -> Amounts:
    """What the order adds to the sums of money, of what was true by a day."""
    paid, back = state.settled.on, state.returned.on
    came_back = paid is not None and back is not None and paid <= back <= as_of
    settled = (0, 0) if came_back else state.settled.by(as_of)
    return (
        *state.ordered.by(as_of),
        *settled,
        *state.returned.by(as_of),
        *state.recovered.by(as_of),
        *state.accepted.by(as_of),
        *state.reduced.by(as_of),
        *state.rejected.by(as_of),
    )


def only(part: str, cents: int, esf_cents: int) -> Amounts:
    """What is added where nothing but one part of orders is told."""
    at = 2 * _TOLD.index(part)
    return (*NO_MONEY[:at], cents, esf_cents, *NO_MONEY[at + 2 :])


def cells_of(heap: Heap, amounts: Amounts) -> dict[Cell, int]:
    """Sums of money of one place, month and type, without those that are zero."""
    (school, partner, municipality), month, support_type = heap
    level = (Level.SCHOOL if school else Level.PARTNER).value
    where = (level, partner, municipality, school, month_period(month))
    cut = f"support_type={support_type}"
    return {
        Cell(*where, name, cut): cents for name, cents in zip(_SUMS, amounts, strict=True) if cents
    }


def money_of(state: OrderState, *, as_of: str = "9999") -> dict[Cell, int]:
    """What the order adds to the sums of its month, place and type."""
    amounts = amounts_of(state, as_of=as_of)
    return cells_of((state.place, state.month, state.support_type), amounts)
