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
    an_invoice,
    days_marked,
    practice_ended,
    practice_ordered,
    pupil,
)

OCTOBER = {"m": ("meals", {"2021-10": 9_000})}
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


def a_meal(plan_id: str, day: str) -> dict[str, Any]:
    """A claim for the meals of a day."""
    return a_claim(plan_id, "m", 500, month=None, days=[day])


def so_many_meals(plan_id: str, quantity: int) -> dict[str, Any]:
    """A claim for meals of so many days of October 2021, on whichever."""
    evidence = an_invoice() | {"quantity": quantity}
    return a_claim(plan_id, "m", 100 * quantity, month="2021-10", evidence=evidence)


async def a_returned_meal(payments: Payments, claim: dict[str, Any]) -> str:
    """An order for meals that the bank could not pay."""
    (answer,) = await payments.claim([claim])
    order_id: str = answer["details"]["order_id"]
    await payments.approve_orders(order_id)
    assert (await payments.issue_file()).status_code == 201
    cents = answer["details"]["cents"]
    assert (await payments.report(order_id, "returned", cents=cents))["status"] == "accepted"
    return order_id


async def paid_again(payments: Payments, *order_ids: str) -> list[dict[str, Any]]:
    """Ask for returned orders to be paid again, in one command."""
    ask = {"decision": "pay_again", "reason": "a new account"}
    lines = [ask | {"order_id": order_id} for order_id in order_ids]
    path = f"/offices/{OFFICE}/repairs"
    return await payments.doors.lines(path, lines, by=OFFICER, at="2021-11-18")


async def test_what_is_paid_again_after_a_return_has_its_days_again_or_is_refused(
    payments: Payments,
) -> None:
    plan_id = await payments.a_plan(OCTOBER)
    first = await a_returned_meal(payments, a_meal(plan_id, "2021-10-05"))
    second = await a_returned_meal(payments, a_meal(plan_id, "2021-10-06"))
    (done,) = await paid_again(payments, first)
    assert done["status"] == "accepted", done
    days = "2021-10-05", "2021-10-06"
    taken, free = await payments.claim([a_meal(plan_id, day) for day in days])
    assert (taken["code"], free["code"]) == ("days-refused", None)
    (refused,) = await paid_again(payments, second)
    assert refused["code"] == "days-refused"
    assert reasons(refused) == {"2021-10-06": "already_claimed"}


@pytest.mark.feature("M28")
@pytest.mark.feature("M23")
async def test_a_day_on_which_the_pupil_was_away_is_not_paid_again(payments: Payments) -> None:
    ref = pupil()
    plan_id = await payments.a_plan(OCTOBER, pupil_ref=ref)
    order_id = await a_returned_meal(payments, a_meal(plan_id, "2021-10-05"))
    await payments.hear(days_marked(ref, "2021-10-05"), at="2021-11-17T09:00:00+00:00")
    (refused,) = await paid_again(payments, order_id)
    assert (refused["code"], reasons(refused)) == ("days-refused", {"2021-10-05": "absent"})
    assert (await payments.month(ref))["ordered_cents"] == 0


@pytest.mark.feature("M23")
async def test_of_two_returned_orders_for_one_day_one_is_paid_again(payments: Payments) -> None:
    plan_id = await payments.a_plan(OCTOBER)
    first = await a_returned_meal(payments, a_meal(plan_id, "2021-10-05"))
    second = await a_returned_meal(payments, a_meal(plan_id, "2021-10-05"))
    done, refused = await paid_again(payments, first, second)
    assert done["status"] == "accepted", done
    assert refused["code"] == "days-refused"
    assert reasons(refused) == {"2021-10-05": "already_claimed"}


@pytest.mark.feature("M28")
async def test_an_assumed_day_away_is_another_one_when_it_is_paid_again(payments: Payments) -> None:
    ref = pupil()
    plan_id = await payments.a_plan(OCTOBER, pupil_ref=ref)
    order_id = await a_returned_meal(payments, so_many_meals(plan_id, 15))
    await payments.hear(days_marked(ref, "2021-10-05"), at="2021-11-17T09:00:00+00:00")
    (done,) = await paid_again(payments, order_id)
    assert (done["status"], done["details"]["cents"]) == ("accepted", 1_500)
    (rest,) = await payments.claim([so_many_meals(plan_id, 6)])
    assert (rest["code"], rest["details"]["good"]) == ("days-cut", 5), "of 21 days one was away"
