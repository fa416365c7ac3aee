"""A plan on its way through the approval chain: corrected, submitted, approved, sent back."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import chain_rules, rights, telling
from services.plans.actions import Answer, Lines, Outcome, Work, decide, finish, load
from services.plans.chain_rules import APPROVED, RETURNED, VersionChanged
from services.plans.comparison import differences
from services.plans.content import warnings
from services.plans.domain import Action, Plan, State, move
from services.plans.forms import CorrectionForm, PlanForm, ReturnForm
from services.plans.pupils import may_have_plan
from services.plans.writing import check, measures_from, risks_from, written
from shared.auth import Person
from shared.contracts.plans import PlanReturned, PlanStepApproved, PlanSubmitted


async def correct_plans(
    session: AsyncSession, lines: Lines[CorrectionForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Write drafts and revisions anew; the version stays the same until it is approved."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _correct(work, line))
    await finish(session, work)
    return outcomes


def _correct(work: Work, form: CorrectionForm) -> Answer:
    """One draft or revision with another content."""
    plan = work.plan(form.plan_id)
    rights.must(work.by, Action.CORRECT, plan)
    after = move(plan, Action.CORRECT, by=work.by.subject, now=work.now)
    old = work.newest(plan)
    content = written(
        work,
        plan_id=plan.plan_id,
        version=plan.content_version,
        semester=plan.semester,
        school=work.rules.school(plan.school_id),
        dates=(form.valid_from or old.valid_from, form.valid_to or old.valid_to),
        risks=risks_from(form.risks),
        measures=measures_from(form.measures),
        named=named_groups(work, plan),
        known=known_measures(work, plan),
        reason_code=old.reason_code,
        comment=old.comment,
    )
    after = replace(
        after,
        written_by=work.by.subject,
        valid_from=content.valid_from,
        valid_to=content.valid_to,
    )
    work.put_content(content)
    changes = [asdict(difference) for difference in differences(old, content)]
    work.put(plan, after, Action.CORRECT, changes=changes)
    return plan.plan_id, {
        "plan_version": content.version,
        "measures": [measure.measure_id for measure in content.measures],
        "warnings": list(warnings(content)),
    }


def named_groups(work: Work, plan: Plan) -> Collection[str]:
    """Risk groups a plan may name: those of the naming, else those it has been carried on with."""
    naming = work.pupil(plan.pupil_ref).naming(plan.semester)
    if naming is not None:
        return naming.risk_groups
    return {risk.group for risk in work.newest(plan).risks}


def known_measures(work: Work, plan: Plan) -> set[str]:
    """Ids of measures that any version of the plan has used."""
    return {
        measure.measure_id
        for (plan_id, _), content in work.contents.items()
        if plan_id == plan.plan_id
        for measure in content.measures
    }


async def submit_plans(
    session: AsyncSession, lines: Lines[PlanForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Send drafts and revisions into the chain that the kind of school chooses now."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _submit(work, line))
    await finish(session, work)
    return outcomes


def _submit(work: Work, form: PlanForm) -> Answer:
    """One plan into the chain."""
    plan = _read_version(work, form)
    rights.must(work.by, Action.SUBMIT, plan)
    school, content = work.rules.school(plan.school_id), work.newest(plan)
    may_have_plan(work.pupil(plan.pupil_ref), plan.semester, on=work.today)
    levels = chain_rules.chain_of(
        school.chain,
        before=work.in_force(plan),
        now=content,
        minor_rule=work.rules.value("minor_change_rule", work.today, *school.places),
    )
    after = chain_rules.submit(plan, levels, by=work.by.subject, now=work.now)
    check(work, content, school=school, named=named_groups(work, plan))
    skipped = chain_rules.skipped(after, school.chain, now=work.now)
    after, fact = telling.told(after, PlanSubmitted)
    work.kept.approvals += skipped
    work.put(
        plan,
        after,
        Action.SUBMIT,
        fact,
        reason_code=chain_rules.MINOR_CHANGE if skipped else None,
        comment=form.comment,
    )
    return plan.plan_id, {"chain": list(after.chain), "waits_for": after.waiting_for}


def _read_version(work: Work, form: PlanForm) -> Plan:
    """The plan, unless it was rewritten since the person read it; raises VersionChanged."""
    plan = work.plan(form.plan_id)
    if form.plan_version not in (None, plan.content_version):
        raise VersionChanged(field="plan_version", plan_version=plan.content_version)
    return plan


async def approve_plans(
    session: AsyncSession, lines: Lines[PlanForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Approve at the level whose turn it is; the last level puts the version in force."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _approve(work, line))
    await finish(session, work)
    return outcomes


def _approve(work: Work, form: PlanForm) -> Answer:
    """One level's approval of one plan."""
    plan = _read_version(work, form)
    step = chain_rules.turn_of(plan)
    grant = rights.approver(work.by, plan, step, work.rules.school(plan.school_id))
    chain_rules.check_approver(plan, by=work.by.subject, staff_ref=grant.staff_ref)
    after = chain_rules.approve(plan, by=work.by.subject, now=work.now)
    decision = chain_rules.approval_of(
        plan, step, APPROVED, subject=work.by.subject, comment=form.comment, now=work.now
    )
    if after.state is State.APPROVED:
        may_have_plan(work.pupil(plan.pupil_ref), plan.semester, on=work.today)
        after, approved = telling.approved(
            after, work.newest(plan), step=step, approver=work.by.subject, now=work.now
        )
        work.put(plan, after, Action.APPROVE, approved, comment=form.comment)
        if plan.stopped_on is not None:
            work.kept.stops_ended[plan.plan_id] = work.today
    else:
        after, level = telling.told(
            after, PlanStepApproved, step=step.value, approver=work.by.subject
        )
        work.put(plan, after, Action.APPROVE_STEP, level, comment=form.comment)
    work.kept.approvals.append(decision)
    return plan.plan_id, {"step": step, "state": after.state, "waits_for": after.waiting_for}


async def return_plans(
    session: AsyncSession, lines: Lines[ReturnForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Send plans back to their preparers with a comment."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _return(work, line))
    await finish(session, work)
    return outcomes


def _return(work: Work, form: ReturnForm) -> Answer:
    """One plan back at its preparer; the comment stays here, the fact carries a code."""
    plan = _read_version(work, form)
    step = chain_rules.turn_of(plan)
    grant = rights.approver(work.by, plan, step, work.rules.school(plan.school_id))
    chain_rules.check_approver(plan, by=work.by.subject, staff_ref=grant.staff_ref)
    comment = form.comment or ""
    after = chain_rules.send_back(plan, comment=comment, by=work.by.subject, now=work.now)
    after, fact = telling.told(after, PlanReturned, step=step.value, reason_code=form.reason_code)
    work.kept.approvals.append(
        chain_rules.approval_of(
            plan, step, RETURNED, subject=work.by.subject, comment=comment, now=work.now
        )
    )
    action = Action.RETURN_DRAFT if after.state is State.DRAFT else Action.RETURN_REVISION
    work.put(plan, after, action, fact, reason_code=form.reason_code, comment=comment)
    return plan.plan_id, {"step": step, "state": after.state}
