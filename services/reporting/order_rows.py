"""Rows of the evidence about money: payment orders, calls and projects."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.domain import Place
from services.reporting.order_rules import OrderState
from services.reporting.project_rules import ProjectState
from services.reporting.rows import insert_rows, taking_over
from services.reporting.store import ORDERS, PROJECTS

_KEPT_AS_JSON = (
    "ordered",
    "settled",
    "returned",
    "recovered",
    "ordered_on",
    "settled_on",
    "returned_on",
    "recovered_on",
)
_KEEP_ORDERS = taking_over(ORDERS)
_KEEP_PROJECTS = taking_over(PROJECTS)


async def orders(session: AsyncSession, ids: Iterable[str]) -> dict[str, OrderState]:
    """Payment orders by id; their pupils are locked, so nobody else changes them."""
    asked = select(ORDERS).where(ORDERS.c.order_id.in_(sorted(set(ids))))
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
        state.version,
        *state.place,
        state.semester,
        state.support_type,
        state.month,
        state.service_day,
        state.plan_id,
        state.project_id,
        state.pupil_ref,
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
        project_id=row.project_id,
        pupil_ref=row.pupil_ref,
        semester=row.semester,
        support_type=row.support_type,
        month=row.month,
        service_day=row.service_day,
        version=row.version,
        **kept,
    )


async def projects_locked(session: AsyncSession, keys: Iterable[str]) -> dict[str, ProjectState]:
    """Calls and projects by key, locked in order."""
    asked = select(PROJECTS).where(PROJECTS.c.project_key.in_(sorted(set(keys))))
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
