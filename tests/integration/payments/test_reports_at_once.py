"""Two doors bring one report of an order nobody knows at the same moment: it counts once."""

import asyncio
import itertools
from typing import Any

import pytest
from sqlalchemy import text

from services.payments.reports import store
from tests.builders_payments import Payments
from tests.money_facts import COUNTER

AT_ONCE = 2


async def test_one_report_of_an_unknown_order_brought_twice_at_once_waits_once(
    payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, looks, look = asyncio.Barrier(AT_ONCE), itertools.count(), store.heard_before

    async def together(*asked: Any) -> Any:
        found = await look(*asked)
        if next(looks) < AT_ONCE:
            await looked.wait()
        return found

    monkeypatch.setattr(store, "heard_before", together)
    report_id = f"twice-{next(COUNTER)}"
    brought = (
        payments.report("no-such-order", "settled", report_id=report_id) for _ in range(AT_ONCE)
    )
    answers = await asyncio.gather(*brought)
    assert [answer["code"] for answer in answers] == ["order-unknown"] * AT_ONCE
    asked = text("SELECT result FROM reports WHERE report_id = :report")
    async with payments.doors.database.transaction() as session:
        rows = (await session.execute(asked, {"report": report_id})).scalars().all()
    assert rows == ["work_list"]
