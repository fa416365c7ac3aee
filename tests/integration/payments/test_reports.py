"""What an office reports: settled, returned, late, contradicting, repeated; and recoveries."""

from datetime import date

import pytest

from services.payments.reports import actions as reports
from shared.contracts.base import Received
from shared.contracts.ngo_grants import RecoveryDue
from shared.contracts.offices import OrderReturned, OrderSettled
from tests.builders_payments import Payments
from tests.doors import told
from tests.integration.payments.outbox import said
from tests.money_facts import OFFICE, OFFICER, OTHER_OFFICE, STRANGER, a_claim, an_instalment


@pytest.mark.feature("M22")
async def test_a_settled_order_is_told_once(payments: Payments) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order()
    first = await payments.report(order_id, "settled", report_id="paid-1")
    again = await payments.report(order_id, "settled", report_id="paid-1")
    third = await payments.report(order_id, "settled", report_id="paid-2")
    results = [answer["details"]["result"] for answer in (first, again, third)]
    assert results == ["applied", "repeated", "repeated"]
    facts = [fact for kind, fact in await said(payments, pupil_ref) if kind == "payment-settled"]
    assert [(f["order_id"], f["booked_on"]) for f in facts] == [(order_id, "2021-11-17")]
    assert (facts[0]["esf_cents"], facts[0]["state_cents"]) == (3_400, 600)


@pytest.mark.feature("M23")
async def test_a_returned_payment_frees_the_month_and_the_evidence(payments: Payments) -> None:
    order_id, plan_id, pupil_ref = await payments.an_issued_order()
    claim_id = (await payments.order(order_id))["claim_id"]
    paper = (await payments.doors.get(f"/claims/{claim_id}", by=OFFICER)).json()["submitted"][
        "evidence"
    ]
    assert (await payments.month(pupil_ref))["ordered_cents"] == 4_000
    await payments.report(order_id, "returned")
    assert (await payments.month(pupil_ref))["free_cents"] == 30_000
    kind, fact = (await said(payments, pupil_ref))[-1]
    assert (kind, fact["reason_code"], fact["cents"]) == (
        "payment-returned",
        "account-closed",
        4_000,
    )
    (again,) = await payments.claim([a_claim(plan_id, "m", 4_000, evidence=paper)])
    assert again["status"] == "accepted", "the same paper may be claimed once more"


@pytest.mark.feature("M13")
@pytest.mark.feature("M14")
async def test_what_contradicts_goes_to_the_work_list_and_moves_nothing(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    unknown = await payments.report(order_id, "unknown")
    assert unknown["details"]["result"] == "applied"
    assert (await payments.issue_file()).json()["code"] == "nothing-to-pay", "never sent again"
    await payments.report(order_id, "returned", report_id="back")
    late = await payments.report(order_id, "settled", report_id="late")
    sum_differs = await payments.report(order_id, "returned", cents=3_999, report_id="less")
    nothing = await payments.report("no-such-order", "settled", report_id="nothing")
    codes = [answer["code"] for answer in (late, sum_differs, nothing)]
    assert codes == ["contradicts-earlier-report", "sum-differs", "order-unknown"]
    assert (await payments.order(order_id))["state"] == "returned"
    path = f"/offices/{OFFICE}/work-list"
    items = (await payments.doors.get(path, by=OFFICER)).json()["items"]
    waiting = {item["report_id"]: item["code"] for item in items}
    assert waiting["late"] == "contradicts-earlier-report"
    assert waiting["less"] == "sum-differs"
    assert (await payments.doors.get(path, by=STRANGER)).status_code == 403


async def test_a_draft_cannot_be_reported_paid(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})})
    order_id = await payments.an_order(plan_id, "m", 4_000)
    answer = await payments.report(order_id, "settled")
    assert answer["code"] == "order-not-sent"
    assert (await payments.order(order_id))["state"] == "draft"


