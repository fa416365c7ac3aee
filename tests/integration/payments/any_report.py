"""Partners' reports in any life, and what the state makes of them line by line."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from tests.integration.payments.any_life import Life
from tests.integration.payments.any_order import OFFICES
from tests.money_facts import STATE_OFFICER

REFUSED = (None, "original-not-verified", "verdict-unfit")
_SUMS = text("""
    SELECT l.order_id, o.cents, sum(l.cents), sum(l.accepted_cents),
        sum(l.accepted_cents) FILTER (WHERE r.state = 'verified'),
        sum(l.accepted_cents) FILTER (WHERE l.package_id IS NOT NULL),
        sum(l.esf_cents), min(o.esf_cents)
    FROM partner_report_lines l JOIN partner_reports r USING (report_id)
        JOIN orders o USING (order_id)
    GROUP BY l.order_id, o.cents
""")


class PartnerReports:
    """Reports as submitted; of every order the sums stay between nothing and what was paid."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.doors = life.payments.doors
        self.submitted = dict.fromkeys(OFFICES, 0)
        self.spent = dict.fromkeys(OFFICES, 0)
        self.open: list[str] = []
        self.counts: dict[str, int] = {}

    async def submit(self, office: str) -> None:
        """The report of the next month; all reports together are what was paid and is not back."""
        first = _first_day(self.submitted[office])
        self.submitted[office] += 1
        answer = await self.doors.send(
            f"/offices/{office}/partner-reports",
            {"period": f"{first:%Y-%m}"},
            by=OFFICES[office],
            at=_first_day(self.submitted[office]).isoformat(),
        )
        assert answer.status_code == 201, answer.text
        report = answer.json()
        self.open.append(report["report_id"])
        self.spent[office] += report["spent_cents"]
        ours = [o for o in self.life.orders.values() if o.office == office]
        paid = sum(o.counts for o in ours if o.state == "settled")
        assert self.spent[office] == paid, (report, ours)

    async def lines(self, report_id: str) -> list[dict[str, Any]]:
        """The lines of a report, in the order in which their orders were made."""
        path = f"/partner-reports/{report_id}/lines"
        found: list[dict[str, Any]] = (await self.doors.get(path, by=STATE_OFFICER)).json()["lines"]
        made = list(self.life.orders)
        return sorted(found, key=lambda line: (made.index(line["order_id"]), line["cents"]))

    async def decide(self, report_id: str, verdicts: Iterable[dict[str, Any]]) -> None:
        """The state decides on lines, or decides anew."""
        path = f"/partner-reports/{report_id}/verdicts"
        for answer in await self.doors.lines(path, list(verdicts), by=STATE_OFFICER):
            assert answer["code"] in REFUSED, answer

    async def verify(self, report_id: str) -> None:
        """The state closes its look at a report, where every line is decided."""
        lines = await self.lines(report_id)
        path = f"/partner-reports/{report_id}/verification"
        answer = await self.doors.send(path, {}, by=STATE_OFFICER, at="2023-01-10")
        decided = all(line["decision"] for line in lines)
        assert (answer.status_code == 200) == decided, answer.text
        if decided:
            self.open.remove(report_id)

    async def package(self) -> None:
        """What is verified goes into a claim package."""
        body = {"last_day": "2021-11-30"}
        answer = await self.doors.send("/claim-packages", body, by=STATE_OFFICER, at="2023-01-10")
        assert answer.json().get("code") in (None, "nothing-to-claim"), answer.text

    async def sums_are_within_orders(self) -> None:
        """What is reported of an order, and what counts, is neither below zero nor above it."""
        async with self.doors.database.transaction() as session:
            rows = list(await session.execute(_SUMS))
        for order_id, cents, spent, accepted, verified, packaged, esf, whole_esf in rows:
            assert 0 <= spent <= cents, order_id
            assert 0 <= esf <= whole_esf, order_id
            for sum_of_lines in (accepted, verified, packaged):
                assert sum_of_lines is None or 0 <= sum_of_lines <= cents, order_id
        self.counts = {row[0]: row[4] for row in rows if row[4] is not None}


def _first_day(month: int) -> date:
    """The first day of a month counted from November 2021."""
    first = date(2021, 11, 1)
    for _ in range(month):
        first = (first + timedelta(days=31)).replace(day=1)
    return first
