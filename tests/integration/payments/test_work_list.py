"""What fits no order is settled by persons, two of them, and by nobody else."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.payments.jobs import note_unknown
from shared import clock
from tests.builders_bank import Paid, a_statement, a_status, issued, states, taken
from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.money_facts import OFFICE, OFFICER, STRANGER, account

PATH = f"/offices/{OFFICE}/work-list"
SECOND = "second.officer"


async def items(payments: Payments) -> list[dict[str, Any]]:
    """All that waits."""
    answer = await payments.doors.get(PATH, by=OFFICER)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def a_stray(payments: Payments, **more: Any) -> str:
    """A bank's line without an order's number; gives its report id."""
    before = {item["report_id"] for item in await items(payments)}
    await taken(payments, a_statement(Paid(None, **more)))
    (new,) = [i["report_id"] for i in await items(payments) if i["report_id"] not in before]
    return str(new)


async def decide(payments: Payments, report_id: str, *, by: str = OFFICER, **more: Any) -> Any:
    """Decide about an item; gives the line's answer."""
    line = {"report_id": report_id, "decision": "order", "reason": "read on the bank's page"} | more
    (answer,) = await payments.doors.lines(f"{PATH}/resolutions", [line], by=by)
    return answer


async def approve(payments: Payments, report_id: str, *, by: str = SECOND) -> Any:
    """Approve what was decided; gives the line's answer."""
    await payments.doors.grant(SECOND, "payment_officer", OFFICE)
    line = {"report_id": report_id}
    (answer,) = await payments.doors.lines(f"{PATH}/approvals", [line], by=by)
    return answer


