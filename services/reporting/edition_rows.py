"""Rows of editions: their frozen inputs, what was printed, the bytes of their tables, exports."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.rows import among, insert_rows
from services.reporting.store import EDITION_TABLES, EDITIONS, EXPORTS

Kept = dict[str, Any]
_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('reporting.editions', 0))")
_LIGHT = [c for c in EDITIONS.c if c.name not in ("inputs", "printed")]


async def take_turn(session: AsyncSession) -> None:
    """One edition at a time: each is decided against all before it."""
    await session.execute(_TURN)


async def count_of_period(session: AsyncSession, period: str) -> int:
    """How many editions a period has."""
    asked = select(func.count()).select_from(EDITIONS).where(EDITIONS.c.period == period)
    return int((await session.execute(asked)).scalar_one())


async def keep(
    session: AsyncSession, edition: Mapping[str, Any], tables: Iterable[tuple[str, str, bytes, str]]
) -> None:
    """Write an edition and its tables: (name, format, content, sha256)."""
    await session.execute(insert(EDITIONS).values(edition))
    rows = [(edition["edition_id"], *table) for table in tables]
    await insert_rows(session, EDITION_TABLES, sorted(rows))


async def editions(session: AsyncSession, period: str | None = None) -> list[Kept]:
    """Editions in the order of publication, without their inputs."""
    asked = select(*_LIGHT).order_by(EDITIONS.c.number)
    if period is not None:
        asked = asked.where(EDITIONS.c.period == period)
    return [dict(row) for row in (await session.execute(asked)).mappings()]


async def whole_editions(
    session: AsyncSession, periods: Iterable[str] | None, *, before: int | None = None
) -> list[Kept]:
    """Editions of these periods (all where none are named) with their inputs, in order.

    With `before` only those of smaller numbers.
    """
    asked = select(EDITIONS).order_by(EDITIONS.c.number)
    if periods is not None:
        asked = asked.where(among(EDITIONS.c.period, periods))
    if before is not None:
        asked = asked.where(EDITIONS.c.number < before)
    return [dict(row) for row in (await session.execute(asked)).mappings()]


async def edition(session: AsyncSession, edition_id: str) -> Kept | None:
    """One edition with its inputs."""
    asked = select(EDITIONS).where(EDITIONS.c.edition_id == edition_id)
    row = (await session.execute(asked)).mappings().one_or_none()
    return None if row is None else dict(row)


async def hashes(session: AsyncSession, edition_id: str) -> list[tuple[str, str, str]]:
    """The tables of an edition: name, format, sha256; sorted."""
    table = EDITION_TABLES.c
    asked = (
        select(table.name, table.format, table.sha256)
        .where(table.edition_id == edition_id)
        .order_by(table.name, table.format)
    )
    return [(row.name, row.format, row.sha256) for row in await session.execute(asked)]


async def content(
    session: AsyncSession, edition_id: str, name: str, form: str
) -> tuple[bytes, str] | None:
    """The bytes of a table and their sha256."""
    table = EDITION_TABLES.c
    asked = select(table.content, table.sha256).where(
        table.edition_id == edition_id, table.name == name, table.format == form
    )
    row = (await session.execute(asked)).one_or_none()
    return None if row is None else (bytes(row.content), row.sha256)


async def contents(session: AsyncSession, edition_id: str) -> dict[str, bytes]:
    """The JSON bytes of all tables of an edition."""
    table = EDITION_TABLES.c
    asked = select(table.name, table.content).where(
        table.edition_id == edition_id, table.format == "json"
    )
    return {row.name: bytes(row.content) for row in await session.execute(asked)}


async def note_export(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Write down who took which table out, and when."""
    await session.execute(insert(EXPORTS).values(row))


async def exports(session: AsyncSession, edition_id: str) -> list[Kept]:
    """Who took which tables of an edition out."""
    asked = select(EXPORTS).where(EXPORTS.c.edition_id == edition_id).order_by(EXPORTS.c.id)
    return [dict(row) for row in (await session.execute(asked)).mappings()]
