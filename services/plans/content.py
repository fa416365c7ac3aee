"""What a version of a plan says: risks, measures tied to them, and each euro in a month.

Source: domain text 2.2, P-5, P-7. Pure: plain values in and out; all sums are cents.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import JsonValue

from services.plans.vocabulary import COMPENSATIONS, CONSULTATION, PROVIDER_KINDS
from shared.calendar import months_between
from shared.errors import Refused

MINUTES_PER_HOUR = 60


@dataclass(frozen=True)
class Risk:
    """A risk group (R1 to R4) with the preparer's justification."""

    group: str
    justification: str


@dataclass(frozen=True)
class Measure:
    """One support of a plan, tied to risk groups, with planned cents for each month."""

    measure_id: str
    support_type: str
    delivery_mode: str
    provider_kind: str | None
    risk_groups: tuple[str, ...]
    justification: str
    planned: tuple[tuple[str, int], ...]

    @property
    def cents(self) -> int:
        """Planned over all months."""
        return sum(cents for _, cents in self.planned)


@dataclass(frozen=True)
class Content:
    """One version of a plan's content; a version that was approved never changes again."""

    plan_id: str
    version: int
    valid_from: date
    valid_to: date
    risks: tuple[Risk, ...]
    measures: tuple[Measure, ...]
    preparation_minutes_max: int
    preparation_cents_max: int
    written_by: str
    reason_code: str | None = None
    comment: str | None = None

    @property
    def cents(self) -> int:
        """Planned for all measures, without preparation."""
        return sum(measure.cents for measure in self.measures)

    def measure(self, measure_id: str) -> Measure | None:
        """A measure by its id."""
        return next((m for m in self.measures if m.measure_id == measure_id), None)

    def cents_by_month(self) -> dict[str, int]:
        """Planned for all measures in each month."""
        months: dict[str, int] = {}
        for measure in self.measures:
            for month, cents in measure.planned:
                months[month] = months.get(month, 0) + cents
        return months


class PlanWithoutRisk(Refused):
    """A plan needs at least one assessed risk."""

    code = "plan-without-risk"


class PlanWithoutMeasure(Refused):
    """A plan needs at least one measure that reduces a risk."""

    code = "plan-without-measure"


class RiskTwice(Refused):
    """A plan names each risk group once."""

    code = "risk-twice"


class RiskNotNamed(Refused):
    """The pupil was not named with this risk group; have it confirmed first."""

    code = "risk-not-named"


class MeasureWithoutRisk(Refused):
    """Support must follow from a risk: tie the measure to at least one of the plan."""

    code = "measure-without-risk"


class RiskNotInPlan(Refused):
    """The measure is tied to a risk group that the plan does not name."""

    code = "risk-not-in-plan"


class UnknownProviderKind(Refused):
    """There is no such kind of provider in the code list."""

    code = "unknown-provider-kind"


class ProviderKindMissing(Refused):
    """Consultations need the kind of specialist who gives them."""

    code = "provider-kind-missing"


class MonthOutsidePlan(Refused):
    """Money may be planned only in months of the plan's own dates."""

    code = "month-outside-plan"


class MonthTwice(Refused):
    """A measure names each month once."""

    code = "month-twice"


class MeasureTwice(Refused):
    """A plan names each measure once."""

    code = "measure-twice"


def check_content(
    content: Content, *, named: Collection[str], asked: Collection[str], needs_risk: bool
) -> None:
    """Refuse a content that breaks a rule, naming the field.

    `named` are the pupil's confirmed risk groups, `asked` the value of plan_content, `needs_risk`
    that of support_needs_risk.
    """
    if "risks_assessed" in asked and not content.risks:
        raise PlanWithoutRisk(field="risks")
    if "measures_to_reduce_them" in asked and not content.measures:
        raise PlanWithoutMeasure(field="measures")
    groups = [risk.group for risk in content.risks]
    if len(set(groups)) < len(groups):
        raise RiskTwice(field="risks")
    for index, group in enumerate(groups):
        if group not in named:
            raise RiskNotNamed(field=f"risks.{index}.group", named=sorted(named))
    if len({measure.measure_id for measure in content.measures}) < len(content.measures):
        raise MeasureTwice(field="measures")
    months = months_between(content.valid_from, content.valid_to)
    for index, measure in enumerate(content.measures):
        _check_measure(measure, f"measures.{index}", groups, months, needs_risk)


def _check_measure(
    measure: Measure, field: str, groups: Sequence[str], months: Sequence[str], needs_risk: bool
) -> None:
    """Refuse a measure that hangs in the air or outside the plan's months."""
    free = measure.support_type in COMPENSATIONS and not needs_risk
    if not measure.risk_groups and not free:
        raise MeasureWithoutRisk(field=f"{field}.risk_groups", support_type=measure.support_type)
    strange = sorted(set(measure.risk_groups) - set(groups))
    if strange:
        raise RiskNotInPlan(field=f"{field}.risk_groups", groups=list(strange))
    if measure.provider_kind is None and measure.support_type == CONSULTATION:
        raise ProviderKindMissing(field=f"{field}.provider_kind")
    if measure.provider_kind is not None and measure.provider_kind not in PROVIDER_KINDS:
        raise UnknownProviderKind(field=f"{field}.provider_kind", kind=measure.provider_kind)
    planned = [month for month, _ in measure.planned]
    if len(set(planned)) < len(planned):
        raise MonthTwice(field=f"{field}.planned")
    for month in planned:
        if month not in months:
            raise MonthOutsidePlan(field=f"{field}.planned", month=month, months=list(months))


def warnings(content: Content) -> list[dict[str, JsonValue]]:
    """What is allowed but worth a second look: risks that no measure reduces."""
    tied = {group for measure in content.measures for group in measure.risk_groups}
    return [
        {"code": "risk-without-measure", "group": risk.group}
        for risk in content.risks
        if risk.group not in tied
    ]


def numbered(
    plan_id: str, measures: Iterable[Measure], *, known: Collection[str]
) -> tuple[Measure, ...]:
    """Give new measures ids behind those known: `<plan>.1`, `<plan>.2`; others keep theirs."""
    last = max((int(measure_id.rpartition(".")[2]) for measure_id in known), default=0)
    found = []
    for measure in measures:
        measure_id = measure.measure_id
        if not measure_id:
            last += 1
            measure_id = f"{plan_id}.{last}"
        found.append(_with_id(measure, measure_id))
    return tuple(found)


def _with_id(measure: Measure, measure_id: str) -> Measure:
    """The measure under an id, its groups and months in order."""
    return Measure(
        measure_id=measure_id,
        support_type=measure.support_type,
        delivery_mode=measure.delivery_mode,
        provider_kind=measure.provider_kind,
        risk_groups=tuple(sorted(set(measure.risk_groups))),
        justification=measure.justification,
        planned=tuple(sorted(measure.planned)),
    )


def preparation(hours_max: int, hour_cents: int) -> tuple[int, int]:
    """Minutes and cents that preparing, watching and evaluating may cost at most."""
    return hours_max * MINUTES_PER_HOUR, hours_max * hour_cents
