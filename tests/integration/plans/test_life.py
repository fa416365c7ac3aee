"""The life of an approved plan: stopped, taken up, evaluated, closed, deleted when unspent."""

from typing import Any

import pytest

from shared.contracts.payments import (
    EntitlementGranted,
    EntitlementRefused,
    MonthRoom,
    PayeeKind,
    PaymentOrdered,
    PaymentReturned,
    PlanDeletionCleared,
    PlanDeletionRefused,
)
from tests.builders_plans import (
    HEAD,
    TEACHER,
    TOWN,
    a_draft,
    a_measure,
    an_evaluation,
    approved,
    closed,
    drafted,
    kept,
    pupil_ref,
    said,
    staff_ref,
    state_of,
    tell,
    through_the_chain,
)
from tests.doors import Doors


async def refusal(
    plans: Doors, path: str, line: dict[str, Any], *, by: str = TEACHER, at: str = "2017-10-02"
) -> str:
    """The code that refuses one line."""
    answers = await plans.lines(f"/plans/{path}", [line], by=by, at=at)
    assert answers[0]["status"] == "refused", answers
    return str(answers[0]["code"])


async def shown(plans: Doors, plan_id: str) -> dict[str, Any]:
    """A plan as its preparer sees it."""
    found: dict[str, Any] = (await plans.get(f"/plans/{plan_id}", by=TEACHER)).json()
    return found


async def kinds(plans: Doors, number: int) -> list[str]:
    """What was told of a pupil's plans after the chain."""
    return [kind for kind, _ in await said(plans, pupil_ref(number))][4:]


def about(number: int, plan_id: str) -> dict[str, Any]:
    """What facts of payments about a pupil's plan begin with."""
    return {
        "about_key": pupil_ref(number),
        "partner": TOWN,
        "municipality_id": TOWN,
        "plan_id": plan_id,
    }