async def test_an_office_reports_for_itself_only(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    path = f"/offices/{OFFICE}/reports"
    refused = await payments.doors.send(path, {"lines": []}, by=STRANGER)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-your-organisation")
    line = {"report_id": "x", "order_id": order_id, "outcome": "settled", "cents": 4_000,
            "booked_on": "2021-11-17"}  # fmt: skip
    (answer,) = await payments.doors.lines(f"/offices/{OTHER_OFFICE}/reports", [line], by=STRANGER)
    assert answer["code"] == "order-of-another-office"


async def test_the_topic_says_which_office_speaks(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    fact = OrderSettled(
        report_id="forged", partner=OFFICE, order_id=order_id, booked_on=date(2021, 11, 17),
        cents=4_000,
    )  # fmt: skip
    good = told(fact, at="2021-11-17T15:00:00+00:00")
    forged = Received(**{**vars(good), "topic": fact.topic.name.format(office=OTHER_OFFICE)})
    async with payments.doors.database.transaction() as session:
        await reports.take_facts(session, [forged])
    assert (await payments.order(order_id))["state"] == "in_file"
    back = OrderReturned(**{**fact.model_dump(), "report_id": "r", "reason_code": "closed"})
    await payments.hear(back, at="2021-11-17T15:00:00+00:00")
    assert (await payments.order(order_id))["state"] == "returned"


@pytest.mark.feature("M24")
@pytest.mark.feature("M25")
async def test_money_that_came_back_is_an_opposite_line(payments: Payments) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order(3_333)
    path = f"/offices/{OFFICE}/recoveries"

    def line(recovery_id: str, cents: int) -> dict[str, object]:
        return {"recovery_id": recovery_id, "order_id": order_id, "cents": cents,
                "booked_on": "2021-12-01", "reason_code": "not-delivered"}  # fmt: skip

    (early,) = await payments.doors.lines(path, [line("r1", 1)], by=OFFICER)
    assert early["code"] == "wrong-move"
    await payments.report(order_id, "settled", cents=3_333)
    answers = await payments.doors.lines(
        path, [line("r1", 1_111), line("r1", 1), line("r2", 2_223), line("r3", 2_222)], by=OFFICER
    )
    assert [a["code"] for a in answers] == [None, "recovery-repeated", "recovered-too-much", None]
    order = await payments.order(order_id)
    assert (order["cents"], order["recovered_cents"], order["state"]) == (3_333, 3_333, "settled")
    back = [fact for kind, fact in await said(payments, pupil_ref) if kind == "payment-recovered"]
    assert sum(fact["esf_cents"] for fact in back) == order["esf_cents"] == 2_833
    assert sum(fact["state_cents"] for fact in back) == order["state_cents"] == 500
    assert (await payments.month(pupil_ref))["ordered_cents"] == 0


@pytest.mark.feature("M25")
@pytest.mark.parametrize(
    ("day", "code"), [("2021-11-16", "recovered-before-paid"), ("2022-01-06", "booked-in-future")]
)
async def test_money_does_not_come_back_before_it_was_paid_nor_tomorrow(
    payments: Payments, day: str, code: str
) -> None:
    order_id, _, _ = await payments.an_issued_order(3_000)
    await payments.report(order_id, "settled", cents=3_000)
    line = {"recovery_id": f"r-{day}", "order_id": order_id, "cents": 1_000, "booked_on": day,
            "reason_code": "not-delivered"}  # fmt: skip
    path = f"/offices/{OFFICE}/recoveries"
    (answer,) = await payments.doors.lines(path, [line], by=OFFICER, at="2022-01-05")
    assert (answer["code"], answer["field"]) == (code, "booked_on")
    assert (await payments.order(order_id))["recovered_cents"] == 0


async def test_a_grant_is_ordered_in_instalments_and_paid_by_the_same_way(
    payments: Payments,
) -> None:
    first, second = an_instalment("grant-1", 1, 414_000), an_instalment("grant-1", 2, 46_000)
    await payments.hear(first, second, first)
    await payments.hear(second)
    facts = await said(payments, "grant-1")
    assert [(kind, fact["cents"]) for kind, fact in facts] == [
        ("payment-ordered", 414_000),
        ("payment-ordered", 46_000),
    ]
    ids = [fact["order_id"] for _, fact in facts]
    (missing, _) = await payments.approve_orders(*ids)
    assert missing["code"] == "payee-unknown"
    await payments.payee("40008000000", 44, kind="organisation", name="Biedrība “Jaunie”")
    assert {a["status"] for a in await payments.approve_orders(*ids)} == {"accepted"}
    assert (await payments.issue_file()).status_code == 201
    await payments.report(ids[0], "settled", cents=414_000)
    kind, fact = (await said(payments, "grant-1"))[-1]
    assert (kind, fact["project_id"], fact["pupil_ref"]) == ("payment-settled", "grant-1", None)


async def test_a_recovery_that_is_due_is_booked_when_it_comes(payments: Payments) -> None:
    await payments.payee("40008000000", 44, kind="organisation", name="Biedrība “Jaunie”")
    await payments.hear(an_instalment("grant-2", 1, 460_000))
    order_id = (await said(payments, "grant-2"))[0][1]["order_id"]
    await payments.approve_orders(order_id)
    await payments.issue_file()
    await payments.report(order_id, "settled", cents=460_000)
    due = RecoveryDue(
        project_key="grant-2", call_id="call-1", partner=OFFICE, municipality_id=OFFICE,
        version=7, project_id="grant-2", payee_ref="40008000000", cents=100_000,
        reason_code="part-not-done",
    )  # fmt: skip
    await payments.hear(due, due)
    line = {"recovery_id": "grant-2/7", "order_id": order_id, "cents": 100_000,
            "booked_on": "2021-12-01", "reason_code": "part-not-done"}  # fmt: skip
    meals, _, _ = await payments.an_issued_order(1_000)
    await payments.report(meals, "settled", cents=1_000)
    lines = [line | {"order_id": meals, "cents": 1_000}, line]
    path = f"/offices/{OFFICE}/recoveries"
    (other, answer) = await payments.doors.lines(path, lines, by=OFFICER)
    assert (other["code"], other["field"]) == ("recovery-of-another", "recovery_id")
    assert answer["status"] == "accepted"
    kind, fact = (await said(payments, "grant-2"))[-1]
    assert (kind, fact["cents"], fact["esf_cents"]) == ("payment-recovered", 100_000, 85_000)
