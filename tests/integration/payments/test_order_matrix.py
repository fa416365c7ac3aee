"""Every role, every state of an order, every action: what the table does not allow is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.payments.domain import MOVES, OrderState
from shared.auth import Role
from tests.builders_payments import Payments
from tests.money_facts import COUNTER, LATER, OFFICE, OFFICER, SCHOOL, STRANGER

S = OrderState
CENTS = 700
ACTIONS: Mapping[str, OrderState] = {
    "approve": S.APPROVED,
    "cancel": S.CANCELLED,
    "settled": S.SETTLED,
    "returned": S.RETURNED,
    "unknown": S.UNKNOWN,
}
"""What people do to an order, and where that brings it."""
ROLES = [role for role in Role if role is not Role.PAYMENT_OFFICER]
REFUSALS = {
    "role-missing",
    "outside-your-organisation",
    "wrong-move",
    "order-not-sent",
    "contradicts-earlier-report",
    "order-of-another-office",
}


async def an_order(payments: Payments, state: OrderState) -> str:
    """An order in a state, brought there by its office; gives its id."""
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": CENTS})})
    order_id = await payments.an_order(plan_id, "m", CENTS)
    if state is S.CANCELLED:
        await act(payments, "cancel", order_id, by=OFFICER)
    elif state is not S.DRAFT:
        await act(payments, "approve", order_id, by=OFFICER)
        await _further(payments, order_id, state)
    assert (await payments.order(order_id))["state"] == state
    return order_id


async def _further(payments: Payments, order_id: str, state: OrderState) -> None:
    """From approved on: into a file, handed over, reported."""
    if state is S.APPROVED:
        return
    files = (await payments.issue_file()).json()["files"]
    if state is S.SENT:
        await payments.doors.get(f"/bank-files/{files[0]['file_id']}", by=OFFICER, at=LATER)
    elif state is not S.IN_FILE:
        await act(payments, state.value, order_id, by=OFFICER)


async def act(payments: Payments, action: str, order_id: str, *, by: str) -> str | None:
    """Try an action through its door; gives the code of the refusal, or nothing."""
    line: dict[str, Any] = {"order_id": order_id}
    if action == "approve":
        path = "/orders/approvals"
    elif action == "cancel":
        path = "/orders/cancellations"
        line["reason_code"] = "entered-twice"
    else:
        path = f"/offices/{OFFICE}/reports"
        line |= {"report_id": f"r-{next(COUNTER)}", "outcome": action, "cents": CENTS}
        line["booked_on"] = "2021-11-17"
    body = {"lines": [line]}
    answer = (await payments.doors.send(path, body, by=by, at="2021-11-17")).json()
    code: str | None = answer["code"] if "code" in answer else answer["lines"][0]["code"]
    return code


@pytest.mark.feature("D22")
@pytest.mark.feature("M13")
@pytest.mark.parametrize("state", list(S))
async def test_no_role_but_the_offices_own_officer_moves_an_order(
    payments: Payments, state: OrderState
) -> None:
    order_id = await an_order(payments, state)
    for role in ROLES:
        for organisation in (SCHOOL, OFFICE, "state"):
            await payments.doors.grant(f"some.{role}", role, organisation)
    for person in (*(f"some.{role}" for role in ROLES), STRANGER):
        for action in ACTIONS:
            code = await act(payments, action, order_id, by=person)
            assert code in REFUSALS, (person, action, code)
    assert (await payments.order(order_id))["state"] == state


@pytest.mark.feature("D22")
@pytest.mark.feature("M13")
@pytest.mark.parametrize("state", list(S))
async def test_an_officer_moves_an_order_only_as_the_table_says(
    payments: Payments, state: OrderState
) -> None:
    for action, wanted in ACTIONS.items():
        order_id = await an_order(payments, state)
        code = await act(payments, action, order_id, by=OFFICER)
        now = (await payments.order(order_id))["state"]
        if (state, wanted) in MOVES:
            assert (code, now) == (None, wanted), action
        else:
            assert now == state, action
            assert code in REFUSALS or state == wanted, (action, code)
