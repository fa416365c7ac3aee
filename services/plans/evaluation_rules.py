"""The end-of-semester evaluation of a plan, and the preparation time it releases.

Source: domain text 2.2, P-11. Pure: plain values in and out; time is minutes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.plans.content import Content
from shared.errors import Refused

DONE = "done"


@dataclass(frozen=True)
class MeasureOutcome:
    """Whether a measure was done, partly done or not done, and why."""

    measure_id: str
    outcome: str
    reason: str | None


@dataclass(frozen=True)
class RiskOutcome:
    """Whether a risk was reduced, stayed the same or grew worse."""

    group: str
    outcome: str


@dataclass(frozen=True)
class Preparation:
    """Minutes of one preparer for preparing, watching and evaluating."""

    staff_ref: str
    staff_kind: str
    minutes: int


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of a plan by one of its preparers or the head."""

    plan_id: str
    plan_version: int
    measures: tuple[MeasureOutcome, ...]
    risks: tuple[RiskOutcome, ...]
    preparation: tuple[Preparation, ...]
    continues: bool
    conclusion: str
    evaluated_by: str
    evaluated_at: datetime


class NothingApproved(Refused):
    """A plan that was never approved is not evaluated; delete it instead."""

    code = "nothing-approved"


class MeasuresNotEvaluated(Refused):
    """The evaluation names each measure of the approved plan once."""

    code = "measures-not-evaluated"


class RisksNotEvaluated(Refused):
    """The evaluation names each risk of the approved plan once."""

    code = "risks-not-evaluated"


class ReasonMissing(Refused):
    """What was not or only partly done needs a reason."""

    code = "reason-missing"


class PreparationTooLong(Refused):
    """All preparers of a plan together are paid for so many hours at most."""

    code = "preparation-too-long"


class PreparerTwice(Refused):
    """The preparation names each preparer once."""

    code = "preparer-twice"


class EvaluationMissing(Refused):
    """A plan is closed only after the evaluation of its version in force."""

    code = "evaluation-missing"


def check_evaluation(evaluation: Evaluation, content: Content) -> None:
    """Refuse an evaluation that leaves something of the content out, or pays too much."""
    named = [m.measure_id for m in evaluation.measures]
    _each_once(named, [m.measure_id for m in content.measures], MeasuresNotEvaluated, "measures")
    groups = [r.group for r in evaluation.risks]
    _each_once(groups, [r.group for r in content.risks], RisksNotEvaluated, "risks")
    for index, measure in enumerate(evaluation.measures):
        if measure.outcome != DONE and not (measure.reason or "").strip():
            raise ReasonMissing(field=f"measures.{index}.reason")
    preparers = [p.staff_ref for p in evaluation.preparation]
    if len(set(preparers)) < len(preparers):
        raise PreparerTwice(field="preparation")
    minutes = sum(p.minutes for p in evaluation.preparation)
    if minutes > content.preparation_minutes_max:
        raise PreparationTooLong(
            field="preparation", minutes=minutes, minutes_max=content.preparation_minutes_max
        )


def _each_once(
    named: Sequence[str], wanted: Sequence[str], refusal: type[Refused], field: str
) -> None:
    """Refuse unless the named are exactly the wanted."""
    if Counter(named) != Counter(wanted):
        raise refusal(
            field=field,
            missing=sorted(set(wanted) - set(named)),
            unknown=sorted(set(named) - set(wanted)),
        )