@pytest.mark.feature("N3")
async def test_a_line_without_a_number_is_proposed_and_never_applied(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order(4_321)
    other, _, _ = await payments.an_issued_order(4_322)
    stray = await a_stray(payments, amount="43.21", account=account(1))
    answer = (await payments.doors.get(f"{PATH}/{stray}", by=OFFICER)).json()
    assert answer["item"]["code"] == "no-end-to-end-id"
    (best,) = answer["proposals"]
    reasons = [reason["code"] for reason in best["reasons"]]
    assert (best["order_id"], reasons) == (order_id, ["same-sum", "same-account", "near-day"])
    assert best["score"] == sum(reason["points"] for reason in best["reasons"])
    named = await a_stray(payments, amount="1.00", text=f"par uzdevumu {other}, paldies")
    (found,) = (await payments.doors.get(f"{PATH}/{named}", by=OFFICER)).json()["proposals"]
    assert (found["order_id"], found["reasons"][0]["code"]) == (other, "named-in-text")
    assert await states(payments, order_id, other) == ["in_file", "in_file"]
    log = text("SELECT count(*) FROM read_log WHERE reason = :why")
    async with payments.doors.database.transaction() as session:
        read = (await session.execute(log, {"why": f"work list {stray}"})).scalar_one()
    assert read == 1, "comparing accounts is a read of them"


@pytest.mark.feature("N3")
@pytest.mark.feature("M12")
async def test_a_chosen_order_needs_a_second_person(payments: Payments) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order(5_001)
    stray = await a_stray(payments, amount="50.01")
    assert (await approve(payments, stray))["code"] == "nothing-to-approve"
    assert (await decide(payments, stray, order_id=order_id))["status"] == "accepted"
    assert await states(payments, order_id) == ["in_file"]
    assert (await approve(payments, stray, by=OFFICER))["code"] == "four-eyes"
    waiting = {item["report_id"]: item for item in await items(payments)}
    assert waiting[stray]["chosen_order_id"] == order_id
    assert (await approve(payments, stray))["status"] == "accepted"
    assert await states(payments, order_id) == ["settled"]
    assert stray not in {item["report_id"] for item in await items(payments)}
    assert (await approve(payments, stray))["code"] == "work-item-unknown"
    kinds = [kind for kind, _ in await said(payments, pupil_ref)]
    assert kinds.count("payment-settled") == 1
    lines = (await payments.doors.get(f"/orders/{order_id}/bank-lines", by=OFFICER)).json()
    (line,) = lines["lines"]
    assert (line["report_id"], line["chosen_by"], line["approved_by"]) == (stray, OFFICER, SECOND)


async def test_the_database_refuses_one_pair_of_eyes(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order(5_002)
    stray = await a_stray(payments, amount="50.02")
    await decide(payments, stray, order_id=order_id)
    forced = text(
        "UPDATE resolutions SET approved_by = proposed_by, approved_at = now() WHERE report_id = :r"
    )
    with pytest.raises(DBAPIError, match="four_eyes"):
        async with payments.doors.database.transaction() as session:
            await session.execute(forced, {"r": stray})


async def test_a_choice_moves_nothing_that_a_report_could_not(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order(5_003)
    settled, _, _ = await payments.an_issued_order(5_003)
    stray = await a_stray(payments, amount="50.04")
    differs = await decide(payments, stray, order_id=order_id)
    assert (differs["code"], differs["details"]["why"]) == ("order-does-not-fit", "sum-differs")
    nobody = await decide(payments, stray, order_id="no-such-order")
    assert nobody["code"] == "order-unknown"
    dollars = await a_stray(payments, amount="50.03", currency="USD")
    foreign = await decide(payments, dollars, order_id=order_id, outcome="settled")
    assert foreign["details"]["why"] == "currency-differs"
    credit = await a_stray(payments, amount="50.03", direction="CRDT")
    unclear = await decide(payments, credit, order_id=order_id)
    assert unclear["code"] == "outcome-missing"
    await decide(payments, credit, order_id=settled, outcome="returned")
    await payments.report(settled, "settled", cents=5_003)
    assert (await approve(payments, credit))["status"] == "accepted"
    assert await states(payments, order_id, settled) == ["in_file", "returned"]


async def test_what_is_not_ours_is_said_with_a_reason_and_closed(payments: Payments) -> None:
    stray = await a_stray(payments, amount="777.77")
    short = {"report_id": stray, "decision": "not_ours", "reason": "x"}
    (refused,) = await payments.doors.lines(f"{PATH}/resolutions", [short], by=OFFICER)
    assert (refused["code"], refused["field"]) == ("invalid", "reason")
    answer = await decide(payments, stray, decision="not_ours", reason="alga skolotājai")
    assert answer["status"] == "accepted"
    assert stray not in {item["report_id"] for item in await items(payments)}
    foreign = await payments.doors.send(f"{PATH}/resolutions", {"lines": [short]}, by=STRANGER)
    assert foreign.json()["code"] == "outside-your-organisation"


async def test_two_items_cannot_both_be_one_order(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order(5_005)
    one, two = [await a_stray(payments, amount="50.05") for _ in range(2)]
    for stray in (one, two):
        await decide(payments, stray, order_id=order_id)
    await payments.doors.grant(SECOND, "payment_officer", OFFICE)
    lines = [{"report_id": one}, {"report_id": two}]
    first, second = await payments.doors.lines(f"{PATH}/approvals", lines, by=SECOND)
    assert (first["status"], second["code"]) == ("accepted", "order-does-not-fit")
    assert two in {item["report_id"] for item in await items(payments)}


@pytest.mark.feature("M14")
async def test_an_order_nobody_answered_is_unknown_and_never_sent_again(
    payments: Payments,
) -> None:
    (silent, answered), file_id = await issued(payments, 2)
    assert (await payments.doors.get(f"/bank-files/{file_id}", by=OFFICER)).status_code == 200
    await taken(payments, a_status([(answered, "ACSC", None)], file_id=file_id))
    async with payments.doors.database.transaction() as session:
        await note_unknown(session, clock.now())
    assert await states(payments, silent, answered) == ["unknown", "settled"]
    assert (await payments.order(silent))["reason_code"] == "no-answer"
    assert (await payments.issue_file()).json()["code"] == "nothing-to-pay"
    late = await taken(payments, a_statement(Paid(silent)))
    assert late["results"] == {"applied": 1}
    assert await states(payments, silent) == ["settled"]
