"""Absence told after a claim: what waits for a person, and what asks nobody."""

from typing import Any

import pytest

from tests.builders_days import LATER, an_autumn_plan, claim_in_december, in_month, on_days, reasons
from tests.builders_payments import Payments
from tests.money_facts import OFFICE, OFFICER, TEACHER, a_claim, days_marked, pupil


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
    path = f"/offices/{OFFICE}/day-cases/decisions"
    line = {"case_id": case["case_id"], "decision": "recover", "comment": "the caterer pays back"}
    refused = await payments.doors.send(path, {"lines": [line]}, by=TEACHER)
    assert refused.status_code == 403
    done, again, unknown = await payments.doors.lines(
        path, [line, line, line | {"case_id": "none"}], by=OFFICER, at=LATER
    )
    assert (done["status"], again["code"], unknown["code"]) == (
        "accepted",
        "case-decided",
        "case-unknown",
    )
    assert list(await cases(state="recover")) == ["2022-10-11"]


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
