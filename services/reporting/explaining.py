"""The way from a cell to the facts that made it, within what one may see."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import aggregate_rows, evidence_rows, national_rows, order_rows
from services.reporting.counts import COLUMN_OF_LEVEL, Question
from services.reporting.domain import SMALL_GROUP_MIN, Level, months_of, semesters_in
from services.reporting.measures import MEASURES, How, Unit
from services.reporting.rows import within
from services.reporting.store import AGGREGATES, NATIONAL_CELLS, ORDERS

PLANS_SHOWN_MAX = 500
DEFINITIONS = {
    "pupils_at_risk": "distinct pupils named at risk by a second person and not cleared",
    "pupils_involved": "distinct pupils with a plan approved on all levels and not deleted; "
    "suspended ones stay",
    "pupils_supported": "distinct pupils with a confirmed consultation, or a compensation whose "
    "claim was accepted",
    "pupils_by_support_type": "distinct pupils with delivered support of the type; types of one "
    "pupil overlap, so they have no total",
    "plans": "plans that are neither draft nor deleted",
    "schools_involved": "schools with an involved pupil",
    "pedagogues_involved": "distinct persons of a kind that counts as pedagogue who prepared a "
    "plan or consulted",
    "support_providers_involved": "distinct persons with a confirmed consultation",
    "settled_cents": "cents of orders that were paid and did not come back",
    "accepted_cents": "cents of paid orders that count towards the programme by the state's "
    "verdict on a partner's report, less what was taken back",
    "reduced_cents": "cents that do not count of paid orders that count in part: the state took "
    "them off, or they were taken back",
    "rejected_cents": "cents of paid orders that do not count at all by the state's verdict",
    "allocation_allocated_cents": "what partners may promise in their semesters, by acts of two "
    "persons",
    "allocation_reserved_cents": "what of the allocation is reserved for plans and not ordered",
    "allocation_ordered_cents": "what of the allocation was ordered to be paid",
    "allocation_settled_cents": "what of the allocation was paid, less what was taken back",
    "allocation_waiting_cents": "what plans asked for and the allocation had no room for",
    "allocation_left_cents": "what of the allocation is neither reserved nor ordered",
    "grade_range": "lowest and highest grade of involved pupils",
    "school_years_running": "school years with involved pupils, up to the period",
    "pupils_in_force": "distinct pupils with a plan in force on the day",
}


async def facts_behind(session: AsyncSession, ask: Question) -> tuple[dict[str, int], list[str]]:
    """How many plans, consultations and payment orders stand behind a cell, and which plans."""
    place = {} if ask.level is Level.NATION else {COLUMN_OF_LEVEL[ask.level]: ask.place}
    files = await evidence_rows.files_where(session, semesters_in(ask.period), place)
    wanted = f"{ask.measure}|{ask.cut}"
    kind = ask.cut.removeprefix("support_type=") if "support_type=" in ask.cut else ""
    first, last = months_of(ask.period)
    conditions = [ORDERS.c[name] == value for name, value in place.items()]
    orders = await order_rows.orders_where(
        session,
        ORDERS.c.month.between(first, last),
        *conditions,
        *([ORDERS.c.support_type == kind] if kind else []),
    )
    used = [file for file in files if file.counts_for(wanted)]
    supports = [
        name.split("/")[0] for file in used for name in file.supports for _ in file.supports[name]
    ]
    facts = {
        "plans": len(used),
        "consultations": sum(name == "consultation" for name in supports),
        "payment_orders": len(orders),
    }
    return facts, sorted(file.plan_id for file in used)[:PLANS_SHOWN_MAX]


async def parts_of(session: AsyncSession, ask: Question, *, exact: bool) -> list[dict[str, Any]]:
    """The cells one level down: schools of a partner or municipality, partners of the nation."""
    if ask.level is Level.SCHOOL:
        return []
    table: Any = AGGREGATES.c if exact else NATIONAL_CELLS.c
    read = aggregate_rows.cells_dict if exact else national_rows.cells_where
    known = MEASURES[ask.measure]
    adds_up = known.how is How.SUM
    down = Level.NATION if ask.level is Level.NATION and not adds_up else Level.SCHOOL
    conditions = [
        table.measure == ask.measure,
        table.level == down.value,
        within(table.period, ask.period) if adds_up else table.period == ask.period,
    ]
    if ask.cut or not adds_up:
        conditions.append(table.cut == ask.cut)
    if ask.level is not Level.NATION:
        conditions.append(table[COLUMN_OF_LEVEL[ask.level]] == ask.place)
    found = []
    persons = known.unit in (Unit.PUPILS, Unit.PERSONS, Unit.PLANS)
    for cell, value in (await read(session, *conditions)).items():
        hidden = not exact and persons and 0 < value < SMALL_GROUP_MIN
        found.append(
            {
                "level": cell.level,
                "partner": cell.partner,
                "school_id": cell.school_id or None,
                "period": cell.period,
                "value": None if hidden else value,
                "mark": "hidden" if hidden else "value",
            }
        )
    return found
