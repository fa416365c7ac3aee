"""Who may prepare plans: by grant, school and kind of staff."""

import pytest

from tests.builders_plan_places import SCHOOL, TOWN, a_pupil, pupil_ref, staff_ref
from tests.builders_plans import a_draft, draft_refusal, kept
from tests.doors import Doors

DAY = "2017-09-06"


async def test_who_may_draft(plans: Doors) -> None:
    ref = await a_pupil(plans, 40)
    assert (
        await draft_refusal(plans, a_draft(ref), by="other.teacher") == "outside-your-organisation"
    )
    answer = await plans.send("/plans", {"lines": [a_draft(ref)]}, by="head", at=DAY)
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
    answer = await plans.send("/plans", {"lines": [a_draft(ref)]}, by=None, at=DAY)
    assert answer.status_code == 401


@pytest.mark.feature("P25")
async def test_kinds_of_preparers_are_a_parameter_of_the_place(plans: Doors) -> None:
    ref = await a_pupil(plans, 41)
    await plans.grant(
        "assistant",
        "preparer",
        SCHOOL,
        staff_ref=staff_ref("assistant"),
        staff_kind="teacher_assistant",
    )
    assert await draft_refusal(plans, a_draft(ref), by="assistant") == "preparer-kind-not-allowed"
    wider = {
        "name": "plan_preparer_kinds",
        "place": TOWN,
        "value": ["teacher", "psychologist", "teacher_assistant"],
        "valid_from": "2017-09-01",
        "source": "a test",
    }
    await plans.send("/parameters", wider, by="state.officer", at=DAY, method="PUT")
    kept(await plans.lines("/plans", [a_draft(ref)], by="assistant", at=DAY))
    await plans.grant("nobody", "preparer", SCHOOL)
    await a_pupil(plans, 42)
    answers = await plans.lines("/plans", [a_draft(pupil_ref(42))], by="nobody", at=DAY)
    assert answers[0]["code"] == "grant-incomplete"
    assert answers[0]["details"] == {"missing": "staff_ref"}
