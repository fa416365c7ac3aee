"""Vouchers for meals: issued, handed out, handed in for a day, paid once, or void."""

import csv
import io
from typing import Any

import pytest

from tests.builders_days import LATER, an_autumn_plan, claim_in_december, on_days, reasons
from tests.builders_payments import Payments
from tests.money_facts import OFFICE, OFFICER, STRANGER, TEACHER, a_claim, days_marked, pupil

ISSUED_ON, SERVED_ON = "2022-09-28", "2022-10-31"
PLANNED = {"m": ("meals", {"2022-10": 1_500}), "t": ("public_transport", {"2022-10": 900})}


async def issued(
    payments: Payments, plan_id: str, quantity: int = 3, *, active: bool = True, **more: Any
) -> list[str]:
    """Numbers of new vouchers for October, handed to the pupil."""
    line = {"plan_id": plan_id, "measure_id": "m", "month": "2022-10", "quantity": quantity, **more}
    (answer,) = await send(payments, "vouchers", [line], at=ISSUED_ON)
    assert answer["status"] == "accepted", answer
    path = f"/offices/{OFFICE}/vouchers/{answer['id']}/printed"
    printed = await payments.doors.get(path, by=OFFICER)
    rows = list(csv.reader(io.StringIO(printed.text), delimiter=";"))[1:]
    numbers = [row[0] for row in rows]
    assert len(set(numbers)) == quantity
    if active:
        await activate(payments, *numbers)
    return numbers


async def send(
    payments: Payments, path: str, lines: list[dict[str, Any]], *, at: str = SERVED_ON
) -> list[dict[str, Any]]:
    """A bulk command on the office's vouchers."""
    return await payments.doors.lines(f"/offices/{OFFICE}/{path}", lines, by=OFFICER, at=at)


async def activate(payments: Payments, *numbers: str, by: str = TEACHER) -> list[dict[str, Any]]:
    """The school hands vouchers to the pupil."""
    lines = [{"voucher_no": number} for number in numbers]
    return await payments.doors.lines("/vouchers/activations", lines, by=by, at=ISSUED_ON)


def a_meal(number: str, day: str = "2022-10-04", **more: Any) -> dict[str, Any]:
    """A voucher that the caterer took on a day."""
    return {"voucher_no": number, "served_on": day, "payee_id": "caterer", **more}


async def a_caterer(payments: Payments) -> None:
    """Enter the caterer, once."""
    line = {"payee_id": "caterer", "partner": OFFICE, "kind": "provider", "name": "SIA Zupa"}
    line |= {"account": "LV80BANK0000435195001", "code": "40003521600"}
    await payments.doors.lines("/payees", [line], by=OFFICER)


def the_claim(plan_id: str, number: str, cents: int = 150, **more: Any) -> dict[str, Any]:
    """The caterer's claim for a meal of a voucher."""
    claim = a_claim(plan_id, "m", cents, **({"payee_id": "caterer"} | more))
    return claim | {"month": "2022-10", "evidence": {"kind": "voucher", "number": number}}


async def states(payments: Payments, numbers: list[str]) -> list[str]:
    """Where vouchers stand."""
    listed = await payments.doors.get(f"/offices/{OFFICE}/vouchers", by=OFFICER)
    found = {one["voucher_no"]: one["state"] for one in listed.json()["vouchers"]}
    return [found[number] for number in numbers]


@pytest.mark.feature("M27")
async def test_a_voucher_pays_the_caterer_for_one_meal_once(payments: Payments) -> None:
    await a_caterer(payments)
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref, PLANNED)
    one, two, _ = await issued(payments, plan_id)
    typed = one.lower().replace("-", " ")
    (early,) = await claim_in_december(payments, the_claim(plan_id, one))
    assert early["code"] == "voucher-not-redeemed"
    (taken,) = await send(payments, "vouchers/redemptions", [a_meal(typed)])
    assert (taken["status"], taken["id"], taken["details"]["cents"]) == ("accepted", one, 150)
    above, paid, again, other = await claim_in_december(
        payments,
        the_claim(plan_id, one, 151),
        the_claim(plan_id, one),
        the_claim(plan_id, one, payee_id="mother"),
        on_days(plan_id, "2022-10-04"),
    )
    assert (above["code"], paid["code"], again["code"]) == (
        "above-voucher-value",
        None,
        "evidence-already-paid",
    )
    assert reasons(other) == {"2022-10-04": "already_claimed"}
    order = await payments.order(paid["details"]["order_id"])
    assert (order["service_date"], order["payee_id"], order["cents"]) == (
        "2022-10-04",
        "caterer",
        150,
    )
    (second,) = await send(payments, "vouchers/redemptions", [a_meal(two)])
    assert reasons(second) == {"2022-10-04": "already_claimed"}, "one meal a day"


