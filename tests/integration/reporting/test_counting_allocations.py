"""How partners' allocations stand, beside what was planned and paid, for who may see it."""

from datetime import date
from typing import Any

import pytest_asyncio

from services.reporting import aggregate_rows, recount
from shared.contracts.allocations import AllocationStood
from tests.builders_reporting import (
    COORDINATOR,
    HEAD,
    OFFICER,
    OTHER_COORDINATOR,
    OTHER_TOWN,
    TOWN,
    register_towns,
    tell_the_nation,
)
from tests.doors import Doors, MakeDoors
from tests.integration.reporting.towns import tell

PARTS = ("allocated", "reserved", "ordered", "settled", "waiting", "left")
AT = date(2017, 10, 2)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doors(service_doors: MakeDoors) -> Doors:
    """Two towns with an allocation each, told twice; an old picture comes late."""
    opened = await service_doors("reporting")
    await register_towns(opened)
    newest = a_picture(TOWN, 3, 50_000, 20_000, 10_000, 4_000, 700, 20_000)
    await tell(opened, a_picture(TOWN, 1, 40_000, 0, 0, 0, 0, 40_000), on=AT)
    await tell(opened, newest, a_picture(TOWN, 2, 45_000, 1, 1, 1, 1, 44_998), on=AT)
    await tell(opened, newest, a_picture(OTHER_TOWN, 1, 9_000, 9_000, 0, 0, 50, 0), on=AT)
    await tell_the_nation(opened)
    return opened


def a_picture(partner: str, version: int, *cents: int) -> AllocationStood:
    """How an allocation of the first semester stands."""
    sums: dict[str, Any] = {f"{p}_cents": c for p, c in zip(PARTS, cents, strict=True)}
    return AllocationStood(
        about_key=f"{partner}/2017-1",
        partner=partner,
        municipality_id=partner,
        version=version,
        semester="2017-1",
        **sums,
    )


async def stands(doors: Doors, part: str, *, by: str, **more: str) -> Any:
    """One sum of an allocation, as somebody sees it."""
    asked = {"level": "partner", "place": TOWN, "period": "2017-1"} | more
    return await doors.get("/counts", by=by, measure=f"allocation_{part}_cents", **asked)


async def test_a_partner_sees_how_its_allocation_stands(doors: Doors) -> None:
    found = [(await stands(doors, part, by=COORDINATOR)).json()["value"] for part in PARTS]
    assert found == [50_000, 20_000, 10_000, 4_000, 700, 20_000]
    year = await stands(doors, "left", by=COORDINATOR, period="2017")
    assert year.json()["value"] == 20_000


async def test_the_state_sees_all_allocations_from_the_aggregates(doors: Doors) -> None:
    nation = {"level": "nation", "place": "state"}
    found = [
        (await stands(doors, part, by=OFFICER, **nation)).json()
        for part in ("allocated", "waiting", "left")
    ]
    assert [count["value"] for count in found] == [59_000, 750, 20_000]
    assert {count["counted_by"] for count in found} == {"national"}
    one = (await stands(doors, "waiting", by=OFFICER, place=OTHER_TOWN)).json()
    assert one["value"] == 50


async def test_nobody_sees_the_allocation_of_another_partner(doors: Doors) -> None:
    for who in (OTHER_COORDINATOR, HEAD):
        answer = await stands(doors, "left", by=who)
        assert (answer.status_code, answer.json()["code"]) == (403, "outside-your-organisation")


async def test_allocations_are_counted_again_from_what_was_told_last(doors: Doors) -> None:
    async with doors.database.transaction() as session:
        counts = await aggregate_rows.all_cells(session)
        assert counts == await recount.counts_from_evidence(session)
