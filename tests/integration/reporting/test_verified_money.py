"""What the state accepted of the money paid: for the town, for the nation, in public."""

from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from shared.contracts.base import Fact
from shared.contracts.payments import PaymentSettled, PaymentVerified
from tests.builders_reporting import (
    OFFICER,
    OTHER_SCHOOL,
    OTHER_TOWN,
    SCHOOL,
    TOWN,
    Plan,
    hear,
    numbered,
    register_towns,
    tell_the_nation,
)
from tests.doors import Doors, MakeDoors
from tests.integration.reporting.towns import AUTUMN, LATER, cells, publish, tell, town

PUPILS = {SCHOOL: 20, OTHER_SCHOOL: 3}
CENTS, ACCEPTED = 2_000, 1_500


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doors(service_doors: MakeDoors) -> Doors:
    """Meals of 20 pupils of one town and of 3 of the other were paid, and the state decided."""
    opened = await service_doors("reporting")
    await register_towns(opened)
    facts: list[Fact] = []
    for where, pupils in PUPILS.items():
        for n in range(pupils):
            facts += a_verified_meal(Plan(f"{where}-{n}", school=where))
    await tell(opened, *facts)
    await tell_the_nation(opened)
    return opened


def a_verified_meal(plan: Plan) -> list[Fact]:
    """A plan whose meals were paid and accepted in part."""
    order = plan.ordered("meals", LATER, CENTS)
    about = (order.order_id, "meals", LATER, CENTS)
    verdict: dict[str, Any] = {
        "outcome": "reduced",
        "accepted_cents": ACCEPTED,
        "verified_on": date(2018, 1, 20),
    }
    return [
        plan.approved(AUTUMN),
        order,
        plan.paid(PaymentSettled, *about, version=2, booked_on=date(2017, 11, 3)),
        plan.paid(PaymentVerified, *about, version=3, **verdict),
    ]


async def test_a_town_and_the_nation_see_what_of_the_paid_money_counts(doors: Doors) -> None:
    assert await town(doors, "settled_cents", "2017-1") == 20 * CENTS
    assert await town(doors, "accepted_cents", "2017-10m", support_type="meals") == 20 * ACCEPTED
    assert await town(doors, "reduced_cents", "2017") == 20 * (CENTS - ACCEPTED)
    before = await town(doors, "accepted_cents", "2017-1", as_of="2018-01-19")
    assert before == 0, "the state had not decided by then"
    asked = {"level": "nation", "period": "2017-1"}
    found = [
        (await doors.get("/counts", by=OFFICER, measure=measure, **asked)).json()
        for measure in ("accepted_cents", "accepted_esf_cents", "accepted_state_cents")
    ]
    assert [count["value"] for count in found] == [23 * cents for cents in (1_500, 1_275, 225)]
    assert {count["counted_by"] for count in found} == {"national"}
    where = f"/cells/municipality/{TOWN}/2017-1/accepted_cents/explanation"
    explained = (await doors.get(where, by=OFFICER)).json()
    assert "verdict" in explained["definition"]


@pytest.mark.feature("S9")
async def test_accepted_money_is_hidden_with_the_few_pupils_it_was_paid_for(doors: Doors) -> None:
    await publish(doors)
    printed: dict[str, Any] = await cells(doors, "money")
    assert printed[OTHER_TOWN]["accepted_cents.meals"] == {"mark": "hidden", "value": None}
    assert printed[OTHER_TOWN]["settled_cents.meals"] == {"mark": "hidden", "value": None}


async def test_a_verdict_told_again_adds_nothing(doors: Doors) -> None:
    plan = Plan("again", semester="2019-1")
    facts = a_verified_meal(plan)
    await tell(doors, *facts)
    was = await town(doors, "accepted_cents", "2017-10m")
    await hear(doors.database, numbered((fact, AUTUMN) for fact in facts))
    assert await town(doors, "accepted_cents", "2017-10m") == was
