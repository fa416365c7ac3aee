"""What the national level keeps of a count it is told again and again."""

from services.reporting import national_rows
from services.reporting.domain import Cell
from services.reporting.store import NATIONAL_CELLS
from shared.contracts.reporting import AggregateCounted
from tests.builders_reporting import NATIONAL, SCHOOL, TOWN, hear, numbered
from tests.doors import Doors
from tests.integration.reporting.towns import DAY

PLANS = Cell("school", TOWN, TOWN, SCHOOL, "2090-1", "plans", "")
CLOSED = PLANS._replace(measure="plans_closed")


async def test_the_highest_version_of_a_count_stays_however_it_is_told(two_towns: Doors) -> None:
    await told(two_towns, counted(PLANS, 3, version=1))
    assert await kept(two_towns) == {PLANS: 3}
    await told(
        two_towns,
        counted(PLANS, 5, version=3),
        counted(CLOSED, 1, version=1),
        counted(PLANS, 4, version=2),
    )
    assert await kept(two_towns) == {PLANS: 5, CLOSED: 1}
    await told(two_towns, counted(PLANS, 4, version=2), counted(CLOSED, 2, version=2))
    assert await kept(two_towns) == {PLANS: 5, CLOSED: 2}


def counted(cell: Cell, value: int, *, version: int) -> AggregateCounted:
    """The fact that a count has a value now."""
    return AggregateCounted(
        aggregate_key=cell.key,
        partner=cell.partner,
        municipality_id=cell.municipality_id,
        school_id=cell.school_id,
        level="school",
        period=cell.period,
        measure=cell.measure,
        cut=(),
        value=value,
        version=version,
        count_no=version,
    )


async def told(doors: Doors, *facts: AggregateCounted) -> None:
    """One batch of the national level."""
    await hear(doors.database, numbered((fact, DAY) for fact in facts), consumer=NATIONAL)


async def kept(doors: Doors) -> dict[Cell, int]:
    """The national cells of the semester."""
    async with doors.database.transaction() as session:
        return await national_rows.cells_where(session, NATIONAL_CELLS.c.period == PLANS.period)