@pytest.mark.feature("M27")
async def test_a_caterer_is_told_line_by_line_which_vouchers_are_not_taken(
    payments: Payments,
) -> None:
    await a_caterer(payments)
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref, PLANNED)
    await payments.hear(days_marked(ref, "2022-10-05"))
    good, spent, gone, late = await issued(payments, plan_id, 4)
    (waiting,) = await issued(payments, plan_id, 1, active=False)
    await send(payments, "vouchers/redemptions", [a_meal(spent, "2022-10-06")])
    await send(payments, "vouchers/cancellations", [{"voucher_no": gone}])
    lines = [
        a_meal("AAAA-BBBB-CCCC-DDDD"),
        a_meal(waiting),
        a_meal(spent),
        a_meal(gone),
        a_meal(good, "2022-10-05"),
        a_meal(good, "2022-10-08"),
        a_meal(good, "2022-11-02"),
        a_meal(good, payee_id="mother"),
        a_meal(good, "2022-10-07"),
    ]
    answers = await send(payments, "vouchers/redemptions", lines)
    assert [answer["code"] for answer in answers] == [
        "voucher-unknown",
        "voucher-not-active",
        "voucher-redeemed",
        "voucher-cancelled",
        "days-refused",
        "days-refused",
        "voucher-of-other-month",
        "payee-unknown",
        None,
    ]
    (too_late,) = await send(payments, "vouchers/redemptions", [a_meal(late)], at="2022-11-11")
    assert too_late["code"] == "voucher-expired"
    stand = await states(payments, [good, spent, gone, late, waiting])
    assert stand == ["redeemed", "redeemed", "cancelled", "active", "issued"]


@pytest.mark.feature("M27")
async def test_money_of_vouchers_nobody_used_is_free_again(payments: Payments) -> None:
    await a_caterer(payments)
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref, PLANNED)
    used, cancelled, unused, _ = await issued(payments, plan_id, 4)
    await send(payments, "vouchers/redemptions", [a_meal(used)])
    assert (await payments.month(ref, "2022-10"))["reserved_cents"] == 2_400
    (done,) = await send(payments, "vouchers/cancellations", [{"voucher_no": cancelled}])
    assert done["status"] == "accepted"
    assert (await payments.month(ref, "2022-10"))["reserved_cents"] == 2_250
    path = f"/offices/{OFFICE}/vouchers/expirations"
    for at, expired in (("2022-11-10", 0), ("2022-11-11", 2), ("2022-11-12", 0)):
        answer = await payments.doors.send(path, {}, by=OFFICER, at=at)
        before = (await payments.month(ref, "2022-10"))["reserved_cents"]
        assert answer.json()["expired"] >= expired, answer.text
    assert before == 1_950
    assert await states(payments, [used, cancelled, unused]) == ["redeemed", "cancelled", "expired"]
    (paid,) = await claim_in_december(payments, the_claim(plan_id, used))
    assert paid["status"] == "accepted"
    again = await send(payments, "vouchers/cancellations", [{"voucher_no": unused}])
    assert again[0]["code"] == "wrong-voucher-move"


@pytest.mark.feature("M27")
async def test_vouchers_promise_only_money_and_days_there_are(payments: Payments) -> None:
    plan_id = await an_autumn_plan(payments, pupil(), PLANNED)
    line = {"plan_id": plan_id, "measure_id": "m", "month": "2022-10", "quantity": 10}
    lines = [
        line,
        line | {"quantity": 1},
        line | {"quantity": 17},
        line | {"measure_id": "t"},
        line | {"month": "2023-02"},
        line | {"plan_id": "no-plan"},
    ]
    answers = await send(payments, "vouchers", lines, at=ISSUED_ON)
    assert [answer["code"] for answer in answers] == [
        None,
        "more-than-reserved",
        "more-than-days",
        "not-for-meals",
        "plan-not-in-force",
        "plan-unknown",
    ]
    foreign = await payments.doors.send(
        f"/offices/{OFFICE}/vouchers", {"lines": [line]}, by=STRANGER, at=ISSUED_ON
    )
    assert foreign.status_code == 403
    numbers = await payments.doors.get(
        f"/offices/{OFFICE}/vouchers", by=OFFICER, batch_id=answers[0]["id"]
    )
    (first, *_rest) = [one["voucher_no"] for one in numbers.json()["vouchers"]]
    refused = await payments.doors.send(
        "/vouchers/activations", {"lines": [{"voucher_no": first}]}, by=OFFICER, at=ISSUED_ON
    )
    assert refused.status_code == 403


async def test_where_only_registered_vouchers_count_a_printed_one_proves_nothing(
    payments: Payments,
) -> None:
    plan_id = await an_autumn_plan(payments, pupil(), PLANNED)
    printed = the_claim(plan_id, "OLD-1") | {"payee_id": "mother"}
    bare, paper = await claim_in_december(
        payments, printed, printed | {"evidence": printed["evidence"] | {"issuer": "a caterer"}}
    )
    assert (bare["code"], bare["details"]["missing"], paper["code"]) == (
        "evidence-incomplete",
        "issuer",
        None,
    )
    await payments.set_parameter("vouchers_registered_only", True, place=OFFICE)
    (refused,) = await claim_in_december(payments, printed)
    await payments.set_parameter("vouchers_registered_only", False, place=OFFICE)
    assert refused["code"] == "voucher-unknown"


async def test_a_cancelled_order_gives_the_meal_back_to_its_voucher(payments: Payments) -> None:
    await a_caterer(payments)
    plan_id = await an_autumn_plan(payments, pupil(), PLANNED)
    (number,) = await issued(payments, plan_id, 1)
    await send(payments, "vouchers/redemptions", [a_meal(number)])
    (paid,) = await claim_in_december(payments, the_claim(plan_id, number))
    line = {"order_id": paid["details"]["order_id"], "reason_code": "by-mistake"}
    await payments.doors.lines("/orders/cancellations", [line], by=OFFICER, at=LATER)
    other, again = await claim_in_december(
        payments, on_days(plan_id, "2022-10-04"), the_claim(plan_id, number)
    )
    assert (reasons(other), again["code"]) == ({"2022-10-04": "already_claimed"}, None)
