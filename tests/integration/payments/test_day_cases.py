"""Absence told after a claim: what waits for a person, and what asks nobody."""

from typing import Any

import pytest

from tests.builders_days import LATER, an_autumn_plan, claim_in_december, in_month, on_days, reasons
from tests.builders_payments import Payments
from tests.money_facts import (
    OFFICE,
    OFFICER,
    TEACHER,
    a_claim,
    days_marked,
    practice_ended,
    practice_ordered,
    pupil,
)

DECISIONS = f"/offices/{OFFICE}/day-cases/decisions"


@pytest.mark.feature("M28")
@pytest.mark.feature("N6")
async def test_absence_told_after_payment_waits_for_a_person_and_changes_nothing(
    payments: Payments,
) -> None:
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref)
    (answer,) = await claim_in_december(payments, on_days(plan_id, "2022-10-11", "2022-10-12"))
    order_id = answer["details"]["order_id"]
    await payments.hear(days_marked(ref, "2022-10-11", "2022-10-12"))
    await payments.hear(days_marked(ref, "2022-10-12", presence="present", version=3))
    await payments.hear(days_marked(ref, "2022-10-12", version=2))

    async def cases(**params: Any) -> dict[str, Any]:
        answer = await payments.doors.get(f"/offices/{OFFICE}/day-cases", by=OFFICER, **params)
        return {
            case["day"]: case for case in answer.json()["cases"] if case["order_id"] == order_id
        }

    found = await cases()
    assert {day: case["state"] for day, case in found.items()} == {
        "2022-10-11": "open",
        "2022-10-12": "withdrawn",
    }
    case = found["2022-10-11"]
    assert (case["cents"], case["reason_code"]) == (500, "absent-after-claim")
    assert (await payments.order(order_id))["cents"] == 1_000, "the past stays as it is"
    line = {"case_id": case["case_id"], "decision": "keep", "comment": "uzdevums tiks atcelts"}
    refused = await payments.doors.send(DECISIONS, {"lines": [line]}, by=TEACHER)
    assert refused.status_code == 403
    back = line | {"decision": "recover", "pay_until": "2022-12-31"}
    undated = line | {"decision": "recover"}
    lines = [back, undated, line | {"case_id": "none"}]
    answers = await payments.doors.lines(DECISIONS, lines, by=OFFICER, at=LATER)
    assert [one["code"] for one in answers] == ["wrong-move", "invalid", "case-unknown"]
    done, again = await payments.doors.lines(DECISIONS, [line, line], by=OFFICER, at=LATER)
    assert (done["status"], again["code"]) == ("accepted", "case-decided")
    assert list(await cases(state="keep")) == ["2022-10-11"]


@pytest.mark.feature("M28")
async def test_a_paid_day_away_is_asked_back_when_a_person_says_so(payments: Payments) -> None:
    ref = pupil()
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 9_000})}, pupil_ref=ref)
    days = {"month": None, "days": ["2021-10-05", "2021-10-06"]}
    order_id = await payments.an_order(plan_id, "m", 1_000, **days)
    await payments.approve_orders(order_id)
    assert (await payments.issue_file()).status_code == 201
    await payments.report(order_id, "settled", cents=1_000)
    await payments.hear(days_marked(ref, "2021-10-06"))
    case_id = f"{order_id}:2021-10-06"
    listed = await payments.doors.get(f"/offices/{OFFICE}/day-cases", by=OFFICER, state="open")
    (case,) = [one for one in listed.json()["cases"] if one["case_id"] == case_id]
    assert (case["reason_code"], case["cents"]) == ("absent-after-payment", 500)
    line = {"case_id": case_id, "decision": "recover", "comment": "Skolēns nebija skolā."}
    line |= {"pay_until": "2021-12-20"}
    (done,) = await payments.doors.lines(DECISIONS, [line], by=OFFICER, at="2021-11-22")
    assert done["status"] == "accepted", done
    found = (await payments.doors.get(f"/offices/{OFFICE}/demands", by=OFFICER)).json()["demands"]
    (demand,) = [one for one in found if one["demand_id"] == case_id]
    assert (demand["cents"], demand["reason_code"]) == (500, "absent-after-payment")
    assert (await payments.order(order_id))["cents"] == 1_000