def an_order(number: int, draft: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An order of 35.00 for meals of October."""
    return (
        about(number, draft["id"])
        | {
            "order_id": f"order-{number}",
            "version": 1,
            "claim_id": "claim",
            "plan_version": 1,
            "project_id": None,
            "measure_id": draft["details"]["measures"][1],
            "pupil_ref": pupil_ref(number),
            "school_id": "school-one",
            "semester": "2017-1",
            "support_type": "meals",
            "month": "2017-10",
            "service_date": "2017-10-02",
            "cents": 3500,
            "esf_cents": 2975,
            "state_cents": 525,
            "payee_kind": PayeeKind.PROVIDER,
        }
        | more
    )


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


@pytest.mark.feature("P15")
async def test_an_unspent_plan_is_deleted_once_payments_says_so(plans: Doors) -> None:
    draft = await approved(plans, 10)
    line = {"plan_id": draft["id"], "reason_code": "mistake"}
    assert await refusal(plans, "deletions", line, by=HEAD) == "comment-missing"
    line["comment"] = "entered for the wrong pupil"
    answers = await plans.lines("/plans/deletions", [line], by=HEAD, at="2017-10-02")
    assert kept(answers)[0]["details"] == {"state": "approved", "waits_for": "payments"}
    assert await refusal(plans, "deletions", line, by=HEAD) == "deletion-pending"
    assert await refusal(plans, "revisions", {"plan_id": draft["id"]}) == "deletion-pending"
    cleared = PlanDeletionCleared(**about(10, draft["id"]))
    await tell(plans, cleared, at="2017-10-02T10:00:00+00:00")
    await tell(plans, cleared, at="2017-10-02T10:00:00+00:00")
    assert await state_of(plans, draft["id"]) == "inactive"
    assert await kinds(plans, 10) == ["plan-deletion-requested", "plan-deleted"]
    answers = await plans.lines("/plans", [a_draft(pupil_ref(10))], by=TEACHER, at="2017-10-03")
    assert kept(answers)[0]["id"] != draft["id"]


@pytest.mark.feature("P15")
async def test_a_plan_with_money_used_stays_and_shows_how_much(plans: Doors) -> None:
    draft = await approved(plans, 11)
    line = {"plan_id": draft["id"], "reason_code": "mistake", "comment": "too late"}
    kept(await plans.lines("/plans/deletions", [line], by=TEACHER, at="2017-10-02"))
    await tell(plans, PlanDeletionRefused(**about(11, draft["id"]), spent_cents=3500))
    plan = await shown(plans, draft["id"])
    assert (plan["state"], plan["spent_cents_told"]) == ("approved", 3500)
    assert plan["deletion_requested_at"] is None
    assert await kinds(plans, 11) == ["plan-deletion-requested"]
    kept(await plans.lines("/plans/revisions", [{"plan_id": draft["id"]}], by=TEACHER))


async def test_a_plan_that_was_never_approved_is_deleted_at_once(plans: Doors) -> None:
    draft = await drafted(plans, 12)
    line = {"plan_id": draft["id"], "reason_code": "mistake", "comment": "wrong pupil"}
    answers = await plans.lines("/plans/deletions", [line], by=TEACHER, at="2017-10-02")
    assert kept(answers)[0]["details"] == {"state": "inactive"}
    assert [kind for kind, _ in await said(plans, pupil_ref(12))] == ["plan-deleted"]


@pytest.mark.feature("P12")
async def test_planned_money_is_shown_with_and_without_preparation_beside_what_was_used(
    plans: Doors,
) -> None:
    draft = await approved(plans, 20)
    meals = draft["details"]["measures"][1]
    order = an_order(20, draft)
    ordered = PaymentOrdered(**order)
    preparation = an_order(20, draft, order_id="prep", measure_id=None, cents=1600)
    await tell(plans, ordered, ordered, PaymentOrdered(**preparation))
    plan = await shown(plans, draft["id"])
    assert plan["state"] == "in_implementation"
    assert plan["finance"] == {
        "planned_cents": 4 * 7200,
        "preparation_cents_max": 4800,
        "planned_with_preparation_cents": 4 * 7200 + 4800,
        "used_cents": 5100,
        "used_by_measure": {meals: 3500, "preparation": 1600},
    }
    returned = PaymentReturned(
        **(order | {"version": 2}), booked_on="2017-10-09", reason_code="AC04"
    )
    await tell(plans, returned, returned)
    assert (await shown(plans, draft["id"]))["finance"]["used_cents"] == 1600
    assert await kinds(plans, 20) == ["plan-begun"]


@pytest.mark.feature("P13")
async def test_the_meter_warns_over_all_plans_of_a_pupil_by_what_payments_told(
    plans: Doors,
) -> None:
    draft = await approved(plans, 21)
    month = MonthRoom(month="2017-10", cap_cents=30000, reserved_cents=7200, ordered_cents=0)
    granted = EntitlementGranted(
        **about(21, draft["id"]),
        plan_version=1,
        reserved_cents=28800,
        refused_cents=0,
        rooms=(month,),
    )
    refused = EntitlementRefused(
        **about(21, draft["id"]),
        plan_version=1,
        measure_id=draft["details"]["measures"][1],
        month="2017-12",
        reason_code="ceiling",
        asked_cents=4000,
        room_left_cents=0,
    )
    await tell(plans, granted, granted, refused, refused)
    plan = await shown(plans, draft["id"])
    assert plan["reservations"]["reserved_cents"] == 28800
    assert [one["month"] for one in plan["reservations"]["refused_months"]] == ["2017-12"]
    line = {
        "plan_id": draft["id"],
        "risks": [{"group": "R3", "justification": "no means"}],
        "measures": [a_measure("special_transport", 30001)],
    }
    revision = {"plan_id": draft["id"], "content": {k: line[k] for k in ("risks", "measures")}}
    kept(await plans.lines("/plans/revisions", [revision], by=TEACHER, at="2017-10-02"))
    months = (await plans.get(f"/pupils/{pupil_ref(21)}/months", by=TEACHER)).json()["months"]
    october = next(one for one in months if one["month"] == "2017-10")
    assert (october["planned_cents"], october["cap_cents"], october["over"]) == (
        30001,
        30000,
        True,
    )
    warnings = (await shown(plans, draft["id"]))["warnings"]
    assert {
        "code": "over-ceiling",
        "month": "2017-10",
        "planned_cents": 30001,
        "cap_cents": 30000,
    } in warnings
    other = await drafted(plans, 22, a_measure("special_transport", 30001))
    codes = [(one["code"], one.get("month")) for one in other["details"]["warnings"]]
    assert ("over-ceiling", "2017-10") in codes
    assert ("over-ceiling", "2017-11") not in codes, "nothing was told of November"


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


async def test_closing_is_the_end(plans: Doors) -> None:
    draft = await closed(plans, 70)
    line = {"plan_id": draft["id"], "reason_code": "x", "comment": "no more"}
    for path in ("submissions", "revisions", "resumptions", "closings"):
        assert await refusal(plans, path, {"plan_id": draft["id"]}) == "wrong-move"
    assert await refusal(plans, "suspensions", line) == "wrong-move"
    assert await refusal(plans, "deletions", line) == "wrong-move"
