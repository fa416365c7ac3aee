"""What a batch of reports comes to: an outcome each, orders moved, facts to tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.payments.domain import OrderState
from services.payments.orders.reported_rows import ReportedOrder
from services.payments.orders.store import Move
from services.payments.reports.domain import (
    APPLIED,
    REPEATED,
    RETURNED,
    WORK_LIST,
    Outcome,
    Report,
    decide,
)

Heard = dict[tuple[str, str], Outcome]
"""What a report that was taken before gets now, by office and report id."""


@dataclass
class Decisions:
    """Decides reports in their order, each once, upon orders as they stand.

    `orders` goes along: it says how they stand behind what was decided.
    """

    orders: dict[str, ReportedOrder]
    heard: Heard
    said: Heard = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    new: list[tuple[Report, Outcome]] = field(default_factory=list)
    moves: dict[str, Move] = field(default_factory=dict)
    told: list[tuple[Report, ReportedOrder]] = field(default_factory=list)
    returned: list[ReportedOrder] = field(default_factory=list)

    def follow(self, before: "Decisions") -> None:
        """Go on from decisions that are not written yet."""
        self.heard.update(before.said)
        for order_id in self.orders.keys() & before.moves.keys():
            self.orders[order_id] = before.orders[order_id]

    def decide(self, reports: Sequence[Report]) -> None:
        """Decide these reports."""
        heard, said = self.heard, self.said
        for report in reports:
            key = report.partner, report.report_id
            outcome = heard.get(key) or said.get(key)
            if outcome is None:
                outcome = self._decided(report)
                said[key] = _AGAIN if outcome.code is None else Outcome(REPEATED, outcome.code)
                self.new.append((report, outcome))
            self.outcomes.append(outcome)

    def _decided(self, report: Report) -> Outcome:
        """Decide one report and, where the order follows it, move the order."""
        order = self.orders.get(report.order_id)
        if order is None:
            return Outcome(WORK_LIST, report.unfit or "order-unknown")
        outcome = decide(report, order)
        if outcome.result == APPLIED:
            self._move(order, report)
        return outcome

    def _move(self, order: ReportedOrder, report: Report) -> None:
        """Move an order where the report says, and have it told."""
        order_id, outcome, booked_on = order.order_id, report.outcome, report.booked_on
        before = self.moves.get(order_id)
        steps = 1 if before is None else before.steps + 1
        self.moves[order_id] = Move(outcome, booked_on, report.reason_code, steps)
        self.orders[order_id] = moved = order.moved(outcome, booked_on)
        if outcome is not _UNKNOWN:
            self.told.append((report, moved))
        if outcome is RETURNED:
            self.returned.append(order)


_UNKNOWN = OrderState.UNKNOWN
_AGAIN = Outcome(REPEATED)
