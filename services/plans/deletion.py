"""Deleting a plan made by mistake: asked for here, allowed or refused by payments, ended here.

A plan that was never approved cost nothing and is deleted at once; for others payments must say
that no cent was used, preparation included. Contents stay in the audit (domain text P-4).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import rights, telling
from services.plans.actions import Answer, Lines, Outcome, Work, decide, finish, load
from services.plans.chain_rules import CommentMissing
from services.plans.domain import Action, Plan, move, must_be_possible
from services.plans.forms import ReasonForm
from shared.auth import Person
from shared.contracts.base import Received
from shared.contracts.payments import PlanDeletionCleared, PlanDeletionRefused
from shared.contracts.plans import PlanDeleted, PlanDeletionRequested

PAYMENTS = Person("service:payments")


async def ask_to_delete(
    session: AsyncSession, lines: Lines[ReasonForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Delete plans that cost nothing, or ask payments whether they did."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    outcomes = decide(lines, lambda line: _ask(work, line))
    await finish(session, work)
    return outcomes


def _ask(work: Work, form: ReasonForm) -> Answer:
    """One deletion asked for."""
    plan = work.plan(form.plan_id)
    rights.must(work.by, Action.DELETE, plan)
    must_be_possible(plan, Action.DELETE)
    if not (form.comment or "").strip():
        raise CommentMissing(field="comment")
    if plan.approved_version is None:
        after = _deleted(work, plan, reason_code=form.reason_code, comment=form.comment)
        return plan.plan_id, {"state": after.state}
    after = replace(
        plan, deletion_requested_at=work.now, changed_at=work.now, changed_by=work.by.subject
    )
    after, fact = telling.told(
        after,
        PlanDeletionRequested,
        plan_version=plan.approved_version,
        reason_code=form.reason_code,
    )
    work.put(plan, after, "ask_to_delete", fact, reason_code=form.reason_code, comment=form.comment)
    return plan.plan_id, {"state": after.state, "waits_for": "payments"}


def _deleted(work: Work, plan: Plan, *, reason_code: str | None, comment: str | None) -> Plan:
    """The plan without effect, told and written down."""
    free = replace(plan, deletion_requested_at=None)
    after = replace(
        move(free, Action.DELETE, by=work.by.subject, now=work.now),
        waiting_for=None,
    )
    after, fact = telling.told(after, PlanDeleted)
    work.put(plan, after, Action.DELETE, fact, reason_code=reason_code, comment=comment)
    return after


async def end_deletions(
    session: AsyncSession, received: Sequence[Received[PlanDeletionCleared]]
) -> None:
    """Payments found nothing spent: the plans are deleted, where that was asked for."""
    work = await _work(session, received)
    for one in received:
        work.now = one.at
        plan = work.plans.get(one.fact.plan_id)
        if plan is not None and plan.deletion_requested_at is not None:
            _deleted(work, plan, reason_code="nothing_spent", comment=None)
    await finish(session, work)


async def refuse_deletions(
    session: AsyncSession, received: Sequence[Received[PlanDeletionRefused]]
) -> None:
    """Payments found money used: the plans stay, and show how much."""
    work = await _work(session, received)
    for one in received:
        work.now = one.at
        plan = work.plans.get(one.fact.plan_id)
        if plan is not None and plan.deletion_requested_at is not None:
            spent = one.fact.spent_cents
            after = replace(plan, deletion_requested_at=None, spent_cents_told=spent)
            comment = f"{spent} cents are spent"
            work.put(plan, after, "deletion_refused", reason_code="money_used", comment=comment)
    await finish(session, work)


async def _work(
    session: AsyncSession,
    received: Sequence[Received[PlanDeletionCleared] | Received[PlanDeletionRefused]],
) -> Work:
    """The plans of answers of payments."""
    plan_ids = [one.fact.plan_id for one in received]
    return await load(session, plan_ids, by=PAYMENTS, now=received[0].at)
