"""Claims of an autumn whose calendar is known: days, months, and why days were refused."""

from typing import Any

from shared.registers import keep_semesters
from tests.builders_payments import Payments
from tests.doors import told
from tests.money_facts import a_calendar, a_claim, an_approval, an_invoice

MEALS = {"m": ("meals", {"2022-10": 20_000, "2022-11": 10_000})}
AUTUMN = ("2022-09-01", "2022-12-23")
LATER = "2022-12-01"
BREAK_WEEK = ("2022-10-24", "2022-10-28")


async def keep_calendar(payments: Payments) -> None:
    """The country's autumn of 2022 as the ministry printed it, with one holiday."""
    autumn = a_calendar("2022-1", *AUTUMN, breaks=[BREAK_WEEK], days_off=["2022-11-18"])
    async with payments.doors.database.transaction() as session:
        await keep_semesters(session, [told(autumn)])


async def an_autumn_plan(payments: Payments, ref: str, planned: Any = MEALS, **more: Any) -> str:
    """An approved plan for the autumn of 2022."""
    await keep_calendar(payments)
    plan_id = f"days-{ref[-8:]}"
    more = {"valid": AUTUMN, "approved_on": "2022-09-01", **more}
    await payments.hear(an_approval(ref, plan_id, planned, **more))
    return plan_id


def on_days(plan_id: str, *days: str, cents: int = 1_000, **more: Any) -> dict[str, Any]:
    """A claim for meals on these days."""
    return a_claim(plan_id, "m", cents, month=None, days=list(days), **more)


def in_month(plan_id: str, quantity: int, cents: int, **more: Any) -> dict[str, Any]:
    """A claim for so many meals of October 2022, on whichever days."""
    evidence = an_invoice() | {"quantity": quantity}
    return a_claim(plan_id, "m", cents, **({"month": "2022-10", "evidence": evidence} | more))


async def claim_in_december(
    payments: Payments, *lines: dict[str, Any], **more: Any
) -> list[dict[str, Any]]:
    """Submit claims in December."""
    return await payments.claim(lines, **({"at": LATER} | more))


def reasons(answer: dict[str, Any]) -> dict[str, str]:
    """The refused days of an answer with their codes."""
    return {day["day"]: day["code"] for day in answer["details"]["days"]}
