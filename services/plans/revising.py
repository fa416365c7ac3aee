"""Plans in force that change: revised, suspended, resumed."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import rights, telling
from services.plans.actions import Answer, Lines, Outcome, Work, decide, finish, load
from services.plans.chain import known_measures, named_groups
from services.plans.chain_rules import CommentMissing
from services.plans.comparison import differences
from services.plans.content import Content
from services.plans.domain import Action, Plan, move
from services.plans.drafting_rules import check_semester_running
from services.plans.forms import ContentForm, PlanForm, ReasonForm, RevisionForm
from services.plans.plan_rows import NewStop
from services.plans.writing import measures_from, risks_from, written
from shared.auth import Person
from shared.contracts.plans import PlanResumed, PlanRevisionStarted, PlanSuspended


async def revise_plans(
    session: AsyncSession, lines: Lines[RevisionForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Begin a new version of approved plans; what is in force stays so until it is approved."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _revise(work, line))
    await finish(session, work)
    return outcomes


def _revise(work: Work, form: RevisionForm) -> Answer:
    """One plan under revision."""
    plan = work.plan(form.plan_id)
    rights.must(work.by, Action.REVISE, plan)
    after = move(plan, Action.REVISE, by=work.by.subject, now=work.now)
    content = _next_version(work, plan, form)
    return _revised(work, plan, after, content, form)


def _next_version(work: Work, plan: Plan, form: RevisionForm) -> Content:
    """The content of version n + 1: as it was sent, or a copy of what is in force."""
    old, sent = work.newest(plan), form.content
    if sent is None:
        return _copied(old, form)
    return _sent(work, plan, old, sent, form)


def _copied(old: Content, form: RevisionForm) -> Content:
    """The content in force under the next number."""
    return replace(old, version=old.version + 1, reason_code=form.reason_code, comment=form.comment)


def _sent(work: Work, plan: Plan, old: Content, sent: ContentForm, form: RevisionForm) -> Content:
    """A new content, checked."""
    return written(
        work,
        plan_id=plan.plan_id,
        version=old.version + 1,
        semester=plan.semester,
        school=work.rules.school(plan.school_id),
        dates=(sent.valid_from or old.valid_from, sent.valid_to or old.valid_to),
        risks=risks_from(sent.risks),
        measures=measures_from(sent.measures),
        named=named_groups(work, plan),
        known=known_measures(work, plan),
        reason_code=form.reason_code,
        comment=form.comment,
    )


def _revised(work: Work, plan: Plan, after: Plan, content: Content, form: RevisionForm) -> Answer:
    """Keep the new version and tell that it is being written."""
    old = work.newest(plan)
    after = replace(
        after,
        content_version=content.version,
        written_by=content.written_by,
        valid_from=content.valid_from,
        valid_to=content.valid_to,
    )
    after, fact = telling.told(after, PlanRevisionStarted, reason_code=form.reason_code)
    work.put_content(content)
    found = [vars(difference) for difference in differences(old, content)]
    work.put(
        plan,
        after,
        Action.REVISE,
        fact,
        reason_code=form.reason_code,
        comment=form.comment,
        changes=found,
    )
    return plan.plan_id, {"plan_version": content.version, "differences": list(found)}


async def suspend_plans(
    session: AsyncSession, lines: Lines[ReasonForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Stop plans from today on, with a reason in words, until a new version is approved."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _suspend(work, line))
    await finish(session, work)
    return outcomes


def _suspend(work: Work, form: ReasonForm) -> Answer:
    """One plan stopped."""
    plan = work.plan(form.plan_id)
    rights.must(work.by, Action.SUSPEND, plan)
    if not (form.comment or "").strip():
        raise CommentMissing(field="comment")
    after = replace(
        move(plan, Action.SUSPEND, by=work.by.subject, now=work.now),
        waiting_for=None,
        stopped_on=plan.stopped_on or work.today,
    )
    after, fact = telling.told(
        after,
        PlanSuspended,
        plan_version=plan.approved_version,
        reason_code=form.reason_code,
        suspended_on=work.today,
    )
    if plan.stopped_on is None:
        work.kept.stops.append(
            NewStop(
                plan_id=plan.plan_id,
                stopped_at=work.now,
                stopped_on=work.today,
                reason_code=form.reason_code,
                comment=form.comment or "",
                stopped_by=work.by.subject,
            )
        )
    work.put(plan, after, Action.SUSPEND, fact, reason_code=form.reason_code, comment=form.comment)
    return plan.plan_id, {"suspended_on": work.today.isoformat()}


async def resume_plans(
    session: AsyncSession, lines: Lines[PlanForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Take suspended plans up again within their semester; they go to revision."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _resume(work, line))
    await finish(session, work)
    return outcomes


def _resume(work: Work, form: PlanForm) -> Answer:
    """One plan from its stop into revision; a version that was approved gets a successor."""
    plan = work.plan(form.plan_id)
    rights.must(work.by, Action.RESUME, plan)
    after = move(plan, Action.RESUME, by=work.by.subject, now=work.now)
    _, closes = work.rules.dates(plan.semester, plan.school_id)
    check_semester_running(plan.semester, closes, today=work.today)
    if plan.approved_version == plan.content_version:
        copy = replace(
            work.newest(plan),
            version=plan.content_version + 1,
            reason_code="resumed",
            comment=form.comment,
        )
        work.put_content(copy)
        after = replace(after, content_version=copy.version)
    after = replace(after, resumed_on=work.today)
    after, fact = telling.told(
        after, PlanResumed, plan_version=plan.approved_version, resumed_on=work.today
    )
    work.put(plan, after, Action.RESUME, fact, comment=form.comment)
    return plan.plan_id, {"plan_version": after.content_version}
