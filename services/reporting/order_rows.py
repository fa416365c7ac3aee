"""Rows of the evidence about money: payment orders, calls and projects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import TextClause

from services.reporting.domain import Place
from services.reporting.order_rules import Heap, OrderState, Part, place_of
from services.reporting.project_rules import ProjectState
from services.reporting.rows import among, insert_rows, taking_over
from services.reporting.store import ORDERS, PROJECTS
from shared.contracts.payments import PaymentOrdered, PaymentSettled
from shared.db import copy_rows

Claimed = tuple[str, str, str]
"""A kind of compensation in a month of a plan: plan, support type, month."""
_COLUMNS = tuple(column.name for column in ORDERS.c)
_ORDERED_COLUMNS = _COLUMNS[: _COLUMNS.index("ordered_on") + 1]
# Asked for all of them: of one the planner hopes to meet it soon, and reads the whole table.
_KNOWN = text("SELECT order_id FROM orders WHERE order_id = ANY(:ids)")
# What an order adds when it is paid does not depend on what else is known of it, unless it was
# paid or came back before. This is asked in one clause with the version: by itself the planner,
# while it knows little of the table, takes it for rare and looks at every order for every fact.
_SETTLE = text("""
    WITH told AS (
        SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:versions AS int[]),
                             CAST(:cents AS bigint[]), CAST(:esf AS bigint[]),
                             CAST(:days AS text[]))
            AS told (order_id, version, cents, esf_cents, on_day)
    ), paid AS (
        UPDATE orders SET version = told.version, settled_cents = told.cents,
                          settled_esf_cents = told.esf_cents, settled_on = told.on_day
        FROM told
        WHERE orders.order_id = told.order_id
          AND CASE WHEN coalesce(orders.settled_on, orders.returned_on) IS NULL
              THEN orders.version < told.version ELSE false END
        RETURNING school_id, partner, municipality_id, month, support_type,
                  settled_cents, settled_esf_cents
    )
    SELECT school_id, partner, municipality_id, month, support_type,
           count(*), sum(settled_cents)::bigint, sum(settled_esf_cents)::bigint
    FROM paid GROUP BY school_id, partner, municipality_id, month, support_type
""")
_KEEP_PROJECTS = taking_over(PROJECTS)
_FIRST_STANDING = text("""
    SELECT plan_id, support_type, month, min(service_day) AS day
    FROM orders
    WHERE plan_id = ANY(:plans) AND ordered_cents > 0 AND recovered_cents < ordered_cents
    GROUP BY plan_id, support_type, month
""")


async def orders(session: AsyncSession, ids: Iterable[str]) -> dict[str, OrderState]:
    """Payment orders by id; their sender's row is locked, so nobody else changes them."""
    asked = select(ORDERS).where(among(ORDERS.c.order_id, ids))
    return {row[0]: _order(row) for row in await session.execute(asked)}


