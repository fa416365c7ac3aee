"""The books added up again: a whole life agrees, and every sum that was tampered with is named."""

from typing import Any

import pytest
from sqlalchemy import text

from services.payments.jobs import JOBS
from shared import clock, metrics
from tests.builders_payments import Payments
from tests.integration.payments.commands import command
from tests.money_facts import (
    OFFICE,
    OFFICER,
    STATE_OFFICER,
    a_suspension,
    an_approval,
    pupil,
)

NIGHTLY = next(job for job in JOBS if job.name == "check-books")
MEALS = {"m": ("meals", {"2021-10": 6_000})}


async def check(payments: Payments) -> dict[str, list[dict[str, Any]]]:
    """Add the books up as every night; gives the differences by comparison, as the door does."""
    async with payments.doors.database.transaction() as session:
        await NIGHTLY.run(session, clock.now())
    answer = (await payments.doors.get("/books/checks", by=STATE_OFFICER)).json()
    found = {one["name"]: one["differences"] for one in answer["checks"] if one["differing"]}
    assert answer["agree"] is (not found)
    return found


async def a_whole_life(payments: Payments) -> None:
    """Allocated, approved, revised, ordered, filed, settled, returned, recovered, suspended."""
    await payments.allocate("yearly_maximum", 200_000, school_year="2021")
    await payments.allocate("set", 90_000)
    await payments.allocate("set", 1_000, semester="2021-2")
    await payments.allocate("transfer", 500, to_semester="2021-2")
    settled, plan_id, pupil_ref = await payments.an_issued_order(4_000)
    returned, _, _ = await payments.an_issued_order(4_000)
    await payments.report(settled, "settled")
    await payments.report(returned, "returned")
    back = {"recovery_id": "r-1", "order_id": settled, "cents": 700, "booked_on": "2021-11-18"}
    line = back | {"reason_code": "error"}
    await payments.doors.lines(f"/offices/{OFFICE}/recoveries", [line], by=OFFICER)
    await payments.hear(an_approval(pupil_ref, plan_id, MEALS, plan_version=2))
    other = pupil()
    other_plan = await payments.a_plan(MEALS, pupil_ref=other)
    await payments.hear(a_suspension(other, other_plan, on="2021-10-10"))


@pytest.mark.feature("M24")
async def test_after_a_whole_life_every_sum_is_that_of_its_parts(alone: Payments) -> None:
    await a_whole_life(alone)
    assert await check(alone) == {}
    said = command(alone, "check-books")
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, "the books agree")
    shown = (await alone.doors.get("/books/checks", by=STATE_OFFICER)).json()
    assert len(shown["checks"]) == 13
    assert all(one["rule_lv"] and one["rule_en"] for one in shown["checks"])
    early = await alone.doors.get("/books/checks", by=STATE_OFFICER, day="2021-01-01")
    assert early.json() == {"agree": False, "differing": 0, "checks": []}
    office = await alone.doors.get("/books/checks", by=OFFICER)
    assert (office.status_code, office.json()["code"]) == (403, "role-missing")


SUMS = {
    "months-reserved": ("pupil_months", "reserved_cents"),
    "months-ordered": ("pupil_months", "ordered_cents"),
    "lines-ordered": ("entitlements", "ordered_cents"),
    "allocations-spoken-for": ("allocations", "spoken_for_cents"),
    "allocations-allocated": ("allocations", "allocated_cents"),
    "years-allocated": ("allocation_years", "allocated_cents"),
    "orders-recovered": ("orders", "recovered_cents"),
    "orders-reported": ("reports", "cents"),
}
PARTS = {
    "claims-ordered": "UPDATE claims SET state = 'returned' WHERE state = 'accepted'",
    "files-cents": "UPDATE orders SET file_id = 'another' WHERE state = 'settled'",
    "files-payments": "UPDATE orders SET file_id = 'another' WHERE state = 'returned'",
}


async def do(payments: Payments, change: str) -> None:
    """Change rows behind the service's back."""
    async with payments.doors.database.transaction() as session:
        await session.execute(text(change))


@pytest.mark.feature("M24")
async def test_the_command_fails_where_the_books_disagree_and_keeps_what_it_found(
    alone: Payments,
) -> None:
    await a_whole_life(alone)
    await do(alone, "UPDATE orders SET recovered_cents = recovered_cents + 7 WHERE cents = 4000")
    said = command(alone, "check-books")
    assert (said.returncode, said.stdout.splitlines()[-1]) == (3, "THE BOOKS DISAGREE")
    shown = (await alone.doors.get("/books/checks", by=STATE_OFFICER)).json()
    wrong = [check["name"] for check in shown["checks"] if check["differing"]]
    assert (shown["agree"], "orders-recovered" in wrong) == (False, True)


async def test_a_sum_that_was_tampered_with_is_named_with_both_values(alone: Payments) -> None:
    await a_whole_life(alone)
    for name, (table, column) in SUMS.items():
        await do(alone, f"UPDATE {table} SET {column} = {column} + 7 WHERE {column} > 0")
        found = await check(alone)
        assert {abs(one["kept"] - one["counted"]) for one in found[name]} == {7}
        assert gauge(name) == len(found[name])
        await do(alone, f"UPDATE {table} SET {column} = {column} - 7 WHERE {column} > 0")
        assert (await check(alone), gauge(name)) == ({}, 0)
    for name, change in PARTS.items():
        await do(alone, change)
        assert name in await check(alone)


def gauge(name: str) -> float | None:
    """What the metric of a comparison shows."""
    return metrics.REGISTRY.get_sample_value("pumpurs_books_differences", {"check": name})
