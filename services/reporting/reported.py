"""Who told something for a period, and who takes part and told nothing."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import national_rows
from services.reporting.domain import months_of
from services.reporting.hierarchy import grid_of_period, in_force_on
from services.reporting.store import NATIONAL_CELLS
from services.reporting.territory_rows import register
from shared import registers

Named = list[dict[str, str]]


async def silent(session: AsyncSession, period: str) -> tuple[Named, Named]:
    """Partner municipalities and involved schools with no count for the period."""
    cells = await national_rows.cells_of_period(session, period)
    told_schools = {cell.school_id for cell in cells if cell.school_id}
    told_partners = {cell.partner for cell in cells}
    known = await register(session)
    end = f"{months_of(period)[1]}-28"
    municipalities = [
        {"municipality_id": m, "name_lv": known[m].name_lv, "name_en": known[m].name_en}
        for m in in_force_on(grid_of_period(period), known)
        if m not in told_partners and _takes_part(known[m].partner_since, end)
    ]
    schools = [
        {"school_id": s.school_id, "name_lv": s.name_lv, "name_en": s.name_en, "partner": s.partner}
        for s in (await registers.schools(session)).values()
        if s.status == "involved"
        and s.school_id not in told_schools
        and s.valid_from.isoformat() <= end
    ]
    return municipalities, sorted(schools, key=lambda school: school["school_id"])


def _takes_part(since: object, end: str) -> bool:
    return since is not None and str(since) <= end


async def periods(session: AsyncSession) -> list[str]:
    """The periods for which something was counted."""
    asked = select(NATIONAL_CELLS.c.period).distinct().order_by(NATIONAL_CELLS.c.period)
    return list((await session.execute(asked)).scalars())
