"""Counts what payments and youth projects say: money by month, type and place; support given."""

from collections.abc import Sequence
from operator import add, sub

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import (
    allocation_rows,
    allocation_rules,
    evidence_rows,
    order_rows,
    order_rules,
    project_rules,
)
from services.reporting.allocation_rules import Standing
from services.reporting.counting import Change, change_files, day_of
from services.reporting.delivered import Compensated, Withdrawn
from services.reporting.ledger import changes_of
from services.reporting.order_rows import Claimed
from services.reporting.order_rules import Amounts, Heap, OrderState
from services.reporting.plan_files import PlanFile
from services.reporting.project_rules import ProjectState
from shared.contracts.allocations import AllocationStood
from shared.contracts.base import Received
from shared.contracts.ngo_grants import ProjectFact
from shared.contracts.payments import OrderFact, PaymentOrdered, PaymentSettled

Sums = dict[Heap, Amounts]
"""How sums of money change."""


async def count_ordered(
    session: AsyncSession, received: Sequence[Received[PaymentOrdered]]
) -> None:
    """Count orders that were made, and the support they stand for."""
    facts = [r.fact for r in received]
    if not await order_rows.are_new(session, [fact.order_id for fact in facts]):
        await count_orders(session, received)
        return
    sums: dict[Heap, list[int]] = {}
    delivered: dict[Claimed, OrderFact] = {}
    for fact in facts:
        heap = (order_rules.place_of(fact), fact.month, fact.support_type)
        money = sums.get(heap)
        if money is None:
            money = sums[heap] = [0, 0]
        money[0] += fact.cents
        money[1] += fact.esf_cents
        if order_rules.orders_support(fact):
            _note_first(delivered, fact)
    for heap, (cents, esf_cents) in sums.items():
        _note(session, heap, order_rules.only("ordered", cents, esf_cents))
    await order_rows.keep_ordered(session, zip(facts, map(day_of, received), strict=True))
    await _count_delivered(session, delivered)


async def count_settled(
    session: AsyncSession, received: Sequence[Received[PaymentSettled]]
) -> None:
    """Count orders that were paid: most for the first time, all of these by one statement."""
    facts = {r.fact.order_id: r.fact for r in received}
    if len(facts) == len(received):
        paid = await order_rows.settle(session, list(facts.values()))
        for heap, _, cents, esf_cents in paid:
            _note(session, heap, order_rules.only("settled", cents, esf_cents))
        if sum(count for _, count, _, _ in paid) == len(facts):
            return
    # The others, one by one; to those written above the fact is nothing new.
    await count_orders(session, received)


async def count_orders(session: AsyncSession, received: Sequence[Received[OrderFact]]) -> None:
    """Let payment orders take facts in; count the money, and support where a claim stands."""
    known = await order_rows.orders(session, (r.fact.order_id for r in received))
    new: dict[str, OrderState] = {}
    changed: dict[str, OrderState] = {}
    sums: Sums = {}
    delivered: dict[Claimed, OrderFact] = {}
    withdrawn: dict[Claimed, OrderFact] = {}
    for r in received:
        fact = r.fact
        state = known.get(fact.order_id) or new.get(fact.order_id) or order_rules.unheard(fact)
        before, was_support = order_rules.amounts_of(state), state.is_support
        if not order_rules.hear(state, fact, on=day_of(r)):
            continue
        (changed if fact.order_id in known else new)[fact.order_id] = state
        _add(sums, state, before)
        if state.is_support != was_support and fact.plan_id and fact.pupil_ref:
            if state.is_support:
                _note_first(delivered, fact)
            else:
                withdrawn[_claimed(fact)] = fact
    for heap, amounts in sums.items():
        _note(session, heap, amounts)
    await order_rows.keep_new(session, new.values())
    for part in order_rules.BECAME[type(received[0].fact)]:
        await order_rows.keep_part(session, part, changed.values())
    await _count_delivered(session, delivered)
    await _count_withdrawn(session, withdrawn)


