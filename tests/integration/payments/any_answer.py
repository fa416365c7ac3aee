"""What offices and their banks answer in any life: by HTTP, by topic, by a bank's file."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from shared.contracts.offices import OrderReturned, OrderSettled
from shared.money import euro
from tests.builders_bank import Paid, a_statement, a_status, bring
from tests.integration.payments.any_life import Life
from tests.integration.payments.any_order import ACCOUNTS, OFFICES, AnOrder

BOOKED = {"settled": "2021-11-17", "returned": "2021-11-18", "unknown": "2021-11-17"}
TOLD_AT = "2021-11-19T09:00:00+00:00"
Said = tuple[str, str, int]
"""An order, what became of it, and by how much the sum told is wrong."""


def expected(order: AnOrder, outcome: str, *, wrong: bool, by_bank: bool) -> str:
    """What becomes of a report, by hand."""
    if wrong or (outcome == "returned" and order.back):
        return "work_list"
    if order.state == outcome:
        return "repeated"
    if by_bank and (order.state, outcome) == ("returned", "settled"):
        return "repeated"
    open_yet = order.state == "in_file" or (order.state == "unknown" and outcome != "unknown")
    return (
        "applied" if open_yet or (order.state, outcome) == ("settled", "returned") else "work_list"
    )


class Answers:
    """Answers of all offices; each moves orders as anybody would expect, or moves none."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.doors = life.payments.doors
        self.lines: list[dict[str, Any]] = []

    def _follow(self, order_id: str, outcome: str, wrong: int, *, by_bank: bool) -> str:
        """Let the order kept by hand follow a report."""
        order = self.life.orders[order_id]
        result = expected(order, outcome, wrong=wrong != 0, by_bank=by_bank)
        if result == "applied":
            order.state = outcome
        return result

    async def by_door(self, order_id: str, outcome: str, wrong: int = 0) -> None:
        """The office says over HTTP what became of an order, and says it again."""
        order = self.life.orders[order_id]
        line = {
            "report_id": f"report-{next(self.life.numbers)}",
            "order_id": order_id,
            "outcome": outcome,
            "cents": order.cents + wrong,
            "booked_on": BOOKED[outcome],
            "reason_code": "closed" if outcome == "returned" else None,
        }
        result = self._follow(order_id, outcome, wrong, by_bank=False)
        path, by = f"/offices/{order.office}/reports", OFFICES[order.office]
        lines = [line, line]
        first, again = await self.doors.lines(path, lines, by=by, at="2021-11-19")
        became = "work_list" if first["code"] else first["details"]["result"]
        assert (became, again["details"]["result"]) == (result, "repeated")

    async def by_topic(self, order_id: str, outcome: str, wrong: int = 0) -> None:
        """The office says on its own topic what became of an order."""
        order = self.life.orders[order_id]
        told: dict[str, Any] = {
            "report_id": f"told-{next(self.life.numbers)}",
            "partner": order.office,
            "order_id": order_id,
            "booked_on": BOOKED[outcome],
            "cents": order.cents + wrong,
        }
        self._follow(order_id, outcome, wrong, by_bank=False)
        if outcome == "settled":
            await self.life.hear(OrderSettled(**told), at=TOLD_AT)
        else:
            await self.life.hear(OrderReturned(**told, reason_code="closed"), at=TOLD_AT)

    async def by_statement(self, office: str, said: Sequence[Said]) -> None:
        """The bank's statement of a day names some payments of the office; it comes twice."""
        results: Counter[str] = Counter()
        paid = []
        for order_id, outcome, wrong in said:
            results[self._follow(order_id, outcome, wrong, by_bank=True)] += 1
            amount = euro(self.life.orders[order_id].cents + wrong)
            returned = outcome == "returned"
            side, reason = ("CRDT", "AC04") if returned else ("DBIT", None)
            paid.append(Paid(order_id, amount, side, reason, booked=BOOKED[outcome]))
        await self._bring(office, a_statement(*paid, account=ACCOUNTS[office]), results)

    async def by_status(self, office: str, file_id: str, said: Sequence[Said]) -> None:
        """The bank's status report on a file, without sums; it comes twice."""
        results: Counter[str] = Counter()
        listed: list[tuple[str, str, str | None]] = []
        for order_id, outcome, _ in said:
            results[self._follow(order_id, outcome, 0, by_bank=True)] += 1
            returned = outcome == "returned"
            listed.append((order_id, "RJCT" if returned else "ACSC", "AC04" if returned else None))
        await self._bring(office, a_status(listed, file_id=file_id, group="PART"), results)

    async def _bring(self, office: str, file: bytes, results: Counter[str]) -> None:
        """Upload a bank's file twice; the second time it changes nothing."""
        for repeated in (False, True):
            answer = await bring(self.life.payments, file, by=OFFICES[office], partner=office)
            assert answer.status_code == 200, answer.text
            found = answer.json()
            assert (found["results"], found["repeated"]) == (dict(results), repeated), found

    async def recover(self, order_id: str, cents: int, demand_id: str | None = None) -> None:
        """Money of a paid order came back, or more than may, which is refused."""
        order = self.life.orders[order_id]
        line = {
            "recovery_id": f"recovery-{next(self.life.numbers)}",
            "order_id": order_id,
            "cents": cents,
            "booked_on": "2021-11-20",
            "reason_code": "error",
            "demand_id": demand_id,
        }
        path = f"/offices/{order.office}/recoveries"
        (answer,) = await self.doors.lines(path, [line], by=OFFICES[order.office], at="2021-11-22")
        demand = next((one for one in self.lines if one["demand_id"] == demand_id), None)
        left = order.cents - order.back - order.asked if demand is None else demand["open"]
        fits = order.state == "settled" and cents <= left
        assert (answer["code"] is None) == fits, answer
        if fits:
            order.back += cents
        if fits and demand is not None:
            demand["open"] -= cents
            order.asked -= cents

    async def demand(self, order_id: str, cents: int) -> None:
        """Money of an order is asked back, never more than was paid and is still there."""
        order = self.life.orders[order_id]
        line = {
            "demand_id": f"demand-{next(self.life.numbers)}",
            "order_id": order_id,
            "cents": cents,
            "reason_code": "not-delivered",
            "reason": "Ēdināšana oktobrī nav notikusi.",
            "pay_until": "2021-12-20",
        }
        path = f"/offices/{order.office}/demands"
        (answer,) = await self.doors.lines(path, [line], by=OFFICES[order.office], at="2021-11-22")
        left = order.cents - order.back - order.asked
        fits = order.state == "settled" and cents <= left
        assert (answer["code"] is None) == fits, answer
        if fits:
            order.asked += cents
            self.lines.append(line | {"open": cents})

    async def repair(self, order_id: str, decision: str) -> None:
        """A returned order is paid again as a new draft of the same sum, or given up."""
        order = self.life.orders[order_id]
        line = {"order_id": order_id, "decision": decision, "reason": "konts bija slēgts"}
        path = f"/offices/{order.office}/repairs"
        by = OFFICES[order.office]
        (answer,) = await self.doors.lines(path, [line], by=by, at="2021-11-22")
        assert (answer["status"] == "accepted") != bool(answer["code"]), answer
        if answer["status"] == "accepted" and decision == "pay_again":
            self.life.add(
                AnOrder(
                    answer["details"]["new_order_id"],
                    order.office,
                    order.key,
                    order.plan_id,
                    order.cents,
                    order.payee_id,
                    order.evidence,
                    order.meal,
                )
            )
