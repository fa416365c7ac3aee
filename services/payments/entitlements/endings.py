"""What ends a plan does to money: nothing later is paid, what was not spent is free again."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import ended_before
from services.payments.entitlements import store as plan_rows
from services.payments.entitlements.store import HeldPlan
from services.payments.ledger import store as ledger_rows
from services.payments.shares.saving import save
from services.payments.store import lock_beneficiaries
from shared.bus.outbox import publish
from shared.contracts.base import Fact, Received
from shared.contracts.payments import PlanDeletionCleared, PlanDeletionRefused
from shared.contracts.plans import (
    PlanClosed,
    PlanDeleted,
    PlanDeletionRequested,
    PlanFact,
    PlanSuspended,
)

DELETED = "deleted"


async def end_suspended(
    session: AsyncSession, suspended: Sequence[Received[PlanSuspended]]
) -> None:
    """Nothing delivered from the day of suspension is paid; unspent reservations are free."""
    ends = [(r.fact, r.fact.suspended_on) for r in suspended]
    await _end(session, ends, state="suspended", at=_last(suspended))


async def end_closed(session: AsyncSession, closed: Sequence[Received[PlanClosed]]) -> None:
    """Nothing delivered after the day of closing is paid; unspent reservations are free."""
    await _end(
        session,
        [(r.fact, date.fromordinal(r.fact.closed_on.toordinal() + 1)) for r in closed],
        state="closed",
        at=_last(closed),
    )


async def end_deleted(session: AsyncSession, deleted: Sequence[Received[PlanDeleted]]) -> None:
    """A deleted plan has no reservations and pays nothing."""
    await _end(session, [(r.fact, None) for r in deleted], state=DELETED, at=_last(deleted))


def _last(told: Sequence[Received[PlanFact]]) -> datetime:
    """The time of the last of some facts, when what they free is free."""
    return max(received.at for received in told)


async def _end(
    session: AsyncSession,
    ends: Sequence[tuple[PlanFact, date | None]],
    *,
    state: str,
    at: datetime,
) -> None:
    """End the versions in force from a day on and free what the plans reserved.

    Of facts of one plan the last counts; one that is not newer than what was applied does not.
    """
    await lock_beneficiaries(session, (fact.pupil_ref for fact, _ in ends))
    held = await plan_rows.held_plans(session, (fact.plan_id for fact, _ in ends))
    newer = {
        fact.plan_id: (fact, day)
        for fact, day in ends
        if fact.plan_id in held and fact.version > held[fact.plan_id].fact_version
    }
    await plan_rows.end_versions(session, _ended(held, newer, by=state))
    await plan_rows.set_states(
        session, [(plan_id, state, fact.version) for plan_id, (fact, _) in newer.items()]
    )
    await _release(session, {plan_id: held[plan_id] for plan_id in newer}, at=at)


def _ended(
    held: Mapping[str, HeldPlan], ends: Mapping[str, tuple[PlanFact, date | None]], *, by: str
) -> list[tuple[str, int, date, str]]:
    """The versions that end earlier than they were to, and by what."""
    return [
        (plan_id, version.number, version.last_day, by)
        for plan_id, (_, day) in ends.items()
        if day is not None
        for version in ended_before(held[plan_id].plan.versions, day)
    ]


async def _release(session: AsyncSession, plans: Mapping[str, HeldPlan], *, at: datetime) -> None:
    """Free what plans have reserved and not ordered."""
    if plans:
        ledger = await ledger_rows.load_ledger(session, (), plans)
        ledger.draws_on = {plan_id: held.plan.draws_on for plan_id, held in plans.items()}
        for plan_id in sorted(plans):
            for line in ledger.lines_of_plan(plan_id):
                ledger.release(line)
        await save(session, ledger, at=at)


async def answer_deletions(
    session: AsyncSession, asked: Sequence[Received[PlanDeletionRequested]]
) -> None:
    """Clear the deletion of plans on which nothing was spent and close them; refuse the others.

    A request heard before is answered as it was, whatever was spent or came back since.
    """
    await lock_beneficiaries(session, (received.fact.pupil_ref for received in asked))
    plan_ids = {received.fact.plan_id for received in asked}
    spent = await plan_rows.spent(session, plan_ids)
    held = await plan_rows.held_plans(session, plan_ids)
    stand = {plan_id: (plan.state, plan.fact_version) for plan_id, plan in held.items()}
    answers: list[Fact] = []
    for fact in (received.fact for received in asked):
        state, version = stand.get(fact.plan_id, ("", 0))
        if fact.version > version:
            state = state if spent.get(fact.plan_id) else DELETED
            stand[fact.plan_id] = state, fact.version
        answers.append(_answer(fact, spent.get(fact.plan_id, 0), cleared=state == DELETED))
    await plan_rows.set_states(session, [(key, *stands) for key, stands in stand.items()])
    gone = {key: plan for key, plan in held.items() if stand[key][0] == DELETED}
    await _release(session, gone, at=_last(asked))
    await publish(session, answers, at=[received.at for received in asked])


def _answer(fact: PlanDeletionRequested, spent_cents: int, *, cleared: bool) -> Fact:
    """Cleared, or refused with what was spent."""
    about = {
        "about_key": fact.pupil_ref,
        "partner": fact.partner,
        "municipality_id": fact.municipality_id,
        "plan_id": fact.plan_id,
    }
    if cleared:
        return PlanDeletionCleared(**about)
    return PlanDeletionRefused(**about, spent_cents=spent_cents)