def _add(sums: Sums, state: OrderState, before: Amounts) -> None:
    """What the order adds now and did not add before."""
    heap = (state.place, state.month, state.support_type)
    difference = map(sub, order_rules.amounts_of(state), before)
    sums[heap] = tuple(map(add, sums.get(heap, order_rules.NO_MONEY), difference))


def _note(session: AsyncSession, heap: Heap, amounts: Amounts) -> None:
    """Sums of money change by this."""
    changes_of(session).add_sums({}, order_rules.cells_of(heap, amounts))


def _claimed(fact: OrderFact) -> Claimed:
    return (fact.plan_id or "", fact.support_type, fact.month)


def _note_first(delivered: dict[Claimed, OrderFact], fact: OrderFact) -> None:
    """Of the claims for one type and month of a plan the first service counts."""
    claimed = _claimed(fact)
    known = delivered.get(claimed)
    if known is None or fact.service_date < known.service_date:
        delivered[claimed] = fact


async def _count_delivered(session: AsyncSession, claims: dict[Claimed, OrderFact]) -> None:
    """Count support where a claim is the first of its plan, type and month."""
    days = {claimed: fact.service_date.isoformat() for claimed, fact in claims.items()}
    # Only these facts of this sender say or take back that it was delivered, so what is known
    # of it stays true although the pupil is not locked yet.
    changes: list[tuple[PlanFile, Change]] = [
        (_blank(claims[claimed]), Compensated(claimed[1], claimed[2], days[claimed]))
        for claimed in await evidence_rows.delivered_first(session, days)
    ]
    await change_files(session, changes, sums=False)


async def _count_withdrawn(session: AsyncSession, claims: dict[Claimed, OrderFact]) -> None:
    """Count support from the first claim that still stands, or not at all."""
    if not claims:
        return
    first = await order_rows.first_standing(session, (plan_id for plan_id, _, _ in claims))
    changes: list[tuple[PlanFile, Change]] = [
        (_blank(fact), Withdrawn(claimed[1], claimed[2], first.get(claimed)))
        for claimed, fact in claims.items()
    ]
    await change_files(session, changes, sums=False)


def _blank(fact: OrderFact) -> PlanFile:
    """The file of the plan a claim was made for, as long as nothing else was heard of it."""
    assert fact.plan_id is not None and fact.pupil_ref is not None
    place = order_rules.place_of(fact)
    return PlanFile(fact.plan_id, fact.pupil_ref, fact.semester or "", place)


async def count_allocations(
    session: AsyncSession, received: Sequence[Received[AllocationStood]]
) -> None:
    """Count how allocations stand; of each the newest picture."""
    told = [allocation_rules.standing_of(r.fact) for r in received]
    known = await allocation_rows.standings_locked(session, [(t.partner, t.semester) for t in told])
    changed: dict[allocation_rows.Key, Standing] = {}
    for standing in told:
        key = (standing.partner, standing.semester)
        before = changed.get(key) or known.get(key)
        if before is None or before.version < standing.version:
            sums = allocation_rules.sums_of(standing)
            changes_of(session).add_sums(allocation_rules.sums_of(before), sums)
            changed[key] = standing
    await allocation_rows.keep(session, changed.values())


async def count_projects(session: AsyncSession, received: Sequence[Received[ProjectFact]]) -> None:
    """Let calls and projects take facts in and count what follows."""
    facts = [r.fact for r in received]
    before = await order_rows.projects_locked(session, (fact.project_key for fact in facts))
    after: dict[str, ProjectState] = {}
    for fact in facts:
        if fact.project_key not in before:
            before[fact.project_key] = project_rules.unheard(fact)
        state = after.get(fact.project_key, before[fact.project_key])
        after[fact.project_key] = project_rules.heard(state, fact)
    for key, state in after.items():
        sums = project_rules.sums_of(state)
        changes_of(session).add_sums(project_rules.sums_of(before[key]), sums)
    await order_rows.keep_projects(session, after.values())
