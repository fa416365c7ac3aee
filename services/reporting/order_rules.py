"""What payment orders add to the counts: money by month and type, and support that was delivered.

Pure. An accepted claim for a compensation is a delivered support. A payment the bank returned
stays one, for the claim stands and the money is sent again; money recovered wholly does not, for
then the claim was wrong, and neither does an order that was cancelled before it was paid.
"""

from dataclasses import dataclass

from services.reporting.domain import NOWHERE, Cell, Level, Place, month_period
from services.reporting.measures import COMPENSATIONS
from shared.contracts.payments import (
    OrderFact,
    PaymentCancelled,
    PaymentOrdered,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
)

PAID_FOR_SUPPORT = frozenset(COMPENSATIONS)


@dataclass(slots=True)
class OrderState:
    """One payment order as far as its facts told; cents and their ESF part by what became of it."""

    order_id: str
    place: Place
    plan_id: str | None
    support_type: str
    month: str
    project_id: str | None = None
    pupil_ref: str | None = None
    semester: str = ""
    service_day: str = ""
    version: int = 0
    ordered: tuple[int, int] = (0, 0)
    settled: tuple[int, int] = (0, 0)
    returned: tuple[int, int] = (0, 0)
    recovered: tuple[int, int] = (0, 0)
    ordered_on: str | None = None
    settled_on: str | None = None
    returned_on: str | None = None
    recovered_on: str | None = None

    @property
    def is_support(self) -> bool:
        """Whether the order stands for a delivered compensation."""
        return (
            self.support_type in PAID_FOR_SUPPORT
            and self.ordered[0] > 0
            and self.recovered[0] < self.ordered[0]
        )


def unheard(fact: OrderFact) -> OrderState:
    """The state of an order before its first fact."""
    return OrderState(
        order_id=fact.order_id,
        place=Place(fact.school_id or NOWHERE, fact.partner, fact.municipality_id),
        plan_id=fact.plan_id,
        project_id=fact.project_id,
        pupil_ref=fact.pupil_ref,
        semester=fact.semester or "",
        support_type=fact.support_type,
        month=fact.month,
        service_day=fact.service_date.isoformat(),
    )


def hear(state: OrderState, fact: OrderFact, *, on: str) -> bool:
    """Let the order take a fact in; False where it knew this or a later one already."""
    if fact.version <= state.version:
        return False
    state.version = fact.version
    split = (fact.cents, fact.esf_cents)
    if isinstance(fact, PaymentOrdered):
        state.ordered, state.ordered_on = split, on
    elif isinstance(fact, PaymentCancelled):
        state.ordered, state.ordered_on = (0, 0), None
    elif isinstance(fact, PaymentSettled):
        state.settled, state.settled_on = split, fact.booked_on.isoformat()
    elif isinstance(fact, PaymentReturned):
        state.returned, state.returned_on = split, fact.booked_on.isoformat()
    elif isinstance(fact, PaymentRecovered):
        cents, esf = state.recovered
        state.recovered = (cents + split[0], esf + split[1])
        state.recovered_on = fact.booked_on.isoformat()
    return True


def money_of(state: OrderState, *, as_of: str = "9999") -> dict[Cell, int]:
    """What the order adds to the sums of its month, place and type."""
    if state.version == 0:
        return {}
    school, partner, municipality = state.place
    level = (Level.SCHOOL if school else Level.PARTNER).value
    place = (level, partner, municipality, school, month_period(state.month))
    cut = f"support_type={state.support_type}"
    found: dict[Cell, int] = {}
    for name, (cents, esf), day in (
        ("ordered", state.ordered, state.ordered_on),
        ("settled", state.settled, _paid_on(state, as_of)),
        ("returned", state.returned, state.returned_on),
        ("recovered", state.recovered, state.recovered_on),
    ):
        if cents and day is not None and day <= as_of:
            found[Cell(*place, f"{name}_cents", cut)] = cents
            found[Cell(*place, f"{name}_esf_cents", cut)] = esf
    return found


def _paid_on(state: OrderState, as_of: str) -> str | None:
    """The day the money was paid, unless it had come back by then."""
    paid, back = state.settled_on, state.returned_on
    if paid is None or (back is not None and paid <= back <= as_of):
        return None
    return paid
