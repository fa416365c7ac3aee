"""Answers of banks and offices that come late, twice and swapped end in the same books."""

import itertools

import pytest

from services.payments.statements import actions as statements
from tests.builders_bank import Paid, a_statement, a_status, taken
from tests.builders_payments import Payments
from tests.integration.payments.outbox import said

BOOKED, BACK = "2021-11-17", "2021-11-19"
ORDERS = [
    told
    for length in (2, 3, 4)
    for told in itertools.product("SRF", repeat=length)
    if {"S", "R"} <= set(told)
][::4]
"""Some of the ways in which a settlement (S), a return (R) and the office's own word (F) come."""


@pytest.mark.feature("D10")
@pytest.mark.feature("D12")
@pytest.mark.parametrize("told", ORDERS, ids="".join)
async def test_a_return_wins_whenever_it_is_told(payments: Payments, told: str) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order()
    settled = Paid(order_id, booked=BOOKED)
    back = Paid(order_id, direction="CRDT", returned="AC04", booked=BACK)
    for one in told:
        if one == "F":
            await payments.report(order_id, "settled", report_id=f"word-{order_id}")
        else:
            await taken(payments, a_statement(settled if one == "S" else back))
    order = await payments.order(order_id)
    assert (order["state"], order["booked_on"]) == ("returned", BACK)
    assert (await payments.month(pupil_ref))["ordered_cents"] == 0
    facts = [fact for fact in await said(payments, pupil_ref) if "order_id" in fact[1]]
    kinds = [kind for kind, _ in facts]
    assert kinds.count("payment-returned") == 1 and kinds.count("payment-settled") <= 1
    assert kinds[-1] == "payment-returned"
    versions = [fact["version"] for _, fact in facts]
    assert versions == sorted(set(versions))


async def test_a_status_then_a_statement_of_the_same_payment_is_one(payments: Payments) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order()
    file_id = (await payments.order(order_id))["file_id"]
    status = a_status([(order_id, "ACCC", None)], file_id=file_id)
    assert (await taken(payments, status))["results"] == {"applied": 1}
    statement = a_statement(Paid(order_id, booked=BOOKED))
    assert (await taken(payments, statement))["results"] == {"repeated": 1}
    kinds = [kind for kind, _ in await said(payments, pupil_ref)]
    assert kinds.count("payment-settled") == 1


async def test_what_two_pieces_of_a_file_share_ends_as_in_one(
    payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "PIECE_LINES", 1)
    order_id, _, pupil_ref = await payments.an_issued_order()
    settled = Paid(order_id, booked=BOOKED)
    back = Paid(order_id, direction="CRDT", returned="AC04", booked=BACK)
    answer = await taken(payments, a_statement(settled, settled, back, back))
    assert answer["results"] == {"applied": 2, "repeated": 2}
    facts = [fact for fact in await said(payments, pupil_ref) if "booked_on" in fact[1]]
    assert [(kind, fact["booked_on"]) for kind, fact in facts] == [
        ("payment-settled", BOOKED),
        ("payment-returned", BACK),
    ]
    before, last = (fact["version"] for _, fact in facts)
    order = await payments.order(order_id)
    assert (last, order["version"], order["state"]) == (before + 1, last, "returned")
