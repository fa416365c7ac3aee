"""Counts what payments and youth projects say: money by month, type and place; support given."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import order_rows, order_rules, project_rules
from services.reporting.counting import Change, change_files, day_of
from services.reporting.ledger import note
from services.reporting.order_rules import OrderState
from services.reporting.plan_files import PlanFile
from services.reporting.project_rules import ProjectState
from services.reporting.pupil_cases import sums_change
from shared.contracts.base import Received
from shared.contracts.ngo_grants import ProjectFact
from shared.contracts.payments import OrderFact


async def count_orders(session: AsyncSession, received: Sequence[Received[OrderFact]]) -> None:
    """Let payment orders take facts in; count the money, and support where a claim stands."""
    before = await order_rows.orders(session, (r.fact.order_id for r in received))
    after: dict[str, OrderState] = {}
    for r in received:
        order_id = r.fact.order_id
        if order_id not in before:
            before[order_id] = order_rules.unheard(r.fact)
        state = after.get(order_id, before[order_id])
        after[order_id] = order_rules.heard(state, r.fact, on=day_of(r))
    changed = [state for name, state in after.items() if state is not before[name]]
    supports: list[tuple[PlanFile, Change]] = []
    for state in changed:
        old = before[state.order_id]
        note(session, sums_change(order_rules.money_of(old), order_rules.money_of(state)))
        if state.is_support != old.is_support and state.plan_id and state.pupil_ref:
            blank = PlanFile(state.plan_id, state.pupil_ref, state.semester, state.place)
            supports.append((blank, _supported(state)))
    await change_files(session, supports)
    await order_rows.keep_orders(session, changed)


def _supported(state: OrderState) -> Change:
    """A claim stands, or stands no more."""

    def change(file: PlanFile) -> bool:
        act = file.support if state.is_support else file.take_support
        act(state.support_type, state.month, "", state.service_day)
        return True

    return change


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
        note(session, sums_change(project_rules.sums_of(before[key]), project_rules.sums_of(state)))
    await order_rows.keep_projects(session, after.values())
