"""New plans through the doors: who gets one, what it must hold, and what refuses it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.plans import plan_rows
from services.plans.plan_rows import Kept
from shared.contracts.identification import ApplicationWithdrawn, PupilCleared, PupilLeft
from tests.builders_plan_places import (
    SCHOOL,
    STATE_SCHOOL,
    TEACHER,
    a_pupil,
    enrolled,
    named,
    parameter,
    pupil_ref,
    said,
    signed,
    staff_ref,
    tell,
)
from tests.builders_plans import (
    CHAIN,
    a_draft,
    a_measure,
    closed,
    draft_refusal,
    drafted,
    kept,
)
from tests.doors import Doors

DAY = "2017-09-06"


@pytest.mark.feature("P9")
async def test_a_named_pupil_with_a_signed_application_gets_a_plan(plans: Doors) -> None:
    draft = await drafted(plans, 1)
    plan = (await plans.get(f"/plans/{draft['id']}", by=TEACHER, at=DAY)).json()
    assert plan["state"] == "draft"
    assert plan["plan_code"] == draft["details"]["plan_code"]
    assert plan["preparer_ref"] == staff_ref(TEACHER)
    assert (plan["valid_from"], plan["valid_to"]) == ("2017-09-01", "2017-12-22")
    assert [m["support_type"] for m in plan["versions"][0]["measures"]] == [
        "consultation",
        "meals",
    ]


@pytest.mark.feature("P9")
async def test_without_signature_naming_or_right_signer_there_is_no_plan(plans: Doors) -> None:
    await tell(plans, enrolled(10), named(10))
    assert await draft_refusal(plans, a_draft(pupil_ref(10))) == "application-not-signed"
    await tell(plans, enrolled(11), signed(11))
    assert await draft_refusal(plans, a_draft(pupil_ref(11))) == "pupil-not-named"
    await tell(plans, enrolled(12), named(12), signed(12, by="adult_pupil"))
    assert await draft_refusal(plans, a_draft(pupil_ref(12))) == "wrong-signer"
    assert await draft_refusal(plans, a_draft(pupil_ref(13))) == "pupil-unknown"


@pytest.mark.feature("P9")
async def test_an_adult_pupil_signs_alone(plans: Doors) -> None:
    adult = enrolled(14).model_copy(update={"signs_alone_from": date(2017, 8, 1)})
    await tell(plans, adult, named(14), signed(14, by="parent"))
    assert await draft_refusal(plans, a_draft(pupil_ref(14))) == "wrong-signer"
    own = signed(14, by="adult_pupil").model_copy(update={"application_id": "own", "version": 4})
    await tell(plans, own)
    kept(await plans.lines("/plans", [a_draft(pupil_ref(14))], by=TEACHER, at=DAY))


@pytest.mark.feature("P9")
async def test_a_withdrawn_application_stops_submissions_and_approvals(plans: Doors) -> None:
    draft, waiting = await drafted(plans, 15), await drafted(plans, 18)
    line = [{"plan_id": waiting["id"]}]
    kept(await plans.lines("/plans/submissions", line, by=TEACHER, at="2017-09-06"))
    for who in CHAIN[:-1]:
        kept(await plans.lines("/plans/approvals", line, by=who, at="2017-09-06"))
    for number in (15, 18):
        place = signed(number).model_dump(exclude={"signer_kind", "signed_on", "version"})
        await tell(plans, ApplicationWithdrawn(**place, version=5, withdrawn_on=date(2017, 9, 7)))
    answers = await plans.lines("/plans/approvals", line, by=CHAIN[-1], at="2017-09-07")
    assert answers[0]["code"] == "application-withdrawn"
    line = [{"plan_id": draft["id"]}]
    answers = await plans.lines("/plans/submissions", line, by=TEACHER, at="2017-09-07")
    assert answers[0]["code"] == "application-withdrawn"


async def test_a_pupil_who_left_or_is_no_longer_at_risk_gets_no_plan(plans: Doors) -> None:
    place = signed(16).model_dump(
        exclude={"signer_kind", "signed_on", "application_id", "version", "pupil_ref"}
    )
    for number, fact in (
        (16, PupilLeft(**place, pupil_ref=pupil_ref(16), version=4, left_on=date(2017, 9, 5))),
        (
            17,
            PupilCleared(
                **place, pupil_ref=pupil_ref(17), version=4, semester="2017-1", reason_code="x"
            ),
        ),
    ):
        await a_pupil(plans, number)
        await tell(plans, fact)
    assert await draft_refusal(plans, a_draft(pupil_ref(16))) == "pupil-left"
    assert await draft_refusal(plans, a_draft(pupil_ref(17))) == "pupil-cleared"


@pytest.mark.feature("P2")
async def test_a_second_active_plan_is_refused_also_in_one_request(plans: Doors) -> None:
    ref = await a_pupil(plans, 20)
    answers = await plans.lines("/plans", [a_draft(ref), a_draft(ref)], by=TEACHER, at=DAY)
    assert [answer["status"] for answer in answers] == ["accepted", "refused"]
    assert answers[1]["code"] == "second-active-plan"
    assert await draft_refusal(plans, a_draft(ref)) == "second-active-plan"


@pytest.mark.feature("P2")
async def test_the_database_refuses_a_second_active_plan_too(plans: Doors) -> None:
    draft = await drafted(plans, 21)
    async with plans.database.transaction() as session:
        first = (await plan_rows.plans_locked(session, [draft["id"]]))[draft["id"]]
        twin = replace(first, plan_id="second", plan_code="second")
        with pytest.raises(IntegrityError, match="plans_one_active"):
            await plan_rows.keep(session, Kept(plans={"second": twin}))
        await session.rollback()


@pytest.mark.feature("P2")
async def test_a_finished_plan_does_not_block_a_new_one(plans: Doors) -> None:
    first = await closed(plans, 22, at="2017-11-20")
    answers = await plans.lines("/plans", [a_draft(pupil_ref(22))], by=TEACHER, at="2017-11-21")
    assert kept(answers)[0]["id"] != first["id"]


CONTENTS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"risks": []}, "plan-without-risk", "risks"),
    ({"measures": []}, "plan-without-measure", "measures"),
    (
        {"risks": [{"group": "R2", "justification": "not named"}]},
        "risk-not-named",
        "risks.0.group",
    ),
    ({"measures": [a_measure(risk_groups=[])]}, "measure-without-risk", "measures.0.risk_groups"),
    ({"measures": [a_measure(risk_groups=["R4"])]}, "risk-not-in-plan", "measures.0.risk_groups"),
    (
        {"measures": [a_measure("consultation", provider_kind=None)]},
        "provider-kind-missing",
        "measures.0.provider_kind",
    ),
    (
        {"measures": [a_measure("consultation", provider_kind="wizard")]},
        "unknown-provider-kind",
        "measures.0.provider_kind",
    ),
    (
        {"measures": [a_measure(planned=[{"month": "2018-01", "cents": 1}])]},
        "month-outside-plan",
        "measures.0.planned",
    ),
    (
        {"measures": [a_measure(planned=[{"month": "2017-10", "cents": 1}] * 2)]},
        "month-twice",
        "measures.0.planned",
    ),
    ({"measures": [a_measure("submarine")]}, "invalid", "measures.0.support_type"),
    ({"measures": [a_measure(cents=-1)]}, "invalid", "measures.0.planned.0.cents"),
    ({"measures": [a_measure(justification="")]}, "invalid", "measures.0.justification"),
    ({"valid_from": "2017-08-31"}, "outside-semester", "valid_from"),
    ({"valid_to": "2017-12-23"}, "outside-semester", "valid_to"),
    ({"valid_from": "2017-10-02", "valid_to": "2017-10-01"}, "dates-reversed", "valid_to"),
    ({"semester": "2019-1"}, "pupil-not-named", "pupil_ref"),
    ({"surprise": 1}, "invalid", "surprise"),
]


@pytest.mark.feature("P11")
async def test_each_broken_rule_of_the_content_has_its_code_and_field(plans: Doors) -> None:
    ref = await a_pupil(plans, 30)
    lines = [a_draft(ref) | wrong for wrong, _, _ in CONTENTS]
    answers = await plans.lines("/plans", lines, by=TEACHER, at=DAY)
    assert [(a["code"], a["field"]) for a in answers] == [(c, f) for _, c, f in CONTENTS]


@pytest.mark.feature("P11")
async def test_a_risk_without_a_measure_gives_a_warning(plans: Doors) -> None:
    draft = await drafted(plans, 31, a_measure("meals"))
    assert draft["details"]["warnings"] == [{"code": "risk-without-measure", "group": "R1"}]


async def test_where_the_rule_is_off_a_compensation_needs_no_risk(plans: Doors) -> None:
    ref = await a_pupil(plans, 32)
    line = a_draft(ref, a_measure("meals", risk_groups=[]))
    assert await draft_refusal(plans, line) == "measure-without-risk"
    rule = {
        "name": "support_needs_risk",
        "place": SCHOOL,
        "value": False,
        "valid_from": "2017-09-01",
        "source": "a test",
    }
    answer = await plans.send("/parameters", rule, by="state.officer", at=DAY, method="PUT")
    assert answer.status_code == 200, answer.text
    kept(await plans.lines("/plans", [line], by=TEACHER, at=DAY))
    undo = rule | {"value": True}
    await plans.send("/parameters", undo, by="state.officer", at=DAY, method="PUT")


async def test_no_plan_before_the_place_takes_part_or_after_the_project_ends(
    plans: Doors,
) -> None:
    await tell(plans, parameter("place_start", "2017-11-15", STATE_SCHOOL))
    ref = await a_pupil(plans, 33, STATE_SCHOOL)
    early = a_draft(ref, a_measure(planned=[{"month": "2017-12", "cents": 100}]))
    kept(await plans.lines("/plans", [early], by="state.teacher", at="2017-11-16"))
    await a_pupil(plans, 34)
    await tell(plans, named(34, code="2022-2", version=7))
    late = a_draft(pupil_ref(34)) | {"semester": "2022-2"}
    late["measures"] = [a_measure(planned=[{"month": "2023-01", "cents": 100}])]
    assert await draft_refusal(plans, late, at="2023-01-10") == "after-project-end"
    await tell(plans, parameter("place_start", "2017-10", SCHOOL))
    await a_pupil(plans, 35)
    assert await draft_refusal(plans, a_draft(pupil_ref(35))) == "before-place-start"
    await tell(plans, parameter("place_start", "2017-03", SCHOOL).model_copy(update={"version": 2}))


async def test_no_new_plan_in_a_semester_that_is_over(plans: Doors) -> None:
    ref = await a_pupil(plans, 36)
    assert await draft_refusal(plans, a_draft(ref), at="2018-01-03") == "semester-over"


async def test_a_thousand_lines_with_ten_bad_ones_answers_all(plans: Doors) -> None:
    for number in range(1000, 1040):
        await a_pupil(plans, number)
    good = [a_draft(pupil_ref(number)) for number in range(1000, 1040)]
    unknown = [a_draft(pupil_ref(number)) for number in range(5000, 5950)]
    bad = [{"pupil_ref": "nobody"}] * 10
    answers = await plans.lines("/plans", [*good, *unknown, *bad], by=TEACHER, at=DAY)
    codes = [answer["code"] for answer in answers]
    assert codes == [None] * 40 + ["pupil-unknown"] * 950 + ["invalid"] * 10


async def test_stop_keeps_nothing_where_a_line_is_bad(plans: Doors) -> None:
    ref = await a_pupil(plans, 43)
    lines = [a_draft(ref), a_draft(pupil_ref(4999))]
    answer = await plans.send("/plans", {"lines": lines}, by=TEACHER, at=DAY, on_error="stop")
    assert (answer.status_code, answer.json()["code"]) == (409, "bulk-stopped")
    page = (await plans.get("/plans", by=TEACHER, at=DAY, pupil_ref=ref)).json()
    assert page["count"] == 0


async def test_a_draft_is_nobodys_news(plans: Doors) -> None:
    await drafted(plans, 60)
    assert await said(plans, pupil_ref(60)) == []