async def orders_where(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[OrderState]:
    """Payment orders that fit."""
    rows = await session.execute(select(ORDERS).where(*conditions).order_by(ORDERS.c.order_id))
    return [_order(row) for row in rows]


async def are_new(session: AsyncSession, ids: Sequence[str]) -> bool:
    """Whether nothing was heard of any of these orders, and each is named once."""
    if len(set(ids)) < len(ids):
        return False
    return not (await session.execute(_KNOWN, {"ids": ids})).all()


async def keep_ordered(session: AsyncSession, told: Iterable[tuple[PaymentOrdered, str]]) -> None:
    """Write orders nothing was heard of, each with the day it was ordered on."""
    rows = [
        (
            fact.order_id,
            *place_of(fact),
            fact.support_type,
            fact.month,
            fact.plan_id,
            fact.service_date.isoformat(),
            fact.version,
            fact.cents,
            fact.esf_cents,
            day,
        )
        for fact, day in told
    ]
    await copy_rows(session, "orders", _ORDERED_COLUMNS, rows)


async def settle(
    session: AsyncSession, facts: Sequence[PaymentSettled]
) -> list[tuple[Heap, int, int, int]]:
    """Write that orders were paid, of those that neither were before nor came back.

    Each order is named once. Gives by heap how many were written, their cents and ESF cents.
    """
    values = {
        "ids": [fact.order_id for fact in facts],
        "versions": [fact.version for fact in facts],
        "cents": [fact.cents for fact in facts],
        "esf": [fact.esf_cents for fact in facts],
        "days": [fact.booked_on.isoformat() for fact in facts],
    }
    rows = await session.execute(_SETTLE, values)
    return [
        ((Place(*place), month, support_type), count, cents, esf)
        for *place, month, support_type, count, cents, esf in rows
    ]


async def keep_new(session: AsyncSession, states: Iterable[OrderState]) -> None:
    """Write payment orders nothing was heard of; raises IntegrityError where one is known."""
    rows = [
        (
            state.order_id,
            *state.place,
            state.support_type,
            state.month,
            state.plan_id,
            state.service_day,
            state.version,
            *state.ordered,
            *state.settled,
            *state.returned,
            *state.recovered,
            *state.accepted,
            *state.reduced,
            *state.rejected,
        )
        for state in sorted(states, key=lambda state: state.order_id)
    ]
    await copy_rows(session, "orders", _COLUMNS, rows)


async def keep_part(session: AsyncSession, name: str, states: Iterable[OrderState]) -> None:
    """Write one part of known orders, such as `settled`, and the version that told it."""
    rows = [(state.order_id, state.version, *getattr(state, name)) for state in states]
    if rows:
        ids, versions, cents, esf_cents, days = (list(column) for column in zip(*rows, strict=True))
        values = {"ids": ids, "versions": versions, "cents": cents, "esf": esf_cents, "days": days}
        await session.execute(_keep_part(name), values)


@cache
def _keep_part(name: str) -> TextClause:
    return text(f"""
        UPDATE orders SET version = told.version, {name}_cents = told.cents,
                          {name}_esf_cents = told.esf_cents, {name}_on = told.on_day
        FROM unnest(CAST(:ids AS text[]), CAST(:versions AS int[]), CAST(:cents AS bigint[]),
                    CAST(:esf AS bigint[]), CAST(:days AS text[]))
            AS told (order_id, version, cents, esf_cents, on_day)
        WHERE orders.order_id = told.order_id
    """)  # noqa: S608 - names of our own columns


async def first_standing(session: AsyncSession, plans: Iterable[str]) -> Mapping[Claimed, str]:
    """The first day of service behind claims of these plans that were not recovered wholly."""
    rows = await session.execute(_FIRST_STANDING, {"plans": sorted(set(plans))})
    return {(row.plan_id, row.support_type, row.month): row.day for row in rows}


def _order(row: Sequence[Any]) -> OrderState:
    order_id, school, partner, municipality, support_type, month, plan, day, version, *parts = row
    return OrderState(
        order_id,
        Place(school, partner, municipality),
        support_type,
        month,
        plan,
        day,
        version,
        *(Part(*parts[at : at + 3]) for at in range(0, len(parts), 3)),
    )


async def projects_locked(session: AsyncSession, keys: Iterable[str]) -> dict[str, ProjectState]:
    """Calls and projects by key, locked in order."""
    asked = select(PROJECTS).where(among(PROJECTS.c.project_key, keys))
    rows = await session.execute(asked.order_by(PROJECTS.c.project_key).with_for_update())
    return {row.project_key: _project(row) for row in rows}


async def all_projects(session: AsyncSession) -> list[ProjectState]:
    """Every call and project."""
    return [_project(row) for row in await session.execute(select(PROJECTS))]


async def keep_projects(session: AsyncSession, states: Iterable[ProjectState]) -> None:
    """Write calls and projects."""
    rows = [
        tuple(asdict(state).values())
        for state in sorted(states, key=lambda state: state.project_key)
    ]
    rows = [(key, version, partner, place, adds) for key, partner, place, version, adds in rows]
    await insert_rows(session, PROJECTS, rows, _KEEP_PROJECTS)


def _project(row: Any) -> ProjectState:
    adds = {name: (month, number) for name, (month, number) in row.adds.items()}
    return ProjectState(row.project_key, row.partner, row.municipality_id, row.version, adds)
