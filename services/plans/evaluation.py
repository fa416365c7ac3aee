"""The end of a plan: evaluated per measure and risk, closed, its preparation time released."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import rights, telling
from services.plans.actions import Answer, Lines, Outcome, Work, decide, finish, load
from services.plans.domain import Action, move
from services.plans.evaluation_rules import (
    Evaluation,
    EvaluationMissing,
    MeasureOutcome,
    NothingApproved,
    Preparation,
    RiskOutcome,
    check_evaluation,
)
from services.plans.forms import EvaluationForm, PlanForm
from shared.auth import Person


async def evaluate_plans(
    session: AsyncSession, lines: Lines[EvaluationForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Evaluate plans; until a plan is closed its evaluation may be replaced."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _evaluate(work, line))
    await finish(session, work)
    return outcomes


def _evaluate(work: Work, form: EvaluationForm) -> Answer:
    """One evaluation of the version in force."""
    plan = work.plan(form.plan_id)
    rights.must(work.by, Action.EVALUATE, plan)
    after = move(plan, Action.EVALUATE, by=work.by.subject, now=work.now)
    content = work.in_force(plan)
    if content is None:
        raise NothingApproved(field="plan_id", state=plan.state.value)
    evaluation = Evaluation(
        plan_id=plan.plan_id,
        plan_version=content.version,
        measures=tuple(MeasureOutcome(m.measure_id, m.outcome, m.reason) for m in form.measures),
        risks=tuple(RiskOutcome(r.group.value, r.outcome) for r in form.risks),
        preparation=tuple(
            Preparation(p.staff_ref, p.staff_kind, p.minutes) for p in form.preparation
        ),
        continues=form.continues,
        conclusion=form.conclusion,
        evaluated_by=work.by.subject,
        evaluated_at=work.now,
    )
    check_evaluation(evaluation, content)
    work.kept.evaluations[plan.plan_id] = evaluation
    work.put(plan, replace(after, evaluated_at=work.now), Action.EVALUATE, comment=form.conclusion)
    return plan.plan_id, {
        "plan_version": content.version,
        "preparation_minutes": sum(part.minutes for part in evaluation.preparation),
    }


async def close_plans(
    session: AsyncSession, lines: Lines[PlanForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Close evaluated plans and release the preparation time of their preparers."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _close(work, line))
    await finish(session, work)
    return outcomes


def _close(work: Work, form: PlanForm) -> Answer:
    """One plan closed."""
    plan = work.plan(form.plan_id)
    rights.must(work.by, Action.CLOSE, plan)
    after = move(plan, Action.CLOSE, by=work.by.subject, now=work.now)
    evaluation = work.evaluations.get(plan.plan_id)
    if evaluation is None or evaluation.plan_version != plan.approved_version:
        raise EvaluationMissing(field="plan_id", plan_version=plan.approved_version)
    after = replace(after, closed_on=work.today)
    after, closed = telling.closed(after, evaluation, on=work.today)
    earned = []
    for part in evaluation.preparation:
        after, fact = telling.earned(after, part, on=work.today)
        earned.append(fact)
    work.put(plan, after, Action.CLOSE, closed, *earned, comment=form.comment)
    return plan.plan_id, {
        "closed_on": work.today.isoformat(),
        "preparation_minutes": sum(fact.minutes for fact in earned),
    }
