"""Rows of the evidence about money: payment orders, calls and projects."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.domain import Place
from services.reporting.order_rules import OrderState
from services.reporting.project_rules import ProjectState
from services.reporting.rows import among, insert_rows, taking_over
from services.reporting.store import ORDERS, PROJECTS

_COLUMNS = ("order_id", "place", "plan_id", "support_type", "month")
_KEPT_AS_JSON = tuple(f.name for f in fields(OrderState) if f.name not in _COLUMNS)
_KEEP_ORDERS = taking_over(ORDERS)
_KEEP_PROJECTS = taking_over(PROJECTS)


async def orders(session: AsyncSession, ids: Iterable[str]) -> dict[str, OrderState]:
    """Payment orders by id; their pupils are locked, so nobody else changes them."""
    asked = select(ORDERS).where(among(ORDERS.c.order_id, ids))
    return {row.order_id: _order(row) for row in await session.execute(asked)}


async def orders_where(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[OrderState]:
    """Payment orders that fit."""
    rows = await session.execute(select(ORDERS).where(*conditions).order_by(ORDERS.c.order_id))
    return [_order(row) for row in rows]


async def keep_orders(session: AsyncSession, states: Iterable[OrderState]) -> None:
    """Write payment orders."""
    rows = [_row(state) for state in sorted(states, key=lambda state: state.order_id)]
    await insert_rows(session, ORDERS, rows, _KEEP_ORDERS)


def _row(state: OrderState) -> Sequence[Any]:
    kept = {name: value for name in _KEPT_AS_JSON if (value := getattr(state, name))}
    return (
        state.order_id,
        *state.place,
        state.support_type,
        state.month,
        state.plan_id,
        kept,
    )


def _order(row: Any) -> OrderState:
    kept: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row.state.items()
    }
    return OrderState(
        order_id=row.order_id,
        place=Place(row.school_id, row.partner, row.municipality_id),
        plan_id=row.plan_id,
        support_type=row.support_type,
        month=row.month,
        **kept,
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
