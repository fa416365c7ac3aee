"""Plans carried on into a later semester, at the school where the pupil is now."""

import pytest

from tests.builders_plan_places import OTHER_SCHOOL, SCHOOL, TEACHER, enrolled, tell
from tests.builders_plans import (
    a_content,
    a_measure,
    approved,
    closed,
    kept,
)
from tests.doors import Doors


@pytest.mark.feature("P20")
async def test_a_plan_is_carried_on_and_a_moved_pupil_names_the_old_school(
    plans: Doors,
) -> None:
    first = await closed(plans, 50)
    answers = await plans.lines(
        "/plans/continuations", [{"plan_id": first["id"]}], by=TEACHER, at="2018-01-08"
    )
    plan_id = kept(answers)[0]["id"]
    shown = (await plans.get(f"/plans/{plan_id}", by=TEACHER, at="2018-01-08")).json()
    assert (shown["follows_plan_id"], shown["follows_school_id"]) == (first["id"], None)
    meals = shown["versions"][0]["measures"][1]
    assert meals["planned"] == [[f"2018-0{month}", 4000] for month in range(1, 6)]

    moved = await closed(plans, 51)
    await tell(plans, enrolled(51, OTHER_SCHOOL).model_copy(update={"version": 9}))
    line = {"plan_id": moved["id"]} | a_content(
        a_measure(planned=[{"month": "2018-01", "cents": 100}])
    )
    answers = await plans.lines("/plans/continuations", [line], by=TEACHER, at="2018-01-09")
    assert answers[0]["code"] == "outside-your-organisation"
    answers = await plans.lines("/plans/continuations", [line], by="other.teacher", at="2018-01-09")
    shown = (await plans.get(f"/plans/{kept(answers)[0]['id']}", by="other.head")).json()
    assert (shown["school_id"], shown["follows_school_id"]) == (OTHER_SCHOOL, SCHOOL)
    old = await plans.get(f"/plans/{moved['id']}", by="other.head", at="2018-01-09")
    assert old.status_code == 200, "history goes with the pupil"


async def test_only_a_closed_plan_that_is_to_go_on_is_carried_on(plans: Doors) -> None:
    running = await approved(plans, 52)
    stops = await closed(plans, 53, continues=False)
    ends = await closed(plans, 54)
    lines = [
        {"plan_id": running["id"]},
        {"plan_id": stops["id"]},
        {"plan_id": ends["id"], "semester": "2017-1"},
        {"plan_id": "nothing"},
    ]
    answers = await plans.lines("/plans/continuations", lines, by=TEACHER, at="2018-01-08")
    assert [answer["code"] for answer in answers] == [
        "not-closed",
        "not-to-be-continued",
        "not-a-later-semester",
        "plan-unknown",
    ]
