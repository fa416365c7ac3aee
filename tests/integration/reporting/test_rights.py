"""Who sees which counts: the same question never gives anybody another's rows."""

import asyncio
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from tests.builders_reporting import (
    COORDINATOR,
    HEAD,
    OFFICER,
    OTHER_COORDINATOR,
    OTHER_HEAD,
    OTHER_SCHOOL,
    OTHER_TOWN,
    SCHOOL,
    SECOND_SCHOOL,
    TOWN,
    Plan,
    hear,
    numbered,
    register_towns,
    tell_the_nation,
)
from tests.doors import Doors, MakeDoors

DAY = date(2017, 9, 4)
ASKED = {"measure": "pupils_involved", "period": "2017-1"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def towns(service_doors: MakeDoors) -> Doors:
    """Seven pupils in one town (two of them at its second school), two in the other."""
    doors = await service_doors("reporting")
    await register_towns(doors)
    plans = [Plan(f"one-{n}", school=SCHOOL if n < 5 else SECOND_SCHOOL) for n in range(7)]
    plans += [Plan(f"other-{n}", school=OTHER_SCHOOL) for n in range(2)]
    await hear(doors.database, numbered((plan.approved(DAY), DAY) for plan in plans))
    await tell_the_nation(doors)
    return doors


async def count(doors: Doors, by: str, level: str, place: str, **more: Any) -> Any:
    return await doors.get("/counts", by=by, level=level, place=place, **(ASKED | more))


@pytest.mark.feature("S11", "D13")
@pytest.mark.parametrize(
    ("by", "level", "place", "value"),
    [
        (HEAD, "school", SCHOOL, 5),
        (COORDINATOR, "school", SECOND_SCHOOL, 2),
        (COORDINATOR, "partner", TOWN, 7),
        (COORDINATOR, "municipality", TOWN, 7),
        (OTHER_HEAD, "school", OTHER_SCHOOL, 2),
        (OTHER_COORDINATOR, "municipality", OTHER_TOWN, 2),
    ],
)
async def test_who_has_rights_on_a_place_sees_it_exactly(
    towns: Doors, by: str, level: str, place: str, value: int
) -> None:
    answer = await count(towns, by, level, place)
    assert (answer.json()["value"], answer.json()["counted_by"]) == (value, "municipal")


@pytest.mark.feature("S11", "D13")
@pytest.mark.parametrize(
    ("by", "level", "place"),
    [
        (HEAD, "school", OTHER_SCHOOL),
        (HEAD, "school", SECOND_SCHOOL),
        (HEAD, "municipality", TOWN),
        (HEAD, "nation", "state"),
        (COORDINATOR, "school", OTHER_SCHOOL),
        (COORDINATOR, "municipality", OTHER_TOWN),
        (COORDINATOR, "partner", OTHER_TOWN),
        (COORDINATOR, "nation", "state"),
        (OTHER_COORDINATOR, "municipality", TOWN),
        (HEAD, "school", "no-such-school"),
    ],
)
async def test_nobody_sees_a_place_of_somebody_else(
    towns: Doors, by: str, level: str, place: str
) -> None:
    for path in ("/counts", f"/cells/{level}/{place}/2017-1/pupils_involved/explanation"):
        asked = (ASKED | {"level": level, "place": place}) if path == "/counts" else {}
        answer = await towns.get(path, by=by, **asked)
        assert (answer.status_code, answer.json()["code"]) == (403, "outside-your-organisation")


@pytest.mark.feature("D13")
async def test_the_same_question_at_the_same_time_gives_each_their_own(towns: Doors) -> None:
    async def own_and_other(who: str, own: str, other: str) -> tuple[Any, Any]:
        mine = await count(towns, who, "municipality", own)
        return mine.json().get("value"), (
            await count(towns, who, "municipality", other)
        ).status_code

    answers = await asyncio.gather(
        *(own_and_other(COORDINATOR, TOWN, OTHER_TOWN) for _ in range(10)),
        *(own_and_other(OTHER_COORDINATOR, OTHER_TOWN, TOWN) for _ in range(10)),
    )
    assert set(answers[:10]) == {(7, 403)}
    assert set(answers[10:]) == {(2, 403)}


async def test_no_answer_may_be_kept_by_a_cache(towns: Doors) -> None:
    answer = await count(towns, HEAD, "school", SCHOOL)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.feature("S13")
async def test_the_state_sees_no_small_group_whatever_it_filters_by(towns: Doors) -> None:
    whole = await count(towns, OFFICER, "nation", "state")
    assert (whole.json()["value"], whole.json()["counted_by"]) == (9, "national")
    small = await count(towns, OFFICER, "municipality", OTHER_TOWN)
    assert (small.json()["mark"], small.json()["value"]) == ("hidden", None)
    for cut in ({"grade": "7"}, {"sex": "female"}, {"risk_group": "R1"}, {"programme": "general"}):
        answer = await count(towns, OFFICER, "school", OTHER_SCHOOL, **cut)
        assert (answer.json()["mark"], answer.json()["value"]) == ("hidden", None), cut
    nothing = await count(towns, OFFICER, "school", OTHER_SCHOOL, grade="8")
    assert (nothing.json()["mark"], nothing.json()["value"]) == ("zero", 0)


async def test_the_state_has_no_evidence_to_ask_as_of_a_day(towns: Doors) -> None:
    answer = await count(towns, OFFICER, "nation", "state", as_of="2017-12-06")
    assert (answer.status_code, answer.json()["code"]) == (422, "as-of-not-counted")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"measure": "no_such_measure"}, "unknown-measure"),
        ({"period": "2017-3"}, "invalid"),
        ({"level": "planet"}, "invalid"),
        ({"grade": "7", "sex": "male"}, "one-cut"),
        ({"measure": "planned_cents", "as_of": "2017-12-01"}, "as-of-not-counted"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_with_its_code(
    towns: Doors, asked: dict[str, str], code: str
) -> None:
    question = {"level": "school", "place": SCHOOL, **ASKED, **asked}
    answer = await towns.get("/counts", by=HEAD, **question)
    assert answer.json()["code"] == code


async def test_from_a_cell_one_walks_to_its_facts_within_what_one_may_see(towns: Doors) -> None:
    path = f"/cells/school/{SCHOOL}/2017-1/pupils_involved/explanation"
    mine = (await towns.get(path, by=HEAD)).json()
    assert mine["facts"] == {"plans": 5, "consultations": 0, "payment_orders": 0}
    assert mine["plan_ids"] == [f"one-{n}" for n in range(5)]
    path = f"/cells/municipality/{TOWN}/2017-1/pupils_involved/explanation"
    town = (await towns.get(path, by=COORDINATOR)).json()
    assert {part["school_id"]: part["value"] for part in town["parts"]} == {
        SCHOOL: 5,
        SECOND_SCHOOL: 2,
    }
    assert town["plan_ids"] is None
    state = (await towns.get(path, by=OFFICER)).json()
    assert {part["school_id"]: part["mark"] for part in state["parts"]} == {
        SCHOOL: "value",
        SECOND_SCHOOL: "hidden",
    }
    assert state["facts"] is None
    assert state["counted_through"][0]["positions"]


async def test_a_parent_sees_no_counts(towns: Doors) -> None:
    answer = await count(towns, "parent", "school", SCHOOL)
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
