"""What a plan costs: planned, without preparation, used; and the months of a pupil over all plans.

Source: domain text P-7, P-8. The ceiling itself belongs to payments; what is shown here of it is
what payments told. Pure; all sums are cents.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from services.plans.content import Content


@dataclass(frozen=True)
class Spending:
    """One order as payments told it; `cents` stands while ordered or settled."""

    order_id: str
    plan_id: str
    measure_id: str | None
    month: str
    cents: int


@dataclass(frozen=True)
class Finance:
    """The sums that a plan shows."""

    planned_cents: int
    preparation_cents_max: int
    planned_with_preparation_cents: int
    used_cents: int
    used_by_measure: Mapping[str, int]


@dataclass(frozen=True)
class Told:
    """What payments told of a pupil's month: the ceiling and how much of it is spoken for."""

    cap_cents: int
    reserved_cents: int
    ordered_cents: int


@dataclass(frozen=True)
class MeterMonth:
    """One month of a pupil over all active plans, beside what payments told of it.

    `cap_cents` is None where payments has not told this pupil's month, nor that month's ceiling
    for anybody; then nothing can be warned of.
    """

    month: str
    planned_cents: int
    reserved_cents: int
    ordered_cents: int
    cap_cents: int | None
    told_for_pupil: bool

    @property
    def over(self) -> bool:
        """Whether more is planned than the ceiling allows."""
        return self.cap_cents is not None and self.planned_cents > self.cap_cents


def finance(content: Content, spending: Iterable[Spending]) -> Finance:
    """The sums of one plan by its content and what was ordered for it."""
    used: dict[str, int] = {}
    for order in spending:
        name = order.measure_id or "preparation"
        used[name] = used.get(name, 0) + order.cents
    return Finance(
        planned_cents=content.cents,
        preparation_cents_max=content.preparation_cents_max,
        planned_with_preparation_cents=content.cents + content.preparation_cents_max,
        used_cents=sum(used.values()),
        used_by_measure=used,
    )


def meter(
    contents: Iterable[Content], told: Mapping[str, Told], caps: Mapping[str, int]
) -> list[MeterMonth]:
    """The months of one pupil: all active plans together against what payments told.

    `told` is by month for this pupil; `caps` the last told ceiling of a month for anybody.
    """
    planned: dict[str, int] = {}
    for content in contents:
        for month, cents in content.cents_by_month().items():
            planned[month] = planned.get(month, 0) + cents
    return [
        _month(month, planned.get(month, 0), told, caps)
        for month in sorted(planned.keys() | told.keys())
    ]


def _month(
    month: str, planned: int, told: Mapping[str, Told], caps: Mapping[str, int]
) -> MeterMonth:
    """One month of the meter."""
    known = told.get(month)
    return MeterMonth(
        month=month,
        planned_cents=planned,
        reserved_cents=known.reserved_cents if known else 0,
        ordered_cents=known.ordered_cents if known else 0,
        cap_cents=known.cap_cents if known else caps.get(month),
        told_for_pupil=known is not None,
    )


def ceiling_warnings(months: Sequence[MeterMonth]) -> list[dict[str, JsonValue]]:
    """Months in which more is planned than payments' ceiling allows."""
    return [
        {
            "code": "over-ceiling",
            "month": month.month,
            "planned_cents": month.planned_cents,
            "cap_cents": month.cap_cents,
        }
        for month in months
        if month.over
    ]
