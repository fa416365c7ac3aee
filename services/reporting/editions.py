"""Publishes editions: freezes what was counted, decides what may be printed, keeps the bytes."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import aggregate_rows, blocking, edition_rows, national_rows
from services.reporting.domain import related_periods
from services.reporting.edition_inputs import built, files_of, frozen, release_of
from services.reporting.edition_rows import Kept
from services.reporting.public_places import Frame, SchoolEntry
from services.reporting.publication import Release
from services.reporting.suppression import CannotProtect
from services.reporting.territory_rows import register
from shared import registers
from shared.auth import Person
from shared.bus.outbox import publish
from shared.contracts.reporting import AGGREGATES, EditionPublished
from shared.errors import NotFound, Refused
from shared.parameters import values_on

ALIVE_SECONDS = 2
NAMES = (
    "small_group_min",
    "pedagogue_kinds",
    "target_institutions",
    "target_share_municipalities",
    "municipalities_in_force",
    "programme_budget_cents",
    "programme_budget_esf_cents",
)
T = TypeVar("T")
_ALIVE = text("SELECT 1")


class ContradictionOpen(Refused):
    """A contradiction touches this period; a state officer must decide it with a reason first."""

    code = "contradiction-open"


class CannotBeProtected(Refused):
    """No way was found to print these tables without giving a small group away."""

    code = "cannot-be-protected"


class NoEdition(NotFound):
    """There is no such edition."""

    code = "unknown-edition"


class NoTable(NotFound):
    """The edition has no such table."""

    code = "unknown-table"


async def inputs_now(session: AsyncSession, period: str, day: date) -> tuple[Kept, list[str]]:
    """Everything an edition of a period would be made of now, and the contradictions in it."""
    frame = Frame(await register(session), await _schools(session))
    cells = await national_rows.cells_of_period(session, period)
    held = await blocking.held_back(session, period, cells, frame)
    inputs = frozen(
        period=period,
        cells=cells,
        frame=frame,
        parameters=dict(await values_on(session, NAMES, _parameter_day(period, day))),
        blocked_nodes=held.nodes,
        blocked_cells=held.cells,
        blocked_indicators=held.indicators,
    )
    return inputs, held.contradictions


def _parameter_day(period: str, today: date) -> date:
    """Targets are those in force at the end of the period, or today where it has not ended."""
    if period == "all":
        return today
    year = int(period[:4])
    end = date(year, 12, 31) if period.endswith("-1") else date(year + 1, 6, 30)
    return min(end, today)


async def _schools(session: AsyncSession) -> dict[str, SchoolEntry]:
    return {
        s.school_id: SchoolEntry(
            s.school_id, s.name_lv, s.name_en, s.municipality_id, s.partner, s.status
        )
        for s in (await registers.schools(session)).values()
    }


async def publish_edition(
    session: AsyncSession, period: str, *, withhold: bool, by: Person, now: datetime
) -> Kept:
    """Publish an edition; raises ContradictionOpen, or holds back what is disputed if asked to."""
    await edition_rows.take_turn(session)
    inputs, contradictions = await inputs_now(session, period, now.date())
    if contradictions and not withhold:
        raise ContradictionOpen(period=period, contradictions=list(contradictions))
    history = await releases(session, period)
    outcome, tables = await _built(session, inputs, history)
    number = await edition_rows.count_of_period(session, period) + 1
    edition_id = f"{period}.{number}"
    positions = [
        *await national_rows.reached(session),
        *await aggregate_rows.positions(session, {AGGREGATES.name}),
    ]
    files = files_of(tables)
    edition = {
        "edition_id": edition_id,
        "period": period,
        "published_by": by.subject,
        "published_at": now,
        "positions": [list(position) for position in positions],
        "inputs": inputs,
        "printed": sorted(list(name) for name in outcome.release.printed),
        "blocked": sorted(contradictions),
        "guarded": outcome.guarded,
    }
    await edition_rows.keep(session, edition, files)
    fact = EditionPublished(
        edition_id=edition_id,
        period=period,
        published_at=now,
        positions=tuple(positions),
        tables=tuple((f"{name}.{form}", digest) for name, form, _, digest in files),
    )
    await publish(session, [fact], at=now)
    return edition


async def releases(
    session: AsyncSession, period: str, *, before: int | None = None
) -> list[Release]:
    """What editions printed that share cells with a period, in order."""
    kept = await edition_rows.whole_editions(session, related_periods(period), before=before)
    return [release_of(one["inputs"], one["printed"]) for one in kept]


async def _built(
    session: AsyncSession, inputs: Mapping[str, Any], history: list[Release]
) -> tuple[Any, dict[str, dict[str, Any]]]:
    """Build in a thread, so that the process goes on answering meanwhile."""
    try:
        return await _while_alive(session, lambda: built(inputs, history))
    except CannotProtect as error:
        raise CannotBeProtected(period=str(inputs["period"])) from error


async def _while_alive(session: AsyncSession, work: Callable[[], T]) -> T:
    """Work in a thread; meanwhile ask the database something, or it ends the transaction."""
    working = asyncio.create_task(asyncio.to_thread(work))
    while not (await asyncio.wait({working}, timeout=ALIVE_SECONDS))[0]:
        await session.execute(_ALIVE)
    return working.result()


async def preview(session: AsyncSession, period: str, *, day: date) -> dict[str, dict[str, Any]]:
    """The tables as an edition would print them now, disputed blocks held back; keeps nothing."""
    inputs, _ = await inputs_now(session, period, day)
    _, tables = await _built(session, inputs, await releases(session, period))
    return tables


async def edition(session: AsyncSession, edition_id: str) -> Kept:
    """One edition; raises NoEdition."""
    found = await edition_rows.edition(session, edition_id)
    if found is None:
        raise NoEdition(edition=edition_id)
    return found


async def rebuilt(session: AsyncSession, edition_id: str) -> list[tuple[str, str, str, str]]:
    """Build an edition again from its inputs: (name, format, sha256 kept, sha256 now)."""
    kept = await edition(session, edition_id)
    history = await releases(session, kept["period"], before=kept["number"])
    _, tables = await _built(session, kept["inputs"], history)
    now = {(name, form): digest for name, form, _, digest in files_of(tables)}
    return [
        (name, form, digest, now.get((name, form), ""))
        for name, form, digest in await edition_rows.hashes(session, edition_id)
    ]


async def documents_of(session: AsyncSession, edition_id: str) -> dict[str, Any]:
    """The tables of an edition as plain values; raises NoEdition."""
    await edition(session, edition_id)
    return {
        name: json.loads(content)
        for name, content in (await edition_rows.contents(session, edition_id)).items()
    }
