"""Money paid wrongly is asked back by letter and comes back in parts, never more than was paid."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.money_facts import COUNTER, OFFICE, OFFICER, STRANGER, TEACHER

PATH = f"/offices/{OFFICE}"


async def a_settled_order(payments: Payments, cents: int = 4_000) -> tuple[str, str]:
    """An order that was paid; gives it and its pupil."""
    order_id, _, pupil_ref = await payments.an_issued_order(cents)
    answer = await payments.report(order_id, "settled", cents=cents)
    assert answer["status"] == "accepted", answer
    return order_id, pupil_ref


async def demand(payments: Payments, order_id: str, cents: int, **more: Any) -> dict[str, Any]:
    """Ask money back; gives the line's answer."""
    line = {
        "order_id": order_id,
        "cents": cents,
        "reason_code": "not-delivered",
        "reason": "Ēdināšana oktobrī nav notikusi.",
        "pay_until": "2021-12-20",
    } | more
    (answer,) = await payments.doors.lines(f"{PATH}/demands", [line], by=OFFICER, at="2021-11-22")
    return answer


async def recover(payments: Payments, order_id: str, cents: int, **more: Any) -> dict[str, Any]:
    """Book money that came back; gives the line's answer."""
    line = {
        "recovery_id": f"back-{next(COUNTER)}",
        "order_id": order_id,
        "cents": cents,
        "booked_on": "2021-12-01",
        "reason_code": "not-delivered",
    } | more
    (answer,) = await payments.doors.lines(f"{PATH}/recoveries", [line], by=OFFICER)
    return answer


async def shown(payments: Payments, demand_id: str) -> dict[str, Any]:
    """A demand as the office sees it."""
    found = (await payments.doors.get(f"{PATH}/demands", by=OFFICER)).json()["demands"]
    (one,) = [one for one in found if one["demand_id"] == demand_id]
    return dict(one)


@pytest.mark.feature("M24")
async def test_money_is_asked_back_by_letter_and_comes_back_in_parts(payments: Payments) -> None:
    order_id, pupil_ref = await a_settled_order(payments)
    demand_id = (await demand(payments, order_id, 3_000))["id"]
    assert (await shown(payments, demand_id))["state"] == "due"
    path = f"{PATH}/demands/{demand_id}/letter"
    letter = (await payments.doors.get(path, by=OFFICER, at="2021-11-22")).json()
    assert letter["letter"]["payee_name"] == "Anna Bērziņa"
    assert letter["letter"]["owed_cents"] == 3_000
    for part in (
        "Anna Bērziņa", "30,00 EUR", "20.12.2021.", order_id, demand_id, "ēdināšanai",
        "Ēdināšana oktobrī nav notikusi.", "TREL0000000000001",
    ):  # fmt: skip
        assert part in letter["text"], letter["text"]
    assert (await shown(payments, demand_id))["state"] == "letter"
    first = await recover(payments, order_id, 1_000, demand_id=demand_id)
    assert first["status"] == "accepted", first
    assert (await shown(payments, demand_id))["open_cents"] == 2_000
    again = await payments.doors.get(f"{path}.txt", by=OFFICER, at="2021-12-02")
    assert again.headers["content-type"].startswith("text/plain")
    assert "Līdz šim saņemti 10,00 EUR, atlikuši 20,00 EUR." in again.text
    too_much = await recover(payments, order_id, 2_001, demand_id=demand_id)
    assert (too_much["code"], too_much["details"]["left_eur"]) == ("recovered-too-much", "20.00")
    assert (await recover(payments, order_id, 2_000, demand_id=demand_id))["status"] == "accepted"
    assert (await shown(payments, demand_id))["state"] == "booked"
    order = await payments.order(order_id)
    assert (order["cents"], order["recovered_cents"], order["state"]) == (4_000, 3_000, "settled")
    back = [fact for kind, fact in await said(payments, pupil_ref) if kind == "payment-recovered"]
    assert [fact["cents"] for fact in back] == [1_000, 2_000]
    assert (await payments.month(pupil_ref))["ordered_cents"] == 1_000


async def test_never_more_is_asked_back_than_was_paid(payments: Payments) -> None:
    order_id, _ = await a_settled_order(payments)
    assert (await demand(payments, order_id, 4_001))["code"] == "demanded-too-much"
    one = await demand(payments, order_id, 2_500, demand_id=f"demand-{next(COUNTER)}")
    more = await demand(payments, order_id, 1_501)
    assert (more["code"], more["details"]["left_eur"]) == ("demanded-too-much", "15.00")
    repeated = await demand(payments, order_id, 1, demand_id=one["id"])
    assert repeated["code"] == "demand-repeated"
    unnamed = await recover(payments, order_id, 1_501)
    assert unnamed["code"] == "demand-to-be-named"
    assert (await recover(payments, order_id, 1_500))["status"] == "accepted"
    assert (await demand(payments, order_id, 1))["code"] == "demanded-too-much"
    other, _ = await a_settled_order(payments)
    strange = await recover(payments, other, 100, demand_id=one["id"])
    assert strange["code"] == "demand-unknown"
    late = await demand(payments, other, 100, pay_until="2021-11-01")
    assert late["code"] == "deadline-past"


async def test_only_settled_orders_of_the_own_office_are_demanded(payments: Payments) -> None:
    waiting, _, _ = await payments.an_issued_order()
    assert (await demand(payments, waiting, 100))["code"] == "wrong-move"
    assert (await demand(payments, "no-order", 100))["code"] == "order-unknown"


async def test_the_letter_is_for_the_office_and_every_look_is_logged(payments: Payments) -> None:
    order_id, _ = await a_settled_order(payments)
    demand_id = (await demand(payments, order_id, 500))["id"]
    path = f"{PATH}/demands/{demand_id}/letter"
    foreign = await payments.doors.get(path, by=STRANGER)
    assert foreign.json()["code"] == "outside-your-organisation"
    assert (await payments.doors.get(path, by=TEACHER)).json()["code"] == "role-missing"
    assert (await shown(payments, demand_id))["state"] == "due"
    for _ in range(2):
        assert (await payments.doors.get(path, by=OFFICER)).status_code == 200
    log = text("SELECT reader FROM read_log WHERE reason = :why")
    async with payments.doors.database.transaction() as session:
        readers = list(await session.scalars(log, {"why": f"letter of demand {demand_id}"}))
    assert readers == [OFFICER, OFFICER]
    nothing = await payments.doors.get(f"{PATH}/demands/none/letter", by=OFFICER)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "demand-unknown")
