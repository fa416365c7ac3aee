"""How orders and youth projects become counts: money by month, type and place."""

from datetime import date
from typing import Any

from shared.contracts.ngo_grants import CallOpened, ProjectAccepted, ProjectContracted
from shared.contracts.payments import (
    PaymentCancelled,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
    PaymentVerified,
)
from tests.builders_reporting import TOWN, Plan
from tests.doors import Doors
from tests.integration.reporting.towns import AUTUMN, school, tell, town


async def test_money_is_added_by_month_type_and_place_with_its_parts(two_towns: Doors) -> None:
    day = date(2040, 10, 8)
    plan = Plan("e1", semester="2040-1")
    orders = [plan.ordered("meals", day, 2_001) for day in (day, date(2040, 11, 5))]
    other = plan.ordered("accommodation", day, 4_500)
    await tell(two_towns, plan.approved(day), *orders, other, on=day)
    assert await school(two_towns, "ordered_cents", "2040-10m") == 6_501
    assert await school(two_towns, "ordered_cents", "2040-1", support_type="meals") == 4_002
    esf = await school(two_towns, "ordered_esf_cents", "2040-1", support_type="meals")
    state = await school(two_towns, "ordered_state_cents", "2040-1", support_type="meals")
    assert (esf, state) == (3_402, 600)
    order_id = orders[0].order_id
    settled = plan.paid(PaymentSettled, order_id, "meals", day, 2_001, version=2, booked_on=day)
    await tell(two_towns, settled)
    assert await school(two_towns, "settled_cents", "2040-1") == 2_001
    back = {"booked_on": date(2040, 10, 11), "reason_code": "AC04"}
    returned = plan.paid(PaymentReturned, order_id, "meals", day, 2_001, version=3, **back)
    await tell(two_towns, returned)
    assert await school(two_towns, "settled_cents", "2040-1") == 0
    assert await school(two_towns, "returned_cents", "2040-1") == 2_001
    assert await school(two_towns, "settled_cents", "2040-1", as_of="2040-10-09") == 2_001
    assert await school(two_towns, "pupils_supported", "2040-1") == 1, "the claim still stands"


async def test_what_the_state_accepts_reduces_and_rejects_stands_beside_what_was_paid(
    two_towns: Doors,
) -> None:
    day = date(2041, 10, 7)
    plan = Plan("v1", semester="2041-1")
    orders = [plan.ordered("meals", day, cents) for cents in (1_000, 2_001, 3_000)]
    verdicts = {1_000: ("accepted", 1_000), 2_001: ("reduced", 1_501), 3_000: ("rejected", 0)}
    await tell(two_towns, plan.approved(day), *orders)
    for order in orders:
        about = (order.order_id, "meals", day, order.cents)
        await tell(two_towns, plan.paid(PaymentSettled, *about, version=2, booked_on=day))
        outcome, accepted = verdicts[order.cents]
        verdict: dict[str, Any] = {
            "outcome": outcome,
            "accepted_cents": accepted,
            "verified_on": day,
        }
        fact = plan.paid(PaymentVerified, *about, version=3, **verdict)
        await tell(two_towns, fact, fact)
    assert await school(two_towns, "settled_cents", "2041-1") == 6_001
    for measure, cents in (("accepted", 2_501), ("reduced", 500), ("rejected", 3_000)):
        assert await school(two_towns, f"{measure}_cents", "2041-10m") == cents
        parts = [
            await school(two_towns, f"{measure}_{of}_cents", "2041-1", support_type="meals")
            for of in ("esf", "state")
        ]
        assert sum(parts) == cents and parts[0] > parts[1]
    about = (orders[1].order_id, "meals", day, 2_001)
    anew: dict[str, Any] = {
        "outcome": "rejected",
        "accepted_cents": 0,
        "verified_on": date(2041, 12, 1),
    }
    await tell(two_towns, plan.paid(PaymentVerified, *about, version=4, **anew))
    assert await school(two_towns, "accepted_cents", "2041-1") == 1_000
    assert await school(two_towns, "reduced_cents", "2041-1") == 0
    assert await school(two_towns, "rejected_cents", "2041-1") == 5_001


async def test_money_that_was_recovered_wholly_was_no_support(two_towns: Doors) -> None:
    plan, day = Plan("f1", semester="2032-1"), date(2032, 10, 4)
    order = plan.ordered("personal_items", day, 4_000)
    await tell(two_towns, plan.approved(AUTUMN), order)
    assert await school(two_towns, "pupils_supported", "2032-1") == 1
    back = {"booked_on": day, "reason_code": "WRONG"}
    recovered = plan.paid(
        PaymentRecovered, order.order_id, "personal_items", day, 4_000, version=2, **back
    )
    await tell(two_towns, recovered)
    assert await school(two_towns, "pupils_supported", "2032-1") == 0
    assert await school(two_towns, "recovered_cents", "2032-1") == 4_000


async def test_an_order_taken_back_before_it_was_paid_was_neither_money_nor_support(
    two_towns: Doors,
) -> None:
    plan, day = Plan("g1", semester="2033-1"), date(2033, 10, 3)
    order = plan.ordered("meals", day, 4_000)
    await tell(two_towns, plan.approved(date(2033, 9, 1)), order)
    assert await school(two_towns, "ordered_cents", "2033-1") == 4_000
    back = {"cancelled_on": day, "reason_code": "evidence-paid-elsewhere"}
    cancelled = plan.paid(PaymentCancelled, order.order_id, "meals", day, 4_000, version=2, **back)
    await tell(two_towns, cancelled)
    await tell(two_towns, cancelled)
    assert await school(two_towns, "ordered_cents", "2033-1") == 0
    assert await school(two_towns, "pupils_supported", "2033-1") == 0


async def test_youth_projects_are_counted_for_the_town_that_ran_the_call(two_towns: Doors) -> None:
    about: dict[str, Any] = {"call_id": "call", "partner": TOWN, "municipality_id": TOWN}
    opened = CallOpened(
        **about,
        project_key="call",
        version=1,
        opens_on=date(2018, 10, 1),
        closes_on=date(2018, 10, 31),
        quota=1,
    )
    contracted = ProjectContracted(
        **about,
        project_key="project",
        version=1,
        project_id="project",
        payee_ref="90000000303",
        cents=4_600_00,
        starts_on=date(2018, 11, 5),
        ends_on=date(2019, 4, 30),
    )
    accepted = ProjectAccepted(
        **about,
        project_key="project",
        version=2,
        project_id="project",
        participants=24,
        participants_at_risk=10,
        accepted_on=date(2019, 5, 6),
    )
    await tell(two_towns, opened, contracted, accepted, contracted)
    assert await town(two_towns, "projects_contracted", "2018-1") == 1
    assert await town(two_towns, "project_cents", "2018") == 4_600_00
    assert await town(two_towns, "project_participants_at_risk", "2018-2") == 10
