"""How applications go from state to state: one statement for many, each with a line of history."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    RowMapping,
    Table,
    Text,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.application_rows import APPLICATIONS
from services.ngo_grants.application_rules import Application, State, check_move
from services.ngo_grants.store import METADATA, moments, words

HISTORY = Table(
    "application_history",
    METADATA,
    Column("application_id", Text, ForeignKey("applications.application_id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    *words("from_state", "to_state", "by"),
    Column("reason", Text),
    *moments("at"),
)
Move = tuple[Application, State, str | None]
"""An application, where it goes, and why (where somebody has to say so)."""

_MOVE = text("""
    UPDATE applications SET state = moved.to_state, version = version + 1
    FROM unnest(CAST(:ids AS text[]), CAST(:states AS text[])) AS moved(id, to_state)
    WHERE application_id = moved.id
""")
_OUTCOMES = text("""
    UPDATE applications SET place = decided.place, total = decided.total, reasons = decided.reasons
    FROM unnest(CAST(:ids AS text[]), CAST(:places AS int[]), CAST(:totals AS text[]),
                CAST(:reasons AS jsonb[])) AS decided(id, place, total, reasons)
    WHERE application_id = decided.id
""")


async def move(
    session: AsyncSession, moves: Sequence[Move], *, by: str, now: datetime
) -> list[Application]:
    """Let locked applications go to other states, each checked against the table, with history.

    Returns them as they are then, in the order given.
    """
    if not moves:
        return []
    for application, to, _ in moves:
        check_move(application.state, to, application_id=application.application_id)
    ids = [application.application_id for application, _, _ in moves]
    await session.execute(_MOVE, {"ids": ids, "states": [str(to) for _, to, _ in moves]})
    lines = [
        {
            "application_id": application.application_id,
            "version": application.version + 1,
            "from_state": application.state,
            "to_state": to,
            "by": by,
            "reason": reason,
            "at": now,
        }
        for application, to, reason in moves
    ]
    await session.execute(insert(HISTORY), lines)
    return [replace(a, state=to, version=a.version + 1) for a, to, _ in moves]


async def mark_filed(session: AsyncSession, application_id: str, *, by: str, now: datetime) -> None:
    """Write who filed an application and when."""
    await session.execute(
        update(APPLICATIONS)
        .where(APPLICATIONS.c.application_id == application_id)
        .values(submitted_by=by, submitted_at=now)
    )


async def keep_outcomes(session: AsyncSession, outcomes: Sequence[Mapping[str, Any]]) -> None:
    """Write places, exact totals and reasons of a decision."""
    await session.execute(
        _OUTCOMES,
        {
            "ids": [one["application_id"] for one in outcomes],
            "places": [one["place"] for one in outcomes],
            "totals": [one["total"] for one in outcomes],
            "reasons": [json.dumps(one["reasons"], ensure_ascii=False) for one in outcomes],
        },
    )


async def history(session: AsyncSession, application_id: str) -> Sequence[RowMapping]:
    """The moves of an application, in order."""
    asked = (
        select(HISTORY)
        .where(HISTORY.c.application_id == application_id)
        .order_by(HISTORY.c.version)
    )
    return (await session.execute(asked)).mappings().all()
