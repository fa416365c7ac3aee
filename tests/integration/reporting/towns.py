"""What stories about two towns do: tell facts, ask for counts, publish editions, read tables."""

import itertools
from datetime import date
from typing import Any

from services.reporting import aggregate_rows
from services.reporting.domain import Cell
from shared.contracts.base import Fact
from shared.contracts.identification import MunicipalityRegistered
from tests.builders_reporting import (
    COORDINATOR,
    HEAD,
    OFFICER,
    SCHOOL,
    TOWN,
    Plan,
    hear,
    numbered,
    tell_the_nation,
)
from tests.doors import Doors

AUTUMN, LATER, SPRING = date(2017, 9, 4), date(2017, 10, 9), date(2018, 1, 15)
DAY, AT = AUTUMN, "2018-06-01"


async def tell(doors: Doors, *facts: Fact, on: date = AUTUMN) -> None:
    await hear(doors.database, numbered((fact, on) for fact in facts))


async def school(doors: Doors, measure: str, period: str, **more: Any) -> Any:
    asked = {"level": "school", "place": SCHOOL, "measure": measure, "period": period}
    answer = await doors.get("/counts", by=HEAD, **asked, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]


async def town(doors: Doors, measure: str, period: str, **more: Any) -> Any:
    asked = {"level": "municipality", "place": TOWN, "measure": measure, "period": period}
    answer = await doors.get("/counts", by=COORDINATOR, **(asked | more))
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]


async def counts(doors: Doors) -> dict[Cell, int]:
    async with doors.database.transaction() as session:
        return await aggregate_rows.all_cells(session)


NUMBERS = itertools.count()


async def involve(doors: Doors, **pupils: int) -> None:
    """So many pupils more of each school are involved: `one`, `two`, `three`."""
    plans = [
        Plan(f"{name}-{next(NUMBERS)}", school=f"school-{name}")
        for name, number in pupils.items()
        for _ in range(number)
    ]
    await hear(doors.database, numbered((plan.approved(DAY), DAY) for plan in plans))
    await tell_the_nation(doors)


async def publish(doors: Doors, period: str = "2017-1") -> dict[str, Any]:
    answer = await doors.send("/editions", {"period": period}, by=OFFICER, at=AT)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def cells(doors: Doors, name: str, **asked: str) -> dict[str, Any]:
    asked = {"period": "2017-1", **asked}
    answer = await doors.get(f"/tables/{name}", by=HEAD, **asked)
    assert answer.status_code == 200, answer.text
    return {row["place"]: row["cells"] for row in answer.json()["rows"]}


def a_town(town: str, name: str, *, successor: str | None = None) -> MunicipalityRegistered:
    """A town in the register; with a successor it ended with the reform of 2021."""
    return MunicipalityRegistered(
        register_key=f"municipality:{town}",
        version=2,
        municipality_id=town,
        name_lv=name,
        name_en=name,
        codes=(),
        successor_id=successor,
        valid_from=None,
        valid_to=date(2021, 6, 30) if successor else None,
        partner_since=date(2017, 3, 1),
    )
