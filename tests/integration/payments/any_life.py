"""What may happen to two pupils, two partners and their money, through the doors of payments.

Beside the service stands what everybody can count by hand: which days a version of a plan is in
force, which orders were made, filed, paid and given back.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from lxml import etree
from sqlalchemy import text

from services.payments.checks import store as check_rows
from services.payments.checks.domain import COMPARED
from services.payments.files.domain import NAMESPACE
from services.payments.payees.iban import with_check_digits
from shared import clock
from shared.auth import Role
from shared.contracts.base import Fact
from shared.money import parse_euro
from shared.registers import keep_schools
from tests.builders_payments import Payments
from tests.doors import told
from tests.integration.payments.any_plan import APlan
from tests.integration.payments.outbox import said
from tests.money_facts import (
    LATER,
    OFFICE,
    OFFICER,
    OTHER_OFFICE,
    OTHER_SCHOOL,
    SCHOOL,
    STRANGER,
    TEACHER,
    a_claim,
    a_closing,
    a_deletion,
    a_school,
    a_suspension,
    an_approval,
    hours_of_preparation,
    pupil,
)

OFFICES = {OFFICE: OFFICER, OTHER_OFFICE: STRANGER}
SCHOOLS = {OFFICE: SCHOOL, OTHER_OFFICE: OTHER_SCHOOL}
TYPES = {"s": "special_transport", "a": "accommodation"}
SIGNS = {"ordered": 1, "returned": -1, "cancelled": -1, "recovered": -1}
EMPTIED = (
    "beneficiaries, plans, plan_versions, preparations, pupil_months, entitlements, claims, orders,"
    " bank_files, bank_file_chunks, reports, recoveries, allocations, allocation_years,"
    " allocation_acts, allocation_decisions, evidence_claims, outbox"
)


@dataclass
class Life:
    """The service, and what happened so far."""

    payments: Payments
    pupils: list[str] = field(default_factory=lambda: [pupil(), pupil()])
    plans: dict[tuple[int, str], APlan] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: list[tuple[str, str]] = field(default_factory=list)
    past: list[Fact] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def begin(self) -> None:
        """Empty the books; two offices with an account and a payee stay."""
        async with self.payments.doors.database.transaction() as session:
            await session.execute(text(f"TRUNCATE {EMPTIED}"))

    async def hear(self, fact: Fact) -> None:
        """Let payments hear a fact, which may be told again later."""
        await self.payments.hear(fact)
        self.past.append(fact)

    async def approve(
        self, who: int, office: str, planned: Mapping[str, Mapping[str, int]], day: date
    ) -> None:
        """A new plan, or a new version of the one there is."""
        plan = self.plans.get((who, office))
        if plan is None or plan.deleted:
            plan = APlan(f"life-{next(self.numbers)}", self.pupils[who], office)
            self.plans[who, office] = plan
        plan.version += 1
        number = len(plan.days) + 1
        first = date(2021, 9, 1) if number == 1 else day
        plan.end(first)
        plan.days[number] = first, date(2021, 12, 21)
        plan.measures[number] = frozenset(planned)
        await self.hear(
            an_approval(
                plan.pupil_ref,
                plan.plan_id,
                {name: (TYPES[name], months) for name, months in planned.items()},
                plan_version=number,
                version=plan.version,
                approved_on=day.isoformat(),
                partner=office,
                school_id=SCHOOLS[office],
            )
        )

    async def end(self, plan: APlan, how: str, day: date) -> None:
        """Suspend or close a plan, or ask for its deletion."""
        plan.version += 1
        about = plan.pupil_ref, plan.plan_id
        if how == "delete":
            fact: Fact = a_deletion(*about, version=plan.version)
            live = [o for o in self.orders.values() if o["plan_id"] == plan.plan_id]
            plan.deleted = sum(o["cents"] - o["back"] for o in live) == 0
        elif how == "close":
            fact = a_closing(*about, on=day.isoformat(), version=plan.version)
            plan.end(day + timedelta(days=1))
        else:
            fact = a_suspension(*about, on=day.isoformat(), version=plan.version)
            plan.end(day)
        await self.hear(fact)

    async def prepare(self, plan: APlan, cents: int) -> None:
        """Hours of preparation are released and claimed."""
        await self.hear(hours_of_preparation(plan.pupil_ref, plan.plan_id, 360))
        evidence = {"kind": "preparation"}
        claim = a_claim(plan.plan_id, "preparation", cents, month=None, evidence=evidence)
        await self._claim(plan, claim)

    async def claim(self, plan: APlan, measure_id: str, cents: int, day: date) -> None:
        """Claim a day of a measure; it is paid only where a version in force holds it."""
        on = {"month": None, "service_date": day.isoformat()}
        accepted = await self._claim(plan, a_claim(plan.plan_id, measure_id, cents, **on))
        assert not accepted or plan.allows(day, measure_id), "paid without a plan in force"

    async def _claim(self, plan: APlan, claim: dict[str, Any]) -> bool:
        """Submit a claim and remember its order."""
        (answer,) = await self.payments.claim([claim])
        if answer["status"] == "refused":
            assert answer["code"], answer
            return False
        cents = answer["details"]["cents"]
        assert 0 < cents <= claim["cents"]
        order = {"plan_id": plan.plan_id, "office": plan.office, "cents": cents, "back": 0}
        self.orders[answer["details"]["order_id"]] = order | {"state": "draft"}
        return True

    def in_state(self, *states: str) -> list[str]:
        """Orders that stand there, oldest first."""
        return [order_id for order_id, o in self.orders.items() if o["state"] in states]

    async def approve_orders(self) -> None:
        """A second person approves all drafts."""
        for office, officer in OFFICES.items():
            drafts = [one for one in self.in_state("draft") if self.orders[one]["office"] == office]
            if drafts:
                answers = await self.payments.approve_orders(*drafts, by=officer)
                assert {answer["status"] for answer in answers} == {"accepted"}
                self._set(drafts, "approved")

    async def issue(self, office: str) -> None:
        """The file of the day, downloaded by its office."""
        ready = [o for o in self.in_state("approved") if self.orders[o]["office"] == office]
        body = {"partner": office, "execution_date": "2021-11-16"}
        by = OFFICES[office]
        answer = await self.payments.doors.send("/bank-files", body, by=by, at=LATER)
        assert (answer.status_code == 201) == bool(ready), answer.text
        for file in answer.json().get("files", ()):
            self.files.append((file["file_id"], by))
        self._set(ready, "in_file")

    async def report(self, order_id: str, outcome: str) -> None:
        """The office says what became of an order."""
        order = self.orders[order_id]
        line = {
            "report_id": f"report-{next(self.numbers)}",
            "order_id": order_id,
            "outcome": outcome,
            "cents": order["cents"],
            "booked_on": "2021-11-17",
            "reason_code": "closed" if outcome == "returned" else None,
        }
        path = f"/offices/{order['office']}/reports"
        by = OFFICES[order["office"]]
        (answer,) = await self.payments.doors.lines(path, [line], by=by, at="2021-11-17")
        assert answer["status"] == "accepted", answer
        order["state"] = outcome
        order["back"] = order["cents"] if outcome == "returned" else 0

    async def recover(self, order_id: str, cents: int) -> None:
        """Money of a paid order came back, or more than was paid, which is refused."""
        order = self.orders[order_id]
        line = {
            "recovery_id": f"recovery-{next(self.numbers)}",
            "order_id": order_id,
            "cents": cents,
            "booked_on": "2021-11-18",
            "reason_code": "error",
        }
        path = f"/offices/{order['office']}/recoveries"
        (answer,) = await self.payments.doors.lines(path, [line], by=OFFICES[order["office"]])
        fits = cents <= order["cents"] - order["back"]
        assert (answer["code"] is None) == fits, answer
        order["back"] += cents if fits else 0

    async def cancel(self, order_id: str) -> None:
        """An order that is in no file yet is taken back."""
        order = self.orders[order_id]
        line = {"order_id": order_id, "reason_code": "mistake"}
        by = OFFICES[order["office"]]
        (answer,) = await self.payments.doors.lines("/orders/cancellations", [line], by=by)
        assert answer["status"] == "accepted", answer
        order |= {"state": "cancelled", "back": order["cents"]}

    def _set(self, order_ids: list[str], state: str) -> None:
        """Orders moved on."""
        for order_id in order_ids:
            self.orders[order_id]["state"] = state

    async def allocate(self, office: str, kind: str, cents: int) -> None:
        """Two officers change an allocation, or are refused."""
        answer = await self.payments.allocate(kind, cents, partner=office)
        known = (None, "allocation-already-set", "allocation-not-set", "allocation-spoken-for")
        assert answer["code"] in known, answer

    async def books_agree(self) -> None:
        """Every sum is that of its parts, and what is kept by hand is what the books say."""
        async with self.payments.doors.database.transaction() as session:
            for compared in COMPARED:
                found = await check_rows.compare(session, compared.name, now=clock.now())
                assert found.differing == 0, found
            asked = "SELECT coalesce(sum(ordered_cents), 0)::bigint FROM entitlements"
            ordered = await session.scalar(text(asked))
            asked = "SELECT coalesce(sum(spoken_for_cents), 0)::bigint FROM allocations"
            spoken_for = await session.scalar(text(asked))
        assert ordered == sum(order["cents"] - order["back"] for order in self.orders.values())
        assert ordered <= spoken_for

    async def files_and_facts_agree(self) -> None:
        """The files hold each order once and its sum, and what was told adds up to the books."""
        filed: list[tuple[str, int]] = []
        for file_id, by in self.files:
            answer = await self.payments.doors.get(f"/bank-files/{file_id}", by=by)
            filed += payments_of_file(answer.content)
        left = [o for o in self.orders if self.orders[o]["state"] not in NOT_FILED]
        assert sorted(filed) == sorted((o, self.orders[o]["cents"]) for o in left)
        net = 0
        for pupil_ref in self.pupils:
            for kind, fact in await said(self.payments, pupil_ref):
                what = kind.removeprefix("payment-")
                net += SIGNS[what] * fact["cents"] if what in SIGNS else 0
                if what in SIGNS:
                    assert fact["esf_cents"] + fact["state_cents"] == fact["cents"]
        assert net == sum(order["cents"] - order["back"] for order in self.orders.values())


NOT_FILED = ("draft", "approved", "cancelled")


def payments_of_file(file: bytes) -> list[tuple[str, int]]:
    """Order and cents of each payment of a bank file."""
    inside = f"{{{NAMESPACE}}}"
    return [
        (
            one.findtext(f".//{inside}EndToEndId", ""),
            parse_euro(one.findtext(f".//{inside}InstdAmt", "")),
        )
        for one in etree.fromstring(file).iter(f"{inside}CdtTrfTxInf")
    ]


async def two_partners(payments: Payments) -> None:
    """A second office with a school, an account and a payee; the teacher works at both schools."""
    await payments.doors.grant(TEACHER, Role.PREPARER, OTHER_SCHOOL)
    async with payments.doors.database.transaction() as session:
        await keep_schools(session, [told(a_school(OTHER_SCHOOL, OTHER_OFFICE))])
    payer = {"iban": with_check_digits("LV", "TREL0000000000002"), "bic": "TRELLV22"}
    await payments.set_parameter("payer_account", payer, place=OTHER_OFFICE)
    await payments.payee("mother", 1, partner=OTHER_OFFICE)
