"""What waited for an allocation is reserved again, in the order in which plans were approved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.allocations import store as allocation_rows
from services.payments.entitlements import store as plan_rows
from services.payments.entitlements.store import HeldPlan
from services.payments.ledger import store as ledger_rows
from services.payments.ledger.domain import Ledger, Line, Reserved
from services.payments.rulebook import Rulebook
from services.payments.shares.saving import save
from services.payments.store import lock_beneficiaries
from shared.auth import STATE, Person, Role
from shared.bus.outbox import publish
from shared.contracts.payments import EntitlementAdded, MonthRoom

RESERVERS = (Role.STATE_OFFICER, Role.PAYMENT_OFFICER)
PLANS_AT_ONCE_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Again:
    """What came of reserving again; sums are cents. Where `more_plans` wait, ask again."""

    plans: int
    reserved: int
    waiting: int
    more_plans: bool


async def reserve_again(
    session: AsyncSession, partner: str, semester: str, *, by: Person, now: datetime
) -> Again:
    """Reserve what plans in force wait for, first approved first, and tell each month of it."""
    by.must(RESERVERS, partner, STATE)
    waiting = await plan_rows.waiting_plans(session, partner, semester, limit=PLANS_AT_ONCE_MAX + 1)
    turn = waiting[:PLANS_AT_ONCE_MAX]
    await lock_beneficiaries(session, (pupil_ref for _, pupil_ref in turn))
    plan_ids = [plan_id for plan_id, _ in turn]
    held = await plan_rows.held_plans(session, plan_ids)
    rules = await ledger_rows.load_rulebook(session)
    ledger = await ledger_rows.load_ledger(session, (), plan_ids)
    ledger.draws_on = {plan_id: plan.plan.draws_on for plan_id, plan in held.items()}
    ledger.held = await allocation_rows.hold_allocations(session, [(partner, semester)], rules)
    lines = [line for plan_id in plan_ids for line in _waiting(ledger, plan_id)]
    wishes = [_reserve(ledger, line, rules) for line in lines]
    await save(session, ledger, at=now)
    facts = [added(ledger, wish, held[wish.line.plan_id]) for wish in wishes if wish.reserved]
    await publish(session, facts, at=now)
    return Again(
        plans=len({wish.line.plan_id for wish in wishes if wish.reserved}),
        reserved=sum(wish.reserved for wish in wishes),
        waiting=sum(line.waiting for line in lines),
        more_plans=len(waiting) > PLANS_AT_ONCE_MAX,
    )


def _waiting(ledger: Ledger, plan_id: str) -> Sequence[Line]:
    """The lines of a plan that wait, by month."""
    lines = [line for line in ledger.lines_of_plan(plan_id) if line.waiting]
    return sorted(lines, key=lambda line: (line.month, line.measure_id))


def _reserve(ledger: Ledger, line: Line, rules: Rulebook) -> Reserved:
    """Reserve what a line waits for under the month's ceiling of today."""
    if line.under_ceiling:
        ledger.open_month(line.pupil_ref, line.month, rules.cap_cents(line.month))
    return ledger.reserve_waiting(line)


def added(ledger: Ledger, wish: Reserved, held: HeldPlan) -> EntitlementAdded:
    """What was reserved of a month after all, and how the pupil's month stands now."""
    line, plan = wish.line, held.plan
    stands = ledger.months.get((line.pupil_ref, line.month))
    room = [] if stands is None else [stands]
    return EntitlementAdded(
        about_key=plan.pupil_ref,
        partner=plan.partner,
        municipality_id=plan.municipality_id,
        plan_id=plan.plan_id,
        plan_version=line.plan_version,
        measure_id=line.measure_id,
        month=line.month,
        added_cents=wish.reserved,
        missing_cents=max(line.planned - line.ordered - line.reserved, 0),
        rooms=tuple(
            MonthRoom(
                month=month.month,
                cap_cents=month.cap,
                reserved_cents=month.reserved,
                ordered_cents=month.ordered,
            )
            for month in room
        ),
    )
