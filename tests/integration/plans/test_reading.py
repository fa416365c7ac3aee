"""Reading through the doors: who sees what, who looked, what is due, what stands in the way."""

import pytest

from tests.builders_plan_places import HEAD, TEACHER, pupil_ref
from tests.builders_plans import an_evaluation, approved, drafted, kept, shown
from tests.doors import Doors


@pytest.mark.feature("P24")
async def test_who_looked_at_a_plan_can_be_seen(plans: Doors) -> None:
    draft = await drafted(plans, 30)
    await plans.get(f"/plans/{draft['id']}", by="auditor", reason="yearly check")
    reads = (await plans.get(f"/pupils/{pupil_ref(30)}/reads", by=HEAD)).json()["reads"]
    assert [(one["reader"], one["reason"]) for one in reads] == [("auditor", "yearly check")]
    answer = await plans.get(f"/pupils/{pupil_ref(30)}/reads", by="other.head")
    assert (answer.status_code, answer.json()["code"]) == (403, "outside-your-organisation")


@pytest.mark.feature("P21")
async def test_a_viewer_sees_only_the_own_school_town_or_everything(plans: Doors) -> None:
    draft = await drafted(plans, 31)
    sees = {
        who: (await plans.get(f"/plans/{draft['id']}", by=who)).status_code
        for who in (TEACHER, "coordinator", "auditor", "other.teacher", "other.coordinator")
    }
    assert sees == {
        TEACHER: 200,
        "coordinator": 200,
        "auditor": 200,
        "other.teacher": 404,
        "other.coordinator": 404,
    }
    assert (await plans.get(f"/plans/{draft['id']}", by="specialist")).status_code == 403
    listed = (await plans.get("/plans", by="other.head", semester="2017-1")).json()
    assert draft["id"] not in [one["plan_id"] for one in listed["plans"]]
    by_code = await plans.get(f"/plans/{draft['details']['plan_code']}", by=TEACHER)
    assert by_code.json()["plan_id"] == draft["id"]


async def test_a_list_is_read_page_by_page(plans: Doors) -> None:
    for number in range(40, 45):
        await drafted(plans, number)
    seen: list[str] = []
    after = None
    while True:
        page = await plans.get("/plans", by=HEAD, limit=3, **({"after": after} if after else {}))
        seen += [one["plan_id"] for one in page.json()["plans"]]
        after = page.json()["next_after"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == page.json()["count"] > 5


@pytest.mark.feature("P28")
async def test_reminders_of_what_is_due(plans: Doors) -> None:
    draft = await approved(plans, 50)

    async def sees(who: str, at: str) -> list[str]:
        waits = (await plans.get("/waiting", by=who, at=at)).json()["waiting"]
        return [one["kind"] for one in waits if one["plan_id"] == draft["id"]]

    assert await sees(TEACHER, "2017-10-02") == []
    assert await sees(TEACHER, "2017-12-12") == ["evaluation-due"]
    assert await sees(HEAD, "2017-12-12") == []
    assert await sees(HEAD, "2018-01-02") == ["overdue"]
    line = an_evaluation(draft)
    kept(await plans.lines("/plans/evaluations", [line], by=TEACHER, at="2017-12-20"))
    assert await sees(TEACHER, "2017-12-21") == ["plan-ending"]
    assert await sees(TEACHER, "2017-12-22") == ["closing-due"]


@pytest.mark.feature("P25")
async def test_every_action_is_shown_with_what_stands_against_it(plans: Doors) -> None:
    draft = await drafted(plans, 60)
    actions = {
        one["action"]: one["refusal"] for one in (await shown(plans, draft["id"]))["actions"]
    }
    assert actions["submit"] is None
    assert actions["revise"] == "wrong-move"
    by_head = (await plans.get(f"/plans/{draft['id']}", by=HEAD)).json()["actions"]
    refusals = {one["action"]: one["refusal"] for one in by_head}
    assert refusals["submit"] == "outside-your-organisation"
