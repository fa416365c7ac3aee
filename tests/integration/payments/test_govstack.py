"""Government platforms hand over batches by the published names, and pay only what was ordered."""

import itertools
import json
from typing import Any

import httpx
import pytest

from tests.builders_payments import Payments
from tests.money_facts import LATER, OFFICER, STRANGER, TEACHER, a_claim

VALIDATE, PAY = "/govstack/prepaymentValidation", "/govstack/bulkPayment"
NUMBERS = itertools.count(1)


async def an_order(payments: Payments, cents: int, *, by: str = TEACHER) -> str:
    """A draft order."""
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": cents})})
    (answer,) = await payments.claim([a_claim(plan_id, "m", cents)], by=by)
    order_id: str = answer["details"]["order_id"]
    return order_id


def instruction(order_id: str, amount: str, **more: Any) -> dict[str, Any]:
    """One instruction; the amount is text here and a number on the wire."""
    found = {"InstructionID": order_id, "PayeeFunctionalID": "mother", "Amount": amount}
    return found | {"Currency": "EUR", "Narration": "support"} | more


def a_batch(*instructions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A batch with ids nobody else has."""
    number = f"{next(NUMBERS):011d}"
    ids = {"RequestID": f"R{number}", "SourceBBID": "REGISTRY0001", "BatchID": f"B{number}"}
    return ids | {"CreditInstructions": list(instructions)} | more


async def send(
    payments: Payments, path: str, batch: dict[str, Any], *, by: str = OFFICER
) -> httpx.Response:
    """Send a batch, its amounts as bare numbers, with no key but its RequestID."""
    body = json.dumps(batch)
    for one in batch["CreditInstructions"]:
        body = body.replace(f'"Amount": "{one["Amount"]}"', f'"Amount": {one["Amount"]}')
    headers = payments.doors.headers(by, LATER, None)
    return await payments.doors.client.post(path, content=body.encode(), headers=headers)


async def reasons(answer: httpx.Response) -> list[str]:
    """Why instructions of a batch fail; the answer says so in the published form."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["ResponseCode"] == "01" and told["ResponseDescription"]
    assert told["NumberFailedCases"] == len(told["FailedAccounts"])
    return [failed["FailureReason"] for failed in told["FailedAccounts"]]


@pytest.mark.feature("M33")
@pytest.mark.feature("M11")
async def test_a_batch_is_validated_then_paid_once_and_its_status_told(payments: Payments) -> None:
    orders = [await an_order(payments, cents) for cents in (4_010, 29)]
    lines = [instruction(orders[0], "40.10"), instruction(orders[1], "0.29")]
    looked = (await send(payments, VALIDATE, a_batch(*lines))).json()
    assert (looked["ResponseCode"], looked["NumberFailedCases"]) == ("00", 0)
    assert [(await payments.order(one))["state"] for one in orders] == ["draft", "draft"]
    batch = a_batch(*lines)
    first, again = await send(payments, PAY, batch), await send(payments, PAY, batch)
    assert first.json() == again.json() and first.json()["ResponseCode"] == "00"
    assert first.json()["RequestID"] == batch["RequestID"]
    assert "idempotent-replayed" in again.headers
    assert [(await payments.order(one))["version"] for one in orders] == [2, 2]
    await payments.issue_file()
    await payments.report(orders[0], "settled", cents=4_010)
    path = f"{PAY}/{batch['BatchID']}"
    told = (await payments.doors.get(path, by=OFFICER)).json()
    assert told == {
        "requestId": batch["RequestID"],
        "batchId": batch["BatchID"],
        "TotalTransactions": 2,
        "ongoing": 1,
        "failed": 0,
        "completed": 1,
        "currency": "EUR",
        "totalAmount": "40.39",
        "ongoing_amount": "0.29",
        "failed_amount": "0.00",
        "completed_amount": "40.10",
    }
    assert (await payments.doors.get(path, by=STRANGER)).status_code == 403


@pytest.mark.feature("M33")
async def test_an_instruction_that_is_not_its_order_fails_the_whole_batch(
    payments: Payments,
) -> None:
    good, other = await an_order(payments, 1_000), await an_order(payments, 2_000)
    own = await an_order(payments, 3_000, by=OFFICER)
    batch = [
        instruction(good, "10.00"),
        instruction("no-such-order", "10.00"),
        instruction(other, "20.01"),
        instruction(other, "20.00", PayeeFunctionalID="father"),
        instruction(other, "20.00", Currency="USD"),
        instruction(good, "10.00"),
        instruction(own, "30.00"),
    ]
    for path in (VALIDATE, PAY):
        assert await reasons(await send(payments, path, a_batch(*batch))) == [
            "order-unknown",
            "amount-differs",
            "instruction-twice",
            "instruction-twice",
            "instruction-twice",
            "four-eyes",
        ]
    for wrong, reason in zip(batch[2:5], ("amount", "payee", "currency"), strict=True):
        (found,) = await reasons(await send(payments, PAY, a_batch(batch[0], wrong)))
        assert found.startswith(reason)
    assert (await payments.order(good))["state"] == "draft"


@pytest.mark.feature("M33")
@pytest.mark.feature("M31")
async def test_another_office_learns_nothing_of_our_orders(payments: Payments) -> None:
    order_id = await an_order(payments, 1_000)
    for amount in ("10.00", "11.00"):
        answer = await send(payments, PAY, a_batch(instruction(order_id, amount)), by=STRANGER)
        assert await reasons(answer) == ["order-unknown"]
    assert (await payments.order(order_id))["state"] == "draft"


@pytest.mark.feature("M33")
async def test_ids_are_used_once_and_requests_must_be_readable(payments: Payments) -> None:
    first, second = await an_order(payments, 1_000), await an_order(payments, 1_000)
    batch = a_batch(instruction(first, "10.00"))
    assert (await send(payments, PAY, batch)).json()["ResponseCode"] == "00"
    changed = batch | {"CreditInstructions": [instruction(second, "10.00")]}
    reused = await send(payments, PAY, changed)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency-key-reused")
    known = await send(payments, PAY, changed | {"RequestID": "R-another-01"})
    assert (known.status_code, known.json()["code"]) == (409, "batch-known")
    bads: tuple[dict[str, Any], ...] = (
        {"RequestID": "short"}, {"BatchID": "much-too-long-for-it"}, {"CreditInstructions": []},
        {"CreditInstructions": [instruction(second, "10.005")]},
        {"CreditInstructions": [instruction(second, "-1")]}, {"Free": "payment"},
    )  # fmt: skip
    for bad in bads:
        answer = await send(payments, PAY, a_batch(instruction(second, "10.00")) | bad)
        told = answer.json()
        assert (answer.status_code, told["code"]) == (400, "govstack-unreadable")
        assert told["ResponseCode"] == "01" and told["ResponseDescription"]
    assert (await payments.order(second))["state"] == "draft"
