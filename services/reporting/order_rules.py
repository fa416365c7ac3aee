"""What payment orders add to the counts: money by month and type, and support that was delivered.

Pure. An accepted claim for a compensation is a delivered support. A payment the bank returned
stays one, for the claim stands and the money is sent again; money recovered wholly does not, for
then the claim was wrong.
"""

from dataclasses import dataclass, replace

from services.reporting.domain import NOWHERE, Cell, Level, Place, month_period
from services.reporting.measures import COMPENSATIONS
from shared.contracts.payments import (
    OrderFact,
    PaymentOrdered,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
)

PAID_FOR_SUPPORT = frozenset(COMPENSATIONS)


@dataclass(frozen=True, slots=True)
class OrderState:
    """One payment order as far as its facts told; cents and their ESF part by what became of it."""

    order_id: str
    place: Place
    plan_id: str | None
    project_id: str | None
    pupil_ref: str | None
    semester: str
    support_type: str
    month: str
    service_day: str
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


def heard(state: OrderState, fact: OrderFact, *, on: str) -> OrderState:
    """The order after a fact; itself where it knew this or a later one already.

    Whatever comes first, the sum that was ordered is known: a settled order was ordered.
    """
    if fact.version <= state.version:
        return state
    split = (fact.cents, fact.esf_cents)
    if isinstance(fact, PaymentOrdered):
        return replace(state, version=fact.version, ordered=split, ordered_on=on)
    if isinstance(fact, PaymentSettled):
        day = fact.booked_on.isoformat()
        return replace(state, version=fact.version, settled=split, settled_on=day)
    if isinstance(fact, PaymentReturned):
        day = fact.booked_on.isoformat()
        return replace(state, version=fact.version, returned=split, returned_on=day)
    assert isinstance(fact, PaymentRecovered), fact
    total = (state.recovered[0] + split[0], state.recovered[1] + split[1])
    day = fact.booked_on.isoformat()
    return replace(state, version=fact.version, recovered=total, recovered_on=day)


def money_of(state: OrderState, *, as_of: str = "9999") -> dict[Cell, int]:
    """What the order adds to the sums of its month, place and type."""
    school, partner, municipality = state.place
    level = (Level.SCHOOL if school else Level.PARTNER).value
    place = (level, partner, municipality, school, month_period(state.month))
    cut = f"support_type={state.support_type}"
    found = {}
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
