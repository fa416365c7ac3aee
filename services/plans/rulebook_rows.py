"""Loading the rules in force: parameters, calendar and schools, three statements in all."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.rulebook import STATE_LEVEL, InForce, Rulebook, SchoolFacts
from services.plans.specs import NAMES
from services.plans.store import among
from shared.parameters import PARAMETERS
from shared.registers import School, schools, semesters


async def rulebook(session: AsyncSession, school_ids: Iterable[str]) -> Rulebook:
    """All rules that plans of these schools need."""
    wanted = sorted(set(school_ids))
    known = {one: _facts(school) for one, school in (await schools(session, wanted)).items()}
    places = {STATE_LEVEL, *(place for school in known.values() for place in school.places)}
    rows = await session.execute(
        select(PARAMETERS)
        .where(among(PARAMETERS.c.name, NAMES))
        .where(among(PARAMETERS.c.place, places))
        .order_by(PARAMETERS.c.valid_from)
    )
    parameters: dict[str, list[InForce]] = {}
    for row in rows.mappings():
        parameters.setdefault(row["name"], []).append(
            InForce(row["place"], row["valid_from"], row["valid_to"], row["value"])
        )
    calendar = await semesters(session, wanted)
    return Rulebook(
        parameters=parameters,
        semesters={key: (dates.first_day, dates.last_day) for key, dates in calendar.items()},
        schools=known,
    )


def _facts(school: School) -> SchoolFacts:
    """What plans needs of a school."""
    return SchoolFacts(
        school_id=school.school_id,
        partner=school.partner,
        municipality_id=school.municipality_id,
        state_vocational=school.state_vocational,
    )
