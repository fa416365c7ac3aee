"""What persons of an office decide in any life: about bank lines that fit no order, about days."""

from typing import Any

from tests.integration.payments.any_answer import Answers, expected
from tests.integration.payments.any_life import Life
from tests.integration.payments.any_order import OFFICES, SECONDS


class Work:
    """The work list, and cases about days that were paid though the pupil was away."""

    def __init__(self, life: Life, answers: Answers) -> None:
        self.life = life
        self.answers = answers
        self.doors = life.payments.doors

    async def items(self, office: str) -> list[dict[str, Any]]:
        """What fits no order, in the order in which the orders they name were made."""
        path, by = f"/offices/{office}/work-list", OFFICES[office]
        found: list[dict[str, Any]] = (await self.doors.get(path, by=by)).json()["items"]
        made = list(self.life.orders)
        return sorted(found, key=lambda i: (made.index(i["order_id"]), i["outcome"], i["cents"]))

    async def resolve(self, office: str, item: dict[str, Any], order_id: str) -> None:
        """One person chooses the order an item is about, another approves."""
        order, outcome = self.life.orders[order_id], item["outcome"]
        if outcome == "unknown":
            outcome = "settled"
        wrong = item["cents"] not in (0, order.cents)
        by_bank = item["statement_id"] is not None
        result = expected(order, outcome, wrong=wrong, by_bank=by_bank)
        line = {"report_id": item["report_id"]}
        chosen = {"decision": "order", "order_id": order_id, "outcome": outcome}
        path = f"/offices/{office}/work-list"
        (answer,) = await self.doors.lines(
            f"{path}/resolutions",
            [line | chosen | {"reason": "read on the bank's page"}],
            by=OFFICES[office],
        )
        assert (answer["code"] is None) == (result != "work_list"), answer
        if answer["code"] is None:
            (done,) = await self.doors.lines(f"{path}/approvals", [line], by=SECONDS[office])
            assert done["status"] == "accepted", done
            order.state = outcome if result == "applied" else order.state

    async def cases(self, office: str) -> list[dict[str, Any]]:
        """Open cases about days, in the order in which their orders were made."""
        path, by = f"/offices/{office}/day-cases", OFFICES[office]
        answer = await self.doors.get(path, by=by, state="open")
        found: list[dict[str, Any]] = answer.json()["cases"]
        made = list(self.life.orders)
        return sorted(found, key=lambda case: (made.index(case["order_id"]), case["day"]))

    async def decide(self, office: str, case: dict[str, Any], decision: str) -> None:
        """Money for a day is asked back, where the order was paid and so much is there, or kept."""
        order = self.life.orders[case["order_id"]]
        line = {"case_id": case["case_id"], "decision": decision, "comment": "nebija skolā"}
        if decision == "recover":
            line |= {"pay_until": "2021-12-20"}
        path = f"/offices/{office}/day-cases/decisions"
        (answer,) = await self.doors.lines(path, [line], by=OFFICES[office], at="2021-11-22")
        left = order.cents - order.back - order.asked
        fits = decision == "keep" or (order.state == "settled" and case["cents"] <= left)
        assert (answer["code"] is None) == fits, (answer, case, order)
        if fits and decision == "recover":
            order.asked += case["cents"]
            demand = {"demand_id": case["case_id"], "order_id": order.order_id}
            self.answers.lines.append(demand | {"open": case["cents"]})
