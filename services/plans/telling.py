"""Facts of a plan from what it is: every fact raises the plan's version by one.

Pure: a plan goes in, the plan with its new version and the fact come out.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from services.plans.consultation_rules import Consultation
from services.plans.content import Content, Measure
from services.plans.domain import Plan, Step, day_of
from services.plans.evaluation_rules import Evaluation, Preparation
from shared.contracts.identification import Programme, RiskGroup, Sex
from shared.contracts.plans import (
    ConsultationConfirmed,
    DeliveryMode,
    PlanApproved,
    PlanClosed,
    PlanFact,
    PlannedMeasure,
    PlannedMonth,
    PreparationEarned,
    SupportType,
)

P = TypeVar("P", bound=PlanFact)


def told(
    plan: Plan, fact: type[P], *, plan_version: int | None = None, **fields: Any
) -> tuple[Plan, P]:
    """The plan one version on, and the fact about it."""
    after = replace(plan, version=plan.version + 1)
    return after, fact(
        plan_id=plan.plan_id,
        plan_code=plan.plan_code,
        plan_version=plan_version or plan.content_version,
        version=after.version,
        pupil_ref=plan.pupil_ref,
        partner=plan.partner,
        school_id=plan.school_id,
        municipality_id=plan.municipality_id,
        semester=plan.semester,
        **fields,
    )


def approved(
    plan: Plan, content: Content, *, step: Step, approver: str, now: datetime
) -> tuple[Plan, PlanApproved]:
    """The fact that all levels approved this content, and who was the last."""
    return told(
        plan,
        PlanApproved,
        plan_version=content.version,
        valid_from=content.valid_from,
        valid_to=content.valid_to,
        programme=Programme(plan.programme),
        grade=plan.grade,
        sex=Sex(plan.sex),
        risk_groups=tuple(RiskGroup(risk.group) for risk in content.risks),
        preparer_ref=plan.preparer_ref,
        preparer_kind=plan.preparer_kind,
        preparer_school_id=plan.preparer_school_id,
        measures=tuple(_measure(measure) for measure in content.measures),
        preparation_cents_max=content.preparation_cents_max,
        follows_plan_id=plan.follows_plan_id,
        approved_on=day_of(now),
        step=step.value,
        approver=approver,
    )


def _measure(measure: Measure) -> PlannedMeasure:
    """A measure as it is told."""
    return PlannedMeasure(
        measure_id=measure.measure_id,
        support_type=SupportType(measure.support_type),
        delivery_mode=DeliveryMode(measure.delivery_mode),
        provider_kind=measure.provider_kind,
        planned=tuple(PlannedMonth(month=month, cents=cents) for month, cents in measure.planned),
    )


def confirmed(plan: Plan, held: Consultation) -> tuple[Plan, ConsultationConfirmed]:
    """The fact that a consultation took place and the pupil confirmed it."""
    return told(
        plan,
        ConsultationConfirmed,
        plan_version=plan.approved_version,
        consultation_id=held.consultation_id,
        measure_id=held.measure_id,
        provider_ref=held.provider_ref,
        provider_kind=held.provider_kind,
        held_on=held.held_on,
        minutes=held.minutes,
        mode=held.mode,
    )


def closed(plan: Plan, evaluation: Evaluation, *, on: date) -> tuple[Plan, PlanClosed]:
    """The fact that the plan was evaluated and closed, in counts."""
    measures = [m.outcome for m in evaluation.measures]
    risks = [r.outcome for r in evaluation.risks]
    return told(
        plan,
        PlanClosed,
        plan_version=plan.approved_version,
        closed_on=on,
        measures_done=measures.count("done"),
        measures_partly=measures.count("partly"),
        measures_not_done=measures.count("not_done"),
        risks_reduced=risks.count("reduced"),
        risks_same=risks.count("same"),
        risks_worse=risks.count("worse"),
        continues=evaluation.continues,
    )


def earned(plan: Plan, part: Preparation, *, on: date) -> tuple[Plan, PreparationEarned]:
    """The fact that a preparer's time was released."""
    return told(
        plan,
        PreparationEarned,
        plan_version=plan.approved_version,
        preparer_ref=part.staff_ref,
        preparer_kind=part.staff_kind,
        minutes=part.minutes,
        earned_on=on,
    )
