"""Whom the programme serves on a day, by the parameters of the state and of places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification.domain import Pupil
from services.identification.target_group import PARAMETER_OF, GradeRange, read_ranges
from shared.auth import STATE
from shared.parameters import PARAMETERS, ParameterMissing


@dataclass(frozen=True)
class Served:
    """Ranges of grades by parameter and place; the narrowest place that says something counts."""

    by_place: Mapping[tuple[str, str], tuple[GradeRange, ...]]
    day: date

    def ranges(self, pupil: Pupil) -> tuple[GradeRange, ...]:
        """The ranges that hold for a pupil; raises ParameterMissing."""
        name = PARAMETER_OF[pupil.programme]
        for place in (pupil.school_id, pupil.municipality_id, STATE):
            if (name, place) in self.by_place:
                return self.by_place[name, place]
        raise ParameterMissing(name=name, day=self.day.isoformat())


async def served_on(session: AsyncSession, day: date) -> Served:
    """All ranges in force on a day; what holds at the same place at once adds up."""
    rows = await session.execute(
        select(PARAMETERS.c.name, PARAMETERS.c.place, PARAMETERS.c.value)
        .where(PARAMETERS.c.name.in_(sorted(PARAMETER_OF.values())))
        .where(PARAMETERS.c.valid_from <= day)
        .where(or_(PARAMETERS.c.valid_to.is_(None), PARAMETERS.c.valid_to >= day))
        .order_by(PARAMETERS.c.valid_from)
    )
    found: dict[tuple[str, str], tuple[GradeRange, ...]] = {}
    for name, place, value in rows:
        found[name, place] = found.get((name, place), ()) + read_ranges(value)
    return Served(found, day)
