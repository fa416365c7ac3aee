"""The life of an approved plan: stopped, taken up, evaluated, closed."""

import pytest

from tests.builders_plan_places import HEAD, TEACHER, pupil_ref, said, staff_ref
from tests.builders_plans import (
    an_evaluation,
    approved,
    closed,
    drafted,
    kept,
    refusal,
    shown,
    state_of,
    through_the_chain,
)
from tests.doors import Doors


async def kinds(plans: Doors, number: int) -> list[str]:
    """What was told of a pupil's plans after the chain."""
    return [kind for kind, _ in await said(plans, pupil_ref(number))][4:]


@pytest.mark.feature("P14")
async def test_a_stop_needs_a_reason_and_a_plan_taken_up_goes_to_revision(plans: Doors) -> None:
    draft = await approved(plans, 1)
    line = {"plan_id": draft["id"], "reason_code": "illness"}
    assert await refusal(plans, "suspensions", line) == "comment-missing"
    line["comment"] = "in hospital"
    kept(await plans.lines("/plans/suspensions", [line], by=TEACHER, at="2017-10-02"))
    assert await state_of(plans, draft["id"]) == "suspended"
    assert await refusal(plans, "suspensions", line) == "wrong-move"
    back = [{"plan_id": draft["id"]}]
    kept(await plans.lines("/plans/resumptions", back, by=HEAD, at="2017-11-01"))
    plan = await shown(plans, draft["id"])
    assert (plan["state"], plan["content_version"], plan["resumed_on"]) == (
        "under_revision",
        2,
        "2017-11-01",
    )
    assert not any(version["in_force"] for version in plan["versions"])
    await through_the_chain(plans, draft["id"], at="2017-11-03")
    assert [v["in_force"] for v in (await shown(plans, draft["id"]))["versions"]] == [False, True]
    told = await kinds(plans, 1)
    assert told[:2] == ["plan-suspended", "plan-resumed"]
    assert told[-1] == "plan-approved"


@pytest.mark.feature("P14")
async def test_a_stopped_plan_is_not_taken_up_in_another_semester(plans: Doors) -> None:
    draft = await approved(plans, 2)
    line = {"plan_id": draft["id"], "reason_code": "illness", "comment": "in hospital"}
    kept(await plans.lines("/plans/suspensions", [line], by=TEACHER, at="2017-12-01"))
    back = {"plan_id": draft["id"]}
    assert await refusal(plans, "resumptions", back, at="2018-01-10") == "semester-over"


@pytest.mark.feature("P19")
async def test_a_plan_closes_only_after_its_evaluation(plans: Doors) -> None:
    draft = await approved(plans, 3)
    line = {"plan_id": draft["id"]}
    assert await refusal(plans, "closings", line, at="2017-12-21") == "evaluation-missing"
    evaluation = an_evaluation(draft)
    kept(await plans.lines("/plans/evaluations", [evaluation], by=TEACHER, at="2017-12-20"))
    kept(await plans.lines("/plans/closings", [line], by=HEAD, at="2017-12-21"))
    assert await state_of(plans, draft["id"]) == "closed"
    facts = await said(plans, pupil_ref(3))
    assert [kind for kind, _ in facts[4:]] == ["plan-closed", "preparation-earned"]
    closing, earned = facts[4][1], facts[5][1]
    assert (closing["measures_done"], closing["risks_reduced"], closing["continues"]) == (
        2,
        2,
        True,
    )
    assert (earned["preparer_ref"], earned["minutes"]) == (staff_ref(TEACHER), 240)
    assert await refusal(plans, "evaluations", evaluation) == "wrong-move"


@pytest.mark.feature("P19")
async def test_an_evaluation_leaves_nothing_out_and_pays_six_hours_at_most(plans: Doors) -> None:
    draft = await approved(plans, 4)
    whole = an_evaluation(draft)
    first, second = whole["measures"]
    one = {"staff_ref": staff_ref(TEACHER), "staff_kind": "teacher"}
    other = {"staff_ref": staff_ref("psychologist"), "staff_kind": "psychologist"}
    wrong = [
        ({"measures": [first]}, "measures-not-evaluated"),
        ({"measures": [first, first, second]}, "measures-not-evaluated"),
        ({"risks": whole["risks"][:1]}, "risks-not-evaluated"),
        ({"measures": [first, second | {"outcome": "not_done"}]}, "reason-missing"),
        (
            {"preparation": [one | {"minutes": 300}, other | {"minutes": 61}]},
            "preparation-too-long",
        ),
        ({"preparation": [one | {"minutes": 30}] * 2}, "preparer-twice"),
        ({"conclusion": ""}, "invalid"),
    ]
    lines = [whole | part for part, _ in wrong]
    answers = await plans.lines("/plans/evaluations", lines, by=TEACHER, at="2017-12-20")
    assert [answer["code"] for answer in answers] == [code for _, code in wrong]
    six_hours = [one | {"minutes": 300}, other | {"minutes": 60}]
    kept(
        await plans.lines(
            "/plans/evaluations", [whole | {"preparation": six_hours}], by=TEACHER, at="2017-12-20"
        )
    )


async def test_a_new_version_must_be_evaluated_anew(plans: Doors) -> None:
    draft = await approved(plans, 5)
    kept(
        await plans.lines("/plans/evaluations", [an_evaluation(draft)], by=TEACHER, at="2017-12-01")
    )
    kept(
        await plans.lines(
            "/plans/revisions", [{"plan_id": draft["id"]}], by=TEACHER, at="2017-12-02"
        )
    )
    await through_the_chain(plans, draft["id"], at="2017-12-03")
    assert await refusal(plans, "closings", {"plan_id": draft["id"]}) == "evaluation-missing"


async def test_a_draft_is_not_evaluated(plans: Doors) -> None:
    draft = await drafted(plans, 6)
    assert await refusal(plans, "evaluations", an_evaluation(draft)) == "wrong-move"


async def test_closing_is_the_end(plans: Doors) -> None:
    draft = await closed(plans, 70)
    line = {"plan_id": draft["id"], "reason_code": "x", "comment": "no more"}
    for path in ("submissions", "revisions", "resumptions", "closings"):
        assert await refusal(plans, path, {"plan_id": draft["id"]}) == "wrong-move"
    assert await refusal(plans, "suspensions", line) == "wrong-move"
    assert await refusal(plans, "deletions", line) == "wrong-move"
