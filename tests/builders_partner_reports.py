"""What stories about partners' reports do again and again: pay, receive, report, decide."""

from typing import Any

from sqlalchemy import text

from tests.builders_payments import Payments
from tests.money_facts import COUNTER, OFFICE, OFFICER, STATE_OFFICER, pupil

DECEMBER = "2021-12-15"
LATER = "2022-01-10"
FEBRUARY = "2022-02-01"
BY_STATE: dict[str, Any] = {"by": STATE_OFFICER, "at": DECEMBER}
PATH = f"/offices/{OFFICE}/partner-reports"


async def nothing_reported(payments: Payments) -> None:
    """Books of its own for a story: no other story's orders wait for a report."""
    async with payments.doors.database.transaction() as session:
        for table in ("partner_report_lines", "partner_reports", "fundings", "claim_packages"):
            await session.execute(text(f"DELETE FROM {table}"))
        await session.execute(text("UPDATE orders SET state = 'unknown' WHERE state = 'settled'"))
        await session.execute(text("UPDATE recoveries SET order_id = NULL"))


async def a_paid_order(
    payments: Payments, cents: int, *, kind: str = "meals", month: str = "2021-10"
) -> str:
    """An order that its office paid on 17.11.2021; gives its id."""
    plan_id = await payments.a_plan({"m": (kind, {month: cents})}, pupil_ref=pupil())
    order_id = await payments.an_order(plan_id, "m", cents, month=month)
    await payments.approve_orders(order_id)
    assert (await payments.issue_file()).status_code == 201
    answer = await payments.report(order_id, "settled", cents=cents)
    assert answer["details"]["result"] == "applied"
    return order_id


async def received(payments: Payments, kind: str, cents: int, on: str) -> dict[str, Any]:
    """Money between the state and the office; gives the line's answer."""
    line = {"funding_id": f"f-{next(COUNTER)}", "kind": kind, "cents": cents, "booked_on": on}
    path = f"/offices/{OFFICE}/fundings"
    (answer,) = await payments.doors.lines(path, [line], **BY_STATE)
    return answer


async def came_back(
    payments: Payments, order_id: str, cents: int, on: str, *, at: str = DECEMBER
) -> str:
    """Money of an order that came back on a day; gives the recovery's id."""
    back = {"recovery_id": f"r-{next(COUNTER)}", "order_id": order_id, "cents": cents,
            "booked_on": on, "reason_code": "never-served"}  # fmt: skip
    path = f"/offices/{OFFICE}/recoveries"
    (answer,) = await payments.doors.lines(path, [back], by=OFFICER, at=at)
    assert answer["status"] == "accepted", answer
    return str(back["recovery_id"])


async def submitted(payments: Payments, period: str, at: str = DECEMBER) -> dict[str, Any]:
    """The report of a period, submitted by the office."""
    answer = await payments.doors.send(PATH, {"period": period}, by=OFFICER, at=at)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def lines_of(payments: Payments, report_id: str) -> list[dict[str, Any]]:
    """The lines of a report."""
    answer = await payments.doors.get(f"/partner-reports/{report_id}/lines", by=STATE_OFFICER)
    found: list[dict[str, Any]] = answer.json()["lines"]
    return found


async def decide(payments: Payments, report_id: str, *verdicts: dict[str, Any]) -> list[Any]:
    """The state's decisions on lines."""
    return await payments.doors.lines(
        f"/partner-reports/{report_id}/verdicts", verdicts, **BY_STATE
    )


async def verified(payments: Payments, period: str, at: str, **verdicts: dict[str, Any]) -> str:
    """A report of a period that the state went through: accepted but for the orders named."""
    report_id: str = (await submitted(payments, period, at=at))["report_id"]
    lines = await lines_of(payments, report_id)
    wanted = [
        {"line_no": line["line_no"], "decision": "accepted", **verdicts.get(line["order_id"], {})}
        for line in lines
    ]
    answers = await decide(payments, report_id, *wanted)
    assert {answer["status"] for answer in answers} == {"accepted"}, answers
    done = await payments.doors.send(f"/partner-reports/{report_id}/verification", {}, **BY_STATE)
    assert done.status_code == 200, done.text
    return report_id
