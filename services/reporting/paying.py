"""Counts what payments and youth projects say: money by month, type and place; support given."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import order_rows, order_rules, project_rules
from services.reporting.counting import Change, change_files, day_of
from services.reporting.ledger import changes_of
from services.reporting.order_rules import OrderState
from services.reporting.plan_files import PlanFile, Support
from services.reporting.project_rules import ProjectState
from shared.contracts.base import Received
from shared.contracts.ngo_grants import ProjectFact
from shared.contracts.payments import OrderFact


async def count_orders(session: AsyncSession, received: Sequence[Received[OrderFact]]) -> None:
    """Let payment orders take facts in; count the money, and support where a claim stands."""
    known = await order_rows.orders(session, (r.fact.order_id for r in received))
    changes = changes_of(session)
    changed: dict[str, OrderState] = {}
    supports: list[tuple[PlanFile, Change]] = []
    for r in received:
        state = known.get(r.fact.order_id)
        if state is None:
            state = known[r.fact.order_id] = order_rules.unheard(r.fact)
        money, was_support = order_rules.money_of(state), state.is_support
        if not order_rules.hear(state, r.fact, on=day_of(r)):
            continue
        changed[state.order_id] = state
        changes.add_sums(money, order_rules.money_of(state))
        if state.is_support != was_support and state.plan_id and state.pupil_ref:
            blank = PlanFile(state.plan_id, state.pupil_ref, state.semester, state.place)
            what = (state.support_type, state.month, "", state.service_day)
            supports.append((blank, Support(*what, stands=state.is_support)))
    await change_files(session, supports, sums=False)
    await order_rows.keep_orders(session, changed.values())


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
