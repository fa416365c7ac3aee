"""Returned payments wait for a person, who pays them again to a right payee or gives them up."""

from typing import Any

import pytest

from tests.builders_bank import Paid, a_statement, taken
from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.money_facts import OFFICE, OFFICER, STRANGER, a_claim

PATH = f"/offices/{OFFICE}/repairs"


async def queued(payments: Payments) -> dict[str, dict[str, Any]]:
    """The returned orders that wait, by order."""
    answer = await payments.doors.get(PATH, by=OFFICER)
    assert answer.status_code == 200, answer.text
    return {order["order_id"]: order for order in answer.json()["orders"]}


async def repair(payments: Payments, order_id: str, decision: str, **more: Any) -> dict[str, Any]:
    """Decide about a returned order; gives the line's answer."""
    line = {"order_id": order_id, "decision": decision, "reason": "konts bija slēgts"} | more
    (answer,) = await payments.doors.lines(PATH, [line], by=OFFICER, at="2021-11-22")
    return answer


async def a_returned_order(payments: Payments, cents: int = 4_000) -> tuple[str, str, str]:
    """An order the bank returned because the account was closed; gives order, plan, pupil."""
    order_id, plan_id, pupil_ref = await payments.an_issued_order(cents)
    amount = f"{cents // 100}.{cents % 100:02d}"
    back = Paid(order_id, amount, direction="CRDT", returned="AC04", booked="2021-11-19")
    await taken(payments, a_statement(Paid(order_id, amount), back))
    return order_id, plan_id, pupil_ref


@pytest.mark.feature("M23")
async def test_a_returned_order_is_paid_again_to_a_corrected_payee(payments: Payments) -> None:
    order_id, _, pupil_ref = await a_returned_order(payments)
    waiting = (await queued(payments))[order_id]
    assert (waiting["reason_code"], waiting["reason_lv"]) == ("AC04", "konts ir slēgts")
    assert "jaunam saņēmēja" in waiting["cure_lv"] and "new payee" in waiting["cure_en"]
    await payments.payee("mother-new-account", 61)
    answer = await repair(payments, order_id, "pay_again", payee_id="mother-new-account")
    assert answer["status"] == "accepted", answer
    new_id = answer["details"]["new_order_id"]
    old, new = await payments.order(order_id), await payments.order(new_id)
    assert (old["state"], new["state"], new["cents"]) == ("returned", "draft", 4_000)
    assert new["claim_id"] == old["claim_id"] and new["payee_id"] == "mother-new-account"
    claim = (await payments.doors.get(f"/claims/{old['claim_id']}", by=OFFICER)).json()
    assert (claim["state"], claim["order"]["order_id"]) == ("accepted", new_id)
    assert (await payments.month(pupil_ref))["ordered_cents"] == 4_000
    kinds = [kind for kind, _ in await said(payments, pupil_ref)]
    assert kinds[-3:] == ["payment-settled", "payment-returned", "payment-ordered"]
    assert order_id not in await queued(payments)
    assert (await repair(payments, order_id, "pay_again"))["code"] == "already-repaired"
    (own,) = await payments.approve_orders(new_id)
    assert own["code"] == "four-eyes"
    await payments.doors.grant("second.officer", "payment_officer", OFFICE)
    (done,) = await payments.approve_orders(new_id, by="second.officer")
    assert done["status"] == "accepted"
    assert (await payments.issue_file()).status_code == 201
    assert (await taken(payments, a_statement(Paid(new_id))))["results"] == {"applied": 1}


async def test_what_is_given_up_leaves_the_evidence_free(payments: Payments) -> None:
    order_id, plan_id, _ = await a_returned_order(payments)
    claim_id = (await payments.order(order_id))["claim_id"]
    claim = (await payments.doors.get(f"/claims/{claim_id}", by=OFFICER)).json()
    paper = claim["submitted"]["evidence"]
    assert (await repair(payments, order_id, "give_up"))["status"] == "accepted"
    assert order_id not in await queued(payments)
    assert (await repair(payments, order_id, "pay_again"))["code"] == "already-repaired"
    (again,) = await payments.claim([a_claim(plan_id, "m", 4_000, evidence=paper)])
    assert again["status"] == "accepted"


@pytest.mark.feature("M10")
async def test_a_paper_paid_meanwhile_is_not_paid_again(payments: Payments) -> None:
    order_id, plan_id, pupil_ref = await a_returned_order(payments)
    claim_id = (await payments.order(order_id))["claim_id"]
    claim = (await payments.doors.get(f"/claims/{claim_id}", by=OFFICER)).json()
    paper = claim["submitted"]["evidence"]
    (other,) = await payments.claim([a_claim(plan_id, "m", 4_000, evidence=paper)])
    assert other["status"] == "accepted"
    refused = await repair(payments, order_id, "pay_again")
    assert refused["code"] == "evidence-already-paid"
    assert order_id in await queued(payments)
    assert (await payments.month(pupil_ref))["ordered_cents"] == 4_000


@pytest.mark.feature("M10")
async def test_a_bill_paid_by_line_meanwhile_is_not_paid_again(payments: Payments) -> None:
    order_id, plan_id, _ = await a_returned_order(payments)
    claim_id = (await payments.order(order_id))["claim_id"]
    claim = (await payments.doors.get(f"/claims/{claim_id}", by=OFFICER)).json()
    paper = claim["submitted"]["evidence"]
    (line,) = await payments.claim([a_claim(plan_id, "m", 100, evidence=paper | {"line": "1"})])
    assert line["status"] == "accepted"
    assert (await repair(payments, order_id, "pay_again"))["code"] == "evidence-already-paid"
    assert order_id in await queued(payments)


@pytest.mark.feature("M2")
async def test_the_ceiling_is_asked_again(payments: Payments) -> None:
    order_id, plan_id, pupil_ref = await a_returned_order(payments, 20_000)
    (other,) = await payments.claim([a_claim(plan_id, "m", 15_000)])
    assert other["status"] == "accepted"
    refused = await repair(payments, order_id, "pay_again")
    assert (refused["code"], refused["details"]["available_eur"]) == ("ceiling-too-small", "150.00")
    assert (await payments.month(pupil_ref))["ordered_cents"] == 15_000
    nobody = await repair(payments, order_id, "pay_again", payee_id="nobody")
    assert nobody["code"] == "payee-unknown"


async def test_only_returned_orders_of_the_own_office_are_repaired(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    assert (await repair(payments, order_id, "pay_again"))["code"] == "returned-order-unknown"
    line = {"order_id": order_id, "decision": "give_up", "reason": "nav vajadzīgs"}
    foreign = await payments.doors.send(PATH, {"lines": [line]}, by=STRANGER)
    assert foreign.json()["code"] == "outside-your-organisation"
