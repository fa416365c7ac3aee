"""Counts what payments and youth projects say: money by month, type and place; support given."""

from collections.abc import Sequence
from operator import add, sub

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import evidence_rows, order_rows, order_rules, project_rules
from services.reporting.counting import Change, change_files, day_of
from services.reporting.delivered import Compensated, Withdrawn
from services.reporting.domain import Place
from services.reporting.ledger import changes_of
from services.reporting.order_rows import Claimed
from services.reporting.order_rules import Amounts, OrderState
from services.reporting.plan_files import PlanFile
from services.reporting.project_rules import ProjectState
from shared.contracts.base import Received
from shared.contracts.ngo_grants import ProjectFact
from shared.contracts.payments import OrderFact

Sums = dict[tuple[Place, str, str], Amounts]
"""How sums of money change, by place, month and support type."""


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
            claimed = (fact.plan_id, state.support_type, state.month)
            if not state.is_support:
                withdrawn[claimed] = fact
            elif _is_first(delivered.get(claimed), fact):
                delivered[claimed] = fact
    for name, amounts in sums.items():
        changes_of(session).add_sums({}, order_rules.cells_of(*name, amounts))
    await order_rows.keep_new(session, new.values())
    await order_rows.keep_part(
        session, order_rules.BECAME[type(received[0].fact)], changed.values()
    )
    await _count_delivered(session, delivered)
    await _count_withdrawn(session, withdrawn)


def _add(sums: Sums, state: OrderState, before: Amounts) -> None:
    """What the order adds now and did not add before."""
    name = (state.place, state.month, state.support_type)
    difference = map(sub, order_rules.amounts_of(state), before)
    sums[name] = tuple(map(add, sums.get(name, order_rules.NO_MONEY), difference))


def _is_first(known: OrderFact | None, fact: OrderFact) -> bool:
    return known is None or fact.service_date < known.service_date


async def _count_delivered(session: AsyncSession, claims: dict[Claimed, OrderFact]) -> None:
    """Count support where a claim is the first of its plan, type and month."""
    days = {claimed: fact.service_date.isoformat() for claimed, fact in claims.items()}
    # Only these facts of this sender say or take back that it was delivered, so what is known
    # of it stays true although the pupil is not locked yet.
    repeated = await evidence_rows.delivered_before(session, days)
    changes: list[tuple[PlanFile, Change]] = [
        (_blank(fact), Compensated(claimed[1], claimed[2], days[claimed]))
        for claimed, fact in claims.items()
        if claimed not in repeated
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
    place = order_rules.unheard(fact).place
    return PlanFile(fact.plan_id, fact.pupil_ref, fact.semester or "", place)


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
