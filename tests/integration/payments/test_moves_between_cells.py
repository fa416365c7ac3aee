"""A pupil moves to and fro between two cells on one broker, killed in between: one ceiling."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.doors import MakeDoors
from tests.integration.payments.cells import HEARD_SECONDS_MAX, Cell, harm, running_cells
from tests.money_facts import LATER, OFFICER, OTHER_SCHOOL, SCHOOL, a_claim, pupil

OFFICES = ("90000099933", "90000099944")
PLACES = (("leaving", OFFICES[0], SCHOOL), ("arriving", OFFICES[1], OTHER_SCHOOL))
CAP = 30_000
MOVERS, MOVES = 3, 6
NO_ROOM = {"room-awaited", "room-handed-over", "ceiling-used-up", "ceiling-reserved"}

pytestmark = pytest.mark.needs_real_broker


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cells(
    service_doors: MakeDoors, kafka_bootstrap: str, token_keys: Path, tmp_path_factory: Any
) -> AsyncIterator[list[Cell]]:
    """Two cells with web and worker processes, each with an office and a database of its own."""
    logs = tmp_path_factory.mktemp("moves")
    ways = (kafka_bootstrap, token_keys, logs)
    async with running_cells(PLACES, service_doors, *ways) as cells:
        for cell in cells:
            cell.start_worker()
        yield cells


def meals(cents: int) -> dict[str, Any]:
    """Meals of so many cents in October."""
    return {"m": ("meals", {"2021-10": cents})}


async def spoken_for(cell: Cell, pupil_ref: str) -> int:
    """What a cell has reserved and ordered of the pupil's month."""
    month = await cell.month(pupil_ref)
    return int(month["reserved_cents"] + month["ordered_cents"])


async def held(cell: Cell, pupil_ref: str) -> int:
    """What a cell holds of the pupil's month."""
    month = await cell.month(pupil_ref)
    return int(month["cap_cents"] - month["elsewhere_cents"])


async def use(cell: Cell, plan_id: str, chance: random.Random) -> None:
    """Claim something of a month, and take it back now and then."""
    (answer,) = await cell.claim([a_claim(plan_id, "m", chance.randint(1, 12_000))])
    assert answer["status"] == "accepted" or answer["code"] in NO_ROOM, answer
    if answer["status"] == "accepted" and chance.random() < 0.5:
        line = {"order_id": answer["details"]["order_id"], "reason_code": "by-mistake"}
        await cell.doors.lines("/orders/cancellations", [line], by=OFFICER, at=LATER)


@pytest.mark.feature("M2")
@pytest.mark.feature("N1")
async def test_the_claim_where_the_pupil_moved_to_is_paid_up_to_what_was_handed_over(
    cells: list[Cell],
) -> None:
    leaving, arriving = cells
    pupil_ref = pupil()
    old = await leaving.a_plan_with_room(12_000, pupil_ref=pupil_ref)
    leaving.kill_worker()
    new = await arriving.a_plan(meals(25_000), pupil_ref=pupil_ref)
    (early,) = await arriving.claim([a_claim(new, "m", 20_000)])
    assert (early["status"], early["code"]) == ("refused", "room-awaited"), "its owner is down"
    leaving.start_worker()
    async with asyncio.timeout(HEARD_SECONDS_MAX):
        while await held(arriving, pupil_ref) == 0:
            await asyncio.sleep(0.05)
    (paid,) = await arriving.claim([a_claim(new, "m", 20_000)])
    assert (paid["code"], paid["details"]["cents"]) == ("ceiling-cut", 18_000)
    (late,) = await leaving.claim([a_claim(old, "m", 13_000)])
    assert (late["code"], late["details"]["cents"]) == ("room-cut", 12_000)
    for cell, plan_id, code in (
        (arriving, new, "ceiling-used-up"),
        (leaving, old, "room-handed-over"),
    ):
        (none,) = await cell.claim([a_claim(plan_id, "m", 1)])
        assert (none["status"], none["code"]) == ("refused", code)


@pytest.mark.feature("M2")
@pytest.mark.feature("M3")
@pytest.mark.feature("D11")
async def test_a_month_stays_below_its_ceiling_while_its_pupil_moves_and_cells_are_killed(
    cells: list[Cell],
) -> None:
    chance = random.Random(20261129)
    pupils = [pupil() for _ in range(MOVERS)]
    plans = {
        (p, cell): await cell.a_plan(meals(9_000), pupil_ref=p) for p in pupils for cell in cells
    }
    harming = asyncio.create_task(harm(cells, chance))
    for _ in range(MOVES):
        for pupil_ref in pupils:
            await asyncio.gather(*(use(cell, plans[pupil_ref, cell], chance) for cell in cells))
            cell, cents = chance.choice(cells), chance.randint(1, 9_000)
            plans[pupil_ref, cell] = await cell.a_plan(meals(cents), pupil_ref=pupil_ref)
            assert sum([await spoken_for(one, pupil_ref) for one in cells]) <= CAP
        await asyncio.sleep(chance.uniform(0, 1))
    harming.cancel()
    last, other = cells
    for pupil_ref in pupils:
        await last.a_plan_with_room(1, pupil_ref=pupil_ref)
        async with asyncio.timeout(HEARD_SECONDS_MAX):
            while sum([await held(cell, pupil_ref) for cell in cells]) < CAP:
                await asyncio.sleep(0.05)
        assert await held(other, pupil_ref) == await spoken_for(other, pupil_ref)
        assert await held(last, pupil_ref) == CAP - await held(other, pupil_ref)