@pytest.mark.feature("M28")
async def test_a_practice_taken_back_after_its_days_were_claimed_waits_for_a_person(
    payments: Payments,
) -> None:
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref)
    await payments.hear(practice_ordered(ref, plan_id, "2022-10-24", "2022-10-28"))
    days = ("2022-10-21", "2022-10-25", "2022-10-27")
    (answer,) = await claim_in_december(payments, on_days(plan_id, *days, cents=1_500))
    order_id = answer["details"]["order_id"]

    async def cases() -> list[tuple[str, str, int, str]]:
        answer = await payments.doors.get(f"/offices/{OFFICE}/day-cases", by=OFFICER)
        return [
            (case["day"], case["reason_code"], case["cents"], case["state"])
            for case in answer.json()["cases"]
            if case["order_id"] == order_id
        ]

    ended = practice_ended(ref, plan_id, "2022-10-26")
    await payments.hear(ended, at="2022-12-02T09:00:00+00:00")
    await payments.hear(ended, at="2022-12-02T09:00:00+00:00")
    assert await cases() == [("2022-10-27", "closed-after-claim", 500, "open")]
    await payments.hear(days_marked(ref, "2022-10-27", presence="present"))
    assert (await cases())[0][3] == "open", "that the pupil was there does not make it a day"
    assert (await payments.order(order_id))["cents"] == 1_500, "the past stays as it is"
    again = practice_ordered(ref, plan_id, "2022-10-24", "2022-10-28")
    await payments.hear(again, at="2022-12-02T09:00:00+00:00")
    assert (await cases())[0][3] == "open", "told again, what was taken back opens nothing"
    await payments.hear(
        again.model_copy(update={"order_id": "another"}), at="2022-12-02T09:00:00+00:00"
    )
    assert (await cases())[0][3] == "withdrawn"


async def test_absence_on_an_assumed_day_asks_nobody_while_another_day_is_free(
    payments: Payments,
) -> None:
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref)
    (answer,) = await claim_in_december(payments, in_month(plan_id, 15, 1_500))
    told_at = "2022-11-30T09:00:00+00:00"
    await payments.hear(days_marked(ref, "2022-10-04"), at=told_at)
    await payments.hear(days_marked(ref, "2022-10-05", version=3), at=told_at)
    listed = await payments.doors.get(f"/offices/{OFFICE}/day-cases", by=OFFICER)
    order_id = answer["details"]["order_id"]
    found = [case for case in listed.json()["cases"] if case["order_id"] == order_id]
    assert [(case["day"], case["assumed"]) for case in found] == [("2022-10-05", True)]


async def test_what_is_paid_again_after_a_return_has_its_days_again_or_is_refused(
    payments: Payments,
) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 9_000})})

    async def returned(day: str) -> str:
        (answer,) = await payments.claim([meal(day)])
        order_id: str = answer["details"]["order_id"]
        await payments.approve_orders(order_id)
        assert (await payments.issue_file()).status_code == 201
        assert (await payments.report(order_id, "returned", cents=500))["status"] == "accepted"
        return order_id

    def meal(day: str) -> dict[str, Any]:
        return a_claim(plan_id, "m", 500, month=None, days=[day])

    async def again(order_id: str) -> dict[str, Any]:
        line = {"order_id": order_id, "decision": "pay_again", "reason": "a new account"}
        path = f"/offices/{OFFICE}/repairs"
        (answer,) = await payments.doors.lines(path, [line], by=OFFICER, at="2021-11-18")
        return answer

    first, second = await returned("2021-10-05"), await returned("2021-10-06")
    assert (await again(first))["status"] == "accepted"
    taken, free = await payments.claim([meal("2021-10-05"), meal("2021-10-06")])
    assert (taken["code"], free["code"]) == ("days-refused", None)
    refused = await again(second)
    assert (refused["code"], reasons(refused)) == (
        "days-refused",
        {"2021-10-06": "already_claimed"},
    )
