"""A payee entered by several people at the same moment is one payee, and everybody is told."""

import asyncio
import itertools
from typing import Any

import pytest
from sqlalchemy import text

from services.payments.payees import store
from tests.builders_payments import Payments
from tests.money_facts import COUNTER, LATER, OFFICE, TEACHER, account

AT_ONCE = 6


@pytest.fixture(autouse=True)
def all_look_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes before everybody has seen that the payee is not there."""
    looked, looks, look = asyncio.Barrier(AT_ONCE), itertools.count(), store.opened_payees

    async def together(*asked: Any, **more: Any) -> Any:
        found = await look(*asked, **more)
        if next(looks) < AT_ONCE:
            await looked.wait()
        return found

    monkeypatch.setattr(store, "opened_payees", together)


async def entered_at_once(
    payments: Payments, lines: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], int]:
    """What each gets who enters one of these payees, and how many there are afterwards."""
    answers = await asyncio.gather(
        *(payments.doors.lines("/payees", [line], by=TEACHER, at=LATER) for line in lines)
    )
    asked = text("SELECT count(*) FROM payees WHERE partner = :partner AND payee_id = :payee")
    async with payments.doors.database.transaction() as session:
        values = {"partner": OFFICE, "payee": lines[0]["payee_id"]}
        count = await session.scalar(asked, values)
    return [answer for (answer,) in answers], int(count or 0)


def a_payee(number: int) -> dict[str, Any]:
    """A payee nobody has entered yet."""
    payee_id = f"at-once-{next(COUNTER)}"
    line = {"payee_id": payee_id, "partner": OFFICE, "kind": "parent", "name": "Anna Bērziņa"}
    return line | {"account": account(number)}


async def test_one_new_payee_entered_by_several_at_once_is_one(payments: Payments) -> None:
    answers, count = await entered_at_once(payments, [a_payee(4711)] * AT_ONCE)
    assert [answer["status"] for answer in answers] == ["accepted"] * AT_ONCE
    assert count == 1


async def test_of_two_payees_entered_at_once_under_one_id_the_later_is_refused(
    payments: Payments,
) -> None:
    line = a_payee(4711)
    lines = [line | {"account": account(4711 + n)} for n in range(AT_ONCE)]
    answers, count = await entered_at_once(payments, lines)
    refused = [answer for answer in answers if answer["status"] != "accepted"]
    assert [answer["code"] for answer in refused] == ["payee-differs"] * (AT_ONCE - 1)
    assert count == 1
