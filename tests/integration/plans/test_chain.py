"""The approval chain through the doors: in order, by the right people, back with a comment."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.auth import Role
from tests.builders_plan_places import (
    HEAD,
    SCHOOL,
    STATE_OFFICER,
    TEACHER,
    TOWN_COORDINATOR,
    pupil_ref,
    said,
    staff_ref,
)
from tests.builders_plans import (
    CHAIN,
    a_content,
    a_measure,
    approved,
    drafted,
    kept,
    shown,
    through_the_chain,
)
from tests.doors import Doors

DAY = "2017-09-07"


async def submitted(plans: Doors, number: int) -> str:
    """A plan that waits for the head."""
    draft = await drafted(plans, number)
    line = [{"plan_id": draft["id"]}]
    kept(await plans.lines("/plans/submissions", line, by=TEACHER, at=DAY))
    return str(draft["id"])


async def refusal(plans: Doors, path: str, by: str, at: str = DAY, **line: Any) -> str:
    """The code that refuses one line."""
    answers = await plans.lines(f"/plans/{path}", [line], by=by, at=at)
    assert answers[0]["status"] == "refused", answers
    return str(answers[0]["code"])


@pytest.mark.feature("P4", "P29")
async def test_a_plan_is_approved_level_by_level_and_each_step_is_told(plans: Doors) -> None:
    draft = await approved(plans, 1)
    plan = await shown(plans, draft["id"])
    assert (plan["state"], plan["waiting_for"], plan["approved_version"]) == ("approved", None, 1)
    assert [(a["step"], a["decision"], a["subject"]) for a in plan["approvals"]] == [
        ("head", "approved", HEAD),
        ("municipality", "approved", TOWN_COORDINATOR),
        ("state", "approved", STATE_OFFICER),
    ]
    facts = await said(plans, pupil_ref(1))
    assert [kind for kind, _ in facts] == [
        "plan-submitted",
        "plan-step-approved",
        "plan-step-approved",
        "plan-approved",
    ]
    assert [fact["version"] for _, fact in facts] == [1, 2, 3, 4]
    told = facts[-1][1]
    assert told["risk_groups"] == ["R1", "R3"]
    assert told["preparer_ref"] == staff_ref(TEACHER)
    assert told["preparation_cents_max"] == 6 * 800
    assert [(m["support_type"], len(m["planned"])) for m in told["measures"]] == [
        ("consultation", 4),
        ("meals", 4),
    ]
    assert "justification" not in str(told)


@pytest.mark.feature("P4")
async def test_levels_do_not_overtake_each_other(plans: Doors) -> None:
    plan_id = await submitted(plans, 2)
    for early in (TOWN_COORDINATOR, STATE_OFFICER):
        assert await refusal(plans, "approvals", early, plan_id=plan_id) == "not-your-turn"
        assert (
            await refusal(plans, "returns", early, plan_id=plan_id, comment="no") == "not-your-turn"
        )
    kept(await plans.lines("/plans/approvals", [{"plan_id": plan_id}], by=HEAD, at=DAY))
    assert await refusal(plans, "approvals", HEAD, plan_id=plan_id) == "not-your-turn"
    assert (
        await refusal(plans, "approvals", "other.coordinator", plan_id=plan_id)
        == "outside-your-organisation"
    )


@pytest.mark.feature("P5")
async def test_a_state_vocational_school_has_no_municipal_level(plans: Doors) -> None:
    autumn = [{"month": "2017-12", "cents": 3200}]
    draft = await drafted(
        plans, 3, a_measure("consultation", planned=autumn), school="state-school"
    )
    line = [{"plan_id": draft["id"]}]
    answers = await plans.lines("/plans/submissions", line, by="state.teacher", at="2017-11-16")
    assert kept(answers)[0]["details"]["chain"] == ["head", "state"]
    kept(await plans.lines("/plans/approvals", line, by="state.head", at="2017-11-16"))
    assert await refusal(plans, "approvals", TOWN_COORDINATOR, plan_id=draft["id"]) == (
        "outside-your-organisation"
    )
    answers = await plans.lines("/plans/approvals", line, by=STATE_OFFICER, at="2017-11-16")
    assert kept(answers)[0]["details"]["state"] == "approved"


@pytest.mark.feature("P6")
async def test_a_plan_comes_back_with_a_comment_and_is_sent_again(plans: Doors) -> None:
    plan_id = await submitted(plans, 4)
    assert await refusal(plans, "returns", HEAD, plan_id=plan_id) == "comment-missing"
    line = {"plan_id": plan_id, "comment": "Meals cost less here.", "reason_code": "too_much"}
    kept(await plans.lines("/plans/returns", [line], by=HEAD, at=DAY))
    plan = await shown(plans, plan_id)
    assert (plan["state"], plan["return_comment"]) == ("draft", "Meals cost less here.")
    waits = (await plans.get("/waiting", by=TEACHER, at=DAY)).json()["waiting"]
    assert ("returned", "Meals cost less here.") in [
        (one["kind"], one["comment"]) for one in waits if one["plan_id"] == plan_id
    ]
    kind, fact = (await said(plans, pupil_ref(4)))[-1]
    assert (kind, fact["step"], fact["reason_code"]) == ("plan-returned", "head", "too_much")
    assert "Meals" not in str(fact)
    cheaper = {"plan_id": plan_id} | a_content(a_measure("meals", 3000))
    kept(await plans.lines("/plans/corrections", [cheaper], by=TEACHER, at=DAY))
    await through_the_chain(plans, plan_id, at=DAY)
    assert (await shown(plans, plan_id))["finance"]["planned_cents"] == 4 * 3000


@pytest.mark.feature("P4")
async def test_who_prepared_does_not_approve_not_even_in_the_database(plans: Doors) -> None:
    await plans.grant(
        "both", Role.PREPARER, SCHOOL, staff_ref=staff_ref("both"), staff_kind="teacher"
    )
    await plans.grant("both", Role.HEAD, SCHOOL)
    draft = await drafted(plans, 5)
    again = {"plan_id": draft["id"]} | a_content()
    again["measures"] = [a_measure("meals")]
    kept(await plans.lines("/plans/corrections", [again], by="both", at=DAY))
    line = [{"plan_id": draft["id"]}]
    kept(await plans.lines("/plans/submissions", line, by=TEACHER, at=DAY))
    assert await refusal(plans, "approvals", "both", plan_id=draft["id"]) == "four-eyes"
    with pytest.raises(IntegrityError, match="approvals_four_eyes"):
        async with plans.database.transaction() as session:
            await session.execute(
                text(
                    "INSERT INTO approvals VALUES (:id, 9, 'head', 1, 'approved', 'both', now(),"
                    " NULL, 'teacher', 'both')"
                ),
                {"id": draft["id"]},
            )


async def test_ten_plans_are_approved_at_once_and_a_read_version_is_checked(plans: Doors) -> None:
    ids = [await submitted(plans, number) for number in range(10, 20)]
    lines = [{"plan_id": one, "plan_version": 1} for one in ids]
    answers = await plans.lines("/plans/approvals", lines, by=HEAD, at=DAY)
    assert len(kept(answers)) == 10
    answers = await plans.lines(
        "/plans/approvals", [{"plan_id": ids[0], "plan_version": 2}], by=TOWN_COORDINATOR, at=DAY
    )
    assert answers[0]["code"] == "version-changed"
    twice = [{"plan_id": ids[0]}] * 2
    answers = await plans.lines("/plans/approvals", twice, by=TOWN_COORDINATOR, at=DAY)
    assert [answer["code"] for answer in answers] == [None, "not-your-turn"]


async def test_waiting_shows_turns_to_those_whose_turn_it_is(plans: Doors) -> None:
    plan_id = await submitted(plans, 30)

    async def sees(who: str) -> bool:
        waits = (await plans.get("/waiting", by=who, at=DAY)).json()["waiting"]
        return any(one["plan_id"] == plan_id and one["kind"] == "approval" for one in waits)

    for index, turn in enumerate(CHAIN):
        assert [await sees(who) for who in CHAIN] == [who == turn for who in CHAIN], index
        line = [{"plan_id": plan_id}]
        kept(await plans.lines("/plans/approvals", line, by=turn, at=DAY))
    assert not any([await sees(who) for who in (*CHAIN, "other.head", "other.coordinator")])


@pytest.mark.feature("P3")
async def test_a_revision_shows_its_differences_and_the_old_version_stays_in_force(
    plans: Doors,
) -> None:
    draft = await approved(plans, 40)
    meals = draft["details"]["measures"][1]
    content = a_content(
        a_measure("meals", 4500, measure_id=meals), a_measure("accommodation", 4500)
    )
    line = {"plan_id": draft["id"], "reason_code": "needs_a_bed", "content": content}
    answers = await plans.lines("/plans/revisions", [line], by=TEACHER, at="2017-10-02")
    assert kept(answers)[0]["details"]["plan_version"] == 2
    plan = await shown(plans, draft["id"])
    assert [(v["version"], v["in_force"]) for v in plan["versions"]] == [(1, True), (2, False)]
    changed = {d["field"]: (d["old"], d["new"]) for d in plan["versions"][1]["differences"]}
    assert changed[f"measures.{meals}.planned.2017-10"] == (4000, 4500)
    assert changed[f"measures.{draft['id']}.3.support_type"] == (None, "accommodation")
    assert changed[f"measures.{draft['id']}.1.support_type"] == ("consultation", None)
    await through_the_chain(plans, draft["id"], at="2017-10-03")
    plan = await shown(plans, draft["id"])
    assert [(v["version"], v["in_force"]) for v in plan["versions"]] == [(1, False), (2, True)]
    kinds = [(kind, fact["plan_version"]) for kind, fact in await said(plans, pupil_ref(40))]
    assert kinds[4:] == [
        ("plan-revision-started", 2),
        ("plan-submitted", 2),
        ("plan-step-approved", 2),
        ("plan-step-approved", 2),
        ("plan-approved", 2),
    ]


async def test_a_returned_revision_goes_back_to_revision(plans: Doors) -> None:
    draft = await approved(plans, 41)
    line = [{"plan_id": draft["id"]}]
    kept(await plans.lines("/plans/revisions", line, by=HEAD, at=DAY))
    kept(await plans.lines("/plans/submissions", line, by=TEACHER, at=DAY))
    back = {"plan_id": draft["id"], "comment": "Say why."}
    answers = await plans.lines("/plans/returns", [back], by=HEAD, at=DAY)
    assert kept(answers)[0]["details"]["state"] == "under_revision"
    plan = await shown(plans, draft["id"])
    assert (plan["approved_version"], plan["versions"][0]["in_force"]) == (1, True)


@pytest.mark.feature("P7")
async def test_a_minor_change_skips_levels_only_by_rule_and_says_so(plans: Doors) -> None:
    draft = await approved(plans, 42)
    consultations, meals = draft["details"]["measures"]
    cheaper = a_content(
        a_measure("consultation", 3200, measure_id=consultations, justification="typing error"),
        a_measure("meals", 3900, measure_id=meals),
    )
    line = {"plan_id": draft["id"], "content": cheaper}

    async def sent() -> list[str]:
        kept(await plans.lines("/plans/revisions", [line], by=TEACHER, at=DAY))
        answers = await plans.lines(
            "/plans/submissions", [{"plan_id": draft["id"]}], by=TEACHER, at=DAY
        )
        chain: list[str] = kept(answers)[0]["details"]["chain"]
        return chain

    assert await sent() == ["head", "municipality", "state"]
    for who in CHAIN:
        kept(await plans.lines("/plans/approvals", [{"plan_id": draft["id"]}], by=who, at=DAY))
    rule = {
        "name": "minor_change_rule",
        "place": SCHOOL,
        "value": "head_only",
        "valid_from": "2017-09-01",
        "source": "a test",
    }
    await plans.send("/parameters", rule, by=STATE_OFFICER, at=DAY, method="PUT")
    assert await sent() == ["head"]
    answers = await plans.lines("/plans/approvals", [{"plan_id": draft["id"]}], by=HEAD, at=DAY)
    assert kept(answers)[0]["details"]["state"] == "approved"
    plan = await shown(plans, draft["id"])
    skipped = [a for a in plan["approvals"] if a["decision"] == "skipped"]
    assert [(a["step"], a["subject"]) for a in skipped] == [
        ("municipality", "rule:minor_change"),
        ("state", "rule:minor_change"),
    ]
    dearer = a_content(a_measure("meals", 4000, measure_id=meals))
    line["content"] = dearer
    assert await sent() == ["head", "municipality", "state"]


@pytest.mark.feature("P23")
async def test_the_log_has_old_and_new_values_and_only_grows(plans: Doors) -> None:
    draft = await drafted(plans, 43)
    meals = draft["details"]["measures"][1]
    line = {"plan_id": draft["id"]} | a_content(a_measure("meals", 100, measure_id=meals))
    kept(await plans.lines("/plans/corrections", [line], by="psychologist", at=DAY))
    history = (await shown(plans, draft["id"]))["history"]
    assert [(entry["by"], entry["action"]) for entry in history] == [
        (TEACHER, "draft"),
        ("psychologist", "correct"),
    ]
    assert {
        "field": f"measures.{meals}.planned.2017-09",
        "old": 4000,
        "new": 100,
    } in history[1]["changes"]
    for statement in ("UPDATE plan_log SET \"by\" = 'x'", "DELETE FROM plan_log"):
        with pytest.raises(DBAPIError, match="only grows"):
            async with plans.database.transaction() as session:
                await session.execute(text(statement))
