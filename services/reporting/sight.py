"""Who may see which counts, and how exactly.

A person with rights on a school, partner or municipality sees its counts exactly, from the
municipal level. A person of the state sees what the national level was told: the nation exactly,
single places without small groups. Nobody else sees anything.
"""

from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.domain import Level
from shared.auth import STATE, Person, Role
from shared.registers import schools

SCHOOL_ROLES = frozenset({Role.HEAD, Role.SCHOOL_COORDINATOR})
PARTNER_ROLES = frozenset({Role.MUNICIPALITY_COORDINATOR, Role.PAYMENT_OFFICER})
STATE_ROLES = frozenset(
    {Role.STATE_OFFICER, Role.AUDITOR, Role.EVALUATOR, Role.REGIONAL_COORDINATOR}
)
READERS = (*sorted(SCHOOL_ROLES), *sorted(PARTNER_ROLES), *sorted(STATE_ROLES))


class Sight(StrEnum):
    """How a person sees a place."""

    EXACT = "exact"
    NATIONAL = "national"


async def sight_of(session: AsyncSession, person: Person, level: Level, place: str) -> Sight:
    """How a person sees a place; raises OutsideScope where not at all."""
    if await _is_own(session, person, level, place):
        return Sight.EXACT
    person.must(STATE_ROLES, STATE)
    return Sight.NATIONAL


async def must_be_own_or_state(
    session: AsyncSession, person: Person, level: str, place: str
) -> None:
    """Raise OutsideScope unless the place is the person's own or they are a state officer."""
    if not await answers_for(session, person, level, place):
        person.must({Role.STATE_OFFICER}, STATE)


async def answers_for(session: AsyncSession, person: Person, level: str, place: str) -> bool:
    """Whether the place is the person's own, or the person decides for the state."""
    if level in list(Level) and await _is_own(session, person, Level(level), place):
        return True
    return person.has(Role.STATE_OFFICER, STATE)


async def _is_own(session: AsyncSession, person: Person, level: Level, place: str) -> bool:
    """Whether the person has rights on the place itself."""
    if level is Level.NATION:
        return False
    schools_of = person.organisations(*SCHOOL_ROLES)
    partners_of = person.organisations(*PARTNER_ROLES)
    if level is Level.SCHOOL:
        if place in schools_of:
            return True
        school = (await schools(session, [place])).get(place)
        return school is not None and school.partner in partners_of
    if place in partners_of:
        return True
    if level is Level.MUNICIPALITY or not schools_of:
        return False
    # A state vocational school is its own partner: its head sees the partner's counts.
    own = (await schools(session, schools_of)).values()
    return any(school.state_vocational and school.partner == place for school in own)


def own_places(person: Person) -> frozenset[str]:
    """All organisations in which the person may see something exactly."""
    return person.organisations(*SCHOOL_ROLES, *PARTNER_ROLES)


def is_of_the_state(person: Person) -> bool:
    """Whether the person sees the national level."""
    return any(person.has(role, STATE) for role in STATE_ROLES)
